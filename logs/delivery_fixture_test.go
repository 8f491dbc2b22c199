package logs_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/logs"
)

// destination notes the payloads that arrive.
type destination struct {
	answer func(d *logs.Delivery) error // where set, decides

	mu       sync.Mutex
	payloads []payload
	control  []payload
	ids      []string
	attempts int
	closed   int
}

// payload is what a payload says.
type payload struct {
	MessageType, Owner, LogGroup, LogStream string
	PolicyLevel                             string `json:",omitempty"`
	SubscriptionFilters                     []string
	LogEvents                               []struct {
		ID, Message string
		Timestamp   int64
		Account     string `json:"@aws.account"`
		Region      string `json:"@aws.region"`
	}
}

func (d *destination) Kind() string { return "Fake" }

func (d *destination) Close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed++
}

func (d *destination) Send(ctx context.Context, payloads []*logs.Delivery) {
	for _, p := range payloads {
		if p.Err = ctx.Err(); p.Err == nil {
			p.Err = d.take(p)
		}
	}
}

func (d *destination) take(p *logs.Delivery) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.attempts++
	if d.answer != nil {
		if err := d.answer(p); err != nil {
			return err
		}
	}
	body, err := p.Gzip()
	if err != nil {
		return err
	}
	p.Sent = len(body)
	said, err := readPayload(body)
	if p.Control {
		d.control = append(d.control, said)
	} else {
		d.payloads = append(d.payloads, said)
		d.ids = append(d.ids, p.ID)
	}
	return err
}

func readPayload(body []byte) (p payload, err error) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return p, err
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return p, err
	}
	return p, json.Unmarshal(text, &p)
}

// messages returns what arrived since the last time, payload by payload, of which each begins with its stream.
func (d *destination) messages() (payloads []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.payloads {
		line := p.LogStream + ":"
		for _, e := range p.LogEvents {
			line += " " + e.Message
		}
		payloads = append(payloads, line)
	}
	d.payloads = nil
	slices.SortStableFunc(payloads, func(a, b string) int { return strings.Compare(a[:1], b[:1]) })
	return payloads
}

// subscribed is a fixture whose clock is the bubble's, with destinations by URL.
type subscribed struct {
	*fixture
	book         *metricBook
	destinations map[string]*destination
	logger       *slog.Logger
}

func newSubscribed(t *testing.T) *subscribed {
	f := &subscribed{newFixture(t), &metricBook{}, map[string]*destination{"fake://a": {}, "fake://b": {}}, slog.New(slog.DiscardHandler)}
	f.store.now = func() logs.Millis { return logs.Millis(time.Now().UnixMilli()) }
	f.Service = f.delivering(f.store)
	f.createGroup("g")
	f.createStream("g", "s")
	f.createStream("g", "t")
	return f
}

func (f *subscribed) delivering(store logs.Store) *logs.Service {
	f.t.Helper()
	s, err := logs.New(f.db, store, logs.Options{
		Log: f.logger, FlushEvery: time.Hour, SweepEvery: time.Hour, Metrics: f.book, MetricsEvery: time.Hour,
		Dial: func(url string) (logs.Receiver, error) {
			if d := f.destinations[url]; d != nil {
				return d, nil
			}
			return nil, errors.New("no such place")
		},
	})
	f.must(err)
	f.t.Cleanup(func() { _ = s.Close() })
	return s
}

func (f *subscribed) subscribe(name, pattern, to string) {
	f.t.Helper()
	f.must(f.PutSubscriptionFilter(f.ctx, &awslogs.PutSubscriptionFilterRequest{
		LogGroupName: "g", FilterName: name, FilterPattern: pattern, DestinationArn: to,
	}))
	synctest.Wait()
}

// log puts messages now.
func (f *subscribed) log(stream string, messages ...string) {
	f.t.Helper()
	var events []awslogs.InputLogEvent
	for _, m := range messages {
		events = append(events, awslogs.InputLogEvent{Timestamp: time.Now().UnixMilli(), Message: m})
	}
	f.put("g", stream, events...)
}

// pass lets time go by.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// expect waits for long enough and compares what arrived.
func (f *subscribed) expect(what, to string, payloads ...string) {
	f.t.Helper()
	pass(150 * time.Millisecond)
	if diff := cmp.Diff(payloads, f.destinations[to].messages()); diff != "" {
		f.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func (d *destination) has(message string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.payloads {
		for _, e := range p.LogEvents {
			if e.Message == message {
				return true
			}
		}
	}
	return false
}
