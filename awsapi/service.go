package awsapi

import (
	"context"
	"net/http"
	"net/url"
)

// Protocol is how requests and responses of a service look on the wire.
type Protocol int

// The protocols that awswire speaks.
const (
	JSON11    Protocol = iota + 1 // AWS JSON 1.1: POST /, X-Amz-Target, JSON both ways
	RESTJSON                      // method and path select the operation, JSON bodies
	Query                         // form in, XML out
	JSON10                        // AWS JSON 1.0: as 1.1
	RPCv2CBOR                     // Smithy RPC v2: POST /service/NAME/operation/NAME, CBOR both ways
)

// Service describes one AWS service to awswire. The generated packages make it from an implementation.
type Service struct {
	Name         string     // AWS' service ID, such as "CloudWatch Logs"
	SigningName  string     // in the credential scope, such as "logs"
	Protocols    []Protocol // one, or several of which each request chooses
	APIVersion   string     // such as "2014-03-28"
	TargetPrefix string     // of X-Amz-Target in JSON11 and JSON10, the service's name in RPCv2CBOR
	XMLNamespace string     // of responses; Query only
	Operations   []Operation
}

// Operation is one call of a service, built or not.
type Operation struct {
	Name   string
	Method string // RESTJSON only, as URI and Status
	URI    string // such as "/restapis/{restapi_id}"; a label {x+} takes the rest of the path; "?mode=import" must match
	Status int    // of a success
	Events bool   // the answer is a stream of events, which the handler sends; it returns no Response
	Limit  int    // of a request's body as it is sent, in bytes; 0: it has none of its own
	Handle Handler
}

// Handler decodes a request, checks its constraints, calls the service and encodes its answer. It is nil where the
// operation is not built. A *Error that it returns is for the client.
type Handler func(ctx context.Context, r *Request) (*Response, error)

// Request is a request as awswire hands it to a Handler, read whole and authenticated.
type Request struct {
	Protocol Protocol          // one of the service's
	Labels   map[string]string // from the path, percent-decoded; RESTJSON only
	Query    url.Values        // of the URL; RESTJSON only
	Header   http.Header
	Form     url.Values // Query only, from body or URL
	Body     []byte     // decompressed; the handler may keep it
	// Send sends one event of a stream, the first one after the head of the answer. It returns when the event is on its
	// way to the client, or an error when the client has gone. The handler calls it from one goroutine at a time.
	Send func(e Event) error
}

// Event is one message of an event stream.
type Event struct {
	Type    string // the member of the stream's shape, such as "sessionUpdate"
	Payload []byte
}

// Response is a Handler's answer. awswire adds status, request ID and content type, and for Query the outer element.
type Response struct {
	Header http.Header // additional headers, may be nil; a Content-Type here replaces the protocol's own
	Body   []byte      // may be empty
}
