package apigateway

import (
	"slices"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
)

// AWS patches its resources by lists of {op, path, value, from}. Paths look like JSON pointers ("~1" is "/" and "~0" is
// "~" inside a part) but each resource knows only certain paths, and each family of resources has its own words for a
// wrong one. A patchTable holds the paths of one resource; apply runs a list against a record in memory, so a list that
// fails half way has changed nothing that is stored.

// patchOp is one operation with its path split.
type patchOp struct {
	op    string   // "" when absent
	path  string   // as sent; "null" when absent, which is what AWS prints
	parts []string // parts of the path, unescaped; nil for what does not start with "/"
	value *string
	from  string
}

// text is the operation's value; an absent one reads as "".
func (o patchOp) text() string { return deref(o.value) }

// flag is the operation's value as AWS reads booleans: what is not "true", or absent, is false.
func (o patchOp) flag() bool { return strings.EqualFold(o.text(), "true") }

// last is the final part of the path, such as a map's key.
func (o patchOp) last() string { return o.parts[len(o.parts)-1] }

const (
	opAdd     = "add"
	opRemove  = "remove"
	opReplace = "replace"
	opCopy    = "copy"
)

// patchRule is one path of a record of type T.
type patchRule[T any] struct {
	path  string   // "/requestTemplates/*": a part "*" stands for any one part
	ops   []string // supported operations, in the order in which AWS lists them
	apply func(doc *T, op patchOp) error
}

// patchTable is all that may be patched in a record of type T.
type patchTable[T any] struct {
	rules []patchRule[T]
	// unknownPath and unsupportedOp make the family's errors.
	unknownPath   func(op patchOp, known []string) error
	unsupportedOp func(op patchOp, supported []string) error
	// fallback, when set, takes operations whose path no rule has.
	fallback func(doc *T, op patchOp) error
}

// apply runs the operations in order and stops at the first bad one; doc is then half changed and must be dropped.
func (t patchTable[T]) apply(doc *T, ops []awsapigateway.PatchOperation) error {
	for _, wire := range ops {
		if err := t.applyOne(doc, parsePatchOp(wire)); err != nil {
			return err
		}
	}
	return nil
}

func (t patchTable[T]) applyOne(doc *T, op patchOp) error {
	for _, r := range t.rules {
		if !matchPath(r.path, op.parts) {
			continue
		}
		if !slices.Contains(r.ops, op.op) {
			return t.unsupportedOp(op, r.ops)
		}
		return r.apply(doc, op)
	}
	if t.fallback != nil {
		return t.fallback(doc, op)
	}
	return t.unknownPath(op, t.paths())
}

func (t patchTable[T]) paths() []string {
	var paths []string
	for _, r := range t.rules {
		paths = append(paths, r.path)
	}
	return paths
}

func parsePatchOp(wire awsapigateway.PatchOperation) patchOp {
	op := patchOp{op: deref(wire.Op), path: "null", value: wire.Value, from: deref(wire.From)}
	if wire.Path != nil {
		op.path = *wire.Path
		op.parts = splitPointer(*wire.Path)
	}
	return op
}

// splitPointer splits a path into unescaped parts; nil when it does not start with "/".
func splitPointer(path string) []string {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok {
		return nil
	}
	parts := strings.Split(rest, "/")
	for i, p := range parts {
		parts[i] = unescapePointer(p)
	}
	return parts
}

func unescapePointer(part string) string {
	return strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
}

func matchPath(pattern string, parts []string) bool {
	want := strings.Split(pattern[1:], "/")
	if len(want) != len(parts) {
		return false
	}
	for i, w := range want {
		if w != parts[i] && (w != "*" || parts[i] == "") {
			return false
		}
	}
	return true
}

// plainTable is a table of the family of RestApi, Method, MethodResponse and Integration.
func plainTable[T any](rules ...patchRule[T]) patchTable[T] {
	return patchTable[T]{
		rules: rules,
		unknownPath: func(op patchOp, _ []string) error {
			return badRequest("Invalid patch path %s", op.path)
		},
		unsupportedOp: func(_ patchOp, supported []string) error {
			return badRequest("Invalid patch operation specified. Must be one of: [%s]", strings.Join(supported, ", "))
		},
	}
}

// listingTable is a table of the family of Resource, Model and ApiKey. Two spaces follow "path" in AWS' text.
func listingTable[T any](rules ...patchRule[T]) patchTable[T] {
	return patchTable[T]{
		rules: rules,
		unknownPath: func(op patchOp, known []string) error {
			return badRequest("Invalid patch path  '%s' specified for op '%s'. Must be one of: [%s]",
				op.path, op.op, strings.Join(known, ", "))
		},
		unsupportedOp: func(op patchOp, _ []string) error {
			return badRequest("Invalid patch path  '%s' specified for op '%s'. Please choose supported operations", op.path, op.op)
		},
	}
}

// listingByOp makes the error for an unknown path name only those that the operation knows.
func (t patchTable[T]) listingByOp() patchTable[T] {
	rules, list := t.rules, t.unknownPath
	t.unknownPath = func(op patchOp, _ []string) error {
		var known []string
		for _, r := range rules {
			if slices.Contains(r.ops, op.op) {
				known = append(known, r.path)
			}
		}
		return list(op, known)
	}
	return t
}

// replaceRule is a path that knows only replace.
func replaceRule[T any](path string, apply func(doc *T, op patchOp) error) patchRule[T] {
	return patchRule[T]{path: path, ops: []string{opReplace}, apply: apply}
}

// replaceText is a replaceRule that stores the value in a string; "" is the same as absent.
func replaceText[T any](path string, field func(*T) *string) patchRule[T] {
	return replaceRule(path, func(doc *T, op patchOp) error {
		*field(doc) = op.text()
		return nil
	})
}

// replaceFlag is a replaceRule that stores the value in a bool.
func replaceFlag[T any](path string, field func(*T) *bool) patchRule[T] {
	return replaceRule(path, func(doc *T, op patchOp) error {
		*field(doc) = op.flag()
		return nil
	})
}

// mapRule is a path whose last part is a map's key: add and replace set it to what value makes of the operation, remove
// deletes it and answers missing when it is not there.
func mapRule[T, V any](base string, field func(*T) *map[string]V, value func(op patchOp) (V, error), missing func() error) patchRule[T] {
	apply := func(doc *T, op patchOp) error {
		m := field(doc)
		if op.op == opRemove {
			if _, ok := (*m)[op.last()]; !ok {
				return missing()
			}
			delete(*m, op.last())
			return nil
		}
		v, err := value(op)
		if err != nil {
			return err
		}
		if *m == nil {
			*m = map[string]V{}
		}
		(*m)[op.last()] = v
		return nil
	}
	return patchRule[T]{path: base + "/*", ops: []string{opAdd, opRemove, opReplace}, apply: apply}
}

// setRule is a path whose last part is a member of a list without order: replace swaps it for the value.
func setRule[T any](base string, field func(*T) *[]string) patchRule[T] {
	apply := func(doc *T, op patchOp) error {
		list, member := field(doc), op.last()
		switch op.op {
		case opAdd:
			*list = withMember(*list, member)
		case opRemove:
			*list = withoutMember(*list, member)
		default:
			*list = withMember(withoutMember(*list, member), op.text())
		}
		return nil
	}
	return patchRule[T]{path: base + "/*", ops: []string{opAdd, opRemove, opReplace}, apply: apply}
}

// valueSetRule is a list whose members are named by the operation's value, not by its path.
func valueSetRule[T any](path string, field func(*T) *[]string) patchRule[T] {
	apply := func(doc *T, op patchOp) error {
		list := field(doc)
		if op.op == opRemove {
			*list = withoutMember(*list, op.text())
			return nil
		}
		*list = withMember(*list, op.text())
		return nil
	}
	return patchRule[T]{path: path, ops: []string{opAdd, opRemove}, apply: apply}
}

func withMember(list []string, member string) []string {
	if slices.Contains(list, member) {
		return list
	}
	return append(list, member)
}

func withoutMember(list []string, member string) []string {
	return slices.DeleteFunc(list, func(m string) bool { return m == member })
}

// deref is the value that p points to, or the zero value.
func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// optional is nil for the zero value and a pointer to v otherwise: most output members are absent when empty.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
