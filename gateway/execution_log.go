package gateway

import "fmt"

// executionLog collects the lines that tell how one request passed through the steps. A nil *executionLog takes lines and
// drops them, so steps need not ask; they should ask (x.exec != nil) before they compute what a line says.
//
// Not safe for concurrent use: it belongs to its exchange.
type executionLog struct {
	trace bool // data trace is on
	lines []string
}

// Info adds a line about the normal course of a request.
func (l *executionLog) Info(format string, args ...any) {
	if l != nil {
		l.lines = append(l.lines, fmt.Sprintf(format, args...))
	}
}

// Error adds a line about a failure, which the level ERROR keeps too.
func (l *executionLog) Error(format string, args ...any) { l.Info(format, args...) }

// Trace adds a line with the request's or response's content, which only data trace keeps.
func (l *executionLog) Trace(format string, args ...any) {
	if l != nil && l.trace {
		l.Info(format, args...)
	}
}
