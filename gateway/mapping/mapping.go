// Package mapping renders mapping templates: the subset of Apache's Velocity Template Language with which an integration
// turns a request's body into that of its back end, and a back end's response into the client's.
//
// Parse compiles a template once; Render runs it for a request. What a template knows of the request comes in by an Input:
// body, parameters, $context and stage variables. What it decides beside its text, the overrides of headers, parameters
// and status, goes out by Overrides. Which template a request gets, and what becomes of its text, is package gateway's
// business. The package knows neither HTTP nor AWS' control plane.
//
// The language is that of Velocity 1.7, whose grammar AWS' templates follow, with what later versions allow in addition:
// expressions as arguments of methods, in lists and in indexes. As in 1.7,
//
//   - a reference without a value prints its own source, a quiet one ($!x) nothing; what hangs on $input, $context,
//     $stageVariables and $util prints nothing either;
//   - #set with a value that is missing leaves the variable as it was;
//   - #if takes everything for true but false and what is missing;
//   - a directive eats the end of its line, and #set the blanks in front of it if there is nothing else;
//   - integers are divided with truncation, and a division by zero has no value.
//
// #include and #parse are refused, since there are no files. Objects have the methods of Java's strings, lists, maps
// and numbers as far as AWS' users call them; a method that is not there has no value. Where 1.7's maps have no order,
// ours keep that of the source.
//
// Templates are not trusted: steps, memory, output, recursion and loops are limited (limits.go), and Render ends with an
// error at the first limit.
package mapping

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
)

// Template is a parsed template. It is immutable and may be rendered by many goroutines at once.
type Template struct {
	nodes   []node
	symbols *symbols
	fixed   bool // has nothing but text
	text    []byte
	runs    sync.Pool
}

// SyntaxError says what is wrong with a template, and where.
type SyntaxError struct {
	Line, Column int // from 1; the column counts bytes
	Message      string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}

// Param is a parameter of the request.
type Param struct{ Name, Value string }

// Params are the request's parameters, decoded, each name once.
type Params struct{ Path, Query, Header []Param }

// Input is what a template can read. The functions are called by Render only, and only if the template asks.
type Input struct {
	// Body is the text behind $input. It must stay as it is until Render has returned.
	Body []byte
	// Params returns the request's parameters. Nil: none.
	Params func() Params
	// Context returns the value of a $context variable, such as "identity.sourceIp": a string, an int64, or nil. Nil: none.
	Context func(name string) any
	// ContextNames returns the names that have values below a group such as "authorizer". Nil: none.
	ContextNames func(group string) []string
	// StageVariables is only read.
	StageVariables map[string]string
	// Overrides takes what the template overrides; nil if it may not.
	Overrides *Overrides
}

// Parse compiles a template. Its errors are of type *SyntaxError.
func Parse(text string) (*Template, error) {
	if len(text) > MaxTemplateBytes {
		return nil, &SyntaxError{1, 1, fmt.Sprintf("the template is larger than %d bytes", MaxTemplateBytes)}
	}
	p := newParser(text)
	nodes := p.template()
	if p.err != nil {
		return nil, p.err
	}
	t := &Template{nodes: nodes, symbols: p.symbols}
	t.fixed, t.text = fixedText(nodes)
	return t, nil
}

func fixedText(nodes []node) (bool, []byte) {
	var text []byte
	for _, n := range nodes {
		piece, ok := n.(textNode)
		if !ok {
			return false, nil
		}
		text = append(text, piece...)
	}
	return true, bytes.TrimSpace(text)
}

// Fixed reports whether the template's text is always the same, and returns it.
func (t *Template) Fixed() (string, bool) { return string(t.text), t.fixed }

// Render appends the template's text for in to dst, without white space at its ends. An error means that the template
// failed on this input or reached a limit; what it would have printed is not in the result.
func (t *Template) Render(dst []byte, in *Input) ([]byte, error) {
	if t.fixed {
		return append(dst, t.text...), nil
	}
	r, _ := t.runs.Get().(*run)
	if r == nil {
		r = newRun(t)
	}
	r.begin(in)
	r.block(t.nodes)
	if r.state == failed {
		err := r.failure
		r.end()
		return dst, err
	}
	dst = append(dst, bytes.TrimSpace(r.out)...)
	r.end()
	t.runs.Put(r)
	return dst, nil
}

var errLimit = errors.New("limit reached")

// IsLimit reports whether Render's error is one of its limits.
func IsLimit(err error) bool { return errors.Is(err, errLimit) }
