package awswire

import (
	"github.com/tollbook/tollbook/awsapi"
)

// AuthKind is a reason to refuse a request before its operation, whose code and status differ between protocols.
type AuthKind int

// The reasons. A clock that is off counts as ErrBadSignature, with a message that says so.
const (
	ErrMissingAuth  AuthKind = iota + 1 // nothing is signed
	ErrUnknownKey                       // no such access key, or it is inactive
	ErrBadSignature                     // the signature or its time does not fit
	ErrMalformed                        // the signature cannot be read
	ErrExpired                          // the session is over
	ErrDenied                           // a policy says no
)

// Error names the kind.
func (k AuthKind) Error() string { return defaultCodes[k].query }

// With returns an error of this kind for the client; an empty message stands for AWS' usual one.
func (k AuthKind) With(message string) *AuthError { return &AuthError{Kind: k, Message: message} }

// AuthError is a refusal that awswire renders in the protocol of the service.
type AuthError struct {
	Kind    AuthKind
	Message string // AWS' usual text if empty
}

func (e *AuthError) Error() string { return e.Kind.Error() + ": " + e.Message }

// Unwrap makes errors.Is(err, ErrMissingAuth) work.
func (e *AuthError) Unwrap() error { return e.Kind }

// authCode is how one kind looks: the code in Query answers (always with status 403), the code in JSON answers, and
// AWS' usual text.
type authCode struct{ query, json, text string }

var defaultCodes = map[AuthKind]authCode{
	ErrMissingAuth:  {"MissingAuthenticationToken", "MissingAuthenticationTokenException", "Request is missing Authentication Token"},
	ErrUnknownKey:   {"InvalidClientTokenId", "UnrecognizedClientException", "The security token included in the request is invalid."},
	ErrBadSignature: {"SignatureDoesNotMatch", "InvalidSignatureException", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."},
	ErrMalformed:    {"IncompleteSignature", "IncompleteSignatureException", "The request signature does not conform to AWS standards."},
	ErrExpired:      {"ExpiredToken", "ExpiredTokenException", "The security token included in the request is expired"},
	ErrDenied:       {"AccessDenied", "AccessDeniedException", "User is not authorized to perform this operation"},
}

// authError renders a refusal: Query and REST-JSON answer 403, JSON and CBOR 400.
func (c codec) authError(e *AuthError) *awsapi.Error {
	known, ok := defaultCodes[e.Kind]
	if !ok {
		return internalFailure()
	}
	message := e.Message
	if message == "" {
		message = known.text
	}
	switch c.protocol {
	case awsapi.Query:
		return awsapi.NewError(403, known.query, "%s", message)
	case awsapi.JSON11:
		return awsapi.NewError(400, known.json, "%s", message)
	case awsapi.JSON10, awsapi.RPCv2CBOR:
		return awsapi.NewError(403, known.query, "%s", message).WithShape(known.json) // 400 unless in query mode
	}
	if e.Kind == ErrMissingAuth {
		return missingToken()
	}
	return awsapi.NewError(403, known.json, "%s", message)
}

// missingToken is what API Gateway answers to unsigned requests and to paths it does not know.
func missingToken() *awsapi.Error {
	return awsapi.NewError(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
}
