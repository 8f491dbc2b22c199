// Package awswire moves the bytes of AWS' APIs: it finds service and operation of a request, reads and bounds its body,
// has it authenticated, calls the operation's handler and writes the answer, the events or the error in the protocol of
// service and request (AWS JSON 1.0 and 1.1, REST-JSON, Query with XML, Smithy RPC v2 with CBOR). What the operations do,
// and how their inputs and outputs look, comes as awsapi.Service values from the generated packages; who may call is
// decided by the Authenticator that it is given. Which hosts and origins may reach it at all is left to server.
package awswire

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/iam/policy"
	"github.com/tollbook/tollbook/iam/sigv4"
)

// DefaultMaxBodyBytes is the largest request body that is read unless Options say otherwise.
const DefaultMaxBodyBytes = 16 << 20

// DefaultMaxBodiesBytes is how much the bodies of all requests under way may take unless Options say otherwise.
const DefaultMaxBodiesBytes = 256 << 20

// Options are what New needs beside the services.
type Options struct {
	// Auth decides who calls. Required.
	Auth Authenticator
	// MaxBodyBytes limits a request's body, as sent and again when decompressed. Default: DefaultMaxBodyBytes.
	MaxBodyBytes int64
	// MaxBodiesBytes bounds the bodies of all requests under way together, as sent and again when decompressed; a request
	// whose body has no room is answered 503. Default: DefaultMaxBodiesBytes.
	MaxBodiesBytes int64
	// Log receives the causes of internal failures. Default: slog.Default.
	Log *slog.Logger
	// Observe, if set, is called after each request with the service's signing name and the operation, both "" while
	// unknown, the HTTP status and the time taken. It is called concurrently.
	Observe func(service, operation string, status int, elapsed time.Duration)
	// Serving, when it ends, ends the event streams under way, so that a stop of the server need not wait for their
	// clients. Default: context.Background.
	Serving context.Context
	// NewRequestID makes request IDs. Default: random UUIDs.
	NewRequestID func() string
}

// Authenticator says who sent a request, and what they may do; a nil identity may do everything. The body is as it came over the wire, before decompression; the request's own
// Body is used up. Errors for the client are *AuthError or *awsapi.Error; any other is an internal failure. The Caller
// needs no RequestID, SourceIP or UserAgent.
type Authenticator interface {
	Authenticate(r *http.Request, body []byte) (awsapi.Caller, *policy.Identity, error)
}

type handler struct {
	opts   Options
	router router
	bodies bodies
}

// New returns a handler that serves the given services. It is safe for concurrent use.
func New(opts Options, services ...awsapi.Service) http.Handler {
	if opts.MaxBodyBytes == 0 {
		opts.MaxBodyBytes = DefaultMaxBodyBytes
	}
	if opts.MaxBodiesBytes == 0 {
		opts.MaxBodiesBytes = DefaultMaxBodiesBytes
	}
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	if opts.Serving == nil {
		opts.Serving = context.Background()
	}
	if opts.NewRequestID == nil {
		opts.NewRequestID = uuid.NewString
	}
	return &handler{opts: opts, router: newRouter(services), bodies: bodies{most: opts.MaxBodiesBytes}}
}

// exchange is one request on its way through the handler.
type exchange struct {
	w         http.ResponseWriter
	r         *http.Request
	requestID string
	scope     sigv4.Credential // as far as it can be read
	memory    holding          // of wire and body
	wire      []byte           // the body as sent
	body      []byte           // decompressed
	form      url.Values       // of body and URL, for Query
	service   *service         // nil while unknown
	operation *awsapi.Operation
	codec     codec // of service and request, or a guess where there is no service
	status    int   // written
}

// ServeHTTP serves one request and tells Observe of it.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	x := &exchange{w: w, r: r, requestID: h.opts.NewRequestID(), codec: guessCodec(r), memory: holding{of: &h.bodies}}
	defer x.memory.release()
	x.scope, _ = sigv4.ParseCredential(r) // what is wrong with it is for Auth to say
	defer h.observe(x, start)
	defer h.recover(x)
	response, err := h.serve(x)
	switch {
	case err != nil:
		x.writeError(h.public(x, err))
	case response != nil:
		x.write(response)
	}
}

// serve is the life of a request.
func (h *handler) serve(x *exchange) (*awsapi.Response, error) {
	x.use(h.router.early(x))
	if err := x.readBody(h.opts.MaxBodyBytes); err != nil {
		return nil, err
	}
	if err := x.readForm(); err != nil {
		return nil, err
	}
	if x.service == nil {
		x.use(h.router.late(x))
	}
	caller, who, err := h.opts.Auth.Authenticate(x.r, x.wire)
	if err != nil {
		return nil, err
	}
	request, err := x.route()
	if err != nil {
		return nil, err
	}
	caller = x.complete(caller)
	if err := x.authorize(who, caller, request); err != nil {
		return nil, err
	}
	ctx := policy.WithIdentity(awsapi.WithCaller(x.r.Context(), caller), who)
	if x.operation.Events {
		return nil, h.serveEvents(ctx, x, request)
	}
	return x.operation.Handle(ctx, request)
}

// use notes the service once it is known.
func (x *exchange) use(s *service) {
	if s != nil {
		x.service, x.codec = s, codecOf(s, x.r)
	}
}

// complete adds to the caller what the request itself says.
func (x *exchange) complete(c awsapi.Caller) awsapi.Caller {
	c.RequestID = x.requestID
	c.UserAgent = x.r.UserAgent()
	c.AcceptOldEvents = x.r.Header.Get(awsapi.OldEventsHeader) == "true"
	c.SourceIP = x.r.RemoteAddr
	if host, _, err := net.SplitHostPort(x.r.RemoteAddr); err == nil {
		c.SourceIP = host
	}
	return c
}

// public turns any error into one that the client may see; the causes of internal failures go to the log.
func (h *handler) public(x *exchange, err error) *awsapi.Error {
	var auth *AuthError
	var known *awsapi.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &auth):
		return x.codec.authError(auth)
	case errors.Is(err, context.Canceled) && x.r.Context().Err() != nil:
		h.opts.Log.Debug("client left before its answer", "request_id", x.requestID, "operation", x.operationName())
	default:
		h.opts.Log.Error("request failed", "request_id", x.requestID, "service", x.serviceName(),
			"operation", x.operationName(), "error", err)
	}
	return internalFailure()
}

func internalFailure() *awsapi.Error {
	return awsapi.NewError(500, "InternalFailure", "The request processing has failed because of an unknown error.")
}

// recover answers a request whose handler panicked, or cuts off an answer that has begun.
func (h *handler) recover(x *exchange) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler {
		panic(p)
	}
	h.opts.Log.Error("panic while serving a request", "request_id", x.requestID, "service", x.serviceName(),
		"operation", x.operationName(), "panic", p, "stack", string(debug.Stack()))
	if x.status != 0 {
		panic(http.ErrAbortHandler) // cut off, so that the client does not take what it has for the whole answer
	}
	x.writeError(internalFailure())
}

func (h *handler) observe(x *exchange, start time.Time) {
	if h.opts.Observe != nil {
		h.opts.Observe(x.serviceName(), x.operationName(), x.status, time.Since(start))
	}
}

func (x *exchange) serviceName() string {
	if x.service == nil {
		return ""
	}
	return x.service.SigningName
}

func (x *exchange) operationName() string {
	if x.operation == nil {
		return ""
	}
	return x.operation.Name
}

// isForm reports whether a request's body is a form.
func isForm(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
}
