package gateway

import (
	"bytes"
	"fmt"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/tollbook/tollbook/accesslog"
)

// logLevel is how much of a request its execution log tells.
type logLevel uint8

const (
	logOff   logLevel = iota
	logError          // lines about failures
	logInfo           // every step
)

// logging is what a stage sets for a method's execution log.
type logging struct {
	level logLevel
	trace bool // data trace: headers and bodies, too
}

func compileLogging(s MethodSettings) logging {
	switch s.LoggingLevel {
	case "ERROR":
		return logging{logError, s.DataTrace}
	case "INFO":
		return logging{logInfo, s.DataTrace}
	}
	return logging{}
}

// executionLog collects the lines that tell how one request passed through the steps. A nil *executionLog takes lines and
// drops them, so steps need not ask; they must ask (x.exec.informing(), x.exec.tracing()) before they compute what a line says,
// since the arguments alone cost a request that is not logged.
//
// A line is given without the request ID in front, and in full: what is too long is cut here, secrets are masked by the
// step (javaHeaders, accesslog.Mask). What made the request fail needs no line of the step if it is the *Error's Cause.
//
// Not safe for concurrent use: it belongs to its exchange.
type executionLog struct {
	logging
	prefix  string // of every line, such as "(request ID) "
	limit   int    // longest text in bytes; maxLogText, or more where the lines are delivered
	start   time.Time
	lines   accesslog.Lines
	scratch []byte
}

// maxLogText is the longest text of a line in the stage's own log group; of a longer one keptLogText bytes are kept.
const (
	maxLogText  = 1024
	keptLogText = 1000
	truncated   = " [TRUNCATED]"
)

var executionLogs = sync.Pool{New: func() any { return new(executionLog) }}

// newExecutionLog takes a log from the pool; release gives it back.
func newExecutionLog(l logging, prefix string, start time.Time) *executionLog {
	e := executionLogs.Get().(*executionLog)
	e.logging, e.prefix, e.limit, e.start = l, prefix, maxLogText, start
	return e
}

func (l *executionLog) release() {
	l.lines.Reset(maxKept)
	if cap(l.scratch) > maxKept {
		l.scratch = nil
	}
	executionLogs.Put(l)
}

// informing reports whether lines about the normal course are logged.
func (l *executionLog) informing() bool { return l != nil && l.level == logInfo }

// tracing reports whether headers and bodies are logged.
func (l *executionLog) tracing() bool { return l.informing() && l.trace }

// Info adds a line about the normal course of a request.
func (l *executionLog) Info(format string, args ...any) {
	if l.informing() {
		l.add(format, args)
	}
}

// Error adds a line about a failure, which the level ERROR keeps too.
func (l *executionLog) Error(format string, args ...any) {
	if l != nil {
		l.add(format, args)
	}
}

// Trace adds a line with the request's or response's content, which only data trace keeps.
func (l *executionLog) Trace(format string, args ...any) {
	if l.tracing() {
		l.add(format, args)
	}
}

func (l *executionLog) add(format string, args []any) {
	for i, arg := range args { // a body of megabytes need not be copied to be cut
		switch arg := arg.(type) {
		case string:
			args[i] = arg[:min(len(arg), l.limit+1)]
		case []byte:
			args[i] = arg[:min(len(arg), l.limit+1)]
		}
	}
	line := append(l.scratch[:0], l.prefix...)
	line = fmt.Appendf(line, format, args...)
	if text := line[len(l.prefix):]; len(text) > l.limit {
		line = append(line[:len(l.prefix)+cutAt(text, l.limit-(maxLogText-keptLogText))], truncated...)
	}
	l.scratch = line
	if !utf8.Valid(line) { // a header in Latin-1
		line = bytes.ToValidUTF8(line, []byte("\ufffd"))
	}
	l.lines.Add(l.start.UnixMilli()+time.Since(l.start).Milliseconds(), line) // as the access log rounds
}
