package filterpattern

import (
	"math/big"
	"slices"

	"github.com/tollbook/tollbook/logs/condition"
)

// MatchDecoded decides a JSON pattern over a message that encoding/json has decoded, by walking each selector for itself.
// scalar makes a value of what is no map and no slice.
func MatchDecoded(p *Pattern, message any, scalar func(any) condition.Value) bool {
	j := p.shape.(*jsonPattern)
	var noted bits
	for i, t := range j.tests {
		found := selectAll([]any{message}, t.steps)
		satisfies := func(v any) bool {
			return t.op == notExists || scalar(v).Kind != condition.Missing && t.holds(scalar(v))
		}
		if slices.ContainsFunc(found, satisfies) {
			noted.set(i)
		}
	}
	return j.expr.holds(noted, j.tests)
}

func selectAll(values []any, steps []step) []any {
	for _, st := range steps {
		var next []any
		for _, v := range values {
			next = append(next, follow(v, st)...)
		}
		values = next
	}
	return values
}

func follow(v any, st step) (found []any) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if st.kind == anyMemberStep || st.kind == memberStep && st.name == name {
				found = append(found, member)
			}
		}
	case []any:
		for i, element := range v {
			if st.kind == anyElementStep || st.kind == elementStep && st.index == i {
				found = append(found, element)
			}
		}
	}
	return found
}

// HasAnyMember reports whether a pattern has a ".*" selector.
func HasAnyMember(p *Pattern) bool {
	j, ok := p.shape.(*jsonPattern)
	return ok && slices.ContainsFunc(j.tests, func(t test) bool {
		return slices.Contains(t.steps, step{kind: anyMemberStep})
	})
}

// CompareNumbers compares two numbers as patterns do, and as math/big does; ok is false if one is no number or beyond what
// math/big should be asked for.
func CompareNumbers(a, b string) (got, want int, ok bool) {
	x, xok := parseNumber(a)
	y, yok := parseNumber(b)
	if !xok || !yok || max(x.magnitude, y.magnitude) > 500 || min(x.magnitude, y.magnitude) < -500 {
		return 0, 0, false
	}
	p, pok := new(big.Rat).SetString(a)
	q, qok := new(big.Rat).SetString(b)
	got = x.compare(y)
	return min(1, max(-1, got)), p.Cmp(q), pok && qok
}
