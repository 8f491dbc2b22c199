package gateway

import (
	"bytes"
	"iter"
	"unicode/utf8"

	"github.com/tollbook/tollbook/accesslog"
)

// The lines that every request has, in the order in which AWS writes them; those of a step that not every request passes
// are in that step's file.

// beginLog starts the execution log, if the stage wants one for the method.
func (x *exchange) beginLog() {
	if x.route.logging.level == logOff {
		return
	}
	x.exec = newExecutionLog(x.route.logging, "("+x.entry.RequestID+") ", x.start)
	if len(x.table.deliveries) > 0 {
		x.exec.limit = maxDeliveredText
	}
	x.exec.Info("Extended Request Id: %s", x.entry.ExtendedRequestID)
}

// logOpenMethod tells that a method asks for no API key.
func (x *exchange) logOpenMethod() {
	if !x.exec.informing() || x.route.apiKeyRequired {
		return
	}
	api, stage := x.table.values.APIID, x.table.values.Name
	key := accesslog.Mask(str(x.known.apiKey))
	x.exec.Info("Verifying Usage Plan for request: %s. API Key: %s API Stage: %s/%s", x.entry.RequestID, key, api, stage)
	x.exec.Info("API Key %s authorized because method '%s %s' does not require API Key. Request will not contribute to "+
		"throttle or quota limits", key, x.method, x.route.resourcePath)
	x.exec.Info("Usage Plan check succeeded for API Key %s and API Stage %s/%s", key, api, stage)
}

// logRequest tells of the request as the method sees it.
func (x *exchange) logRequest() {
	if !x.exec.informing() {
		return
	}
	x.exec.Info("Starting execution for request: %s", x.entry.RequestID)
	x.exec.Info("HTTP Method: %s, Resource Path: %s", x.method, x.path)
	if key := x.entry.Identity.APIKey; key != "" && x.route.apiKeyRequired {
		x.exec.Info("API Key: %s", accesslog.Mask(key))
	}
	if !x.exec.tracing() {
		return
	}
	x.exec.Trace("Method request path: %s", javaMap(x.pathPairs()))
	x.exec.Trace("Method request query string: %s", javaMap(queryPairs(x.query)))
	x.exec.Trace("Method request headers: %s", javaHeaders(namedPairs(x.eventPairs())))
	x.exec.Trace("Method request body before transformations: %s", logBody(x.body))
}

// pathPairs yields the path parameters, decoded.
func (x *exchange) pathPairs() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for i, name := range x.route.params {
			if i < len(x.params) && !yield(name, unescapePath(x.params[i])) {
				return
			}
		}
	}
}

// logCall tells of the request to the back end, which x.call holds.
func (x *exchange) logCall(uri string) {
	if !x.exec.informing() {
		return
	}
	if x.exec.tracing() {
		x.exec.Trace("Endpoint request URI: %s", uri)
		x.exec.Trace("Endpoint request headers: %s", javaHeaders(headPairs(x.call.head)))
		x.exec.Trace("Endpoint request body after transformations: %s", logBody(x.call.body))
	}
	x.exec.Info("Sending request to %s", uri)
}

// logCalled tells of the back end's response.
func (x *exchange) logCalled() {
	if !x.exec.informing() {
		return
	}
	in := &x.entry.Integration
	x.exec.Info("Received response. Status: %d, Integration latency: %d ms", in.Status, in.LatencyMilli)
	if x.exec.tracing() {
		x.exec.Trace("Endpoint response headers: %s", javaHeaders(responsePairs(&x.call.resp.header)))
		x.exec.Trace("Endpoint response body before transformations: %s", logBody(x.call.resp.body))
	}
}

// callURI is where x.call goes to: the address of the integration with the target in the call's first line. Functions have
// their address at AWS, wherever they really are.
func (x *exchange) callURI(i *integration) string {
	if s := i.service; s != nil && s.isFunction() {
		return "https://lambda." + s.region + ".amazonaws.com/2015-03-31/functions/" + s.function.ARN + "/invocations"
	}
	_, rest, _ := bytes.Cut(x.call.head, []byte(" "))
	target, _, _ := bytes.Cut(rest, []byte(" "))
	scheme := "http://"
	if i.uri.upstream.tls {
		scheme = "https://"
	}
	return scheme + i.uri.host + string(target)
}

// logOutcome tells how the request ended. failure is what the gateway answered with; nil if the integration answered.
func (x *exchange) logOutcome(failure *Error) {
	if x.exec == nil {
		return
	}
	status := x.resp.status
	switch {
	case failure == nil:
		x.logResponse()
		x.exec.Info("Successfully completed execution")
	case failure.Cause != "":
		x.exec.Error("%s", failure.Cause)
	case failure == errUnauthorized || failure == errTokenExpired:
		x.logTrace() // after "Unauthorized request" AWS says nothing else
		return
	}
	if status >= 400 {
		x.exec.Error("Method completed with status: %d", status)
	} else {
		x.exec.Info("Method completed with status: %d", status)
	}
	if id := x.entry.Integration.RequestID; id != "" {
		x.exec.Info("AWS Integration Endpoint RequestId : %s", id)
	}
	x.logTrace()
}

func (x *exchange) logTrace() {
	if id := x.entry.TraceID; id != "" {
		x.exec.Info("X-ray Tracing ID : %s", id)
	}
}

// logResponse tells of the method's response, before the headers that every response has.
func (x *exchange) logResponse() {
	if !x.exec.tracing() {
		return
	}
	h := &x.resp.header
	if len(h.contentType) == 0 {
		h.setType(jsonType)
	}
	x.exec.Trace("Method response body after transformations: %s", logBody(x.resp.body))
	x.exec.Trace("Method response headers: %s", javaHeaders(responsePairs(h)))
}

// logBody is a body as the log shows it: text as it is, anything else by its kind.
func logBody(body []byte) []byte {
	if start := body[:min(len(body), 2*maxLogText)]; !utf8.Valid(start[:cutEnd(start)]) {
		return []byte("[Binary Data]")
	}
	return body
}

// cutEnd is the end of text without a character that may have been cut.
func cutEnd(text []byte) int {
	if len(text) < utf8.UTFMax {
		return len(text)
	}
	return cutAt(text, len(text)-1)
}
