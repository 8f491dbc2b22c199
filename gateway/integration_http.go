package gateway

import (
	"strconv"
	"strings"

	"github.com/tollbook/tollbook/gateway/mapping"
)

// An HTTP integration translates: of the client's request the back end sees only what is mapped to it, and the client of
// the back end's response only what an integration response takes over.

func (x *exchange) integrateHTTP(i *integration) *Error {
	body, contentType, err := x.requestBody(i)
	if err != nil {
		return err
	}
	x.beginCall(i)
	x.addUnlessMapped(i, "Accept", jsonType)
	x.addUnlessMapped(i, "User-Agent", "AmazonAPIGateway_"+x.table.values.APIID)
	if len(body) > 0 {
		x.addUnlessMapped(i, "Content-Type", contentType)
	}
	x.addMapped(i)
	x.endCall(body)
	return x.callThen(i, (*exchange).returnMapped)
}

// returnMapped makes the response of what the back end has answered.
func (x *exchange) returnMapped(i *integration) *Error {
	if err := x.mapResponse(i, x.call.resp.status); err != nil {
		return err
	}
	x.resp.header.add("X-Amzn-Trace-Id", str(x.traceHeader()))
	return nil
}

func (x *exchange) addUnlessMapped(i *integration, name, value string) {
	if !x.mapsHeader(i, name) {
		x.call.addHeader(name, value)
	}
}

// maps reports whether a header of the back end's request is set by a mapping.
func (i *integration) maps(name string) bool {
	for m := range i.headers {
		if strings.EqualFold(i.headers[m].target, name) {
			return true
		}
	}
	return false
}

// mapResponse makes the response by the integration response that fits the back end's status. x.call.resp is what the
// back end sent; empty for a MOCK integration.
func (x *exchange) mapResponse(i *integration, status int) *Error {
	var text [4]byte
	r, err := i.selectResponse(strconv.AppendInt(text[:0], int64(status), 10), status)
	if err != nil {
		return err
	}
	return x.translateResponse(r)
}

// translateResponse makes the response by an integration response: first the body, whose template may override what the
// parameter mappings say, then status and headers.
func (x *exchange) translateResponse(r *response) *Error {
	t, err := responseTemplate(r.templates, x.known.accept)
	if err != nil {
		return err
	}
	mapped := make([][]string, len(r.headers))
	for m := range r.headers { // before the body is taken away, which may be a source
		mapped[m] = x.responseValues(&r.headers[m].source)
	}
	if err := x.translateBody(r, t); err != nil {
		return err
	}
	if t != nil && t.mediaType != defaultTemplate {
		x.resp.header.setType(t.mediaType)
	}
	o := x.overridden()
	for m := range r.headers {
		if o != nil {
			if _, ok := overridesParam(o.ResponseHeader, r.headers[m].target, true); ok {
				continue
			}
		}
		x.setMappedHeader(r.headers[m].target, mapped[m])
	}
	x.resp.status = r.status
	if o != nil {
		x.overrideResponse(o)
	}
	return nil
}

// translateBody makes the response's body: what the template gives, or the back end's as it is.
func (x *exchange) translateBody(r *response, t *template) *Error {
	body, binary, err := x.responseContent(r)
	switch {
	case err != nil:
		return err
	case t == nil || t.empty():
		x.resp.body = body
		return nil
	case binary:
		return errBinaryBody
	}
	out, err := x.render(t, x.resp.made[:0], body, "response")
	if err == nil {
		x.resp.made, x.resp.body = out, out
	}
	return err
}

// overrideResponse applies what the templates set.
func (x *exchange) overrideResponse(o *mapping.Overrides) {
	for _, p := range o.ResponseHeader {
		x.setMappedHeader(p.Name, []string{p.Value})
	}
	if o.Status != 0 {
		x.resp.status = o.Status
		x.entry.ResponseOverrideStatus = o.Status
	}
}

// responseValues returns the values of a source of an integration's response; none if it is missing.
func (x *exchange) responseValues(s *source) []string {
	switch s.kind {
	case fromText:
		return []string{s.text}
	case fromHeader:
		if values := x.upstreamHeader(s.name); len(values) > 0 {
			return values[len(values)-1:]
		}
	case fromMultiHeader:
		return x.upstreamHeader(s.name)
	case fromBody:
		return bodyValues(s, x.call.resp.body)
	case fromContext:
		return x.contextValue(s)
	}
	return nil
}

func (x *exchange) upstreamHeader(name string) []string {
	var values []string
	for key, value := range x.call.resp.header.all() {
		if strings.EqualFold(str(key), name) {
			values = append(values, string(value))
		}
	}
	return values
}
