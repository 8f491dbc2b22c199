package gateway

import "strings"

// respondError makes the response of an error, in place of what was there, as the API has it.
func (x *exchange) respondError(e *Error) {
	x.respondPlain(e)
	r := x.table.gatewayResponse(e)
	if r == nil {
		return
	}
	fault := x.attempt(func(x *exchange) *Error {
		x.customise(r)
		return nil
	})
	if fault != nil {
		x.respondPlain(fault)
	}
}

// respondPlain makes the response of an error as AWS has it.
func (x *exchange) respondPlain(e *Error) {
	h := &x.resp.Header
	last := h.ConnectionClose()
	h.Reset()
	h.DisableNormalizing()
	h.SetNoDefaultContentType(true)
	if last {
		h.SetConnectionClose()
	}
	x.resp.SetStatusCode(e.Status)
	x.resp.SetBodyString(e.body)
	h.SetContentType(e.contentType)
	if e.ErrorType != "" {
		h.Add("x-amzn-ErrorType", e.ErrorType)
	}
	x.entry.Error.Message = e.Message
	x.entry.Error.ResponseType = e.Type
	x.entry.Integration.Error = e.Cause
}

// completeResponse adds what every response has.
func (x *exchange) completeResponse() {
	h := &x.resp.Header
	if len(h.ContentType()) == 0 {
		h.SetContentType(jsonType)
	}
	h.Add("x-amzn-RequestId", x.entry.RequestID)
	h.Add("x-amz-apigw-id", x.entry.ExtendedRequestID)
	if x.head {
		x.resp.SkipBody = true
	}
}

// setMappedHeader sets a header that the integration response maps, under the name that AWS gives it.
func (x *exchange) setMappedHeader(name string, values []string) {
	h := &x.resp.Header
	switch mappedResponseRule(name) {
	case drop:
		return
	case rename:
		name = remapped + name
	}
	for _, value := range values {
		if !validHeader(name, value) {
			continue
		}
		if strings.EqualFold(name, "Content-Type") {
			h.SetContentType(value)
		} else {
			h.Add(name, value)
		}
	}
}
