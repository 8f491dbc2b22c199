package server

import (
	"context"
	"errors"
	"net/http"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awswire"
	"github.com/tollbook/tollbook/iam/sigv4"
)

// authenticator says who calls: by the signature's scope alone, or after checking the signature.
type authenticator struct {
	accountID string
	read      func(r *http.Request, body []byte) (sigv4.Credential, error)
}

// anyKey takes any access key. There must be a well-formed signature all the same: a web page's plain form post cannot
// carry one.
func anyKey(accountID string) authenticator {
	return authenticator{accountID, func(r *http.Request, _ []byte) (sigv4.Credential, error) { return sigv4.ParseCredential(r) }}
}

// verified checks signatures against the secrets of known keys.
func verified(accountID string, secret func(ctx context.Context, accessKeyID string) (string, error)) authenticator {
	v := &sigv4.Verifier{Secret: secret}
	return authenticator{accountID, v.Verify}
}

var refusals = map[sigv4.Kind]awswire.AuthKind{
	sigv4.Missing:      awswire.ErrMissingAuth,
	sigv4.Malformed:    awswire.ErrMalformed,
	sigv4.UnknownKey:   awswire.ErrUnknownKey,
	sigv4.BadSignature: awswire.ErrBadSignature,
	sigv4.NotCurrent:   awswire.ErrBadSignature,
}

// Authenticate returns the account's root, which is who holds the keys there are.
func (a authenticator) Authenticate(r *http.Request, body []byte) (awsapi.Caller, error) {
	c, err := a.read(r, body)
	if refusal := (*sigv4.Error)(nil); errors.As(err, &refusal) {
		return awsapi.Caller{}, refusals[refusal.Kind].With(refusal.Message)
	} else if err != nil {
		return awsapi.Caller{}, err
	}
	return awsapi.Caller{
		AccountID:   a.accountID,
		Region:      c.Region,
		ARN:         "arn:aws:iam::" + a.accountID + ":root",
		UserID:      a.accountID,
		AccessKeyID: c.AccessKeyID,
	}, nil
}
