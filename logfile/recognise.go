package logfile

import (
	"bytes"
	"errors"
	"slices"

	"github.com/go-faster/jx"
)

// Format says how the lines of a file are to be read.
type Format string

// The formats of lines.
const (
	Auto   Format = "auto"   // each line by itself: JSON if it begins with {, else any of the other times
	CLF    Format = "clf"    // the common and combined formats of NGINX and Apache: [09/Apr/2026:12:34:56 +0000] anywhere
	JSON   Format = "json"   // one JSON object a line, its time in the first usable of TimeFields
	Text   Format = "text"   // plain text; a time in the form of RFC 3339 at its beginning counts
	Export Format = "export" // the JSON lines that ExportJSONLines writes: timestamp and message as they were
)

// TimeFields are the fields of a JSON line that may hold its time, the most wanted first. The first that holds a time is
// taken: RFC 3339, the common log format's, or seconds, milliseconds, microseconds or nanoseconds since 1970.
func TimeFields() []string {
	return []string{
		"timestamp", "time", "@timestamp", "_time", "requestTimeEpoch", "requestTime", "ts",
		"time_iso8601", "msec", "time_local", "datetime", "date",
	}
}

// TimeSource says where an event's timestamp is from.
type TimeSource int

// The sources of timestamps.
const (
	FromLine     TimeSource = iota // the line has it
	FromPrevious                   // the line has none; it is the one of the line before
	FromFallback                   // no line so far had one
)

// Event is a line with its time.
type Event struct {
	Timestamp int64 // milliseconds since 1970
	Source    TimeSource
	Message   []byte // the line, byte for byte, except for Export
}

// Recogniser gives the lines of one file, in their order, their timestamps. It never refuses a line: one that is not what
// the format says is plain text. It is not for concurrent use.
type Recogniser struct {
	// Fallback is the timestamp of lines before the first one that has a time.
	Fallback int64
	// Previous is the timestamp of the line before, or 0.
	Previous int64

	format Format
	fields []string
	json   jx.Decoder
}

// NewRecogniser reads lines as the format says; the empty format takes no time from lines.
func NewRecogniser(format Format, fallback int64) *Recogniser {
	return &Recogniser{Fallback: fallback, format: format, fields: TimeFields()}
}

// Recognise returns the line as an event that shares its memory.
func (r *Recogniser) Recognise(line []byte) Event {
	e := Event{Message: line}
	ms, ok := int64(0), false
	if r.format == Export {
		ms, e.Message, ok = r.exported(line)
	} else {
		ms, ok = r.timeOf(bytes.TrimPrefix(line, []byte("\xef\xbb\xbf")))
	}
	switch {
	case ok:
		e.Timestamp, r.Previous = ms, ms
	case r.Previous != 0:
		e.Timestamp, e.Source = r.Previous, FromPrevious
	default:
		e.Timestamp, e.Source = r.Fallback, FromFallback
	}
	return e
}

func (r *Recogniser) timeOf(line []byte) (ms int64, ok bool) {
	switch r.format {
	case CLF:
		return bracketed(line)
	case JSON:
		ms, ok, _ = r.inObject(line)
		return ms, ok
	case Text:
		return leading(line)
	case Auto:
		if ms, ok, isObject := r.inObject(line); isObject {
			return ms, ok
		}
		if ms, ok := leading(line); ok {
			return ms, true
		}
		return bracketed(line)
	}
	return 0, false
}

// maxBrackets is in how many places of a line a common log format's time is looked for: names and addresses before it may
// hold brackets too.
const maxBrackets = 8

func bracketed(line []byte) (ms int64, ok bool) {
	for range maxBrackets {
		i := bytes.IndexByte(line, '[')
		if i < 0 {
			break
		}
		line = line[i+1:]
		if ms, n, ok := parseCLF(line); ok && len(line) > n && line[n] == ']' {
			return ms, true
		}
	}
	return 0, false
}

// leading reads a time at the beginning of the line, behind what syslog (RFC 5424) or a bracket puts before it.
func leading(line []byte) (ms int64, ok bool) {
	if len(line) > 0 && line[0] == '<' {
		if i := bytes.IndexByte(line[:min(len(line), 10)], ' '); i > 0 {
			line = line[i+1:]
		}
	}
	line = bytes.TrimPrefix(line, []byte("["))
	ms, _, ok = parseRFC3339(line)
	return ms, ok
}

// inObject finds the time of a line that is a JSON object, or the beginning of one: what was cut keeps its time.
func (r *Recogniser) inObject(line []byte) (ms int64, ok, isObject bool) {
	if trimmed := bytes.TrimLeft(line, " \t"); len(trimmed) == 0 || trimmed[0] != '{' {
		return 0, false, false
	}
	best := len(r.fields)
	r.json.ResetBytes(line)
	err := r.json.ObjBytes(func(d *jx.Decoder, key []byte) error {
		rank := slices.Index(r.fields, string(key))
		if rank < 0 || rank >= best {
			return d.Skip()
		}
		value, err := d.Raw()
		if err != nil {
			return err
		}
		if t, usable := parseTime(unquoted(value)); usable {
			ms, ok, best = t, true, rank
		}
		return nil
	})
	return ms, ok, ok || err == nil
}

// unquoted is the text of a JSON string or number that may be a time; one with escapes is none, but for CLF's slashes.
func unquoted(raw jx.Raw) []byte {
	text := bytes.TrimSpace(raw)
	if len(text) >= 2 && text[0] == '"' {
		return bytes.ReplaceAll(text[1:len(text)-1], []byte(`\/`), []byte("/"))
	}
	return text
}

var errNotExported = errors.New("not a line of an export")

// exported takes an exported event apart. A line that is not one counts as text.
func (r *Recogniser) exported(line []byte) (ms int64, message []byte, ok bool) {
	hasTime := false
	r.json.ResetBytes(line)
	err := r.json.ObjBytes(func(d *jx.Decoder, key []byte) (err error) {
		switch string(key) {
		case "timestamp":
			ms, err = d.Int64()
			hasTime = err == nil && ms >= 0
		case "message":
			message, err = d.StrAppend([]byte{})
		case "ingestionTime", "logStream":
			err = d.Skip()
		default:
			err = errNotExported
		}
		return err
	})
	if err != nil || !hasTime || len(message) == 0 || !jx.Valid(line) {
		return 0, line, false
	}
	return ms, message, true
}
