package delivery

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tollbook/tollbook/logs"
)

const (
	natsConnectTimeout = 3 * time.Second
	natsWindow         = 256 // messages that are under way at the same time
)

// natsReceiver publishes a message for each payload to the subject that the URL names, which a JetStream stream must cover:
// a payload counts when the stream has stored it. The header Nats-Msg-Id has the stream drop what it has already.
type natsReceiver struct {
	servers string
	subject string
	options []nats.Option
	conn    *nats.Conn // nil until needed
	stream  jetstream.JetStream
}

// newNATS reads nats://[USER:PASSWORD@]HOST:PORT[,HOST:PORT…]/SUBJECT; a user alone is a token.
func newNATS(u *url.URL) (*natsReceiver, error) {
	subject := strings.TrimPrefix(u.Path, "/")
	if subject == "" || strings.ContainsAny(subject, " \t\r\n*>/") {
		return nil, errors.New("the URL names no subject to publish to, as in nats://HOST:PORT/SUBJECT")
	}
	n := &natsReceiver{subject: subject, options: []nats.Option{
		nats.Name("tollbook"), nats.Timeout(natsConnectTimeout), nats.MaxReconnects(-1), nats.ReconnectWait(time.Second),
		nats.ReconnectBufSize(-1), // what cannot be sent is an error; it is sent again from the store
	}}
	scheme := "nats://"
	if u.Scheme == "nats+tls" {
		scheme = "tls://"
	}
	var servers []string
	for host := range strings.SplitSeq(u.Host, ",") {
		servers = append(servers, scheme+host)
	}
	n.servers = strings.Join(servers, ",")
	if u.User != nil {
		if password, ok := u.User.Password(); ok {
			n.options = append(n.options, nats.UserInfo(u.User.Username(), password))
		} else {
			n.options = append(n.options, nats.Token(u.User.Username()))
		}
	}
	return n, nil
}

// Kind implements logs.Receiver.
func (n *natsReceiver) Kind() string { return "NATS" }

// Close implements logs.Receiver.
func (n *natsReceiver) Close() {
	if n.conn != nil {
		n.conn.Close()
		n.conn = nil
	}
}

// Send implements logs.Receiver.
func (n *natsReceiver) Send(ctx context.Context, payloads []*logs.Delivery) {
	if err := n.connect(); err != nil {
		fail(payloads, err)
		return
	}
	for window := range slices.Chunk(payloads, natsWindow) {
		acks := make([]jetstream.PubAckFuture, len(window))
		for i, d := range window {
			acks[i], d.Err = n.publish(d)
		}
		for i, d := range window {
			if d.Err == nil {
				d.Err = acknowledged(ctx, acks[i])
			}
		}
	}
}

func (n *natsReceiver) connect() error {
	if n.conn != nil {
		return nil
	}
	conn, err := nats.Connect(n.servers, n.options...)
	if err != nil {
		return err
	}
	stream, err := jetstream.New(conn, jetstream.WithPublishAsyncMaxPending(natsWindow))
	if err != nil {
		conn.Close()
		return err
	}
	n.conn, n.stream = conn, stream
	return nil
}

func (n *natsReceiver) publish(d *logs.Delivery) (jetstream.PubAckFuture, error) {
	body, err := d.Gzip()
	if err != nil {
		return nil, err
	}
	d.Sent = len(body)
	m := &nats.Msg{Subject: n.subject, Data: body, Header: nats.Header{"Content-Encoding": {"gzip"}}}
	for _, h := range headers(d) {
		m.Header.Set(h.name, h.value)
	}
	ack, err := n.stream.PublishMsgAsync(m, jetstream.WithMsgID(url.PathEscape(d.ID)))
	if errors.Is(err, nats.ErrMaxPayload) {
		return nil, fmt.Errorf("%w: %w", logs.ErrRefused, err)
	}
	return ack, err
}

// acknowledged waits until a stream has the message.
func acknowledged(ctx context.Context, ack jetstream.PubAckFuture) error {
	select {
	case <-ack.Ok():
		return nil
	case err := <-ack.Err():
		return err
	case <-ctx.Done():
		return fmt.Errorf("wait for the stream's acknowledgement: %w", ctx.Err())
	}
}
