package metricmath

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Search is a search query such as {AWS/ApiGateway,ApiName} MetricName="Count": a schema, a condition, or both.
type Search struct {
	// Namespace and Dimensions are the schema. A metric fits that is of the namespace and, if there are Dimensions, has
	// exactly these names. Namespace is "" without a schema.
	Namespace  string
	Dimensions []string
	term       term // nil: all that fit the schema
}

// Dimension is one of a metric's.
type Dimension struct{ Name, Value string }

// Metric is what a search looks at.
type Metric struct {
	Namespace, Name string
	Dimensions      []Dimension
}

// maxSearch is the length of a query in bytes.
const maxSearch = 1024

type term interface{ matches(*Metric) bool }

type (
	allOf []term
	anyOf []term
	not   struct{ term }
	// match looks for a text in one property, or with none in all of them.
	match struct {
		property string // Namespace, MetricName, a dimension's name, or ""
		exact    bool
		text     string
	}
)

// ParseSearch reads a query.
func ParseSearch(query string) (Search, error) {
	var s Search
	if len(query) > maxSearch {
		return s, fmt.Errorf("it is longer than %d characters", maxSearch)
	}
	tokens, err := lexSearch(query)
	if err != nil {
		return s, err
	}
	p := &searchParser{tokens: tokens}
	if p.accept("{") {
		if err := p.schema(&s); err != nil {
			return s, err
		}
		p.accept(",")
	}
	if len(p.tokens) > 0 {
		if s.term, err = p.alternatives(0); err != nil {
			return s, err
		}
	}
	if len(p.tokens) > 0 {
		return s, fmt.Errorf("unexpected %q", p.tokens[0].text)
	}
	if s.Namespace == "" && s.term == nil {
		return s, errors.New("it has neither a metric schema nor a search term")
	}
	return s, nil
}

// Matches reports whether the query means the metric.
func (s Search) Matches(m *Metric) bool {
	if s.Namespace != "" && (m.Namespace != s.Namespace || !s.fits(m.Dimensions)) {
		return false
	}
	return s.term == nil || s.term.matches(m)
}

// fits compares the names of dimensions, whose order does not count.
func (s Search) fits(dims []Dimension) bool {
	if len(s.Dimensions) == 0 {
		return true
	}
	if len(dims) != len(s.Dimensions) {
		return false
	}
	for _, d := range dims {
		if !slices.Contains(s.Dimensions, d.Name) {
			return false
		}
	}
	return true
}

type searchToken struct {
	text   string
	quoted bool
	mark   bool // one of { } ( ) , =
}

// lexSearch splits a query into marks, quoted texts and bare ones, which go up to a space or mark.
func lexSearch(query string) (all []searchToken, err error) {
	for query = strings.TrimLeft(query, " \t\r\n"); query != ""; query = strings.TrimLeft(query, " \t\r\n") {
		switch c := query[0]; {
		case strings.IndexByte("{}(),=", c) >= 0:
			all = append(all, searchToken{text: query[:1], mark: true})
			query = query[1:]
		case c == '"':
			text, size, ok := unquote(query)
			if !ok {
				return nil, errors.New("a quotation mark is not closed")
			}
			all = append(all, searchToken{text: text, quoted: true})
			query = query[size:]
		default:
			n := strings.IndexAny(query, " \t\r\n{}(),=\"")
			if n < 0 {
				n = len(query)
			}
			all = append(all, searchToken{text: query[:n]})
			query = query[n:]
		}
	}
	return all, nil
}

// unquote reads a quoted text, in which a backslash takes the next character as it is.
func unquote(query string) (text string, size int, ok bool) {
	var b strings.Builder
	for i := 1; i < len(query); i++ {
		switch query[i] {
		case '"':
			return b.String(), i + 1, true
		case '\\':
			if i++; i == len(query) {
				return "", 0, false
			}
		}
		b.WriteByte(query[i])
	}
	return "", 0, false
}

type searchParser struct{ tokens []searchToken }

func (p *searchParser) accept(mark string) bool {
	if len(p.tokens) > 0 && p.tokens[0].mark && p.tokens[0].text == mark {
		p.tokens = p.tokens[1:]
		return true
	}
	return false
}

// keyword takes a bare AND, OR or NOT.
func (p *searchParser) keyword(word string) bool {
	if len(p.tokens) > 0 && p.tokens[0] == (searchToken{text: word}) {
		p.tokens = p.tokens[1:]
		return true
	}
	return false
}

func (p *searchParser) word() (searchToken, error) {
	if len(p.tokens) == 0 {
		return searchToken{}, errors.New("it ends too early")
	}
	t := p.tokens[0]
	if t.mark {
		return t, fmt.Errorf("unexpected %q", t.text)
	}
	p.tokens = p.tokens[1:]
	return t, nil
}

func (p *searchParser) schema(s *Search) error {
	for first := true; ; first = false {
		t, err := p.word()
		if err != nil {
			return err
		}
		if t.text == "" {
			return errors.New("an empty name stands in the schema")
		}
		if first {
			s.Namespace = t.text
		} else {
			s.Dimensions = append(s.Dimensions, t.text)
		}
		if p.accept("}") {
			return nil
		}
		if !p.accept(",") {
			return errors.New("the schema is not closed")
		}
	}
}

func (p *searchParser) alternatives(depth int) (term, error) {
	if depth > maxDepth {
		return nil, errors.New("it is nested too deeply")
	}
	var any anyOf
	for {
		t, err := p.conjunction(depth)
		if err != nil {
			return nil, err
		}
		any = append(any, t)
		if !p.keyword("OR") {
			return any, nil
		}
	}
}

// conjunction reads terms with AND between them, or nothing, which means the same.
func (p *searchParser) conjunction(depth int) (term, error) {
	var all allOf
	for {
		t, err := p.one(depth)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
		if p.keyword("AND") {
			continue
		}
		if len(p.tokens) == 0 || p.tokens[0] == (searchToken{text: "OR"}) || p.tokens[0].mark && p.tokens[0].text != "(" {
			return all, nil
		}
	}
}

func (p *searchParser) one(depth int) (term, error) {
	negated := p.keyword("NOT")
	t, err := p.group(depth)
	if negated {
		t = not{t}
	}
	return t, err
}

func (p *searchParser) group(depth int) (term, error) {
	if p.accept("(") {
		t, err := p.alternatives(depth + 1)
		if err == nil && !p.accept(")") {
			err = errors.New("a parenthesis is not closed")
		}
		return t, err
	}
	t, err := p.word()
	if err != nil {
		return nil, err
	}
	m := match{exact: t.quoted, text: t.text}
	if p.accept("=") {
		m.property = t.text
		if t, err = p.word(); err != nil {
			return nil, err
		}
		m.exact, m.text = t.quoted, t.text
	}
	return m, nil
}
