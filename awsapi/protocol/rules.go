package protocol

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// StringRule is what the model asks of a string. Its zero value asks nothing.
type StringRule struct {
	Min, Max int    // length in characters; Max 0: no limit
	TooLong  string // if set, the whole message for a string beyond Max
	Pattern  *Pattern
	Enum     []string
}

// Pattern is a regular expression that a whole string must match, compiled when first needed.
type Pattern struct {
	Source  string // as AWS' messages print it
	compile func() *regexp.Regexp
}

// NewPattern makes a Pattern of AWS' source text and the same expression in Go's syntax.
func NewPattern(source, re2 string) *Pattern {
	return &Pattern{Source: source, compile: sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\A(?:` + re2 + `)\z`)
	})}
}

// NumberRule is what the model asks of a number; a nil limit asks nothing.
type NumberRule struct{ Min, Max *float64 }

// SizeRule is what the model asks of a list's or map's length; Max 0: no limit.
type SizeRule struct{ Min, Max int }

const (
	maxLengthText = "Member must have length less than or equal to "
	minLengthText = "Member must have length greater than or equal to "
	patternText   = "Member must satisfy regular expression pattern: "
	enumText      = "Member must satisfy enum value set: "
)

// lengthOK avoids counting the characters of a string whose bytes already decide.
func (r *StringRule) lengthOK(s string) bool {
	if len(s) >= r.Min*utf8.UTFMax && (r.Max == 0 || len(s) <= r.Max) {
		return true
	}
	n := utf8.RuneCountInString(s)
	return n >= r.Min && (r.Max == 0 || n <= r.Max)
}

func (r *StringRule) ok(s string) bool {
	return r.lengthOK(s) && (r.Pattern == nil || r.Pattern.compile().MatchString(s)) &&
		(r.Enum == nil || slices.Contains(r.Enum, s))
}

// broken returns the texts of the constraints that s breaks.
func (r *StringRule) broken(s string) []string {
	var texts []string
	n := utf8.RuneCountInString(s)
	if r.Max > 0 && n > r.Max {
		texts = append(texts, maxLengthText+strconv.Itoa(r.Max))
	}
	if n < r.Min {
		texts = append(texts, minLengthText+strconv.Itoa(r.Min))
	}
	if r.Pattern != nil && !r.Pattern.compile().MatchString(s) {
		texts = append(texts, patternText+r.Pattern.Source)
	}
	if r.Enum != nil && !slices.Contains(r.Enum, s) {
		texts = append(texts, r.enumText())
	}
	return texts
}

func (r *StringRule) enumText() string { return enumText + "[" + strings.Join(r.Enum, ", ") + "]" }

// all is the whole rule in one text, for the elements of lists and maps, where AWS prints every constraint.
func (r *StringRule) all() string {
	var texts []string
	if r.Max > 0 {
		texts = append(texts, maxLengthText+strconv.Itoa(r.Max))
	}
	if r.Max > 0 || r.Min > 0 {
		texts = append(texts, minLengthText+strconv.Itoa(r.Min))
	}
	if r.Pattern != nil {
		texts = append(texts, patternText+r.Pattern.Source)
	}
	if r.Enum != nil {
		texts = append(texts, r.enumText())
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// String checks the member name of the structure at at.
func (v *Violations) String(at *Path, name, s string, r *StringRule) {
	if !r.ok(s) {
		if r.TooLong != "" && utf8.RuneCountInString(s) > r.Max {
			v.whole = r.TooLong
		}
		v.add(at.Field(name), s, r.broken(s)...)
	}
}

// OptString is String for a member that may be absent.
func (v *Violations) OptString(at *Path, name string, s *string, r *StringRule) {
	if s != nil {
		v.String(at, name, *s, r)
	}
}

// Strings checks each element of a list.
func (v *Violations) Strings(at *Path, name string, list []string, r *StringRule) {
	for _, s := range list {
		if !r.ok(s) {
			v.add(at.Field(name), listText(list), "Member must satisfy constraint: "+r.all())
			return
		}
	}
}

// Keys checks the keys of a map.
func Keys[T any](v *Violations, at *Path, name string, m map[string]T, r *StringRule) {
	for key := range m {
		if !r.ok(key) {
			v.add(at.Field(name), mapText(m), "Map keys must satisfy constraint: "+r.all())
			return
		}
	}
}

// Values checks the values of a map.
func (v *Violations) Values(at *Path, name string, m map[string]string, r *StringRule) {
	for _, s := range m {
		if !r.ok(s) {
			v.add(at.Field(name), mapText(m), "Map value must satisfy constraint: "+r.all())
			return
		}
	}
}

// Number checks a number.
func Number[T int32 | int64 | float64](v *Violations, at *Path, name string, n T, r *NumberRule) {
	if r.Max != nil && float64(n) > *r.Max {
		v.add(at.Field(name), scalarText(n), "Member must have value less than or equal to "+formatNumber(*r.Max))
	}
	if r.Min != nil && float64(n) < *r.Min {
		v.add(at.Field(name), scalarText(n), "Member must have value greater than or equal to "+formatNumber(*r.Min))
	}
}

// OptNumber is Number for a member that may be absent.
func OptNumber[T int32 | int64 | float64](v *Violations, at *Path, name string, n *T, r *NumberRule) {
	if n != nil {
		Number(v, at, name, *n, r)
	}
}

func formatNumber(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// Size checks the length of a list; nil is absent and satisfies every rule.
func Size[T any](v *Violations, at *Path, name string, list []T, r SizeRule) {
	if text := r.broken(len(list)); text != "" && list != nil {
		v.add(at.Field(name), listText(list), text)
	}
}

// MapSize checks the size of a map; nil is absent and satisfies every rule.
func MapSize[T any](v *Violations, at *Path, name string, m map[string]T, r SizeRule) {
	if text := r.broken(len(m)); text != "" && m != nil {
		v.add(at.Field(name), mapText(m), text)
	}
}

func (r SizeRule) broken(n int) string {
	switch {
	case r.Max > 0 && n > r.Max:
		return maxLengthText + strconv.Itoa(r.Max)
	case n < r.Min:
		return minLengthText + strconv.Itoa(r.Min)
	default:
		return ""
	}
}
