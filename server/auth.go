package server

import (
	"context"
	"errors"
	"net/http"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awswire"
	"github.com/tollbook/tollbook/iam/sigv4"
)

// verified checks signatures against the secrets of known keys (--auth sigv4).
type verified struct {
	accountID string
	verifier  sigv4.Verifier
}

func newVerified(accountID string, secret func(ctx context.Context, accessKeyID string) (string, error)) verified {
	return verified{accountID, sigv4.Verifier{Secret: secret}}
}

var _ awswire.Authenticator = verified{}

var refusals = map[sigv4.Kind]awswire.AuthKind{
	sigv4.Missing:      awswire.ErrMissingAuth,
	sigv4.Malformed:    awswire.ErrMalformed,
	sigv4.UnknownKey:   awswire.ErrUnknownKey,
	sigv4.BadSignature: awswire.ErrBadSignature,
	sigv4.NotCurrent:   awswire.ErrBadSignature,
}

// Authenticate returns the account's root, who holds the keys that there are.
func (v verified) Authenticate(r *http.Request, body []byte) (awsapi.Caller, error) {
	c, err := v.verifier.Verify(r, body)
	if refusal := (*sigv4.Error)(nil); errors.As(err, &refusal) {
		return awsapi.Caller{}, refusals[refusal.Kind].With(refusal.Message)
	} else if err != nil {
		return awsapi.Caller{}, err
	}
	return awsapi.Caller{
		AccountID:   v.accountID,
		Region:      c.Region,
		ARN:         "arn:aws:iam::" + v.accountID + ":root",
		UserID:      v.accountID,
		AccessKeyID: c.AccessKeyID,
	}, nil
}
