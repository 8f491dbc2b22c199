package gateway

import (
	"time"

	"github.com/tollbook/tollbook/accesslog"
)

// finish completes the response and counts the request for the metrics.
func (x *exchange) finish() {
	x.compress()
	x.completeResponse()
	now := time.Now()
	e := &x.entry
	e.Status = x.resp.status
	e.ResponseLength = x.bodyLength()
	e.ResponseLatencyMilli = now.Sub(x.start).Milliseconds()
	x.counter.count(e, now.Sub(x.start), len(x.body))
	if x.table == nil {
		x.g.unrouted.Write(e, now)
		return
	}
	x.table.meter.count(e, x.cell)
	if x.route != nil && x.route.meter != nil {
		x.route.meter.count(e, x.cell)
	}
}

// record leaves the request in the logs of its stage: the execution log, where that is delivered to, and its entry in the
// access log, in that of a canary too. wait: it waits where the log service does not keep up (accesslog.Options). Else it
// reports whether it is done; called again it goes on where it has stopped.
func (x *exchange) record(wait bool) bool {
	t := x.table
	if t == nil {
		return true
	}
	place := 0
	if x.exec != nil && !x.recordLines(&place, wait) {
		return false
	}
	for _, s := range [...]*accesslog.Sink{t.sink, t.canarySink} {
		if place++; s == nil || place <= x.recorded {
			continue
		}
		if wait {
			s.Write(t.format, &x.entry)
		} else if !s.TryWrite(t.format, &x.entry) {
			return false
		}
		x.recorded = place
	}
	return true
}

// bodyLength is how many bytes of body are sent.
func (x *exchange) bodyLength() int64 {
	if !x.resp.hasBody() {
		return 0
	}
	return int64(len(x.resp.body))
}
