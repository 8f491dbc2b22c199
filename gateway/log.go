package gateway

import "time"

// finish completes the response, counts the request for the metrics, and leaves its entry in the access log, or in that of
// unrouted requests.
func (x *exchange) finish() {
	x.compress()
	x.completeResponse()
	now := time.Now()
	e := &x.entry
	e.Status = x.resp.StatusCode()
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
	if x.exec != nil {
		x.writeExecutionLog()
	}
	if x.table.sink != nil {
		x.table.sink.Write(x.table.format, e)
	}
	if x.table.canarySink != nil {
		x.table.canarySink.Write(x.table.format, e) // beside the stage's own log
	}
}

// bodyLength is how many bytes of body are sent.
func (x *exchange) bodyLength() int64 {
	status := x.resp.StatusCode()
	if x.resp.SkipBody || status < 200 || status == 204 || status == 304 {
		return 0
	}
	return int64(len(x.resp.Body()))
}
