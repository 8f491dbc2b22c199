package delivery

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	otlplogs "go.opentelemetry.io/proto/otlp/logs/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/tollbook/tollbook/logs"
)

// otlpRequestBytes is about how much of messages goes with one request.
const otlpRequestBytes = 1 << 20

// otlpReceiver exports log records by OTLP: protobuf over HTTP.
type otlpReceiver struct {
	url    string
	client *http.Client
}

func newOTLP(u *url.URL) *otlpReceiver {
	to := *u
	to.Scheme = strings.TrimPrefix(u.Scheme, "otlp+")
	if to.Path == "" || to.Path == "/" {
		to.Path = "/v1/logs"
	}
	return &otlpReceiver{to.String(), newHTTPClient()}
}

// Kind implements logs.Receiver.
func (o *otlpReceiver) Kind() string { return "OTLP" }

// Close implements logs.Receiver.
func (o *otlpReceiver) Close() { o.client.CloseIdleConnections() }

// Send implements logs.Receiver. Payloads of several log streams share a request.
func (o *otlpReceiver) Send(ctx context.Context, payloads []*logs.Delivery) {
	var requests [][]*logs.Delivery
	size := 0
	for _, d := range payloads {
		if n := messageBytes(d); len(requests) == 0 || size+n > otlpRequestBytes {
			requests, size = append(requests, nil), n
		} else {
			size += n
		}
		last := len(requests) - 1
		requests[last] = append(requests[last], d)
	}
	parallel(len(requests), httpRequests, func(i int) { o.export(ctx, requests[i]) })
}

func messageBytes(d *logs.Delivery) (n int) {
	for i := range d.Events {
		n += len(d.Events[i].Message)
	}
	return n
}

func (o *otlpReceiver) export(ctx context.Context, payloads []*logs.Delivery) {
	body, err := exportRequest(payloads)
	if err != nil {
		fail(payloads, err)
		return
	}
	answer, err := post(ctx, o.client, o.url, "application/x-protobuf", body, nil)
	if err == nil {
		err = partialSuccess(answer)
	}
	fail(payloads, err)
	for _, d := range payloads {
		d.Sent = len(body) / len(payloads)
	}
}

// exportRequest is an ExportLogsServiceRequest, compressed; on the wire that is the same as LogsData, and its own Go package
// would bring all of gRPC along. A control message is one without records.
func exportRequest(payloads []*logs.Delivery) ([]byte, error) {
	request := &otlplogs.LogsData{}
	for _, d := range payloads {
		if !d.Control {
			request.ResourceLogs = append(request.ResourceLogs, resourceLogs(d))
		}
	}
	message, err := proto.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("encode log records: %w", err)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err = z.Write(message)
	if err = errors.Join(err, z.Close()); err != nil {
		return nil, fmt.Errorf("compress log records: %w", err)
	}
	return b.Bytes(), nil
}

// resourceLogs has the attributes that OpenTelemetry's semantic conventions name, as far as there are any.
func resourceLogs(d *logs.Delivery) *otlplogs.ResourceLogs {
	records := make([]*otlplogs.LogRecord, len(d.Events))
	for i := range d.Events {
		e := &d.Events[i]
		records[i] = &otlplogs.LogRecord{
			TimeUnixNano:         nanos(e.Timestamp),
			ObservedTimeUnixNano: nanos(e.Ingestion),
			Body:                 text(e.Message),
			Attributes:           []*common.KeyValue{{Key: "log.record.uid", Value: text(e.ID)}},
		}
	}
	return &otlplogs.ResourceLogs{
		Resource: &resource.Resource{Attributes: []*common.KeyValue{
			{Key: "service.name", Value: text(d.Group)},
			{Key: "cloud.account.id", Value: text(d.Account)},
			{Key: "cloud.region", Value: text(d.Region)},
			{Key: "aws.log.group.names", Value: list(d.Group)},
			{Key: "aws.log.stream.names", Value: list(d.Stream)},
		}},
		ScopeLogs: []*otlplogs.ScopeLogs{{
			Scope: &common.InstrumentationScope{
				Name: "tollbook", Attributes: []*common.KeyValue{{Key: "tollbook.subscription_filter", Value: text(d.Filter)}},
			},
			LogRecords: records,
		}},
	}
}

func nanos(t logs.Millis) uint64 { return uint64(max(t, 0)) * 1_000_000 }

// text is a string, which protobuf wants in UTF-8.
func text(s string) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: strings.ToValidUTF8(s, "\uFFFD")}}
}

func list(s string) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_ArrayValue{ArrayValue: &common.ArrayValue{Values: []*common.AnyValue{text(s)}}}}
}

// partialSuccess finds out whether a receiver that answered 200 has left records out. OTLP forbids to send them again. An
// answer that is not an ExportLogsServiceResponse says nothing; the status counts.
func partialSuccess(answer []byte) error {
	partial := protoField(answer, 1)
	rejected, _ := protowire.ConsumeVarint(protoField(partial, 1))
	if int64(rejected) <= 0 {
		return nil
	}
	return fmt.Errorf("%w: %d log records were rejected: %s", logs.ErrRefused, rejected, excerpt(protoField(partial, 2)))
}

// protoField returns the bytes of a field of a message, the last of that number: of a varint as it is encoded, of a string
// or a message what is in it. It is nil if there is none, or the message is malformed.
func protoField(message []byte, number protowire.Number) (value []byte) {
	for len(message) > 0 {
		n, kind, tag := protowire.ConsumeTag(message)
		if tag < 0 {
			return nil
		}
		size := protowire.ConsumeFieldValue(n, kind, message[tag:])
		if size < 0 {
			return nil
		}
		if n == number {
			value = message[tag : tag+size]
			if kind == protowire.BytesType {
				value, _ = protowire.ConsumeBytes(value)
			}
		}
		message = message[tag+size:]
	}
	return value
}
