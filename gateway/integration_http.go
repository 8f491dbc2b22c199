package gateway

import "strings"

// An HTTP integration translates: of the client's request the back end sees only what is mapped to it, and the client of
// the back end's response only what an integration response takes over.

func (x *exchange) integrateHTTP(i *integration) *Error {
	t, err := i.requestTemplate(x.known.contentType)
	if err != nil {
		return err
	}
	body, contentType := x.body, str(x.known.contentType)
	if t != nil {
		body, contentType = []byte(t.text), jsonType
		if t.mediaType != defaultTemplate {
			contentType = t.mediaType
		}
	}
	x.beginCall(i)
	x.addUnlessMapped(i, "Accept", jsonType)
	x.addUnlessMapped(i, "User-Agent", "AmazonAPIGateway_"+x.table.values.APIID)
	if len(body) > 0 {
		if contentType == "" {
			contentType = jsonType
		}
		x.addUnlessMapped(i, "Content-Type", contentType)
	}
	x.addMapped(i)
	x.endCall(body)
	if err := x.callUpstream(i); err != nil {
		return err
	}
	if err := x.mapResponse(i, x.call.resp.StatusCode()); err != nil {
		return err
	}
	x.resp.Header.AddBytesV("X-Amzn-Trace-Id", x.traceHeader())
	return nil
}

func (x *exchange) addUnlessMapped(i *integration, name, value string) {
	if !i.maps(name) {
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
	r, err := i.selectResponse(status)
	if err != nil {
		return err
	}
	t, err := responseTemplate(r.templates, x.known.accept)
	if err != nil {
		return err
	}
	x.resp.SetStatusCode(r.status)
	mapped := make([][]string, len(r.headers))
	for m := range r.headers { // before the body is taken away, which may be a source
		mapped[m] = x.responseValues(&r.headers[m].source)
	}
	if t != nil && t.text != "" {
		x.resp.SetBodyString(t.text)
	} else {
		x.takeBody()
	}
	if t != nil && t.mediaType != defaultTemplate {
		x.resp.Header.SetContentType(t.mediaType)
	}
	for m := range r.headers {
		x.setMappedHeader(r.headers[m].target, mapped[m])
	}
	return nil
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
		if body := x.call.resp.Body(); len(body) > 0 {
			return []string{string(body)}
		}
	case fromContext:
		return x.contextValue(s)
	}
	return nil
}

func (x *exchange) upstreamHeader(name string) []string {
	var values []string
	for key, value := range x.call.resp.Header.All() {
		if strings.EqualFold(str(key), name) {
			values = append(values, string(value))
		}
	}
	return values
}

// takeBody moves the back end's body into the response, without a copy.
func (x *exchange) takeBody() {
	if len(x.call.resp.Body()) > maxKept {
		x.resp.SetBodyRaw(x.call.resp.SwapBody(nil)) // neither response keeps that much memory
		return
	}
	mine := x.resp.SwapBody(x.call.resp.SwapBody(nil))
	x.call.resp.SwapBody(mine[:0])
}
