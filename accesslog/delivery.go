package accesslog

import (
	"slices"
	"strconv"
	"unicode/utf8"
)

// MaxDelivered is the longest line that is delivered, in bytes: AWS' limit of a log event, less what it counts for each.
const MaxDelivered = 1<<20 - 26

// Delivery says where the lines of an execution log go when AWS' log delivery brings them to a log group of the user's
// own, and what they look like there (CreateDelivery of CloudWatch Logs).
type Delivery struct {
	Destination Destination
	// Plain lines are the fields' values with Delimiter between them; others are JSON objects of the fields.
	Plain     bool
	Delimiter string
	Fields    []string // of RecordFields, in the order in which they are delivered
}

// RecordFields returns the fields that a delivered line can have, which it has if nothing else is asked for.
func RecordFields() []string { return slices.Clone(recordFields) }

var recordFields = []string{"resource_arn", "event_timestamp", "api_id", "stage", "resource_path", "http_method", "payload"}

// Record is what a delivered line says beside its time and text.
type Record struct {
	ResourceARN  string // of the stage
	APIID        string
	Stage        string
	ResourcePath string // such as "/notes/{id}"
	HTTPMethod   string
}

// value returns a field that is text.
func (r *Record) value(field string) string {
	switch field {
	case "resource_arn":
		return r.ResourceARN
	case "api_id":
		return r.APIID
	case "stage":
		return r.Stage
	case "resource_path":
		return r.ResourcePath
	case "http_method":
		return r.HTTPMethod
	}
	return ""
}

// LineFormat renders delivered lines. It is immutable.
type LineFormat struct {
	parts []linePart
	tail  string
	json  bool
}

// linePart is a field with the text in front of it.
type linePart struct{ text, field string }

// CompileDelivery makes a delivery's format. Fields that are none of RecordFields are left out; without any, all are there.
func CompileDelivery(d Delivery) *LineFormat {
	fields := slices.DeleteFunc(slices.Clone(d.Fields), func(name string) bool { return !slices.Contains(recordFields, name) })
	if len(fields) == 0 {
		fields = recordFields
	}
	f := &LineFormat{json: !d.Plain}
	if f.json {
		f.parts, f.tail = jsonFields(fields)
		return f
	}
	for i, name := range fields {
		part := linePart{d.Delimiter, name}
		if i == 0 {
			part.text = ""
		}
		f.parts = append(f.parts, part)
	}
	return f
}

func jsonFields(fields []string) (all []linePart, tail string) {
	end := "{" // of what comes before
	for i, name := range fields {
		if i > 0 {
			end += ","
		}
		quote := `"`
		if name == "event_timestamp" {
			quote = ""
		}
		all = append(all, linePart{end + `"` + name + `":` + quote, name})
		end = quote
	}
	return all, end + "}"
}

// append renders one line. Of a text that makes it too long the end is cut, which the line says.
func (f *LineFormat) append(dst []byte, r *Record, timestamp int64, text string) []byte {
	start := len(dst)
	if dst = f.render(dst, r, timestamp, text, ""); len(dst)-start <= MaxDelivered {
		return dst
	}
	const truncated = " [TRUNCATED]"
	dst = f.render(dst[:start], r, timestamp, "", truncated)
	room := max(MaxDelivered-(len(dst)-start), 0)
	return f.render(dst[:start], r, timestamp, text[:f.fits(text, room)], truncated)
}

func (f *LineFormat) render(dst []byte, r *Record, timestamp int64, text, end string) []byte {
	for _, p := range f.parts {
		dst = append(dst, p.text...)
		switch p.field {
		case "event_timestamp":
			dst = strconv.AppendInt(dst, timestamp, 10)
		case "payload":
			dst = append(f.value(dst, text), end...)
		default:
			dst = f.value(dst, r.value(p.field))
		}
	}
	return append(dst, f.tail...)
}

func (f *LineFormat) value(dst []byte, s string) []byte {
	if !f.json {
		return append(dst, s...)
	}
	return escape(dst, placeJSONString, s)
}

// fits is how much of a text's beginning takes no more than room bytes. Characters are not cut.
func (f *LineFormat) fits(text string, room int) int {
	var scratch [8]byte
	end, used := 0, 0
	for end < len(text) {
		c, size := text[end], 1
		if f.json && c < utf8.RuneSelf && plain[c]&(1<<placeJSONString) == 0 {
			size = len(appendJSONByte(scratch[:0], c))
		}
		if used += size; used > room {
			break
		}
		end++
	}
	for end < len(text) && end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return end
}

// WriteRecords is WriteLines for lines that are delivered as f says.
func (s *Sink) WriteRecords(f *LineFormat, r *Record, requestID string, l *Lines) {
	if l.Len() > 0 {
		s.writeRecords(s.w.admit(s), f, r, requestID, l)
	}
}

// TryWriteRecords is to WriteRecords what TryWrite is to Write.
func (s *Sink) TryWriteRecords(f *LineFormat, r *Record, requestID string, l *Lines) bool {
	return l.Len() == 0 || s.writeRecords(s.w.tryAdmit(s), f, r, requestID, l)
}

func (s *Sink) writeRecords(v verdict, f *LineFormat, r *Record, requestID string, l *Lines) bool {
	if v != take {
		return s.leave(v, l.Len())
	}
	stream := StreamOf(requestID)
	s.queued(s.add(stream, func(b *batch) {
		for timestamp, line := range l.All() {
			b.buf = f.append(b.buf, r, timestamp, text(line))
			b.records = append(b.records, record{len(b.buf), int32(stream), timestamp})
		}
	}))
	return true
}
