package awswire

import (
	"context"
	"errors"
	"net/http"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/iam/policy"
	"github.com/tollbook/tollbook/iam/sigv4"
)

// Signers knows who signs requests.
type Signers interface {
	// Signer returns the secret of the credential's access key and whom it belongs to. The error wraps
	// sigv4.ErrUnknownKey if nobody has the key or it is not active, and sigv4.ErrExpired if its session is over.
	Signer(ctx context.Context, cred sigv4.Credential) (secret string, who *policy.Identity, err error)
}

// AnyKey accepts every access key and checks no signature; there must be a well-formed credential all the same. A web
// page cannot put one into a plain form post, and a presigned URL that a page of another origin uses is refused. Callers
// are who the key belongs to, or the account's root if nobody has it; all may do everything.
type AnyKey struct {
	AccountID string  // 12 digits
	Signers   Signers // nil: nobody has a key
}

// Verified accepts who signs with a key that somebody has. What they may do is for their policies to say.
type Verified struct {
	Signers Signers
}

var (
	_ Authenticator = AnyKey{}
	_ Authenticator = Verified{}
)

// Authenticate reads the caller from the credential.
func (a AnyKey) Authenticate(r *http.Request, _ []byte) (awsapi.Caller, *policy.Identity, error) {
	c, err := sigv4.ParseCredential(r)
	if err != nil {
		return awsapi.Caller{}, nil, refusal(err)
	}
	if c.Presigned && crossSite(r) {
		return awsapi.Caller{}, nil, ErrMissingAuth.With("")
	}
	if a.Signers != nil {
		if _, who, err := a.Signers.Signer(r.Context(), c); err == nil {
			return callerOf(who, c), nil, nil
		}
	}
	return root(a.AccountID, c), nil, nil
}

// Authenticate checks the signature.
func (v Verified) Authenticate(r *http.Request, body []byte) (awsapi.Caller, *policy.Identity, error) {
	c, err := sigv4.ParseCredential(r)
	if err != nil {
		return awsapi.Caller{}, nil, refusal(err)
	}
	secret, who, err := v.Signers.Signer(r.Context(), c)
	switch {
	case errors.Is(err, sigv4.ErrUnknownKey):
		return awsapi.Caller{}, nil, ErrUnknownKey.With("")
	case errors.Is(err, sigv4.ErrExpired):
		return awsapi.Caller{}, nil, ErrExpired.With("")
	case err != nil:
		return awsapi.Caller{}, nil, err
	}
	verifier := sigv4.Verifier{Secret: func(context.Context, string) (string, error) { return secret, nil }}
	if _, err := verifier.Verify(r, body); err != nil {
		return awsapi.Caller{}, nil, refusal(err)
	}
	return callerOf(who, c), who, nil
}

func callerOf(who *policy.Identity, c sigv4.Credential) awsapi.Caller {
	return awsapi.Caller{
		AccountID: who.AccountID, Region: c.Region, AccessKeyID: c.AccessKeyID, ARN: who.ARN, UserID: who.UserID,
	}
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
