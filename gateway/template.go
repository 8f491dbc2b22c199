package gateway

import (
	"mime"
	"slices"
	"strings"
)

// A template is the text that a mapping template gives. Only literal text is built yet: a template that computes
// anything answers 501.
type template struct {
	mediaType string
	text      string
	computed  bool // uses the Velocity language
	mock      mockStatus
}

const (
	jsonType        = "application/json"
	defaultTemplate = "$default"
)

// compileTemplates sorts templates by media type.
func compileTemplates(texts map[string]string) []template {
	var ts []template
	for mediaType, text := range texts {
		ts = append(ts, template{
			mediaType: strings.ToLower(mediaType), text: text, computed: isVelocity(text), mock: parseMockStatus(text),
		})
	}
	slices.SortFunc(ts, func(a, b template) int { return strings.Compare(a.mediaType, b.mediaType) })
	return ts
}

func findTemplate(ts []template, mediaType string) *template {
	for i := range ts {
		if ts[i].mediaType == mediaType {
			return &ts[i]
		}
	}
	return nil
}

// isVelocity reports whether a text holds references ($name, ${name}, $!name) or directives (#set, #if, ##…).
func isVelocity(text string) bool {
	for i := 0; i+1 < len(text); i++ {
		next := text[i+1]
		switch text[i] {
		case '$':
			if isLetter(next) || next == '{' || next == '!' {
				return true
			}
		case '#':
			if isLetter(next) && isDirective(text[i+1:]) || strings.IndexByte("#*[{@", next) >= 0 {
				return true
			}
		}
	}
	return false
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }

func isDirective(s string) bool {
	for _, name := range [...]string{
		"set", "if", "elseif", "else", "end", "foreach", "include", "parse", "macro", "stop", "break", "evaluate", "define",
	} {
		if strings.HasPrefix(s, name) {
			return true
		}
	}
	return false
}

// mediaTypeOf is the media type of a Content-Type or Accept header, without parameters, in lower case.
func mediaTypeOf(header []byte) string {
	switch string(header) {
	case "":
		return jsonType
	case jsonType:
		return jsonType
	}
	first, _, _ := strings.Cut(string(header), ",")
	if mediaType, _, err := mime.ParseMediaType(first); err == nil {
		return mediaType
	}
	first, _, _ = strings.Cut(first, ";")
	return strings.ToLower(strings.TrimSpace(first))
}

// passthrough says what happens to a body for which there is no request template.
type passthrough uint8

const (
	whenNoMatch passthrough = iota
	whenNoTemplates
	never
)

func parsePassthrough(s string) passthrough {
	switch s {
	case "WHEN_NO_TEMPLATES":
		return whenNoTemplates
	case "NEVER":
		return never
	}
	return whenNoMatch
}

// requestTemplate chooses the template for a request, or nil if its body passes as it is.
func (i *integration) requestTemplate(contentType []byte) (*template, *Error) {
	t := findTemplate(i.requestTemplates, mediaTypeOf(contentType))
	if t == nil {
		t = findTemplate(i.requestTemplates, defaultTemplate)
	}
	switch {
	case t != nil && t.computed:
		return nil, notBuilt("A mapping template that uses the Velocity language (%s)", t.mediaType)
	case t != nil:
		return t, nil
	case i.passthrough == never, i.passthrough == whenNoTemplates && len(i.requestTemplates) > 0:
		return nil, errMediaType
	}
	return nil, nil
}

// responseTemplate chooses the template for a response: the one that the client accepts, else the one for JSON, else the
// first. Nil: the body passes as it is.
func responseTemplate(ts []template, accept []byte) (*template, *Error) {
	if len(ts) == 0 {
		return nil, nil
	}
	t := findTemplate(ts, mediaTypeOf(accept))
	if t == nil {
		t = findTemplate(ts, jsonType)
	}
	if t == nil {
		t = &ts[0]
	}
	if t.computed {
		return nil, notBuilt("A mapping template that uses the Velocity language (%s)", t.mediaType)
	}
	return t, nil
}
