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
	JSON11   Protocol = iota + 1 // AWS JSON 1.1: POST /, X-Amz-Target, JSON both ways
	RESTJSON                     // method and path select the operation, JSON bodies
	Query                        // form in, XML out
)

// Service describes one AWS service to awswire. The generated packages make it from an implementation.
type Service struct {
	Name         string // AWS' service ID, such as "CloudWatch Logs"
	SigningName  string // in the credential scope, such as "logs"
	Protocol     Protocol
	APIVersion   string // such as "2014-03-28"
	TargetPrefix string // of X-Amz-Target; JSON11 only
	XMLNamespace string // of responses; Query only
	Operations   []Operation
}

// Operation is one call of a service, built or not.
type Operation struct {
	Name   string
	Method string // RESTJSON only, as URI and Status
	URI    string // such as "/restapis/{restapi_id}"; a label {x+} takes the rest of the path; "?mode=import" must match
	Status int    // of a success
	Handle Handler
}

// Handler decodes a request, checks its constraints, calls the service and encodes its answer. It is nil where the
// operation is not built. A *Error that it returns is for the client.
type Handler func(ctx context.Context, r *Request) (*Response, error)

// Request is a request as awswire hands it to a Handler, read whole and authenticated.
type Request struct {
	Labels map[string]string // from the path, percent-decoded; RESTJSON only
	Query  url.Values        // of the URL; RESTJSON only
	Header http.Header
	Form   url.Values // Query only, from body or URL
	Body   []byte     // decompressed; the handler may keep it
}

// Response is a Handler's answer. awswire adds status, request ID and content type, and for Query the outer element.
type Response struct {
	Header http.Header // additional headers, may be nil; a Content-Type here replaces the protocol's own
	Body   []byte      // may be empty
}
