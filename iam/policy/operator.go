package policy

import (
	"fmt"
	"strings"
)

// Operator is a condition operator taken apart: "ForAnyValue:StringNotLikeIfExists" is the set prefix ForAnyValue, the
// family StringLike, negated, and the suffix IfExists.
type Operator struct {
	// Set is "", "ForAllValues" or "ForAnyValue".
	Set string
	// Base is the operator without its negation, such as "StringEquals", "IpAddress" or "Null".
	Base string
	// Negated turns the comparison round: NotIpAddress is IpAddress, negated.
	Negated bool
	// IfExists makes the condition hold when the request has no such key.
	IfExists bool
}

// String gives the name as it stands in a document.
func (o Operator) String() string {
	name := o.Base
	if o.Negated {
		name = negatedName(o.Base)
	}
	if o.Set != "" {
		name = o.Set + ":" + name
	}
	if o.IfExists {
		name += "IfExists"
	}
	return name
}

// negatedName gives the name of an operator's negation, or "" where it has none.
func negatedName(base string) string {
	switch base {
	case "StringEquals", "StringEqualsIgnoreCase", "StringLike":
		return "StringNot" + strings.TrimPrefix(base, "String")
	case "NumericEquals", "DateEquals", "ArnEquals", "ArnLike":
		for _, suffix := range []string{"Equals", "Like"} {
			if family, ok := strings.CutSuffix(base, suffix); ok {
				return family + "Not" + suffix
			}
		}
	case "IpAddress":
		return "NotIpAddress"
	}
	return ""
}

// operatorBases are the operators that are not negations of others.
func operatorBases() []string {
	return []string{
		"StringEquals", "StringEqualsIgnoreCase", "StringLike",
		"NumericEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals",
		"DateEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals",
		"Bool", "BinaryEquals", "IpAddress", "ArnEquals", "ArnLike", "Null",
	}
}

func parseOperator(name string) (Operator, error) {
	var op Operator
	rest := name
	if set, base, ok := strings.Cut(name, ":"); ok {
		if set != "ForAllValues" && set != "ForAnyValue" {
			return op, syntaxf("condition operator %q", name)
		}
		op.Set, rest = set, base
	}
	rest, op.IfExists = strings.CutSuffix(rest, "IfExists")
	for _, base := range operatorBases() {
		if rest == base || rest == negatedName(base) {
			op.Base, op.Negated = base, rest != base
			return op, op.check()
		}
	}
	return op, syntaxf("condition operator %q", name)
}

func (o Operator) check() error {
	if o.Base == "Null" && (o.IfExists || o.Set != "") {
		return fmt.Errorf("operator %s: Null takes neither prefix nor suffix: %w", o, ErrSyntax)
	}
	return nil
}
