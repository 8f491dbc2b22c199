// Package awsapi holds what every AWS service of Tollbook shares with the wire: who calls, and how a failure looks to a
// client. The packages below it (awslogs, awsapigateway, awsiam, awssts, awscloudwatch) are generated from AWS' published service
// models by internal/gen: types, one interface per service, decoding, constraint checks and encoding. What moves the
// bytes is awswire; what the operations do is in the services (logs, apigateway, iam, sts, cloudwatch).
package awsapi

import (
	"context"
	"fmt"
)

// Error is a failure as a client of an AWS API sees it. Any other error that a service returns leaves the server as a
// plain internal failure with a request ID, its cause only in the server's own log.
type Error struct {
	// Code is the code on the wire, such as "NotFoundException" or "NoSuchEntity"; not always the shape's name.
	Code string
	// Shape is the error's shape with its namespace, for services that speak several protocols: JSON 1.0 and CBOR name
	// this, Query the Code. "" where both are the same.
	Shape string
	// Message is AWS' text where clients are known to read it.
	Message string
	// Status is the HTTP status, 400 to 599. From 500 on the fault is the receiver's.
	Status int
	// Members are further modelled members of the error shape, by wire name. May be nil.
	Members map[string]any
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// NewError makes an Error whose message is formatted as by fmt.Sprintf.
func NewError(status int, code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Status: status}
}

// Caller is who sent a request and where it is to be carried out.
type Caller struct {
	AccountID   string // 12 digits
	Region      string // from the request's credential scope, such as "us-east-1"
	ARN         string // of the principal: root, a user or an assumed role
	UserID      string // AWS' unique ID of the principal; the account ID for root
	AccessKeyID string
	SourceIP    string
	UserAgent   string
	RequestID   string // UUID that the answer carries
	// AcceptOldEvents is what a request asks for with OldEventsHeader.
	AcceptOldEvents bool
}

// OldEventsHeader, where it says "true", has PutLogEvents take events that are older than the 14 days that AWS allows, so
// that existing logs can be imported with their own times. It is Tollbook's own; AWS' clients do not send it.
const OldEventsHeader = "X-Tollbook-Accept-Old-Events"

// WithShape sets the shape and returns the error.
func (e *Error) WithShape(shape string) *Error {
	e.Shape = shape
	return e
}

type callerKey struct{}

// WithCaller returns a context that carries c to a service's operations.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerFrom returns the caller that ctx carries, or the zero Caller.
func CallerFrom(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}
