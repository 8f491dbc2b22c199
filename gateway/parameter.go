package gateway

import (
	"iter"
	"net/url"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/gateway/mapping"
)

// A source is the right side of a parameter mapping: where a value comes from.
type source struct {
	kind     sourceKind
	name     string             // of the header, query parameter or path parameter
	text     string             // fromText
	variable accesslog.Variable // fromContext
	path     *mapping.Path      // fromBody; nil: all of it
}

type sourceKind uint8

const (
	fromText sourceKind = iota // 'text' or a stage variable
	fromPath
	fromQuery
	fromMultiQuery
	fromHeader
	fromMultiHeader
	fromBody
	fromContext
	fromNothing  // never has a value, such as an unknown context variable
	fromNonsense // no legal expression
)

// A parameterMapping sets one target from one source.
type parameterMapping struct {
	target string // name of the header or query parameter
	source
}

// compileSource reads an expression. side is "method.request." or "integration.response.".
func compileSource(expression, side string, vars map[string]string) source {
	if text, ok := quoted(expression); ok {
		return source{kind: fromText, text: text}
	}
	if name, ok := strings.CutPrefix(expression, "stageVariables."); ok {
		if value, ok := vars[name]; ok {
			return source{kind: fromText, text: value}
		}
		return source{kind: fromNothing}
	}
	if name, ok := strings.CutPrefix(expression, "context."); ok {
		v, _ := accesslog.LookupVariable(name)
		return source{kind: fromContext, variable: v}
	}
	rest, ok := strings.CutPrefix(expression, side)
	if !ok {
		return source{kind: fromNonsense, text: expression}
	}
	s := compileMessageSource(rest, expression)
	if side == requestSide && (s.kind == fromHeader || s.kind == fromMultiHeader) && ruleFor(droppedByParser, []byte(s.name)) == drop {
		s.kind = fromNothing
	}
	return s
}

func compileMessageSource(rest, expression string) source {
	place, name, named := strings.Cut(rest, ".")
	kinds := map[string]sourceKind{
		"path": fromPath, "querystring": fromQuery, "multivaluequerystring": fromMultiQuery,
		"header": fromHeader, "multivalueheader": fromMultiHeader,
	}
	kind, ok := kinds[place]
	switch {
	case ok && named:
		return source{kind: kind, name: name}
	case place == "body" && !named:
		return source{kind: fromBody}
	}
	if path, ok := strings.CutPrefix(rest, "body"); ok {
		return compileBodyPath(path, expression)
	}
	return source{kind: fromNonsense, text: expression}
}

// compileBodyPath reads the JSONPath after "body": .a.b or [0].a, with or without a $ in front.
func compileBodyPath(path, expression string) source {
	text := "$" + path
	if after, ok := strings.CutPrefix(path, "."); ok && (strings.HasPrefix(after, "$") || strings.HasPrefix(after, "[")) {
		text = after
	}
	p, err := mapping.ParsePath(text)
	if err != nil || !strings.HasPrefix(path, ".") && !strings.HasPrefix(path, "[") {
		return source{kind: fromNonsense, text: expression}
	}
	return source{kind: fromBody, path: p}
}

// quoted returns the text between single quotation marks.
func quoted(s string) (string, bool) {
	if len(s) < 2 || s[0] != '\'' || s[len(s)-1] != '\'' {
		return "", false
	}
	return s[1 : len(s)-1], true
}

// problem says why a mapping cannot work, or nil.
func (s *source) problem() *Error {
	if s.kind == fromNonsense {
		return configuration("Invalid mapping expression specified: %s", s.text)
	}
	return nil
}

// compileMappings picks the parameters whose target begins with prefix, sorted by target.
func compileMappings(parameters map[string]string, prefix, side string, vars map[string]string) ([]parameterMapping, *Error) {
	var ms []parameterMapping
	for key, expression := range parameters {
		target, ok := strings.CutPrefix(key, prefix)
		if !ok {
			continue
		}
		m := parameterMapping{target, compileSource(expression, side, vars)}
		if err := m.problem(); err != nil {
			return nil, err
		}
		ms = append(ms, m)
	}
	slices.SortFunc(ms, func(a, b parameterMapping) int { return strings.Compare(a.target, b.target) })
	return ms, nil
}

// requestValues returns the values of a source of the request; none if it is missing.
func (x *exchange) requestValues(s *source) []string {
	switch s.kind {
	case fromText:
		return []string{s.text}
	case fromPath:
		for i, name := range x.route.params {
			if name == s.name {
				return []string{x.params[i]}
			}
		}
	case fromQuery:
		if values := queryValues(x.query, s.name); len(values) > 0 {
			return values[len(values)-1:]
		}
	case fromMultiQuery:
		return queryValues(x.query, s.name)
	case fromHeader:
		if values := x.methodHeader(s.name); len(values) > 0 {
			return values[len(values)-1:]
		}
	case fromMultiHeader:
		return x.methodHeader(s.name)
	case fromBody:
		return bodyValues(s, x.body)
	case fromContext:
		return x.contextValue(s)
	}
	return nil
}

// methodHeader returns the values of a header of the request, as the client sent it or as the gateway adds it.
func (x *exchange) methodHeader(name string) []string {
	if !addedByGateway(name) {
		return headerValues(x.headers, name)
	}
	var values []string
	for _, p := range x.eventPairs() {
		if strings.EqualFold(p.name, name) {
			values = append(values, strings.Clone(p.value))
		}
	}
	return values
}

// bodyValues returns the whole body, or what the source's path finds in it.
func bodyValues(s *source, body []byte) []string {
	if len(body) == 0 {
		return nil
	}
	if s.path == nil {
		return []string{string(body)}
	}
	if value, ok := s.path.Find(body); ok {
		return []string{value}
	}
	return nil
}

func (x *exchange) contextValue(s *source) []string {
	value, ok := s.variable.Append(nil, &x.entry)
	if !ok {
		return nil
	}
	return []string{string(value)}
}

// queryValues returns the decoded values of a query parameter. Names are case-sensitive.
func queryValues(query []byte, name string) []string {
	var values []string
	for pair := range splitQuery(str(query)) {
		key, value, _ := strings.Cut(pair, "=")
		if unescapeQuery(key) == name {
			values = append(values, unescapeQuery(value))
		}
	}
	return values
}

// splitQuery yields the name=value pairs of a query. A semicolon separates as & does, as at AWS; empty pairs are left out.
func splitQuery(query string) iter.Seq[string] {
	return strings.FieldsFuncSeq(query, func(c rune) bool { return c == '&' || c == ';' })
}

// unescapeQuery decodes leniently: what is not decodable stays as it is.
func unescapeQuery(s string) string {
	if out, err := url.QueryUnescape(s); err == nil {
		return strings.Clone(out)
	}
	return strings.Clone(s)
}

// headerValues returns the values of a header. AWS tells names apart by case; we do not, since HTTP does not.
func headerValues(headers []header, name string) []string {
	var values []string
	for _, h := range headers {
		if strings.EqualFold(str(h.name), name) {
			values = append(values, string(h.value))
		}
	}
	return values
}

// illegalTarget reports headers that a request mapping may not set.
func illegalTarget(name string) *Error {
	switch strings.ToLower(name) {
	case "content-length", "transfer-encoding", "x-amzn-trace-id", "x-amzn-apigateway-api-id":
		return configuration("Illegal header mapping: %s", name)
	}
	if !validHeader(name, "") {
		return configuration("Illegal header mapping: %s", name)
	}
	return nil
}

// validHeader reports whether a header can be written: a token as its name, no control characters in its value.
func validHeader(name, value string) bool {
	if name == "" {
		return false
	}
	for i := range len(name) {
		if !isToken(name[i]) {
			return false
		}
	}
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

func isToken(c byte) bool {
	return c >= '0' && c <= '9' || isLetter(c) || strings.IndexByte("!#$%&'*+-.^`|~", c) >= 0
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
