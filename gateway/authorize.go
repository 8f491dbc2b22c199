package gateway

import (
	"strings"
	"time"

	"github.com/tollbook/tollbook/iam/policy"
)

// access is what a method asks of its callers, compiled. A nil *access lets everybody in.
type access struct {
	kind       accessKind
	policy     *policy.Document // the API's resource policy; nil: none
	authorizer *authorizer      // of byFunction and byToken
	event      *eventTemplate   // of REQUEST authorizers
	scopes     []string         // of byToken
	refusal    *Error           // answers every request: the method cannot be checked, so it is closed
}

type accessKind uint8

const (
	byPolicy   accessKind = iota // the resource policy alone
	bySigner                     // AWS_IAM
	byFunction                   // TOKEN and REQUEST
	byToken                      // COGNITO_USER_POOLS
)

// needsAsking reports whether callers are known only after somebody was asked: a function, an issuer of tokens, or who keeps the
// keys that requests are signed with.
func (rt *route) needsAsking() bool { return rt.access != nil && rt.access.kind != byPolicy }

// maxMethodARN is AWS' limit on the ARN of a method with the path of the request.
const maxMethodARN = 1600

// authorize decides whether the client may call the method: the resource policy's refusals, the authentication, the
// authorizer, then what all of them say together. A method that asks for more than can be checked is closed, never open.
func (x *exchange) authorize() *Error {
	a := x.route.access
	switch {
	case a == nil:
		return nil
	case a.refusal != nil:
		return a.refusal
	case len(x.table.arnPrefix)+len(x.method)+len(x.path) > maxMethodARN:
		return errURITooLong
	}
	switch a.kind {
	case bySigner:
		return x.authorizeSigner(a)
	case byFunction:
		return x.authorizeByFunction(a)
	case byToken:
		return x.authorizeByToken(a)
	}
	return x.authorizeAnybody(a)
}

// authorizeAnybody is for methods without an authorization type of an API with a policy, which must allow the request.
func (x *exchange) authorizeAnybody(a *access) *Error {
	begin := time.Now()
	return x.authorized(begin, x.needAllow(a.policy))
}

// authorizeByToken: a good token, and the resource policy, if there is one, must allow the request.
func (x *exchange) authorizeByToken(a *access) *Error {
	if err := x.checkToken(a.authorizer, a.scopes); err != nil || a.policy == nil {
		return err
	}
	begin := time.Now()
	return x.authorized(begin, x.needAllow(a.policy))
}

// authorizeByFunction: what the resource policy denies, the function is not asked about; else the function's policy must
// allow the request.
func (x *exchange) authorizeByFunction(a *access) *Error {
	begin := time.Now()
	if a.policy != nil && x.decide(a.policy, policy.Caller{}) == policy.ExplicitDeny {
		return x.authorized(begin, x.denied("anonymous", "with an explicit deny"))
	}
	g, err := x.askFunction(a.authorizer)
	if err != nil {
		return err
	}
	begin = time.Now()
	return x.authorized(begin, x.judge(g))
}

// authorized notes how the decision ended, and in the execution log why it was a refusal.
func (x *exchange) authorized(begin time.Time, err *Error) *Error {
	phase := &x.entry.Authorize
	phase.Status, phase.LatencyMilli = 200, time.Since(begin).Milliseconds()
	if err != nil {
		phase.Status, phase.Error = err.Status, notAuthorized
		x.exec.Error(notAuthorized)
	}
	return err
}

const notAuthorized = "The client is not authorized to perform this operation."

// methodARN names the method and the path of the request, as policies do. A slash at the end of the path does not count,
// as it does not for finding the method.
func (x *exchange) methodARN() string {
	return x.table.arnPrefix + x.method + "/" + x.arnPath()
}

func (x *exchange) arnPath() string {
	return strings.TrimSuffix(strings.TrimPrefix(x.path, "/"), "/")
}
