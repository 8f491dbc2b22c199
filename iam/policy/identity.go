package policy

import (
	"context"
	"maps"
)

// Identity is a caller that has proved who it is, with the policies that hold for it. It is not changed once made and may
// be shared between goroutines.
type Identity struct {
	Caller
	// UserID is AWS' unique ID: AIDA… of a user, AROA…:session of a role's session, the account ID of the root.
	UserID string
	// Root may do everything in its account.
	Root bool
	// Policies are those of the user and its groups, or of the role.
	Policies []*Document
	// Boundary and Session bound what Policies allow: each that is not nil must allow a request, too.
	Boundary, Session []*Document
	// Context holds the condition keys that say who the caller is, such as aws:username.
	Context map[string][]string
}

type identityKey struct{}

// WithIdentity returns a context that carries who makes a request.
func WithIdentity(ctx context.Context, who *Identity) context.Context {
	return context.WithValue(ctx, identityKey{}, who)
}

// IdentityFrom returns who makes a request; nil if the request is not subject to policies.
func IdentityFrom(ctx context.Context) *Identity {
	who, _ := ctx.Value(identityKey{}).(*Identity)
	return who
}

// Verdict is a decision and why it was made.
type Verdict struct {
	Decision Decision
	// Reason ends AWS' text of a refusal, such as "because no identity-based policy allows the logs:GetLogEvents action".
	Reason string
	// Bounded says that a boundary or session policy does not allow the request. For the session of a role, not even an
	// allow in the policy of the resource helps then, unless it names the session.
	Bounded bool
}

// Decide decides a request by the caller's own policies: an explicit deny in any wins, then each layer that there is
// must allow. Who asks is p; the request's Context gains p's keys.
func (p *Identity) Decide(req Request) Verdict {
	if p.Root {
		return Verdict{Decision: Allow}
	}
	req.Caller = p.Caller
	req.Context = p.Keys(req.Context)
	verdict := Verdict{Decision: Allow}
	for _, layer := range []struct {
		article, name string
		documents     []*Document
		there, bound  bool
	}{
		{"an ", "identity-based policy", p.Policies, true, false},
		{"a ", "permissions boundary", p.Boundary, p.Boundary != nil, true},
		{"a ", "session policy", p.Session, p.Session != nil, true},
	} {
		if !layer.there {
			continue
		}
		switch decision := Evaluate(req, layer.documents...); {
		case decision == ExplicitDeny:
			return Verdict{Decision: ExplicitDeny, Reason: "with an explicit deny in " + layer.article + layer.name, Bounded: layer.bound}
		case decision == ImplicitDeny && verdict.Decision == Allow:
			verdict = Verdict{Reason: "because no " + layer.name + " allows the " + req.Action + " action", Bounded: layer.bound}
		case decision == ImplicitDeny:
			verdict.Bounded = verdict.Bounded || layer.bound
		}
	}
	return verdict
}

// Keys returns the keys of a request together with those of the caller, which no request can set.
func (p *Identity) Keys(context map[string][]string) map[string][]string {
	all := make(map[string][]string, len(context)+len(p.Context))
	maps.Copy(all, context)
	maps.Copy(all, p.Context)
	return all
}
