package awswire_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awscloudwatch"
	"github.com/tollbook/tollbook/awsapi/awslogs"
)

// TestPutLogEventsAllocations keeps the decoder of the hot path at one allocation for each event: its message.
func TestPutLogEventsAllocations(t *testing.T) {
	const events = 1000
	handle := putLogEvents()
	request := &awsapi.Request{Body: putLogEventsBody(events)}
	got := testing.AllocsPerRun(5, func() {
		if _, err := handle(context.Background(), request); err != nil {
			t.Fatal(err)
		}
	})
	if got > events*1.05+50 {
		t.Errorf("%.0f allocations for %d events", got, events)
	}
}

// TestPutMetricDataAllocations keeps a datum in CBOR at few allocations: name, dimensions with their texts, time, value and
// unit.
func TestPutMetricDataAllocations(t *testing.T) {
	const datums = 1000
	datum := `{"MetricName":"Latency","Dimensions":[{"Name":"ApiName","Value":"notes"}],"Timestamp":{"@time":1785578400.5},"Value":1.5,"Unit":"Milliseconds"}`
	body := toCBOR(t, `{"Namespace":"Notes","MetricData":[`+strings.Repeat(datum+",", datums-1)+datum+`]}`)
	var handle awsapi.Handler
	for _, op := range awscloudwatch.Operations(discardMetrics{}).Operations {
		if op.Name == "PutMetricData" {
			handle = op.Handle
		}
	}
	request := &awsapi.Request{Protocol: awsapi.RPCv2CBOR, Body: []byte(body)}
	got := testing.AllocsPerRun(5, func() {
		if _, err := handle(context.Background(), request); err != nil {
			t.Fatal(err)
		}
	})
	if got > datums*8.05+50 {
		t.Errorf("%.0f allocations for %d datums", got, datums)
	}
}

type discardMetrics struct{ awscloudwatch.Service }

func (discardMetrics) PutMetricData(context.Context, *awscloudwatch.PutMetricDataInput) error {
	return nil
}

type discardLogs struct{ awslogs.Service }

func (discardLogs) PutLogEvents(_ context.Context, in *awslogs.PutLogEventsRequest) (*awslogs.PutLogEventsResponse, error) {
	return &awslogs.PutLogEventsResponse{NextSequenceToken: &in.LogStreamName}, nil
}

func putLogEvents() awsapi.Handler {
	for _, op := range awslogs.Operations(discardLogs{}).Operations {
		if op.Name == "PutLogEvents" {
			return op.Handle
		}
	}
	return nil
}

// putLogEventsBody has events whose messages are JSON entries of an access log, 300 bytes each.
func putLogEventsBody(events int) []byte {
	message := `{\"requestId\":\"c6104cbe-af31-11e0-8154-cbc7ccf896c7\",\"ip\":\"203.0.113.7\",\"caller\":\"-\",\"user\":\"-\",` +
		`\"requestTime\":\"01/Aug/2026:10:00:00 +0000\",\"httpMethod\":\"GET\",\"resourcePath\":\"/notes/{id}\",\"status\":\"200\",` +
		`\"protocol\":\"HTTP/1.1\",\"responseLength\":\"1234\",\"pad\":\"`
	unescaped := len(message) - strings.Count(message, `\"`)
	message += strings.Repeat("x", 300-unescaped-len(`"}`)) + `\"}`
	var b bytes.Buffer
	b.WriteString(`{"logGroupName":"API-Gateway-Access-Logs_abc/prod","logStreamName":"s","logEvents":[`)
	for i := range events {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"timestamp":%d,"message":"%s"}`, 1785578400000+i, message)
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

// BenchmarkPutLogEvents decodes and checks 3,000 events of 300 bytes.
func BenchmarkPutLogEvents(b *testing.B) {
	const events = 3000
	handle := putLogEvents()
	request := &awsapi.Request{Body: putLogEventsBody(events)}
	b.SetBytes(int64(len(request.Body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := handle(b.Context(), request); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/events, "ns/event")
}

// BenchmarkFilterLogEvents encodes 3,000 events of 300 bytes.
func BenchmarkFilterLogEvents(b *testing.B) {
	const events = 3000
	var handle awsapi.Handler
	for _, op := range awslogs.Operations(newFullLogs(events)).Operations {
		if op.Name == "FilterLogEvents" {
			handle = op.Handle
		}
	}
	request := &awsapi.Request{Body: []byte(`{"logGroupName":"g"}`)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := handle(b.Context(), request); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/events, "ns/event")
}

type fullLogs struct {
	awslogs.Service
	out *awslogs.FilterLogEventsResponse
}

func (f fullLogs) FilterLogEvents(context.Context, *awslogs.FilterLogEventsRequest) (*awslogs.FilterLogEventsResponse, error) {
	return f.out, nil
}

func newFullLogs(events int) fullLogs {
	out := new(awslogs.FilterLogEventsResponse)
	for range events {
		out.Events = append(out.Events, awslogs.FilteredLogEvent{
			LogStreamName: new("stream"), Timestamp: new(int64(1785578400000)), IngestionTime: new(int64(1785578400123)),
			Message: new(`{"status":"200","pad":"` + strings.Repeat("x", 270) + `"}`), EventId: new("39871203498712309487"),
		})
	}
	return fullLogs{out: out}
}
