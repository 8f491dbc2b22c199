package gateway

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/tollbook/tollbook/iam/policy"
	"github.com/tollbook/tollbook/iam/sigv4"
)

// Signers knows who signs requests.
type Signers interface {
	// Signer returns the secret of the credential's access key and whom it belongs to. The error wraps sigv4.ErrUnknownKey if nobody has
	// the key or it is not active, or the session token is not its own, and sigv4.ErrExpired if its session is over. It is
	// called concurrently, once for each signed request.
	Signer(ctx context.Context, cred sigv4.Credential) (secret string, who *policy.Identity, err error)
}

const signingName = "execute-api"

// authorizeSigner decides about a signed request by the policies of who signed it and of the API. In one account it is
// enough that one of them allows it, between accounts both must; none may deny it.
func (x *exchange) authorizeSigner(a *access) *Error {
	begin := time.Now()
	who, err := x.authenticate()
	phase := &x.entry.Authenticate
	phase.Status, phase.LatencyMilli = 200, time.Since(begin).Milliseconds()
	if err != nil {
		phase.Status, phase.Error = err.Status, err.Message
		x.exec.Error("%s", err.Message)
		return err
	}
	begin = time.Now()
	return x.authorized(begin, x.judgeSigner(a, who))
}

func (x *exchange) judgeSigner(a *access, who *policy.Identity) *Error {
	request := x.question(who.Caller)
	own := who.Decide(request)
	ofAPI := policy.ImplicitDeny
	if a.policy != nil {
		request.Context = who.Keys(request.Context)
		ofAPI = policy.Evaluate(request, a.policy)
	}
	switch {
	case own.Decision == policy.ExplicitDeny:
		return x.denied(who.ARN, own.Reason)
	case ofAPI == policy.ExplicitDeny:
		return x.denied(who.ARN, "with an explicit deny")
	case own.Decision == policy.Allow && (ofAPI == policy.Allow || who.AccountID == x.table.values.AccountID):
		return nil
	case ofAPI == policy.Allow && who.AccountID == x.table.values.AccountID && (who.RoleARN == "" || !own.Bounded):
		return nil
	case own.Decision == policy.Allow:
		return x.denied(who.ARN, "because no resource-based policy allows the "+invokeAction+" action")
	}
	return x.denied(who.ARN, own.Reason)
}

// authenticate finds out who signed the request.
func (x *exchange) authenticate() (*policy.Identity, *Error) {
	r := x.signedRequest()
	cred, err := sigv4.ParseCredential(r)
	if err != nil {
		return nil, signatureError(err)
	}
	if cred.Service != signingName {
		return nil, invalidSignature("Credential should be scoped to correct service: '" + signingName + "'. ")
	}
	secret, who, err := x.signer(cred)
	switch {
	case errors.Is(err, sigv4.ErrUnknownKey) && x.g.cfg.AnyKey:
		who = rootOf(x.table.values.AccountID)
	case errors.Is(err, sigv4.ErrUnknownKey):
		return nil, errUnknownKey
	case errors.Is(err, sigv4.ErrExpired):
		return nil, errSessionExpired
	case err != nil:
		x.g.log.Error("access key cannot be looked up", "request_id", x.entry.RequestID, "err", err)
		return nil, errInternal
	case cred.Region != x.table.meterKey.region:
		return nil, invalidSignature("Credential should be scoped to a valid Region, not '" + cred.Region + "'. ")
	default:
		verifier := sigv4.Verifier{Secret: func(context.Context, string) (string, error) { return secret, nil }}
		if _, err := verifier.Verify(r, x.body); err != nil {
			return nil, signatureError(err)
		}
	}
	x.identifyCaller(cred, who)
	x.caller = who
	return who, nil
}

func (x *exchange) signer(cred sigv4.Credential) (string, *policy.Identity, error) {
	if x.g.cfg.Signers == nil {
		return "", nil, sigv4.ErrUnknownKey
	}
	return x.g.cfg.Signers.Signer(context.Background(), cred)
}

func rootOf(account string) *policy.Identity {
	return &policy.Identity{
		Caller: policy.Caller{ARN: "arn:aws:iam::" + account + ":root", AccountID: account}, UserID: account, Root: true,
	}
}

// identifyCaller fills $context.identity.
func (x *exchange) identifyCaller(cred sigv4.Credential, who *policy.Identity) {
	id := &x.entry.Identity
	id.AccountID, id.Caller, id.User, id.UserARN, id.AccessKey = who.AccountID, who.UserID, who.UserID, who.ARN, cred.AccessKeyID
}

// signedRequest is the request in the form that package sigv4 reads: as it was on the wire.
func (x *exchange) signedRequest() *http.Request {
	r := &http.Request{
		Method: x.sentMethod, RequestURI: string(x.target), URL: &url.URL{}, Host: str(x.host),
		Header: make(http.Header, len(x.headers)), ContentLength: int64(len(x.body)),
	}
	for _, h := range x.headers {
		name := http.CanonicalHeaderKey(string(h.name))
		r.Header[name] = append(r.Header[name], string(h.value))
	}
	return r
}

// signatureError translates what package sigv4 refuses.
func signatureError(err error) *Error {
	var refused *sigv4.Error
	if !errors.As(err, &refused) {
		return errInternal
	}
	switch refused.Kind {
	case sigv4.Missing:
		return errMissingToken
	case sigv4.Malformed:
		return early(403, "MISSING_AUTHENTICATION_TOKEN", "IncompleteSignatureException", refused.Message)
	case sigv4.UnknownKey:
		return errUnknownKey
	}
	return invalidSignature(refused.Message)
}

func invalidSignature(message string) *Error {
	return early(403, "INVALID_SIGNATURE", "InvalidSignatureException", message)
}

var (
	errUnknownKey = early(403, "INVALID_SIGNATURE", "UnrecognizedClientException",
		"The security token included in the request is invalid.")
	errSessionExpired = early(403, "EXPIRED_TOKEN", "ExpiredTokenException",
		"The security token included in the request is expired")
)
