// Package policy reads AWS' policy language, checks documents as IAM does when they are stored, and decides requests.
//
// It is pure: no state, no clock, no knowledge of who exists. Documents come in as the JSON text that a client sent to
// CreateRole, PutRolePolicy or CreatePolicy; a [Request] comes from the service that has to decide. Which documents
// apply to a principal, and how identity, trust and boundary policies combine, is left to package iam.
//
// The way of a document:
//
//	JSON text ── Parse ──► Document ── ValidateIdentity / ValidateTrust ──► stored by iam
//	                          └────── Evaluate(request, documents…) ──► Allow, ImplicitDeny or ExplicitDeny
package policy

import (
	"slices"
	"strings"
)

// Versions of the policy language. A document without a version is in the older one, which has no policy variables.
const (
	Version2008 = "2008-10-17"
	Version2012 = "2012-10-17"
)

// Document is a parsed policy. It is not changed after Parse and may be shared between goroutines.
type Document struct {
	// Version is one of the two constants above, or "" when the document has none.
	Version    string
	ID         string
	Statements []Statement
}

// Statement is one rule of a document. A nil list is an element that the statement does not have; an element with an
// empty array is a list of length 0.
type Statement struct {
	Sid           string
	Effect        string // "Allow" or "Deny"; "" when absent
	Actions       []string
	NotActions    []string
	Resources     []string
	NotResources  []string
	Principals    []Principal
	NotPrincipals []Principal
	Conditions    []Condition
}

// Principal is one entry of a Principal or NotPrincipal element.
type Principal struct {
	// Type is "AWS", "Service", "Federated" or "CanonicalUser"; the bare "*" is read as {"AWS", "*"}.
	Type string
	// Value is "*", an account ID, an ARN, a service name or an identity provider, as the type says.
	Value string
}

// Condition is one key of a Condition block under one operator. All conditions of a statement must hold.
type Condition struct {
	Operator Operator
	// Key is the condition key as written; keys compare without regard to case.
	Key    string
	Values []string
}

// Decision is the outcome of a request.
type Decision int

// The zero Decision is ImplicitDeny: nothing allows the request. An explicit deny wins over every allow.
const (
	ImplicitDeny Decision = iota
	Allow
	ExplicitDeny
)

// String gives AWS' spelling, as in the EvalDecision of SimulatePrincipalPolicy.
func (d Decision) String() string {
	switch d {
	case Allow:
		return "allowed"
	case ExplicitDeny:
		return "explicitDeny"
	default:
		return "implicitDeny"
	}
}

// UsesContext reports whether the document asks anything of a request's Context. Without that a Request needs none.
func (d *Document) UsesContext() bool {
	variable := func(text string) bool { return strings.Contains(text, "${") }
	for i := range d.Statements {
		s := &d.Statements[i]
		if len(s.Conditions) > 0 || slices.ContainsFunc(s.Resources, variable) || slices.ContainsFunc(s.NotResources, variable) {
			return true
		}
	}
	return false
}

// policyVariables reports whether ${…} in the document stands for a value of the request.
func (d *Document) policyVariables() bool { return d.Version == Version2012 }
