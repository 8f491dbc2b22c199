package schema

import (
	"cmp"
	"encoding/json"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// maxMessages is how many messages a walk collects before it ends.
const maxMessages = 20

// A model that tries alternatives of itself takes time exponential in the depth of a document. So a walk may check values
// only so often, by the document's length.
const (
	baseSteps    = 1_000_000
	stepsForByte = 20
)

// walk checks one document. Schemas below allOf, anyOf, oneOf and not are tried silently: they fail as a whole.
type walk struct {
	messages []string
	silent   int // levels of silence
	steps    int // left; none: the walk ends
	// refs are the schemas that references led to for the current value, from index base on: what leads to one of them
	// again would go round for ever.
	refs []*jsonschema.Schema
	base int
}

const (
	endless = "instance cannot be validated: schemas refer to each other without end"
	tooLong = "instance cannot be validated: its schema takes too long"
)

// over says that nothing more is to be found out: enough has failed.
func (w *walk) over(valid bool) bool {
	return !valid && w.silent > 0 || len(w.messages) >= maxMessages || w.steps <= 0
}

// check reports whether a value is valid by a schema. Every keyword that fails leaves a message.
func (w *walk) check(s *jsonschema.Schema, v any) bool {
	if w.steps--; w.steps <= 0 {
		return false
	}
	if s.Bool != nil {
		return *s.Bool || w.fail("instance matched a schema which it should not have")
	}
	if s.Ref != nil { // in draft 4 what stands beside a reference does not count
		return w.follow(s.Ref, v)
	}
	valid := w.checkAny(s, v)
	if w.over(valid) {
		return valid
	}
	switch v := v.(type) {
	case map[string]any:
		valid = w.checkObject(s, v) && valid
	case []any:
		valid = w.checkArray(s, v) && valid
	case string:
		valid = w.checkString(s, v) && valid
	case json.Number:
		valid = w.checkNumber(s, v) && valid
	}
	if w.over(valid) {
		return valid
	}
	return w.checkCombined(s, v) && valid
}

func (w *walk) follow(s *jsonschema.Schema, v any) bool {
	if slices.Contains(w.refs[w.base:], s) {
		return w.fail(endless)
	}
	w.refs = append(w.refs, s)
	valid := w.check(s, v)
	w.refs = w.refs[:len(w.refs)-1]
	return valid
}

// checkPart checks a value within the current one.
func (w *walk) checkPart(s *jsonschema.Schema, v any) bool {
	base := w.base
	w.base = len(w.refs)
	valid := w.check(s, v)
	w.base = base
	return valid
}

// checkAny checks what holds for values of all types.
func (w *walk) checkAny(s *jsonschema.Schema, v any) bool {
	valid := true
	if s.Types != nil && !s.Types.IsEmpty() && !hasType(*s.Types, v) {
		valid = w.failType(s, v)
	}
	if s.Enum != nil && !inEnum(s.Enum.Values, v) {
		valid = w.failEnum(s, v)
	}
	return valid
}

// checkCombined checks the keywords that combine schemas.
func (w *walk) checkCombined(s *jsonschema.Schema, v any) bool {
	valid := true
	if n := w.matching(s.AllOf, v); n < len(s.AllOf) {
		valid = w.fail("instance failed to match all required schemas (matched only %d out of %d)", n, len(s.AllOf))
	}
	if len(s.AnyOf) > 0 && !w.anyMatches(s.AnyOf, v) {
		valid = w.fail("instance failed to match at least one required schema among %d", len(s.AnyOf))
	}
	if len(s.OneOf) > 0 {
		if n := w.matching(s.OneOf, v); n != 1 {
			valid = w.fail("instance failed to match exactly one schema (matched %d out of %d)", n, len(s.OneOf))
		}
	}
	if s.Not != nil && w.tries(s.Not, v) {
		valid = w.fail("instance matched a schema which it should not have")
	}
	return valid
}

// tries checks silently.
func (w *walk) tries(s *jsonschema.Schema, v any) bool {
	w.silent++
	defer func() { w.silent-- }()
	return w.check(s, v)
}

func (w *walk) matching(schemas []*jsonschema.Schema, v any) (n int) {
	for _, s := range schemas {
		if w.tries(s, v) {
			n++
		}
	}
	return n
}

func (w *walk) anyMatches(schemas []*jsonschema.Schema, v any) bool {
	for _, s := range schemas {
		if w.tries(s, v) {
			return true
		}
	}
	return false
}

func (w *walk) checkArray(s *jsonschema.Schema, list []any) bool {
	valid := true
	if s.MinItems != nil && len(list) < *s.MinItems {
		valid = w.fail("array is too short: must have at least %d elements but instance has %d elements", *s.MinItems, len(list))
	}
	if s.MaxItems != nil && len(list) > *s.MaxItems {
		valid = w.fail("array is too long: must have at most %d elements but instance has %d elements", *s.MaxItems, len(list))
	}
	if s.UniqueItems && !unique(list) {
		valid = w.fail("array must not contain duplicate elements")
	}
	if w.over(valid) {
		return valid
	}
	return w.checkItems(s, list) && valid
}

func (w *walk) checkItems(s *jsonschema.Schema, list []any) bool {
	valid := true
	for i, v := range list {
		item := s.AdditionalItems
		switch items := s.Items.(type) {
		case nil:
			return valid // without items there are no additional ones
		case *jsonschema.Schema:
			item = items
		case []*jsonschema.Schema:
			if i < len(items) {
				item = items[i]
			} else if s.AdditionalItems == false {
				return w.fail("array only allows %d elements but has %d", len(items), len(list))
			}
		}
		if item, ok := item.(*jsonschema.Schema); ok && !w.checkPart(item, v) {
			if valid = false; w.over(valid) {
				return valid
			}
		}
	}
	return valid
}

func (w *walk) checkString(s *jsonschema.Schema, text string) bool {
	valid := true
	if s.MinLength != nil || s.MaxLength != nil {
		n := utf8.RuneCountInString(text)
		if s.MinLength != nil && n < *s.MinLength {
			valid = w.fail("string %s is too short (length: %d, required minimum: %d)", quote(text), n, *s.MinLength)
		}
		if s.MaxLength != nil && n > *s.MaxLength {
			valid = w.fail("string %s is too long (length: %d, maximum allowed: %d)", quote(text), n, *s.MaxLength)
		}
	}
	if s.Pattern != nil && !s.Pattern.MatchString(text) {
		valid = w.fail("ECMA 262 regex %s does not match input string %s", quote(s.Pattern.String()), quote(text))
	}
	if s.Format != nil {
		valid = w.checkFormat(s.Format.Name, s.Format.Validate, text) && valid
	}
	return valid
}

func (w *walk) checkNumber(s *jsonschema.Schema, n json.Number) bool {
	if s.Minimum == nil && s.Maximum == nil && s.ExclusiveMinimum == nil && s.ExclusiveMaximum == nil && s.MultipleOf == nil {
		return true
	}
	valid := true
	if s.Minimum != nil && compare(n, s.Minimum) < 0 {
		valid = w.fail("numeric instance is lower than the required minimum (minimum: %s, found: %s)", decimal(s.Minimum), n)
	}
	if s.Maximum != nil && compare(n, s.Maximum) > 0 {
		valid = w.fail("numeric instance is greater than the required maximum (maximum: %s, found: %s)", decimal(s.Maximum), n)
	}
	if s.ExclusiveMinimum != nil && compare(n, s.ExclusiveMinimum) <= 0 {
		valid = w.fail("numeric instance is not strictly greater than the required minimum %s", decimal(s.ExclusiveMinimum))
	}
	if s.ExclusiveMaximum != nil && compare(n, s.ExclusiveMaximum) >= 0 {
		valid = w.fail("numeric instance is not strictly lower than the required maximum %s", decimal(s.ExclusiveMaximum))
	}
	if s.MultipleOf != nil && s.MultipleOf.Sign() != 0 && !new(big.Rat).Quo(rational(n), s.MultipleOf).IsInt() {
		valid = w.fail("remainder of division is not zero (%s / %s)", n, decimal(s.MultipleOf))
	}
	return valid
}

// compare compares a number with a limit, exactly.
func compare(n json.Number, limit *big.Rat) int {
	const exact = 18 // digits that int64 holds
	if len(n) <= exact && isInteger(n) && limit.IsInt() && limit.Num().IsInt64() {
		i, err := strconv.ParseInt(string(n), 10, 64)
		if err == nil {
			return cmp.Compare(i, limit.Num().Int64())
		}
	}
	return rational(n).Cmp(limit)
}

// rational is the exact value of a number; decode has bounded it.
func rational(n json.Number) *big.Rat {
	r, ok := new(big.Rat).SetString(string(n))
	if !ok {
		return new(big.Rat)
	}
	return r
}

// isInteger is AWS' idea of an integer: written without fraction and exponent. 1.0 is none.
func isInteger(n json.Number) bool { return !strings.ContainsAny(string(n), ".eE") }
