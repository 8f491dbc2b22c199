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

// recordLines is record for the lines of the execution log, which go where the stage wants them.
func (x *exchange) recordLines(place *int, wait bool) bool {
	t := x.table
	if *place++; t.execution != nil && *place > x.recorded {
		if wait {
			t.execution.WriteLines(x.entry.RequestID, &x.exec.lines)
		} else if !t.execution.TryWriteLines(x.entry.RequestID, &x.exec.lines) {
			return false
		}
		x.recorded = *place
	}
	if len(t.deliveries) == 0 {
		return true
	}
	r := t.logRecord
	r.ResourcePath, r.HTTPMethod = x.route.resourcePath, x.method
	for i := range t.deliveries {
		d := &t.deliveries[i]
		if *place++; d.sink == nil || *place <= x.recorded {
			continue
		}
		if wait {
			d.sink.WriteRecords(d.format, &r, x.entry.RequestID, &x.exec.lines)
		} else if !d.sink.TryWriteRecords(d.format, &r, x.entry.RequestID, &x.exec.lines) {
			return false
		}
		x.recorded = *place
	}
	return true
}
