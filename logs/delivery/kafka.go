package delivery

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/tollbook/tollbook/logs"
)

// kafkaTimeout is how long a record may take.
const kafkaTimeout = 20 * time.Second

// maxKafkaBatch leaves room for a payload that does not compress, with its headers. Brokers may take less, and then refuse
// it.
const maxKafkaBatch = 2 << 20

// kafkaReceiver produces a record for each payload, of the topic that the URL names.
type kafkaReceiver struct {
	options []kgo.Opt
	client  *kgo.Client // nil until needed, and after an error
}

// newKafka reads kafka://[USER:PASSWORD@]HOST:PORT[,HOST:PORT…]/TOPIC[?sasl=plain|scram-sha-256|scram-sha-512]. A user
// without sasl means scram-sha-512.
func newKafka(u *url.URL) (*kafkaReceiver, error) {
	topic := strings.TrimPrefix(u.Path, "/")
	if topic == "" || strings.Contains(topic, "/") {
		return nil, errors.New("the URL names no topic, as in kafka://HOST:PORT/TOPIC")
	}
	k := &kafkaReceiver{options: []kgo.Opt{
		kgo.SeedBrokers(strings.Split(u.Host, ",")...), kgo.DefaultProduceTopic(topic), kgo.ClientID("tollbook"),
		kgo.AllowAutoTopicCreation(), kgo.RecordDeliveryTimeout(kafkaTimeout), kgo.ProducerBatchMaxBytes(maxKafkaBatch),
		kgo.ProducerBatchCompression(kgo.NoCompression()), // payloads are compressed
	}}
	if u.Scheme == "kafka+tls" {
		k.options = append(k.options, kgo.DialTLS())
	}
	if u.User != nil {
		mechanism, err := kafkaMechanism(u)
		if err != nil {
			return nil, err
		}
		k.options = append(k.options, kgo.SASL(mechanism))
	}
	client, err := kgo.NewClient(k.options...) // which finds what is wrong with the options, and does not connect
	if err != nil {
		return nil, err
	}
	k.client = client
	return k, nil
}

func kafkaMechanism(u *url.URL) (sasl.Mechanism, error) {
	password, _ := u.User.Password()
	user := scram.Auth{User: u.User.Username(), Pass: password}
	switch name := u.Query().Get("sasl"); name {
	case "plain":
		return plain.Auth{User: user.User, Pass: user.Pass}.AsMechanism(), nil
	case "scram-sha-256":
		return user.AsSha256Mechanism(), nil
	case "scram-sha-512", "":
		return user.AsSha512Mechanism(), nil
	default:
		return nil, fmt.Errorf("there is no sasl mechanism %s", name)
	}
}

// Kind implements logs.Receiver.
func (k *kafkaReceiver) Kind() string { return "Kafka" }

// Close implements logs.Receiver.
func (k *kafkaReceiver) Close() {
	if k.client != nil {
		k.client.Close()
		k.client = nil
	}
}

// Send implements logs.Receiver. A record counts when all replicas in sync have it. After an error the client is given up
// with all that it may still hold, so that nothing of it comes behind what is sent later.
func (k *kafkaReceiver) Send(ctx context.Context, payloads []*logs.Delivery) {
	if k.client == nil {
		client, err := kgo.NewClient(k.options...)
		if err != nil {
			fail(payloads, err)
			return
		}
		k.client = client
	}
	of := make(map[*kgo.Record]*logs.Delivery, len(payloads))
	records := make([]*kgo.Record, 0, len(payloads))
	for _, d := range payloads {
		body, err := d.Gzip()
		if d.Sent, d.Err = len(body), err; err != nil {
			continue
		}
		r := kafkaRecord(d, body)
		of[r] = d
		records = append(records, r)
	}
	broken := false
	for _, result := range k.client.ProduceSync(ctx, records...) {
		d := of[result.Record]
		if d.Err = kafkaError(result.Err); d.Err != nil && !errors.Is(d.Err, logs.ErrRefused) {
			broken = true
		}
	}
	if broken {
		k.Close()
	}
}

// kafkaRecord is keyed by the log stream, so that each stream keeps its order, or by nothing if the filter wants its payloads
// spread.
func kafkaRecord(d *logs.Delivery, body []byte) *kgo.Record {
	r := &kgo.Record{Value: body, Headers: []kgo.RecordHeader{{Key: "Content-Encoding", Value: []byte("gzip")}}}
	if !d.Random && !d.Control {
		r.Key = []byte(d.Stream)
	}
	for _, h := range headers(d) {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: h.name, Value: []byte(h.value)})
	}
	return r
}

func kafkaError(err error) error {
	if errors.Is(err, kerr.MessageTooLarge) || errors.Is(err, kerr.RecordListTooLarge) || errors.Is(err, kerr.InvalidRecord) {
		return fmt.Errorf("%w: %w", logs.ErrRefused, err)
	}
	return err
}
