package gateway

import (
	"strings"

	"github.com/go-faster/jx"
)

// appendAuthorizerEvent writes what the function of an authorizer is called with: the token, or the request as the event of
// a Lambda proxy describes it, without the body. What a request does not have is {} here, where a proxy's event has null.
func (x *exchange) appendAuthorizerEvent(z *authorizer, values []string) []byte {
	w := jx.Writer{Buf: make([]byte, 0, 2048)}
	if z.kind == tokenFunction {
		w.RawStr(`{"type":"TOKEN"`)
		appendMember(&w, "methodArn", x.methodARN())
		appendMember(&w, "authorizationToken", strings.ToValidUTF8(values[0], "\ufffd"))
		w.RawStr("}")
		return w.Buf
	}
	w.RawStr(`{"type":"REQUEST"`)
	appendMember(&w, "methodArn", x.methodARN())
	appendMember(&w, "resource", x.route.resourcePath)
	appendMember(&w, "path", x.eventPath())
	appendMember(&w, "httpMethod", x.method)
	pairs := x.eventPairs()
	appendPairs(&w, "headers", pairs, true)
	appendLists(&w, "multiValueHeaders", pairs)
	pairs = x.appendEventQuery(&w, pairs[:0])
	clear(pairs)
	x.call.pairs = pairs[:0]
	if len(x.params) == 0 {
		w.RawStr(`,"pathParameters":{}`)
	} else {
		x.appendPathParameters(&w)
	}
	w.RawStr(`,"stageVariables":`)
	if len(x.table.variables) == 0 {
		w.RawStr("{}")
	} else {
		appendStrings(&w, x.table.variables)
	}
	x.appendRequestContext(&w, x.route.access.event)
	w.RawStr("}")
	return w.Buf
}

func (x *exchange) appendEventQuery(w *jx.Writer, pairs []pair) []pair {
	if pairs = x.queryPairs(pairs); len(pairs) == 0 {
		w.RawStr(`,"queryStringParameters":{},"multiValueQueryStringParameters":{}`)
		return pairs
	}
	appendPairs(w, "queryStringParameters", pairs, false)
	appendLists(w, "multiValueQueryStringParameters", pairs)
	return pairs
}
