package gateway

import (
	"regexp"
	"slices"
	"strings"
)

// gatewayResponse is a compiled GatewayResponse.
type gatewayResponse struct {
	status    int // 0: that of the error
	headers   []parameterMapping
	templates []responseText
}

// responseText is the template of a gateway response. It is not Velocity: single variables are replaced, nothing else.
type responseText struct {
	mediaType string
	pieces    []textPiece
}

// textPiece is literal text and the value that follows it.
type textPiece struct {
	literal string
	source  *source // nil: nothing follows
	quoted  bool    // the value is the error's message, as a JSON string
}

func compileGatewayResponses(s Stage) map[string]*gatewayResponse {
	out := map[string]*gatewayResponse{}
	for name, r := range s.GatewayResponses {
		out[name] = compileGatewayResponse(r, s.Variables)
	}
	return out
}

// compileGatewayResponse leaves out parameters that are no legal expressions: the response of an error cannot fail.
func compileGatewayResponse(r GatewayResponse, vars map[string]string) *gatewayResponse {
	out := &gatewayResponse{status: r.StatusCode}
	for key, expression := range r.Parameters {
		header, ok := strings.CutPrefix(key, "gatewayresponse.header.")
		m := parameterMapping{header, compileSource(expression, requestSide, vars)}
		if expression == messageString {
			m.name = messageString
		}
		if ok && m.problem() == nil && validHeader(header, "") && !isFraming(header) {
			out.headers = append(out.headers, m)
		}
	}
	slices.SortFunc(out.headers, func(a, b parameterMapping) int { return strings.Compare(a.target, b.target) })
	for mediaType, text := range r.Templates {
		out.templates = append(out.templates, responseText{strings.ToLower(mediaType), compileText(text, vars)})
	}
	slices.SortFunc(out.templates, func(a, b responseText) int { return strings.Compare(a.mediaType, b.mediaType) })
	return out
}

const requestSide = "method.request."

// messageString is the error's message in quotation marks.
const messageString = "context.error.messageString"

// isFraming reports headers that say where a message ends, which are the server's.
func isFraming(header string) bool {
	return strings.EqualFold(header, "Content-Length") || strings.EqualFold(header, "Transfer-Encoding") ||
		strings.EqualFold(header, "Connection")
}

// textVariable finds the variables in a template: $context.a.b, $stageVariables.a, $method.request.header.a and so on, with
// or without braces around the name.
var textVariable = regexp.MustCompile(`\$\{?(context|stageVariables|method\.request\.(?:path|querystring|header))` +
	`\.([A-Za-z0-9_]+(?:[.-][A-Za-z0-9_]+)*)\}?`)

func compileText(text string, vars map[string]string) (pieces []textPiece) {
	at := 0
	for _, found := range textVariable.FindAllStringSubmatchIndex(text, -1) {
		end := found[1]
		expression := text[found[2]:found[3]] + "." + text[found[4]:found[5]]
		if braced := text[found[0]+1] == '{'; braced != (text[end-1] == '}') {
			if braced {
				continue // never closed
			}
			end-- // the brace is the text's own
		}
		if text[found[2]:found[3]] == "context" { // a context variable has no hyphen in its name
			name, rest, _ := strings.Cut(expression, "-")
			if rest != "" {
				end = found[4] + len(name) - len("context.")
			}
			expression = name
		}
		piece := textPiece{literal: text[at:found[0]], quoted: expression == messageString}
		s := compileSource(expression, requestSide, vars)
		piece.source = &s
		pieces = append(pieces, piece)
		at = end
	}
	return append(pieces, textPiece{literal: text[at:]})
}

// gatewayResponse finds what the API says about a type of error: its own definition, or else that of its class.
func (t *StageTable) gatewayResponse(e *Error) *gatewayResponse {
	if t == nil || len(t.responses) == 0 || e.Type == "" || e.contentType != jsonType {
		return nil
	}
	if own := t.responses[e.Type]; own != nil {
		return own
	}
	if e.Status >= 500 {
		return t.responses["DEFAULT_5XX"]
	}
	return t.responses["DEFAULT_4XX"]
}

// customise makes the response of an error what the API says about it.
func (x *exchange) customise(r *gatewayResponse) {
	if r.status != 0 && r.status != x.resp.status {
		x.resp.status = r.status
		x.entry.Error.StatusChanged = true
	}
	x.entry.Status = x.resp.status // for $context.status
	if t := r.template(x.known.accept); t != nil {
		x.resp.header.setType(t.mediaType)
		x.resp.body = x.appendResponseText(make([]byte, 0, 256), t.pieces)
	}
	for i := range r.headers {
		for _, value := range x.errorValues(&r.headers[i].source) {
			if r.headers[i].name == messageString {
				value = quoteJSON(value)
			}
			x.setResponseHeader(r.headers[i].target, value)
		}
	}
}

// template chooses by what the client accepts, else the one for JSON, else the first.
func (r *gatewayResponse) template(accept []byte) *responseText {
	if len(r.templates) == 0 {
		return nil
	}
	for _, want := range [...]string{mediaTypeOf(accept), jsonType} {
		for i := range r.templates {
			if r.templates[i].mediaType == want {
				return &r.templates[i]
			}
		}
	}
	return &r.templates[0]
}

func (x *exchange) appendResponseText(dst []byte, pieces []textPiece) []byte {
	for i := range pieces {
		p := &pieces[i]
		dst = append(dst, p.literal...)
		switch {
		case p.quoted && x.entry.Error.Message == "":
			dst = append(dst, "null"...)
		case p.quoted:
			dst = append(dst, quoteJSON(x.entry.Error.Message)...)
		case p.source != nil:
			for _, value := range x.errorValues(p.source) {
				dst = append(dst, value...)
			}
		}
	}
	return dst
}

// errorValues are the values of a source, of which there may be none: errors happen before a route is found.
func (x *exchange) errorValues(s *source) []string {
	if s.kind == fromPath && x.route == nil {
		return nil
	}
	return x.requestValues(s)
}

// setResponseHeader sets a header of a gateway response. An empty value leaves it out.
func (x *exchange) setResponseHeader(name, value string) {
	if value == "" || !validHeader(name, value) {
		return
	}
	x.resp.header.set(name, value)
}
