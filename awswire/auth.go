package awswire

import (
	"net/http"
	"strings"

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

// authError renders a refusal: Query and REST-JSON answer 403, JSON 1.1 answers 400.
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

// AnyKey accepts every access key and checks no signature; there must be a well-formed one all the same. A web page
// elsewhere cannot send an Authorization header unasked; it could send a presigned URL that it made up, so such a URL is
// refused when a browser says that another site sent it. Callers are the account's root.
type AnyKey struct {
	AccountID string // 12 digits
}

var _ Authenticator = AnyKey{}

// Authenticate reads the caller from the credential scope.
func (a AnyKey) Authenticate(r *http.Request, _ []byte) (awsapi.Caller, error) {
	s := readSignature(r)
	if !s.present || s.presigned && crossSite(r) {
		return awsapi.Caller{}, ErrMissingAuth.With("")
	}
	if s.problem != "" {
		return awsapi.Caller{}, ErrMalformed.With(s.problem)
	}
	return awsapi.Caller{
		AccountID: a.AccountID, Region: s.region, AccessKeyID: s.accessKey,
		ARN: "arn:aws:iam::" + a.AccountID + ":root", UserID: a.AccountID,
	}, nil
}

// crossSite reports whether a browser says that a page of another origin made the request.
func crossSite(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return false
	case "":
		return r.Header.Get("Origin") != ""
	default:
		return true
	}
}

// CredentialScope returns what a request's SigV4 credential names, from the Authorization header or a presigned URL.
// ok is false if there is no signature or it is not well formed.
func CredentialScope(r *http.Request) (accessKey, date, region, service string, ok bool) {
	s := readSignature(r)
	return s.accessKey, s.date, s.region, s.service, s.present && s.problem == ""
}

// signature is what can be read of a SigV4 signature; the parts that come before a problem are set.
type signature struct {
	accessKey, date, region, service string

	present   bool
	presigned bool   // it is in the URL
	problem   string // "" if it is well formed
}

const algorithm = "AWS4-HMAC-SHA256"

func readSignature(r *http.Request) signature {
	if h := r.Header.Get("Authorization"); h != "" {
		return readHeaderSignature(h)
	}
	if !strings.Contains(r.URL.RawQuery, "X-Amz-") {
		return signature{}
	}
	q := r.URL.Query()
	if !q.Has("X-Amz-Algorithm") && !q.Has("X-Amz-Credential") {
		return signature{}
	}
	s := readParts(q.Get("X-Amz-Algorithm"), func(name string) string { return q.Get("X-Amz-" + name) })
	s.presigned = true
	return s
}

func readHeaderSignature(h string) signature {
	alg, params, _ := strings.Cut(strings.TrimSpace(h), " ")
	parts := map[string]string{}
	for p := range strings.SplitSeq(params, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		parts[name] = value
	}
	return readParts(alg, func(name string) string { return parts[name] })
}

func readParts(alg string, get func(name string) string) signature {
	s := signature{present: true}
	s.problem = s.readCredential(get("Credential"))
	switch {
	case alg != algorithm:
		s.problem = "Unsupported AWS 'algorithm': '" + clip(alg) + "'."
	case s.problem != "":
	case get("Signature") == "":
		s.problem = "Authorization header requires 'Signature' parameter."
	case get("SignedHeaders") == "":
		s.problem = "Authorization header requires 'SignedHeaders' parameter."
	}
	return s
}

// readCredential reads KEY/YYYYMMDD/region/service/aws4_request and returns what is wrong with it. Keys may not hold
// a slash, so the parts are unambiguous.
func (s *signature) readCredential(credential string) (problem string) {
	if credential == "" {
		return "Authorization header requires 'Credential' parameter."
	}
	parts := strings.Split(credential, "/")
	if len(parts) != 5 {
		return "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '" + clip(credential) + "'"
	}
	s.accessKey, s.date, s.region, s.service = parts[0], parts[1], parts[2], parts[3]
	switch {
	case s.accessKey == "" || s.region == "" || s.service == "" || !isDate(s.date):
		return "Credential is incomplete: '" + clip(credential) + "'"
	case parts[4] != "aws4_request":
		return "Credential should be scoped with a valid terminator: 'aws4_request', not '" + clip(parts[4]) + "'."
	}
	return ""
}

func isDate(s string) bool {
	return len(s) == 8 && strings.Trim(s, "0123456789") == ""
}

// clip bounds what a message repeats of a request.
func clip(s string) string {
	const most = 256
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
