package delivery_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/delivery"
)

// dial makes a receiver that is closed with the test.
func dial(t *testing.T, url string) logs.Receiver {
	t.Helper()
	r, err := delivery.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// payload makes a payload of a stream with an event for each message.
func payload(stream string, messages ...string) *logs.Delivery {
	d := &logs.Delivery{
		ID: "1-f é-" + stream + messages[0], Account: "111111111111", Region: "us-east-1", Group: "/aws/g", Stream: stream, Filter: "f é",
	}
	for i, m := range messages {
		d.Events = append(d.Events, logs.DeliveredEvent{
			ID: fmt.Sprint(i), Timestamp: logs.Millis(1_700_000_000_000 + i), Ingestion: 1_700_000_000_500, Message: m,
		})
	}
	return d
}

// control is what PutSubscriptionFilter tries a destination with.
func control() *logs.Delivery {
	d := payload("", "CWL CONTROL MESSAGE")
	d.Control = true
	return d
}

// send sends payloads, which must not take long, and returns their errors.
func send(t *testing.T, r logs.Receiver, payloads ...*logs.Delivery) (errs []error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r.Send(ctx, payloads)
	for _, d := range payloads {
		errs = append(errs, d.Err)
	}
	return errs
}

// deliver sends payloads that must arrive.
func deliver(t *testing.T, r logs.Receiver, payloads ...*logs.Delivery) {
	t.Helper()
	for i, err := range send(t, r, payloads...) {
		if err != nil {
			t.Fatalf("payload %d: %v", i, err)
		}
		if payloads[i].Sent == 0 {
			t.Errorf("payload %d: no bytes were counted", i)
		}
	}
}

// said returns the stream and the messages of a payload.
func said(t *testing.T, body []byte) string {
	t.Helper()
	var p struct {
		MessageType, LogStream string
		LogEvents              []struct{ Message string }
	}
	if err := json.Unmarshal(unzip(t, body), &p); err != nil {
		t.Fatal(err)
	}
	messages := []string{p.MessageType, p.LogStream}
	for _, e := range p.LogEvents {
		messages = append(messages, e.Message)
	}
	return strings.Join(messages, " ")
}

func unzip(t *testing.T, body []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestDial(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"http://h/a?b":                               "HTTP",
		"https://user:secret@h":                      "HTTP",
		"otlp+http://h:4318":                         "OTLP",
		"otlp+https://h/v1/logs":                     "OTLP",
		"kafka://a:9092,b:9092/topic":                "Kafka",
		"kafka+tls://u:p@a:9092/topic":               "Kafka",
		"kafka://u:p@a:9092/topic?sasl=plain":        "Kafka",
		"kafka://u:p@a/topic?sasl=scram-sha-256":     "Kafka",
		"nats://a:4222,b:4222/logs.access":           "NATS",
		"nats+tls://u:p@a:4222/logs":                 "NATS",
		"kafka://a:9092":                             "the URL names no topic, as in kafka://HOST:PORT/TOPIC",
		"kafka://a:9092/a/b":                         "the URL names no topic, as in kafka://HOST:PORT/TOPIC",
		"kafka://u:p@a/topic?sasl=gssapi":            "there is no sasl mechanism gssapi",
		"nats://a:4222":                              "the URL names no subject to publish to, as in nats://HOST:PORT/SUBJECT",
		"nats://a:4222/logs.*":                       "the URL names no subject to publish to, as in nats://HOST:PORT/SUBJECT",
		"ftp://a/b":                                  "there is no destination of the scheme ftp",
		"http:///path":                               "the URL names no host",
		"http://user:secret@a b/":                    "the URL cannot be parsed",
		"arn:aws:kinesis:us-east-1:1:stream/s":       "the URL names no host",
		"file:///etc/passwd":                         "the URL names no host",
		"http://[::1":                                "the URL cannot be parsed",
		"kafka://user:secret@a:notaport:9092/topic?": "",
	} {
		r, err := delivery.Dial(url)
		got := ""
		if err != nil {
			got = err.Error()
			if strings.Contains(got, "secret") {
				t.Errorf("%s: the error shows the password: %s", url, got)
			}
		} else {
			got = r.Kind()
			r.Close()
		}
		if want != "" && got != want {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
}

func TestNobodyIsThere(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"http://127.0.0.1:1/", "otlp+http://127.0.0.1:1", "nats://127.0.0.1:1/logs", "kafka://127.0.0.1:1/topic",
	} {
		t.Run(url, func(t *testing.T) {
			t.Parallel()
			r := dial(t, url)
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			a, b := payload("a", "m"), payload("b", "m")
			r.Send(ctx, []*logs.Delivery{a, b})
			for _, d := range []*logs.Delivery{a, b} {
				if d.Err == nil || errors.Is(d.Err, logs.ErrRefused) {
					t.Errorf("%v", d.Err)
				}
			}
		})
	}
}
