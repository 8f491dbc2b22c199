package logs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// Receiver is a connection to the destination of a subscription filter. Package logs/delivery has those that there are.
type Receiver interface {
	// Kind says what it is, as the dimension DestinationType of metrics: "HTTP", "Kafka".
	Kind() string
	// Send delivers payloads of different streams, in any order, and sets Err and Sent of each. It connects if need be, and
	// gives up when ctx ends. It is not called twice at the same time.
	Send(ctx context.Context, payloads []*Delivery)
	// Close gives the connection up.
	Close()
}

// ErrRefused says that a destination has looked at a payload and will not take it, however often it is sent.
var ErrRefused = errors.New("the destination refuses the payload")

// Delivery is a payload of a subscription filter: events of one stream. It is the receiver's while it is sent.
type Delivery struct {
	// ID is the same whenever the payload is sent again, save after a restart, when payloads may be cut elsewhere.
	ID                    string
	Account, Region       string
	Group, Stream, Filter string
	AccountLevel          bool // Filter is a policy of the account
	Random                bool // the filter wants its payloads spread, whatever their stream
	Control               bool // it tries the destination, and its event is of no stream
	SystemFields          []string
	Events                []DeliveredEvent // in the order in which they were read, at least one

	// Err is nil when the payload has arrived for good. With ErrRefused it is given up, otherwise sent again later.
	Err  error
	Sent int // bytes, compressed

	stream  StreamID
	last    Position
	size    int
	writers *sync.Pool // of *gzip.Writer; may be nil
}

// DeliveredEvent is an event with its ID as FilterLogEvents has it.
type DeliveredEvent struct {
	ID                   string
	Timestamp, Ingestion Millis
	Message              string
}

// gzipLevel is that of the payloads that AWS sends to Firehose.
const gzipLevel = 6

// Gzip returns the payload as AWS sends it to Kinesis and Firehose: JSON, compressed.
func (d *Delivery) Gzip() ([]byte, error) {
	var b bytes.Buffer
	z, err := d.writer(&b)
	if err != nil {
		return nil, err
	}
	e := json.NewEncoder(z)
	e.SetEscapeHTML(false)
	if err := e.Encode(d.payload()); err != nil {
		return nil, fmt.Errorf("encode a payload: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("compress a payload: %w", err)
	}
	if d.writers != nil {
		d.writers.Put(z)
	}
	return b.Bytes(), nil
}

func (d *Delivery) writer(to *bytes.Buffer) (*gzip.Writer, error) {
	if d.writers != nil {
		if z, ok := d.writers.Get().(*gzip.Writer); ok {
			z.Reset(to)
			return z, nil
		}
	}
	return gzip.NewWriterLevel(to, gzipLevel)
}

// deliveryPayload is AWS' form of a payload.
type deliveryPayload struct {
	MessageType         string          `json:"messageType"`
	Owner               string          `json:"owner"`
	LogGroup            string          `json:"logGroup"`
	LogStream           string          `json:"logStream"`
	SubscriptionFilters []string        `json:"subscriptionFilters"`
	LogEvents           []deliveryEvent `json:"logEvents"`
	PolicyLevel         string          `json:"policyLevel,omitempty"`
}

// deliveryEvent has the system fields where the filter wants them. How AWS puts them is not documented.
type deliveryEvent struct {
	ID        string `json:"id"`
	Timestamp Millis `json:"timestamp"`
	Message   string `json:"message"`
	Account   string `json:"@aws.account,omitempty"`
	Region    string `json:"@aws.region,omitempty"`
}

func (d *Delivery) payload() *deliveryPayload {
	p := &deliveryPayload{
		MessageType: "DATA_MESSAGE", Owner: d.Account, LogGroup: d.Group, LogStream: d.Stream, SubscriptionFilters: []string{d.Filter},
		LogEvents: make([]deliveryEvent, len(d.Events)),
	}
	if d.Control { // as AWS has it
		p.MessageType, p.Owner, p.SubscriptionFilters = "CONTROL_MESSAGE", "CloudwatchLogs", []string{}
	}
	if d.AccountLevel { // as AWS has it
		p.PolicyLevel = "ACCOUNT_LEVEL_POLICY"
	}
	for i := range d.Events {
		e := &d.Events[i]
		p.LogEvents[i] = deliveryEvent{ID: e.ID, Timestamp: e.Timestamp, Message: e.Message}
		for _, field := range d.SystemFields {
			switch field {
			case "@aws.account":
				p.LogEvents[i].Account = d.Account
			case "@aws.region":
				p.LogEvents[i].Region = d.Region
			}
		}
	}
	return p
}

// isURL tells whether a destination is of Tollbook's own kind, a URL. Destinations by ARN of Lambda functions, Kinesis and
// Firehose streams are kept for the tools that manage them. No such service is here, so nothing is delivered to them, which
// Deliveries says.
func isURL(destination string) bool { return strings.Contains(destination, "://") }
