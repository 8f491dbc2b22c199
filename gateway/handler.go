package gateway

import (
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"time"

	"github.com/valyala/fasthttp"
)

// Handler serves one request of the gateway listener: by the API's host name ({apiId}.execute-api.…) or by the path
// /{apiId}/{stage}/….
func (g *Gateway) Handler(ctx *fasthttp.RequestCtx) {
	start := ctx.Time()
	if start.IsZero() {
		start = time.Now()
	}
	x := g.begin(&ctx.Response, start)
	defer x.end()
	x.readFast(ctx)
	if body := ctx.Request.BodyStream(); body != nil {
		if failure := x.readBody(body, ctx.Request.Header.ContentLength()); failure != nil {
			x.refuse(failure)
			if failure == errBodyTooLarge {
				drain(ctx.Conn())
			}
			return
		}
		x.start = time.Now()
	}
	x.serve()
}

// refuse answers a request that could not be read to its end. As far as it could be read it is told apart and logged like
// any other. Nothing that follows on its connection is read.
func (x *exchange) refuse(failure *Error) {
	x.identify()
	if x.locate() == nil { // for the log: why the request could not be read is the better answer
		_ = x.findRoute()
	}
	x.resp.SetConnectionClose()
	x.respondError(failure)
	x.finish()
}

// serve is a request's life.
func (x *exchange) serve() {
	x.identify()
	failure := x.attempt((*exchange).steps)
	if failure != nil {
		x.respondError(failure)
	}
	x.logOutcome(failure)
	x.finish()
}

// attempt runs steps. A fault of the gateway's own costs one request and not the process.
func (x *exchange) attempt(steps func(*exchange) *Error) (failure *Error) {
	defer func() {
		if fault := recover(); fault != nil {
			x.g.log.Error("request failed by a fault in the gateway",
				"request_id", x.entry.RequestID, "fault", fmt.Sprint(fault), "stack", string(debug.Stack()))
			failure = errInternal
		}
	}()
	return steps(x)
}

// steps are what every request passes through, in AWS' order.
func (x *exchange) steps() *Error {
	if err := x.locate(); err != nil {
		return err
	}
	if err := x.check(); err != nil {
		return err
	}
	if err := x.findRoute(); err != nil {
		return err
	}
	if err := x.decompress(); err != nil {
		return err
	}
	x.beginTrace()
	x.beginLog()
	if err := x.authorize(); err != nil {
		return err
	}
	if err := x.meterKey(); err != nil {
		return err
	}
	x.logOpenMethod()
	if err := x.throttle(); err != nil {
		return err
	}
	x.logRequest()
	if err := x.validate(); err != nil {
		return err
	}
	if c := x.route.caching; c != nil && x.table.cache != nil {
		return x.useCache(c, x.table.cache)
	}
	return x.integrate()
}

// HandleError answers a request of which fasthttp could not even read the head. It is a fasthttp.Server's ErrorHandler.
func (g *Gateway) HandleError(ctx *fasthttp.RequestCtx, err error) {
	x := g.begin(&ctx.Response, time.Now())
	defer x.end()
	x.readFast(ctx)
	failure := readFailure(err)
	if failure == errRequestTimeout && len(x.headers) == 0 { // a connection on which no request came
		x.respondError(failure)
		return
	}
	x.refuse(failure)
}

func readFailure(err error) *Error {
	var tooSmall *fasthttp.ErrSmallBuffer
	var netErr net.Error
	switch {
	case errors.As(err, &tooSmall):
		return errHeadersTooLarge
	case errors.As(err, &netErr) && netErr.Timeout():
		return errRequestTimeout
	}
	return errBadRequest
}

// drain reads on for a while after a request that is too large: a client that is still sending would otherwise find its
// connection reset and never see the answer.
func drain(conn net.Conn) {
	const most, silence = 64 << 20, 200 * time.Millisecond
	buf := make([]byte, 32<<10)
	for total := 0; total < most; {
		if err := conn.SetReadDeadline(time.Now().Add(silence)); err != nil {
			return
		}
		n, err := conn.Read(buf)
		if total += n; err != nil {
			return
		}
	}
}
