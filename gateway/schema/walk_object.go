package schema

import (
	"maps"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func (w *walk) checkObject(s *jsonschema.Schema, object map[string]any) bool {
	valid := true
	if s.MinProperties != nil && len(object) < *s.MinProperties {
		valid = w.fail("object has too few properties (found %d but schema requires at least %d)", len(object), *s.MinProperties)
	}
	if s.MaxProperties != nil && len(object) > *s.MaxProperties {
		valid = w.fail("object has too many properties (found %d but schema requires at most %d)", len(object), *s.MaxProperties)
	}
	if missing := missing(object, s.Required); len(missing) > 0 {
		valid = w.fail("object has missing required properties (%s)", list(missing))
	}
	if extra := extra(s, object); len(extra) > 0 {
		valid = w.fail("object instance has properties which are not allowed by the schema: %s", list(extra))
	}
	if w.over(valid) {
		return valid
	}
	valid = w.checkDependencies(s, object) && valid
	if w.over(valid) {
		return valid
	}
	return w.checkProperties(s, object) && valid
}

func (w *walk) checkDependencies(s *jsonschema.Schema, object map[string]any) bool {
	valid := true
	for _, name := range slices.Sorted(maps.Keys(s.Dependencies)) {
		if _, ok := object[name]; !ok {
			continue
		}
		switch needs := s.Dependencies[name].(type) {
		case []string:
			if missing := missing(object, needs); len(missing) > 0 {
				valid = w.fail("property %s of object has missing property dependencies (schema requires %s; missing: %s)",
					quote(name), list(slices.Sorted(slices.Values(needs))), list(missing))
			}
		case *jsonschema.Schema:
			valid = w.check(needs, object) && valid
		}
	}
	return valid
}

// checkProperties checks the values of an object, in the order of their names: of several errors the same is always first.
func (w *walk) checkProperties(s *jsonschema.Schema, object map[string]any) bool {
	if len(s.Properties) == 0 && len(s.PatternProperties) == 0 && s.AdditionalProperties == nil {
		return true
	}
	if w.silent > 0 { // nobody sees the order
		for name, v := range object {
			if !w.checkProperty(s, name, v) {
				return false
			}
		}
		return true
	}
	valid := true
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !w.checkProperty(s, name, object[name]) {
			if valid = false; w.over(valid) {
				return valid
			}
		}
	}
	return valid
}

func (w *walk) checkProperty(s *jsonschema.Schema, name string, v any) bool {
	valid, declared := true, false
	if property := s.Properties[name]; property != nil {
		declared = true
		valid = w.checkPart(property, v)
	}
	for pattern, property := range s.PatternProperties {
		if pattern.MatchString(name) {
			declared = true
			valid = w.checkPart(property, v) && valid
		}
	}
	if additional, ok := s.AdditionalProperties.(*jsonschema.Schema); ok && !declared {
		return w.checkPart(additional, v)
	}
	return valid
}

// missing are those of the names that the object lacks, sorted.
func missing(object map[string]any, names []string) (out []string) {
	for _, name := range names {
		if _, ok := object[name]; !ok {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// extra are the properties that the schema does not allow, sorted. There are at most maxMessages of them.
func extra(s *jsonschema.Schema, object map[string]any) (out []string) {
	if s.AdditionalProperties != false {
		return nil
	}
	for name := range object {
		if s.Properties[name] == nil && !matchesPattern(s, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out[:min(len(out), maxMessages)]
}

func matchesPattern(s *jsonschema.Schema, name string) bool {
	for pattern := range s.PatternProperties {
		if pattern.MatchString(name) {
			return true
		}
	}
	return false
}
