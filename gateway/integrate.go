package gateway

import "time"

// integrate calls what stands behind the method and makes the response of what it answers.
func (x *exchange) integrate() *Error {
	i := x.route.integration
	if i.problem != nil {
		return i.problem
	}
	switch i.kind {
	case kindMock:
		return x.integrateMock(i)
	case kindHTTP:
		return x.integrateHTTP(i)
	case kindAWS:
		return x.integrateAWS(i)
	case kindLambda:
		return x.integrateLambda(i)
	case kindLambdaProxy:
		return x.integrateLambdaProxy(i)
	default:
		return x.integrateHTTPProxy(i)
	}
}

// callThen sends the request that x.call holds and goes on with what is answered; on an event loop that is later.
func (x *exchange) callThen(i *integration, then func(*exchange, *integration) *Error) *Error {
	if x.onLoop {
		x.calling, x.then = i, then
		return nil
	}
	return x.callNow(i, then)
}

func (x *exchange) callNow(i *integration, then func(*exchange, *integration) *Error) *Error {
	if err := x.callUpstream(i); err != nil {
		return err
	}
	return then(x, i)
}

// callUpstream sends the request that x.call holds, and waits for the response.
func (x *exchange) callUpstream(i *integration) *Error {
	x.beginOfCall(i)
	return x.endOfCall(i.upstream.do(x.call, x.called.Add(i.timeout)))
}

func (x *exchange) beginOfCall(i *integration) {
	if x.exec.informing() {
		x.logCall(x.callURI(i))
	}
	x.called = time.Now()
}

// endOfCall notes what the access log wants to know of a call, and passes on how it has ended.
func (x *exchange) endOfCall(err *Error) *Error {
	took := time.Since(x.called)
	x.entry.Integration.Called = true
	x.counter.calls.Add(1)
	if err != nil {
		x.counter.failures.Add(1)
		return err
	}
	x.counter.integrationTime.Add(int64(took))
	x.entry.Integration.Status = x.call.resp.status
	x.entry.Integration.LatencyMilli = took.Milliseconds()
	x.logCalled()
	return nil
}

func (x *exchange) upstreamMethod(i *integration) string {
	if i.method == "" {
		return x.method
	}
	return i.method
}

// beginCall begins the head of the request to the back end: request line and Host.
func (x *exchange) beginCall(i *integration) {
	x.call.method = x.upstreamMethod(i)
	head := append(x.call.head[:0], x.call.method...)
	head = append(head, ' ')
	head = x.appendTarget(head, i)
	head = append(head, " HTTP/1.1\r\n"...)
	x.call.head = head
	if !x.mapsHeader(i, "Host") {
		x.call.addHeader("Host", i.uri.host)
	}
}

// endCall adds what the gateway says of itself, and the body.
func (x *exchange) endCall(body []byte) {
	x.call.addHeader("X-Amzn-Apigateway-Api-Id", x.table.values.APIID)
	x.call.addHeader("X-Amzn-Trace-Id", str(x.traceHeader()))
	x.call.setBody(body, x.call.methodHasBody())
}

// mapsHeader reports whether a header of the back end's request is set by a mapping or a template.
func (x *exchange) mapsHeader(i *integration, name string) bool {
	if o := x.overridden(); o != nil {
		if _, ok := overridesParam(o.Header, name, true); ok {
			return true
		}
	}
	return i.maps(name)
}

// addMapped adds the headers that the integration maps, and those that a template puts in their place. What would break
// the head out of its line is left out.
func (x *exchange) addMapped(i *integration) {
	o := x.overridden()
	if o != nil {
		for _, p := range o.Header {
			if validHeader(p.Name, p.Value) && (i.service != nil || !droppedFromHTTP(p.Name)) {
				x.call.addHeader(p.Name, p.Value)
			}
		}
	}
	for m := range i.headers {
		if o != nil {
			if _, ok := overridesParam(o.Header, i.headers[m].target, true); ok {
				continue
			}
		}
		for _, value := range x.requestValues(&i.headers[m].source) {
			if validHeader(i.headers[m].target, value) {
				x.call.addHeader(i.headers[m].target, value)
			}
		}
	}
}
