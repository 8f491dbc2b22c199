package mapping

import (
	"fmt"
	"strings"
	"unsafe"

	"github.com/tollbook/tollbook/internal/javaregexp"
)

// run is one rendering. Runs are pooled by their template. After the first failure nothing is done any more: functions
// return at once, with values that no one uses.
type run struct {
	own      *symbols // the template's
	symbols  *symbols // those, until an #evaluate needs more
	in       *Input
	out      []byte
	vars     []any // by slot; nil: no value
	stack    []any // arguments of method calls
	state    state
	failure  error
	steps    int
	memory   int
	calls    int
	loop     *loop // innermost
	document document
	params   *Map

	expressions map[string]*javaregexp.Regexp
	paths       map[string]*jsonPath
}

// state is what a run is about to do.
type state uint8

const (
	running state = iota
	breaking
	stopped
	failed
)

func newRun(t *Template) *run { return &run{own: t.symbols} }

func (r *run) begin(in *Input) {
	r.in, r.symbols = in, r.own
	if cap(r.vars) < len(r.symbols.names) {
		r.vars = make([]any, len(r.symbols.names), len(r.symbols.names)+4)
	}
	r.vars = r.vars[:len(r.symbols.names)]
	r.vars[slotInput], r.vars[slotUtil] = inputObject{}, utilObject{}
	r.vars[slotContext], r.vars[slotStageVariables] = contextObject{}, stageVariables{}
}

// end drops what belongs to the request.
func (r *run) end() {
	clear(r.vars[:cap(r.vars)])
	clear(r.stack[:cap(r.stack)])
	if cap(r.out) > maxKept {
		r.out = nil
	}
	*r = run{
		own: r.own, out: r.out[:0], vars: r.vars[:0], stack: r.stack[:0], expressions: r.expressions, paths: r.paths,
	}
}

// fail ends the run with an error.
func (r *run) fail(format string, args ...any) {
	if r.state != failed {
		r.state, r.failure = failed, fmt.Errorf(format, args...)
	}
}

// step counts one step and reports whether the run goes on.
func (r *run) step() bool {
	r.steps++
	if r.steps > maxSteps {
		r.fail("more than %d steps: %w", maxSteps, errLimit)
	}
	return r.state == running
}

// look counts what it takes to read n bytes.
func (r *run) look(n int) bool {
	r.steps += n / stepBytes
	return r.step()
}

// spend counts n bytes of memory and reports whether the run goes on.
func (r *run) spend(n int) bool {
	r.memory += n
	if n < 0 || r.memory > maxMemory {
		r.fail("more than %d bytes of memory: %w", maxMemory, errLimit)
	}
	return r.state == running
}

// write adds to the output.
func (r *run) write(s string) {
	if len(r.out)+len(s) > maxOutput {
		r.fail("more than %d bytes of output: %w", maxOutput, errLimit)
		return
	}
	r.out = append(r.out, s...)
}

// captured runs f and returns what it printed, in place of printing it.
func (r *run) captured(f func()) string {
	mark := len(r.out)
	f()
	return r.cut(mark)
}

// cut takes the output from mark on away, as a string.
func (r *run) cut(mark int) string {
	if !r.spend(len(r.out) - mark) {
		return ""
	}
	s := string(r.out[mark:])
	r.out = r.out[:mark]
	return s
}

// call runs f one level deeper.
func (r *run) call(what string, f func()) {
	if r.calls >= maxCalls {
		r.fail("%s: more than %d calls within each other: %w", what, maxCalls, errLimit)
		return
	}
	r.calls++
	f()
	r.calls--
}

// regexp compiles a regular expression of Java's.
func (r *run) regexp(pattern string) *javaregexp.Regexp {
	if e, ok := r.expressions[pattern]; ok {
		return e
	}
	if len(pattern) > maxRegexLen {
		r.fail("a regular expression of more than %d bytes: %w", maxRegexLen, errLimit)
		return nil
	}
	e, err := javaregexp.Compile(strings.Clone(pattern))
	if err != nil {
		r.fail("regular expression: %w", err)
		return nil
	}
	r.expressions = remember(r.expressions, pattern, e)
	return e
}

// remember adds to a cache, which is emptied when it is full. The key may point into a request, so it is copied.
func remember[V any](m map[string]V, key string, v V) map[string]V {
	if m == nil {
		m = map[string]V{}
	}
	if len(m) >= maxCached {
		clear(m)
	}
	m[strings.Clone(key)] = v
	return m
}

// str looks at bytes as a string, without a copy.
func str(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
