package gateway

import "github.com/tollbook/tollbook/accesslog"

// maxDeliveredText is the longest text of a line that is delivered: a whole event, less the request ID in front. What a
// delivery adds to it may cost a few characters more (accesslog.MaxDelivered).
const maxDeliveredText = accesslog.MaxDelivered - 128

// delivery is a compiled accesslog.Delivery.
type delivery struct {
	destination accesslog.Destination
	format      *accesslog.LineFormat
	sink        *accesslog.Sink // set by bind, if the stage logs
}

// ARN names the stage as AWS' log delivery does.
func (s Stage) ARN() string {
	return "arn:aws:apigateway:" + s.Region + ":" + s.AccountID + ":/restapis/" + s.APIID + "/stages/" + s.Name
}

// compileDeliveries sets where the execution log goes, and what its lines say of the stage.
func (t *StageTable) compileDeliveries(s Stage) {
	t.logRecord = accesslog.Record{
		ResourceARN: s.ARN(), APIID: s.APIID, Stage: s.Name,
	}
	for _, d := range s.Deliveries {
		t.deliveries = append(t.deliveries, delivery{destination: d.Destination, format: accesslog.CompileDelivery(d)})
	}
}

// bindExecutionLog finds the ways to the log groups of the execution log. Deliveries replace the stage's own group.
func (g *Gateway) bindExecutionLog(t *StageTable) {
	if !t.logged {
		return
	}
	for i := range t.deliveries {
		t.deliveries[i].sink = g.access.Sink(t.deliveries[i].destination)
	}
	if len(t.deliveries) == 0 {
		t.execution = g.access.Sink(t.executionLog)
	}
}

// writeExecutionLog leaves the request's lines where the stage wants them.
func (x *exchange) writeExecutionLog() {
	t := x.table
	if t.execution != nil {
		t.execution.WriteLines(x.entry.RequestID, &x.exec.lines)
	}
	if len(t.deliveries) == 0 {
		return
	}
	r := t.logRecord
	r.ResourcePath, r.HTTPMethod = x.route.resourcePath, x.method
	for i := range t.deliveries {
		if d := &t.deliveries[i]; d.sink != nil {
			d.sink.WriteRecords(d.format, &r, x.entry.RequestID, &x.exec.lines)
		}
	}
}
