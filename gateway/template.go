package gateway

import (
	"mime"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/gateway/mapping"
)

// A template is a mapping template for bodies of one media type.
type template struct {
	mediaType string
	text      string            // if it is always the same
	computed  *mapping.Template // nil: it is
	mock      mockStatus        // of text
	problem   *Error            // the template cannot be parsed, which fails the requests that need it
}

const (
	jsonType        = "application/json"
	defaultTemplate = "$default"
)

// compileTemplates sorts templates by media type.
func compileTemplates(texts map[string]string) []template {
	var ts []template
	for mediaType, text := range texts {
		ts = append(ts, compileTemplate(strings.ToLower(mediaType), text))
	}
	slices.SortFunc(ts, func(a, b template) int { return strings.Compare(a.mediaType, b.mediaType) })
	return ts
}

func compileTemplate(mediaType, text string) template {
	t := template{mediaType: mediaType}
	parsed, err := mapping.Parse(text)
	if err != nil {
		t.problem = configuration("Unable to parse the template for %s: %v", mediaType, err)
		return t
	}
	if fixed, ok := parsed.Fixed(); ok {
		t.text, t.mock = fixed, parseMockStatus(fixed)
	} else {
		t.computed = parsed
	}
	return t
}

// empty reports whether the template has no text at all, so that a response's body passes as it is.
func (t *template) empty() bool { return t.computed == nil && t.text == "" && t.problem == nil }

func findTemplate(ts []template, mediaType string) *template {
	for i := range ts {
		if ts[i].mediaType == mediaType {
			return &ts[i]
		}
	}
	return nil
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
	if len(i.requestTemplates) == 0 && i.passthrough != never {
		return nil, nil
	}
	t := findTemplate(i.requestTemplates, mediaTypeOf(contentType))
	if t == nil {
		t = findTemplate(i.requestTemplates, defaultTemplate)
	}
	switch {
	case t != nil:
		return t, t.problem
	case i.passthrough == never, i.passthrough == whenNoTemplates:
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
	return t, t.problem
}
