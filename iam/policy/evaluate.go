package policy

import (
	"slices"
	"strings"
)

// Request is what is asked: who wants to do what, to which resource.
type Request struct {
	// Caller is the one that asks. Only statements with a Principal element look at it.
	Caller Caller
	// Action is "service:Name".
	Action string
	// Resource is an ARN; "" counts as "*", as for operations that have no resource.
	Resource string
	// Context holds the condition keys of the request, such as "aws:SourceIp", in any case. A key that the request does
	// not have is absent; a set-valued key may have several values.
	Context map[string][]string
}

// Caller is a principal as a resource or trust policy can name it. Fields that do not apply are "".
type Caller struct {
	// ARN of the user, of the role session (arn:aws:sts::ACCOUNT:assumed-role/…) or of the account's root.
	ARN string
	// RoleARN is the role behind a session.
	RoleARN string
	// AccountID is the account of an AWS principal.
	AccountID string
	// Service is an AWS service's name, such as "apigateway.amazonaws.com".
	Service string
	// Federated is the identity provider that vouched for the caller.
	Federated string
}

// Evaluate decides a request by all documents together: an explicit deny in any wins, else an allow in any.
func Evaluate(req Request, documents ...*Document) Decision {
	if req.Resource == "" {
		req.Resource = "*"
	}
	ctx, decision := newKeys(req.Context), ImplicitDeny
	for _, doc := range documents {
		for i := range doc.Statements {
			s := &doc.Statements[i]
			if !s.applies(req, ctx, doc.policyVariables()) {
				continue
			}
			switch s.Effect {
			case "Deny":
				return ExplicitDeny
			case "Allow":
				decision = Allow
			}
		}
	}
	return decision
}

func (s *Statement) applies(req Request, ctx keys, variables bool) bool {
	if !s.appliesToCaller(req.Caller) || !s.appliesToAction(req.Action) || !s.appliesToResource(req.Resource, ctx, variables) {
		return false
	}
	for _, c := range s.Conditions {
		if !c.holds(ctx, variables) {
			return false
		}
	}
	return true
}

func (s *Statement) appliesToCaller(caller Caller) bool {
	if s.NotPrincipals != nil {
		return !slices.ContainsFunc(s.NotPrincipals, caller.is)
	}
	return s.Principals == nil || slices.ContainsFunc(s.Principals, caller.is)
}

// is reports whether a Principal element names the caller. A role's ARN also names the role's sessions, an account all
// of its principals.
func (c Caller) is(p Principal) bool {
	switch p.Type {
	case "Service":
		return c.Service != "" && strings.EqualFold(p.Value, c.Service)
	case "Federated":
		return c.Federated != "" && p.Value == c.Federated
	case "AWS":
		if p.Value == "*" {
			return true
		}
		return p.Value == c.ARN && c.ARN != "" || p.Value == c.RoleARN && c.RoleARN != "" || c.AccountID != "" && accountOf(p.Value) == c.AccountID
	}
	return false // nobody here has a canonical user ID
}

// accountOf returns the account that a principal value stands for as a whole, or "".
func accountOf(principal string) string {
	if rest, ok := strings.CutPrefix(principal, "arn:aws:iam::"); ok {
		if principal, ok = strings.CutSuffix(rest, ":root"); !ok {
			return ""
		}
	}
	if !isAccountID(principal) {
		return ""
	}
	return principal
}

func isAccountID(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

func (s *Statement) appliesToAction(action string) bool {
	if s.NotActions != nil {
		return !anyAction(s.NotActions, action)
	}
	return anyAction(s.Actions, action)
}

func anyAction(patterns []string, action string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		return wildcards(strings.ToLower(p)).match(strings.ToLower(action))
	})
}

// appliesToResource: a statement without the element, as in a trust policy, is about the resource that carries it.
func (s *Statement) appliesToResource(resource string, ctx keys, variables bool) bool {
	matches := func(text string) bool {
		if !variables {
			return wildcards(text).match(resource)
		}
		p, ok := ctx.expand(text, true)
		return ok && p.match(resource)
	}
	if s.NotResources != nil {
		return !slices.ContainsFunc(s.NotResources, matches)
	}
	return s.Resources == nil || slices.ContainsFunc(s.Resources, matches)
}
