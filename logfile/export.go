package logfile

import (
	"bufio"
	"io"
	"time"

	"github.com/go-faster/jx"
)

// StoredEvent is an event as a log service has it. Times are in milliseconds since 1970.
type StoredEvent struct {
	Timestamp     int64
	IngestionTime int64
	LogStream     string
	Message       string
}

// EventWriter writes events to a file in one of the forms of an export. It is whole only after Close, which does not close
// what it writes to. It is not for concurrent use.
type EventWriter interface {
	Write(StoredEvent) error
	Close() error
}

// lineWriter writes an event a line.
type lineWriter struct {
	out *bufio.Writer
	buf []byte
	add func(buf []byte, e StoredEvent) []byte
}

func (w *lineWriter) Write(e StoredEvent) error {
	w.buf = append(w.add(w.buf[:0], e), '\n')
	_, err := w.out.Write(w.buf)
	return err
}

func (w *lineWriter) Close() error { return w.out.Flush() }

func newLineWriter(out io.Writer, add func([]byte, StoredEvent) []byte) EventWriter {
	return &lineWriter{out: bufio.NewWriterSize(out, readAhead), add: add}
}

// ExportJSONLines writes one JSON object a line: timestamp, ingestionTime, logStream and message, from which the Format
// Export makes the same event again, whatever the message holds.
func ExportJSONLines(out io.Writer) EventWriter {
	var enc jx.Writer
	return newLineWriter(out, func(buf []byte, e StoredEvent) []byte {
		enc.Buf = append(buf, `{"timestamp":`...)
		enc.Int64(e.Timestamp)
		enc.RawStr(`,"ingestionTime":`)
		enc.Int64(e.IngestionTime)
		enc.RawStr(`,"logStream":`)
		enc.Str(e.LogStream)
		enc.RawStr(`,"message":`)
		enc.Str(e.Message)
		return append(enc.Buf, '}')
	})
}

// ExportText writes time, log stream and message, with a blank between them.
func ExportText(out io.Writer) EventWriter {
	return newLineWriter(out, func(buf []byte, e StoredEvent) []byte {
		buf = time.UnixMilli(e.Timestamp).UTC().AppendFormat(buf, "2006-01-02T15:04:05.000Z")
		buf = append(append(append(buf, ' '), e.LogStream...), ' ')
		return append(buf, e.Message...)
	})
}

// ExportMessages writes messages alone.
func ExportMessages(out io.Writer) EventWriter {
	return newLineWriter(out, func(buf []byte, e StoredEvent) []byte { return append(buf, e.Message...) })
}
