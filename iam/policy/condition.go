package policy

import (
	"bytes"
	"encoding/base64"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// holds reports whether a condition is true of the request. variables says whether ${…} has a meaning in the document.
//
// An absent key makes a plain operator false and a negated one true; IfExists makes it true, ForAllValues is true of
// the empty set and ForAnyValue is not.
func (c Condition) holds(ctx keys, variables bool) bool {
	if c.Operator.Base == "Null" {
		return c.nullHolds(ctx)
	}
	values := ctx.get(c.Key)
	if len(values) == 0 {
		return c.holdsAbsent(ctx)
	}
	switch c.Operator.Set {
	case "ForAllValues":
		return c.count(values, ctx, variables) == len(values)
	case "ForAnyValue":
		return c.count(values, ctx, variables) > 0
	}
	if c.Operator.Negated { // none of the values may match
		return c.count(values, ctx, variables) == len(values)
	}
	return c.count(values, ctx, variables) > 0
}

func (c Condition) holdsAbsent(ctx keys) bool {
	if c.Operator.IfExists && !ctx.has(c.Key) {
		return true
	}
	switch c.Operator.Set {
	case "ForAllValues":
		return true
	case "ForAnyValue":
		return false
	}
	return c.Operator.Negated
}

// nullHolds: "true" asks that the key is absent, "false" that it is there.
func (c Condition) nullHolds(ctx keys) bool {
	absent := strconv.FormatBool(len(ctx.get(c.Key)) == 0)
	for _, want := range c.Values {
		if strings.EqualFold(want, absent) {
			return true
		}
	}
	return false
}

// count returns how many of the request's values satisfy the operator: match one of the condition's, or, for a negated
// operator, match none.
func (c Condition) count(values []string, ctx keys, variables bool) int {
	n := 0
	for _, value := range values {
		if c.matchesOne(value, ctx, variables) != c.Operator.Negated {
			n++
		}
	}
	return n
}

func (c Condition) matchesOne(value string, ctx keys, variables bool) bool {
	for _, want := range c.Values {
		if c.Operator.compare(want, value, ctx, variables) {
			return true
		}
	}
	return false
}

// compare applies the operator, without its negation, to a value of the policy and one of the request.
func (o Operator) compare(want, have string, ctx keys, variables bool) bool {
	switch o.Base {
	case "StringEquals", "StringEqualsIgnoreCase", "StringLike":
		return o.compareString(want, have, ctx, variables)
	case "ArnEquals", "ArnLike":
		return matchARN(want, have, ctx, variables)
	case "Bool":
		return strings.EqualFold(want, have)
	case "BinaryEquals":
		return equalBinary(want, have)
	case "IpAddress":
		return inNetwork(want, have)
	}
	if family, ok := strings.CutPrefix(o.Base, "Date"); ok {
		w, okWant := parseDate(want)
		h, okHave := parseDate(have)
		return okWant && okHave && ordered(family, h.Compare(w))
	}
	return compareNumber(strings.TrimPrefix(o.Base, "Numeric"), want, have)
}

func (o Operator) compareString(want, have string, ctx keys, variables bool) bool {
	if o.Base == "StringEqualsIgnoreCase" {
		want, have = strings.ToLower(want), strings.ToLower(have)
	}
	if !variables {
		if o.Base == "StringLike" {
			return wildcards(want).match(have)
		}
		return want == have
	}
	p, ok := ctx.expand(want, o.Base == "StringLike")
	if o.Base == "StringEqualsIgnoreCase" {
		p = []rune(strings.ToLower(string(p)))
	}
	return ok && p.match(have)
}

// matchARN compares the six parts of an ARN one by one, so that a wildcard does not reach over a colon. Only the last
// part may itself hold colons.
func matchARN(want, have string, ctx keys, variables bool) bool {
	wantParts, haveParts := splitARN(want, variables), strings.SplitN(have, ":", 6)
	if len(wantParts) != 6 || len(haveParts) != 6 {
		return want == "*"
	}
	for i, part := range wantParts {
		p, ok := wildcards(part), true
		if variables {
			p, ok = ctx.expand(part, true)
		}
		if !ok || !p.match(haveParts[i]) {
			return false
		}
	}
	return true
}

// splitARN cuts the pattern of an ARN at its first five colons, not counting those inside ${…}.
func splitARN(s string, variables bool) []string {
	var parts []string
	start, inside := 0, false
	for i := 0; i < len(s) && len(parts) < 5; i++ {
		switch {
		case variables && strings.HasPrefix(s[i:], "${"):
			inside = true
		case s[i] == '}':
			inside = false
		case s[i] == ':' && !inside:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}

func equalBinary(want, have string) bool {
	w, errWant := base64.StdEncoding.DecodeString(want)
	h, errHave := base64.StdEncoding.DecodeString(have)
	return errWant == nil && errHave == nil && bytes.Equal(w, h)
}

// inNetwork reports whether the address have lies in want, a network in CIDR form or one address.
func inNetwork(want, have string) bool {
	addr, err := netip.ParseAddr(have)
	if err != nil {
		return false
	}
	addr = addr.Unmap().WithZone("")
	if network, err := netip.ParsePrefix(want); err == nil {
		return network.Contains(addr)
	}
	single, err := netip.ParseAddr(want)
	return err == nil && single.Unmap() == addr
}

func compareNumber(relation, want, have string) bool {
	w, errWant := strconv.ParseFloat(want, 64)
	h, errHave := strconv.ParseFloat(have, 64)
	if errWant != nil || errHave != nil || w != w || h != h {
		return false
	}
	switch {
	case h < w:
		return ordered(relation, -1)
	case h > w:
		return ordered(relation, 1)
	}
	return ordered(relation, 0)
}

// ordered reports whether the comparison of request to policy (-1, 0, 1) satisfies a relation such as "LessThanEquals".
func ordered(relation string, sign int) bool {
	switch relation {
	case "Equals":
		return sign == 0
	case "LessThan":
		return sign < 0
	case "LessThanEquals":
		return sign <= 0
	case "GreaterThan":
		return sign > 0
	case "GreaterThanEquals":
		return sign >= 0
	}
	return false
}

// parseDate reads the ISO 8601 forms that AWS documents and seconds since 1970.
func parseDate(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15Z07:00", "2006-01-02", "2006-01", "2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	seconds, err := strconv.ParseInt(s, 10, 64)
	return time.Unix(seconds, 0), err == nil
}
