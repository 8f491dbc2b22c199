// Package filterpattern is the filter pattern language of CloudWatch Logs: FilterLogEvents, metric filters, subscription
// filters and Live Tail select events with it. A pattern is parsed once and then asked about messages:
//
//	ERROR -"exit 0"                                 terms: substrings of the message
//	%5\d\d$%                                        a regular expression
//	{ $.status = 5* && $.latency > 250 }            a JSON object's values
//	[ip, ..., request, status = 4* || status = 5*]  the fields of a line that is split at blanks
//
// It reads nothing but its arguments and knows no log group: quotas on filters, metrics and dimensions belong to its
// callers. What a store can decide from columns it is told as a logs/condition.
//
// Where AWS' documentation is silent, the rules here are: a JSON message must be valid to its end; of members with the same
// name the last counts (under a ".*" selector each of them does); strings and regular expressions meet any scalar as its
// text, so that 5* finds 502 and "502", and "*" finds null; "!=" is the opposite of "=" wherever there is a scalar; an
// ordering needs a number on both sides.
package filterpattern

import (
	"strings"
	"unicode/utf8"

	"github.com/tollbook/tollbook/logs/condition"
)

// MaxLength is the length in characters above which AWS takes no pattern.
const MaxLength = 1024

// Kind is the shape of a pattern, which its first character decides.
type Kind uint8

// The kinds of patterns.
const (
	Terms Kind = iota
	Regexp
	JSON
	SpaceDelimited
)

// Pattern is a parsed filter pattern. It is immutable, and its methods are safe for concurrent use.
type Pattern struct {
	text    string
	kind    Kind
	regexps int
	shape   shape
}

// shape is what the four kinds of patterns have in common.
type shape interface {
	match(message string) bool
	matchesAll() bool
	condition() condition.Condition // nil if nothing can be said
	names() []string
	value(message, selector string) (string, bool)
	extract(message string) map[string]string // of a message that matches; nil if the shape has no fields
}

// fieldless is what shapes without fields have in common.
type fieldless struct{}

func (fieldless) names() []string                     { return nil }
func (fieldless) value(string, string) (string, bool) { return "", false }
func (fieldless) extract(string) map[string]string    { return nil }

// Error says why a pattern is none, in AWS' words, as the message of an InvalidParameterException.
type Error struct {
	Message string
	Offset  int // of the first byte at fault, in the pattern as given
}

func (e *Error) Error() string { return e.Message }

func invalidPattern(offset int) *Error {
	return &Error{Message: "Invalid filter pattern", Offset: offset}
}

func invalidTerm(term string, offset int) *Error {
	return &Error{Message: "Invalid character(s) in term '" + term + "'", Offset: offset}
}

// Parse reads a pattern. Its error is always an *Error.
func Parse(pattern string) (*Pattern, error) {
	if utf8.RuneCountInString(pattern) > MaxLength {
		return nil, invalidPattern(MaxLength)
	}
	start := skipBlanks(pattern, 0)
	body := trimBlanks(pattern)
	p := &Pattern{text: pattern}
	var err *Error
	switch {
	case strings.HasPrefix(body, "{"):
		err = p.parseJSON(body, start)
	case strings.HasPrefix(body, "["):
		err = p.parseSpaceDelimited(body, start)
	case strings.HasPrefix(body, "%"):
		err = p.parseRegexp(body, start)
	default:
		p.kind = Terms
		p.shape, err = parseTerms(body, start)
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Pattern) parseRegexp(body string, offset int) *Error {
	if len(body) < 3 || body[len(body)-1] != '%' {
		return invalidPattern(offset)
	}
	re, err := compileRegex(body, offset)
	p.kind, p.regexps, p.shape = Regexp, 1, re
	return err
}

// String returns the pattern as it was given.
func (p *Pattern) String() string { return p.text }

// Kind returns the pattern's shape.
func (p *Pattern) Kind() Kind { return p.kind }

// Regexps returns how many regular expressions the pattern holds; AWS limits the patterns of a log group that hold any.
func (p *Pattern) Regexps() int { return p.regexps }

// Match reports whether the pattern selects a message. It keeps nothing of the message. It allocates only for JSON strings
// that are written with escapes and for lines of very many fields.
func (p *Pattern) Match(message string) bool { return p.shape.match(message) }

// MatchesAll reports whether the pattern selects every message, as the empty pattern does.
func (p *Pattern) MatchesAll() bool { return p.shape.matchesAll() }

// Condition returns what holds for every message that Match accepts, and may hold for others too. It is nil if nothing can
// be said. A Field of it has the last of members with the same name in mind.
func (p *Pattern) Condition() condition.Condition { return p.shape.condition() }

// Names returns the fields that the pattern names, as a metric's value or dimension refers to them: "$field" of a
// space-delimited pattern, "$.selector" of a JSON pattern as it is written there. Each occurs once.
func (p *Pattern) Names() []string { return p.shape.names() }

// Extract returns TestMetricFilter's extractedValues: the fields that a space-delimited pattern finds in a message that it
// matches, by "$name", or by "$1", "$2" and so on where the pattern gives no name. For other patterns and messages the map is
// empty.
func (p *Pattern) Extract(message string) map[string]string {
	if p.shape.match(message) {
		if fields := p.shape.extract(message); fields != nil {
			return fields
		}
	}
	return map[string]string{}
}

// Value returns the text that a metric's value or dimension refers to in a message that matches: a key of Extract, or, for
// a JSON pattern, any selector without a wildcard ("$.latency"). ok is false if the message has no scalar there, or null.
func (p *Pattern) Value(message, selector string) (text string, ok bool) {
	return p.shape.value(message, selector)
}
