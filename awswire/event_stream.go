package awswire

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"

	"github.com/tollbook/tollbook/awsapi"
)

// messageTimeout is how long a client may take to accept one message of a stream before it counts as gone.
const messageTimeout = 30 * time.Second

// eventStream is an answer of messages in AWS' framing (application/vnd.amazon.eventstream), each with its own checksums.
type eventStream struct {
	x       *exchange
	ctx     context.Context // of the operation: ends with the client or the server
	control *http.ResponseController
	encoder *eventstream.Encoder
	begun   bool // the head is on its way
}

// serveEvents serves an operation that answers with a stream. It returns an error only where nothing was sent yet.
func (h *handler) serveEvents(ctx context.Context, x *exchange, request *awsapi.Request) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(h.opts.Serving, cancel)()
	s := &eventStream{x: x, ctx: ctx, control: http.NewResponseController(x.w), encoder: eventstream.NewEncoder()}
	defer func() { _ = s.control.SetWriteDeadline(time.Time{}) }() // the connection's next request has its own time
	request.Send = s.sendEvent
	_, err := x.operation.Handle(ctx, request)
	switch {
	case err == nil:
		err = s.begin()
	case !s.begun:
		return err
	case ctx.Err() == nil:
		err = s.exception(h.public(x, err))
	}
	if err != nil {
		h.opts.Log.Debug("event stream ended", "request_id", x.requestID, "operation", x.operationName(), "error", err)
	}
	return nil
}

// sendEvent sends one event.
func (s *eventStream) sendEvent(e awsapi.Event) error {
	if e.Type == "" {
		return errors.New("send an event of a stream: it has no member")
	}
	if err := s.ctx.Err(); err != nil {
		return err
	}
	if err := s.begin(); err != nil {
		return err
	}
	return s.event(e.Type, e.Payload)
}

// begin sends, once, the head of the answer and the message that SDKs wait for before they return from their call.
func (s *eventStream) begin() error {
	if s.begun {
		return nil
	}
	s.begun = true
	setHeader(s.x.w, "x-amzn-RequestId", s.x.requestID)
	s.x.w.Header().Set("Content-Type", "application/vnd.amazon.eventstream")
	s.x.status = http.StatusOK
	s.x.w.WriteHeader(s.x.status)
	return s.event("initial-response", []byte("{}"))
}

func (s *eventStream) event(kind string, payload []byte) error {
	return s.send(payload, ":message-type", "event", ":event-type", kind, ":content-type", "application/json")
}

// exception sends an error. SDKs know the exceptions of the stream's model by name, and show the others as they are.
func (s *eventStream) exception(e *awsapi.Error) error {
	if e.Status >= 500 {
		return s.send(nil, ":message-type", "error", ":error-code", e.Code, ":error-message", clip(e.Message))
	}
	return s.send(jsonError(e, ""), ":message-type", "exception", ":exception-type", e.Code, ":content-type", "application/json")
}

// send writes a message with the given headers, names and values in turn, and passes it on at once.
func (s *eventStream) send(payload []byte, headers ...string) error {
	m := eventstream.Message{Payload: payload}
	for i := 0; i < len(headers); i += 2 {
		m.Headers.Set(headers[i], eventstream.StringValue(headers[i+1]))
	}
	_ = s.control.SetWriteDeadline(time.Now().Add(messageTimeout)) // a writer without deadlines waits for its client
	if err := s.encoder.Encode(s.x.w, m); err != nil {
		return err
	}
	return s.control.Flush()
}
