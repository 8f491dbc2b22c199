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
	return x.callThen(i, (*exchange).returnResponse)
}

// returnResponse passes the back end's response on.
func (x *exchange) returnResponse(*integration) *Error {
	x.returnHeaders()
	x.resp.status = x.call.resp.status
	x.resp.body = x.call.resp.body
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
	out := &x.resp.header
	body := x.call.resp.body
	for name, value := range x.call.resp.header.all() {
		switch ruleFor(responseRules, name) {
		case pass:
			out.addLine(name, value)
		case coding:
			if len(body) > 0 && isCoding(value) {
				out.addLine(name, value)
			}
		case rename:
			out.addRemapped(name, value)
		}
	}
}
