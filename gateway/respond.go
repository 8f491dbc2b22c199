package gateway

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
	h := &x.resp.header
	h.reset()
	x.resp.status = e.Status
	x.resp.body = raw(e.body)
	h.setType(e.contentType)
	if e.ErrorType != "" {
		h.add("x-amzn-ErrorType", e.ErrorType)
	}
	x.entry.Error.Message = e.Message
	x.entry.Error.ResponseType = e.Type
	x.entry.Integration.Error = e.Cause
}

// completeResponse adds what every response has.
func (x *exchange) completeResponse() {
	h := &x.resp.header
	if len(h.contentType) == 0 {
		h.setType(jsonType)
	}
	h.add("x-amzn-RequestId", x.entry.RequestID)
	h.add("x-amz-apigw-id", x.entry.ExtendedRequestID)
	if x.head {
		x.resp.noBody = true
	}
}

// setMappedHeader sets a header that the integration response maps, under the name that AWS gives it.
func (x *exchange) setMappedHeader(name string, values []string) {
	switch mappedResponseRule(name) {
	case drop:
		return
	case rename:
		name = remapped + name
	}
	for _, value := range values {
		if validHeader(name, value) {
			x.resp.header.add(name, value)
		}
	}
}
