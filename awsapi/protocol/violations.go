package protocol

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/awsapi"
)

// maxViolations is how many violations a message spells out, maxValueRunes how much of a value it repeats: what a
// client sends must not decide how much memory its refusal takes.
const (
	maxViolations = 10
	maxValueRunes = 1024
)

// Violations collects what in one input breaks its constraints.
type Violations struct {
	// Code is the error code of the service, such as "ValidationException".
	Code string
	// Shape is the error's shape with its namespace, where a service speaks several protocols.
	Shape string
	// OmitValues leaves the offending values out of the message, as IAM does.
	OmitValues bool

	whole string // a message that stands for all
	count int
	texts []string
	nulls []string // places of absent values, whose other constraints do not count
}

// Null notes that a required value is absent.
func (v *Violations) Null(at Path) {
	if v.count++; v.count > maxViolations {
		return
	}
	place := shorten(at.String())
	v.nulls = append(v.nulls, place)
	v.texts = append(v.texts, "Value null at '"+place+"' failed to satisfy constraint: Member must not be null")
}

// Missing notes an absent value for each name whose bit, counted from the lowest, is not in seen.
func (v *Violations) Missing(at *Path, seen uint64, names ...string) {
	for i, name := range names {
		if seen&(1<<i) == 0 {
			v.Null(at.Field(name))
		}
	}
}

// add notes that value breaks each of the constraints.
func (v *Violations) add(at Path, value string, constraints ...string) {
	if v.count >= maxViolations {
		v.count += len(constraints)
		return
	}
	place := shorten(at.String())
	if slices.Contains(v.nulls, place) {
		return
	}
	where := "Value '" + shorten(value) + "' at '" + place
	if v.OmitValues {
		where = "Value at '" + place
	}
	for _, c := range constraints {
		v.count++
		v.texts = append(v.texts, where+"' failed to satisfy constraint: "+c)
	}
}

// Err returns the error that tells the client of all violations, or nil if there are none.
func (v *Violations) Err() error {
	if v.count == 0 {
		return nil
	}
	if v.whole != "" {
		return awsapi.NewError(400, v.Code, "%s", v.whole).WithShape(v.Shape)
	}
	noun := "errors"
	if v.count == 1 {
		noun = "error"
	}
	return awsapi.NewError(400, v.Code, "%d validation %s detected: %s", v.count, noun, strings.Join(v.texts, "; ")).WithShape(v.Shape)
}

func shorten(s string) string {
	n := 0
	for i := range s {
		if n++; n > maxValueRunes {
			return s[:i] + "…"
		}
	}
	return s
}

// listText shows a list as Java's toString does.
func listText[T any](list []T) string {
	var b strings.Builder
	for i, e := range list {
		if b.Len() > 4*maxValueRunes {
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		switch {
		case isScalar(e):
			b.WriteString(scalarText(e))
		case reflect.TypeFor[T]().Kind() == reflect.Struct:
			b.WriteString(structText(reflect.ValueOf(e)))
		default:
			b.WriteString("…")
		}
	}
	return "[" + b.String() + "]"
}

// structText shows a structure as in the message that AWS was recorded to give for MetricTransformation: all members, those
// that are absent as null, and maps behind the others. Members that are lists or structures are not spelt out.
func structText(v reflect.Value) string {
	var plain, maps []string
	for i := range v.NumField() {
		name, member := v.Type().Field(i).Name, v.Field(i)
		text := strings.ToLower(name[:1]) + name[1:] + "=" + memberText(member)
		if member.Kind() == reflect.Map {
			maps = append(maps, text)
		} else {
			plain = append(plain, text)
		}
	}
	return v.Type().Name() + "(" + strings.Join(append(plain, maps...), ", ") + ")"
}

func memberText(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		if v.IsNil() {
			return "null"
		}
	}
	if m, ok := v.Interface().(map[string]string); ok {
		return mapText(m)
	}
	if e := reflect.Indirect(v).Interface(); isScalar(e) {
		return scalarText(e)
	}
	return "…"
}

// mapText shows a map as Java's toString does, in the order of its keys.
func mapText[T any](m map[string]T) string {
	var b strings.Builder
	for i, key := range sortedKeys(m) {
		if b.Len() > 4*maxValueRunes {
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(key + "=" + scalarText(m[key]))
	}
	return "{" + b.String() + "}"
}

func isScalar(v any) bool {
	switch v.(type) {
	case string, bool, int32, int64, float64:
		return true
	}
	return false
}

func scalarText(v any) string {
	if isScalar(v) {
		return fmt.Sprint(v)
	}
	return "…"
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
