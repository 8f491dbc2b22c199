package policy

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Malformed is the fault of a document as IAM words it in MalformedPolicyDocument.
type Malformed struct {
	Message string
	// Cause says more for a log; nil where the message says it all.
	Cause error
}

func (e *Malformed) Error() string { return e.Message }

// Unwrap gives the cause.
func (e *Malformed) Unwrap() error { return e.Cause }

func malformedf(format string, args ...any) error {
	return &Malformed{Message: fmt.Sprintf(format, args...)}
}

// ParseManaged reads the document of a customer managed policy, which must be written in the language of 2012. The
// error is a *Malformed.
func ParseManaged(text string) (*Document, error) {
	doc, err := ParseInline(text)
	if err == nil && doc.Version != Version2012 {
		return nil, malformedf("Policy document must be version 2012-10-17 or greater.")
	}
	return doc, err
}

// ParseInline reads the document of an inline identity policy. The error is a *Malformed.
func ParseInline(text string) (*Document, error) {
	doc, err := Parse(text)
	if err != nil {
		return nil, &Malformed{Message: "Syntax errors in policy.", Cause: err}
	}
	return doc, ValidateIdentity(doc)
}

// ParseTrust reads the document that says who may assume a role. The error is a *Malformed.
func ParseTrust(text string) (*Document, error) {
	doc, err := Parse(text)
	switch {
	case errors.Is(err, ErrJSON):
		return nil, &Malformed{Message: "This policy contains invalid Json", Cause: err}
	case err != nil:
		return nil, &Malformed{Message: "Syntax errors in policy.", Cause: err}
	}
	return doc, ValidateTrust(doc)
}

// ValidateIdentity checks that a document can be a policy of a role, user or group: statements with an effect, actions
// and resources and without a principal. The error is a *Malformed.
func ValidateIdentity(doc *Document) error {
	if len(doc.Statements) == 0 {
		return malformedf("Syntax errors in policy.")
	}
	for i := range doc.Statements {
		if err := doc.Statements[i].validateIdentity(); err != nil {
			return err
		}
	}
	return doc.validateSids()
}

func (s *Statement) validateIdentity() error {
	switch {
	case s.Principals != nil || s.NotPrincipals != nil:
		return malformedf("Policy document should not specify a principal.")
	case s.Effect == "":
		return malformedf("Syntax errors in policy.")
	case len(s.Actions)+len(s.NotActions) == 0:
		return malformedf("Policy statement must contain actions.")
	case len(s.Resources)+len(s.NotResources) == 0:
		return malformedf("Policy statement must contain resources.")
	}
	if err := s.validateActions(); err != nil {
		return err
	}
	if err := s.validateResources(); err != nil {
		return err
	}
	return s.validateConditionKeys()
}

// ValidateTrust checks that a document can be the trust policy of a role: statements with a principal, about actions of
// STS, without a resource. Whether the principals exist is for the caller to ask. The error is a *Malformed.
func ValidateTrust(doc *Document) error {
	if len(doc.Statements) == 0 {
		return malformedf("Missing required field Statement")
	}
	for i := range doc.Statements {
		if err := doc.Statements[i].validateTrust(); err != nil {
			return err
		}
	}
	return doc.validateSids()
}

func (s *Statement) validateTrust() error {
	switch {
	case s.Resources != nil:
		return malformedf("Has prohibited field Resource")
	case s.NotResources != nil:
		return malformedf("Has prohibited field NotResource")
	case s.Effect == "":
		return malformedf("Missing required field Effect")
	case len(s.Principals)+len(s.NotPrincipals) == 0:
		return malformedf("Missing required field Principal")
	case len(s.Actions)+len(s.NotActions) == 0:
		return malformedf("Missing required field Action")
	}
	for _, action := range append(s.Actions[:len(s.Actions):len(s.Actions)], s.NotActions...) {
		if !strings.HasPrefix(strings.ToLower(action), "sts:") {
			return malformedf("AssumeRole policy may only specify STS AssumeRole actions.")
		}
	}
	for _, p := range append(s.Principals[:len(s.Principals):len(s.Principals)], s.NotPrincipals...) {
		if !p.wellFormed() {
			return p.Invalid()
		}
	}
	return s.validateConditionKeys()
}

// ValidateResource checks that a document can be the policy of a resource: statements with an effect, principals, actions and
// resources. Whether the principals exist is for the caller to ask. The error is a *Malformed.
func ValidateResource(doc *Document) error {
	if len(doc.Statements) == 0 {
		return malformedf("Missing required field Statement")
	}
	for i := range doc.Statements {
		if err := doc.Statements[i].validateResource(); err != nil {
			return err
		}
	}
	return doc.validateSids()
}

func (s *Statement) validateResource() error {
	switch {
	case s.Effect == "":
		return malformedf("Missing required field Effect")
	case len(s.Principals)+len(s.NotPrincipals) == 0:
		return malformedf("Missing required field Principal")
	case len(s.Actions)+len(s.NotActions) == 0:
		return malformedf("Missing required field Action")
	case len(s.Resources)+len(s.NotResources) == 0:
		return malformedf("Missing required field Resource")
	}
	for _, p := range append(s.Principals[:len(s.Principals):len(s.Principals)], s.NotPrincipals...) {
		if !p.wellFormed() {
			return p.Invalid()
		}
	}
	return s.validateConditionKeys()
}

// Invalid is the error for a principal that is malformed or does not exist.
func (p Principal) Invalid() error {
	kind := p.Type
	if kind != "AWS" {
		kind = strings.ToUpper(kind) // as AWS prints "SERVICE" and "FEDERATED"
	}
	return malformedf(`Invalid principal in policy: "%s":"%s"`, kind, p.Value)
}

// wellFormed checks the spelling of a principal. AWS takes no wildcard inside an ARN.
func (p Principal) wellFormed() bool {
	switch p.Type {
	case "Service":
		name, ok := strings.CutSuffix(strings.TrimSuffix(p.Value, ".cn"), ".amazonaws.com")
		return ok && name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") == ""
	case "AWS":
		return p.Value == "*" || accountOf(p.Value) != "" || p.namesOne()
	}
	return p.Value != "" && !strings.ContainsAny(p.Value, "*?")
}

// namesOne reports whether the value is the ARN of one user, role or session, or a principal's unique ID.
func (p Principal) namesOne() bool {
	arn := strings.SplitN(p.Value, ":", 6)
	if len(arn) != 6 {
		return regexp.MustCompile(`^A(?:IDA|ROA)[A-Z0-9]{12,}$`).MatchString(p.Value)
	}
	if arn[0] != "arn" || !strings.HasPrefix(arn[1], "aws") || arn[3] != "" || !isAccountID(arn[4]) || strings.ContainsAny(arn[5], "*?") {
		return false
	}
	kind, name, _ := strings.Cut(arn[5], "/")
	switch arn[2] {
	case "iam":
		return name != "" && (kind == "user" || kind == "role")
	case "sts":
		return name != "" && (kind == "assumed-role" || kind == "federated-user")
	}
	return false
}

func (s *Statement) validateActions() error {
	for _, action := range append(s.Actions[:len(s.Actions):len(s.Actions)], s.NotActions...) {
		if action == "*" {
			continue
		}
		vendor, name, found := strings.Cut(action, ":")
		switch {
		case !found || vendor == "" || name == "":
			return malformedf("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
		case !regexp.MustCompile(`^[a-zA-Z0-9-]+$`).MatchString(vendor):
			return malformedf("Vendor %s is not valid", vendor)
		}
	}
	return nil
}

func (s *Statement) validateResources() error {
	for _, resource := range append(s.Resources[:len(s.Resources):len(s.Resources)], s.NotResources...) {
		if strings.Trim(resource, "*") == "" && resource != "" {
			continue
		}
		if !strings.HasPrefix(resource, "arn:") && !strings.HasPrefix(resource, "${") && !strings.HasPrefix(resource, "arn*") {
			return malformedf(`Resource %s must be in ARN format or "*".`, resource)
		}
	}
	return nil
}

func (s *Statement) validateConditionKeys() error {
	for _, c := range s.Conditions {
		if !strings.Contains(c.Key, ":") {
			return malformedf("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
		}
	}
	return nil
}

func (d *Document) validateSids() error {
	seen := map[string]bool{}
	for _, s := range d.Statements {
		switch {
		case s.Sid == "":
			continue
		case strings.Trim(s.Sid, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "":
			return malformedf("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*")
		case seen[s.Sid]:
			return malformedf("Statement IDs (SID) in a single policy must be unique.")
		}
		seen[s.Sid] = true
	}
	return nil
}
