package gateway

import "strings"

// An HTTP_PROXY integration passes the request and the response on, but for some headers.

func (x *exchange) integrateHTTPProxy(i *integration) *Error {
	body, _, err := x.requestContent(i)
	if err != nil {
		return err
	}
	x.beginCall(i)
	x.forwardHeaders(i)
	x.addMapped(i)
	x.endCall(body)
	if err := x.callUpstream(i); err != nil {
		return err
	}
	x.returnHeaders()
	x.resp.SetStatusCode(x.call.resp.StatusCode())
	x.takeBody()
	return nil
}

// forwardHeaders passes the client's headers on. A mapped header takes the place of the client's.
func (x *exchange) forwardHeaders(i *integration) {
	connection := x.known.connection
	plainConnection := len(connection) == 0 ||
		strings.EqualFold(str(connection), "keep-alive") || strings.EqualFold(str(connection), "close")
	for _, h := range x.headers {
		switch ruleFor(requestRules, h.name) {
		case drop:
			continue
		case coding:
			if len(x.body) == 0 || !isCoding(h.value) {
				continue
			}
		}
		if len(i.headers) > 0 && i.maps(str(h.name)) || !plainConnection && nominated(connection, h.name) {
			continue
		}
		if strings.EqualFold(str(h.name), "Authorization") && isSigV4(h.value) {
			continue // made for the gateway
		}
		x.call.addHeader(str(h.name), str(h.value))
	}
	if len(x.known.userAgent) == 0 {
		x.addUnlessMapped(i, "User-Agent", "AmazonAPIGateway_"+x.table.values.APIID)
	}
}

// returnHeaders passes the back end's headers on, with those that the gateway sets itself under another name.
func (x *exchange) returnHeaders() {
	out := &x.resp.Header
	body := x.call.resp.Body()
	for name, value := range x.call.resp.Header.All() {
		switch ruleFor(responseRules, name) {
		case pass:
			out.AddBytesKV(name, value)
		case coding:
			if len(body) > 0 && isCoding(value) {
				out.AddBytesKV(name, value)
			}
		case rename:
			if x.call.sent(name) {
				x.call.name = append(append(x.call.name[:0], remapped...), name...)
				out.AddBytesKV(x.call.name, value)
			}
		}
	}
}
