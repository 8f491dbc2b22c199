// Package delivery has the destinations of subscription filters that are URLs:
//
//	http://HOST/PATH, https://…           POST of the payload: JSON, compressed with gzip
//	kafka://HOST:PORT,HOST:PORT/TOPIC     a record, keyed by log stream; kafka+tls:// with TLS
//	nats://HOST:PORT/SUBJECT              a JetStream message; nats+tls:// with TLS
//	otlp+http://HOST:PORT, otlp+https://… OTLP logs: protobuf over HTTP, at /v1/logs unless there is another path
//
// A user and a password in the URL are sent as each of them has it. The payload is AWS' own, of which package logs says what
// is in it; for OTLP each log event becomes a log record. Which events go where and when, trying again, and where to go on
// after a restart are left to package logs.
//
// The URLs come from those who may call PutSubscriptionFilter and PutDestination. They can have the server connect to any
// address that it can reach, so that permission is one to give with care.
package delivery

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"github.com/tollbook/tollbook/logs"
)

// Dial makes a receiver for a URL, as logs.Options.Dial wants it. It connects with the first payload.
func Dial(rawURL string) (logs.Receiver, error) {
	scheme, rest, _ := strings.Cut(rawURL, "://")
	u, err := url.Parse("x://" + rest)
	if err != nil {
		return nil, errors.New("the URL cannot be parsed") // the cause would show a password
	}
	u.Scheme = scheme
	if u.Host == "" {
		return nil, errors.New("the URL names no host")
	}
	switch scheme {
	case "http", "https":
		return newHTTP(u), nil
	case "otlp+http", "otlp+https":
		return newOTLP(u), nil
	case "kafka", "kafka+tls":
		return newKafka(u)
	case "nats", "nats+tls":
		return newNATS(u)
	}
	return nil, fmt.Errorf("there is no destination of the scheme %s", scheme)
}

// parallel calls f for each index below n, for at most limit of them at the same time.
func parallel(n, limit int, f func(i int)) {
	var running sync.WaitGroup
	room := make(chan struct{}, limit)
	for i := range n {
		room <- struct{}{}
		running.Go(func() {
			f(i)
			<-room
		})
	}
	running.Wait()
}

// fail sets the error of all payloads.
func fail(payloads []*logs.Delivery, err error) {
	for _, d := range payloads {
		d.Err = err
	}
}

// header is a header, or a property, of a message.
type header struct{ name, value string }

// headers say what a payload is, for receivers that do not look into it. Values are percent-encoded: names of filters can
// have any character.
func headers(d *logs.Delivery) []header {
	return []header{
		{"X-Tollbook-Delivery-Id", url.PathEscape(d.ID)},
		{"X-Tollbook-Log-Group", url.PathEscape(d.Group)},
		{"X-Tollbook-Filter", url.PathEscape(d.Filter)},
	}
}
