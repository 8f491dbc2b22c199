package gateway

import (
	"fmt"
	"runtime/debug"
)

// refuse answers a request that could not be read to its end. As far as it could be read it is told apart and logged like
// any other. Nothing that follows on its connection is read.
func (x *exchange) refuse(failure *Error) {
	x.identify()
	if x.locate() == nil { // for the log: why the request could not be read is the better answer
		_ = x.findRoute()
	}
	x.resp.last = true
	x.respondError(failure)
	x.finish()
}

// serve is a request's life, up to where it is left in the logs. It waits for whatever it needs.
func (x *exchange) serve() {
	x.identify()
	x.conclude(x.attempt((*exchange).allSteps))
}

// conclude makes the response complete. What remains is to leave the request in the logs, and to send the response.
func (x *exchange) conclude(failure *Error) {
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

// allSteps are what every request passes through, in AWS' order.
func (x *exchange) allSteps() *Error {
	if err := x.find(); err != nil {
		return err
	}
	return x.steps()
}

// find finds out what the request is for.
func (x *exchange) find() *Error {
	if err := x.locate(); err != nil {
		return err
	}
	if x.shed {
		return errShed
	}
	if err := x.check(); err != nil {
		return err
	}
	return x.findRoute()
}

func (x *exchange) steps() *Error {
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

func readFailure(err error) *Error {
	if isTimeout(err) {
		return errRequestTimeout
	}
	return errBadRequest
}
