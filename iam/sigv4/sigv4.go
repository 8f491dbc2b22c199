// Package sigv4 verifies AWS Signature Version 4 on requests to the control plane, in the Authorization header and in
// presigned form.
//
// It is pure: secrets come from a function, the time from another. It says what is wrong with a request in an [Error]
// whose kind the wire turns into the code of the protocol at hand; who the key belongs to and what they may do is
// decided elsewhere. Bodies are passed in whole, as they were on the wire: the hash is over the bytes before any
// Content-Encoding is taken off.
//
//	http.Request ── parse ──► signature (what the client claims)
//	                            └─ canonical request ─ string to sign ─ HMAC ──► equal? ──► Credential
package sigv4

import (
	"fmt"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"
	timeFormat = "20060102T150405Z"

	// unsignedPayload in X-Amz-Content-Sha256 leaves the body out of the signature.
	unsignedPayload = "UNSIGNED-PAYLOAD"

	// DefaultSkew is how far the clocks of client and server may be apart.
	DefaultSkew = 15 * time.Minute
)

// Credential is the scope of a signature: which key, on what day, for which region and service.
type Credential struct {
	AccessKeyID string
	Date        string // YYYYMMDD
	Region      string
	Service     string // signing name, such as "logs"
	// SecurityToken is the session token that was sent, or "". Verify does not know sessions; it refuses a token that
	// comes with a long-term key.
	SecurityToken string
	// Presigned says that the signature was in the query.
	Presigned bool
}

func (c Credential) scope() string {
	return c.Date + "/" + c.Region + "/" + c.Service + "/" + terminator
}

// Kind is why a request was refused; each protocol of AWS has its own code for it.
type Kind int

const (
	// Missing: the request carries no signature at all (MissingAuthenticationToken).
	Missing Kind = iota + 1
	// Malformed: the signature cannot be read or lacks a part (IncompleteSignature).
	Malformed
	// UnknownKey: nobody has the access key, or it is not active (InvalidClientTokenId, UnrecognizedClientException).
	UnknownKey
	// BadSignature: signature or scope are wrong (SignatureDoesNotMatch, InvalidSignatureException).
	BadSignature
	// NotCurrent: expired or not yet valid. AWS uses the codes of BadSignature.
	NotCurrent
)

// String names the kind for logs.
func (k Kind) String() string {
	names := [...]string{Missing: "missing", Malformed: "malformed", UnknownKey: "unknown key", BadSignature: "bad signature", NotCurrent: "not current"}
	if k < Missing || k > NotCurrent {
		return "unknown"
	}
	return names[k]
}

// Error is a refusal, with AWS' text for the client. Texts hold neither secrets nor the expected signature.
type Error struct {
	Kind    Kind
	Message string
}

func (e *Error) Error() string { return e.Message }

func refuse(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

func missing() *Error { return refuse(Missing, "Request is missing Authentication Token") }

func unknownKey() *Error {
	return refuse(UnknownKey, "The security token included in the request is invalid.")
}

func doesNotMatch() *Error {
	return refuse(BadSignature, "The request signature we calculated does not match the signature you provided. "+
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
}
