package awswire

import (
	"errors"
	"net/http"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/iam/sigv4"
)

// AnyKey accepts every access key and checks no signature; there must be a well-formed credential all the same. A web
// page cannot put one into a plain form post, and a presigned URL that a page of another origin uses is refused. Callers
// are the account's root.
type AnyKey struct {
	AccountID string // 12 digits
}

// Verified accepts who signs with a key that Verifier knows. Callers are the account's root, who holds the keys that
// there are.
type Verified struct {
	AccountID string // 12 digits
	Verifier  sigv4.Verifier
}

var (
	_ Authenticator = AnyKey{}
	_ Authenticator = Verified{}
)

// Authenticate reads the caller from the credential.
func (a AnyKey) Authenticate(r *http.Request, _ []byte) (awsapi.Caller, error) {
	c, err := sigv4.ParseCredential(r)
	if err != nil {
		return awsapi.Caller{}, refusal(err)
	}
	if c.Presigned && crossSite(r) {
		return awsapi.Caller{}, ErrMissingAuth.With("")
	}
	return root(a.AccountID, c), nil
}

// Authenticate checks the signature.
func (v Verified) Authenticate(r *http.Request, body []byte) (awsapi.Caller, error) {
	c, err := v.Verifier.Verify(r, body)
	if err != nil {
		return awsapi.Caller{}, refusal(err)
	}
	return root(v.AccountID, c), nil
}

func root(accountID string, c sigv4.Credential) awsapi.Caller {
	return awsapi.Caller{
		AccountID: accountID, Region: c.Region, AccessKeyID: c.AccessKeyID,
		ARN: "arn:aws:iam::" + accountID + ":root", UserID: accountID,
	}
}

var refusals = map[sigv4.Kind]AuthKind{
	sigv4.Missing:      ErrMissingAuth,
	sigv4.Malformed:    ErrMalformed,
	sigv4.UnknownKey:   ErrUnknownKey,
	sigv4.BadSignature: ErrBadSignature,
	sigv4.NotCurrent:   ErrBadSignature,
}

// refusal gives sigv4's refusals the kind that the protocols know, with AWS' usual text where nothing is signed; other
// errors stay.
func refusal(err error) error {
	var refused *sigv4.Error
	if !errors.As(err, &refused) {
		return err
	}
	if refused.Kind == sigv4.Missing {
		return ErrMissingAuth.With("")
	}
	return refusals[refused.Kind].With(refused.Message)
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
