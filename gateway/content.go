package gateway

import "encoding/base64"

// contentHandling says whether a body is made text or binary on its way.
type contentHandling uint8

const (
	keepContent contentHandling = iota
	toBinary
	toText
)

func parseContentHandling(s string) contentHandling {
	switch s {
	case "CONVERT_TO_BINARY":
		return toBinary
	case "CONVERT_TO_TEXT":
		return toText
	}
	return keepContent
}

// requestContent is the client's body after content handling, and whether it is binary. A body is binary if the API lists
// its Content-Type; text that is made binary is decoded from base64, binary that is made text encoded.
func (x *exchange) requestContent(i *integration) (body []byte, binary bool, _ *Error) {
	if len(x.body) == 0 || i.content == keepContent && len(x.table.binaryTypes) == 0 {
		return x.body, false, nil
	}
	binary = x.table.isBinary(mediaTypeOf(x.known.contentType))
	return convert(x.body, binary, i.content == toBinary || i.content == keepContent && binary)
}

// responseContent is the same for what the back end answered. Without content handling the client's Accept decides.
func (x *exchange) responseContent(r *response) (body []byte, binary bool, _ *Error) {
	body = x.call.resp.body
	if len(body) == 0 || r.content == keepContent && len(x.table.binaryTypes) == 0 {
		return body, false, nil
	}
	binary = len(x.table.binaryTypes) > 0 && x.table.isBinary(mediaTypeOf(x.call.resp.header.contentType))
	want := r.content == toBinary || r.content == keepContent && x.table.isBinary(mediaTypeOf(x.known.accept))
	return convert(body, binary, want)
}

var errNoBase64 = configuration("Unable to base64 decode the body")

func convert(body []byte, binary, want bool) ([]byte, bool, *Error) {
	switch {
	case binary && !want:
		return base64.StdEncoding.AppendEncode(nil, body), false, nil
	case !binary && want:
		decoded, err := base64.StdEncoding.AppendDecode(nil, body)
		if err != nil {
			return nil, false, errNoBase64
		}
		return decoded, true, nil
	}
	return body, binary, nil
}

// errBinaryBody is for a body that a template cannot read.
var errBinaryBody = configuration("Unable to transform a binary body with a template")

// requestBody is the body of the request to the back end: what the request template gives, else the client's.
func (x *exchange) requestBody(i *integration) (body []byte, contentType string, _ *Error) {
	t, err := i.requestTemplate(x.known.contentType)
	if err != nil {
		return nil, "", err
	}
	body, binary, err := x.requestContent(i)
	if err != nil {
		return nil, "", err
	}
	contentType = str(x.known.contentType)
	if t != nil {
		if binary {
			return nil, "", errBinaryBody
		}
		contentType = t.mediaType
		if body, err = x.renderRequest(t, body); err != nil {
			return nil, "", err
		}
		if err = x.checkOverrides(i); err != nil {
			return nil, "", err
		}
	}
	if contentType == "" || contentType == defaultTemplate {
		contentType = jsonType
	}
	return body, contentType, nil
}

// renderRequest renders a request template into memory that the exchange keeps until its end.
func (x *exchange) renderRequest(t *template, body []byte) ([]byte, *Error) {
	if t.computed == nil {
		return []byte(t.text), nil
	}
	var dst []byte
	if x.rendering != nil {
		dst = x.rendering.request[:0]
	}
	out, err := x.render(t, dst, body, "request")
	if err == nil {
		x.rendering.request = out
	}
	return out, err
}
