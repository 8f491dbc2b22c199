package mapping

import (
	"slices"
	"strings"
)

// contextObject is $context, or a group of its variables such as $context.identity.
type contextObject struct{ group string }

// groups are the names below which there are further ones.
var groups = []string{
	"authenticate", "authorize", "authorizer", "authorizer.claims", "customDomain", "error", "identity",
	"identity.clientCert", "identity.clientCert.validity", "integration", "requestOverride", "requestOverride.header",
	"requestOverride.path", "requestOverride.querystring", "responseOverride", "responseOverride.header", "waf",
}

func joined(group, name string) string {
	if group == "" {
		return name
	}
	return group + "." + name
}

// contextValue is a variable, a group, or what the template has overridden.
func (r *run) contextValue(name string) any {
	if slices.Contains(groups, name) {
		return contextObject{name}
	}
	if strings.HasPrefix(name, "request") || strings.HasPrefix(name, "response") {
		if t, key, ok := overrideTarget(name); ok {
			return r.in.Overrides.value(t, key)
		}
	}
	if r.in.Context == nil {
		return nil
	}
	return r.in.Context(name)
}

func (c contextObject) property(r *run, name string) any {
	return r.contextValue(joined(c.group, name))
}

// print writes the group as a map. All claims together are null at AWS; only each for itself has a value.
func (c contextObject) print(r *run) {
	if c.group != "authorizer.claims" {
		r.print(c.all(r))
	}
}

func (c contextObject) invoke(r *run, name string, args []any) any {
	switch {
	case name == "get" && len(args) == 1:
		return c.property(r, r.text(args[0]))
	case name == "put" && len(args) == 2:
		c.put(r, r.text(args[0]), args[1])
		return nil
	}
	return r.mapMethod(c.all(r), name, args)
}

// all is the group as a map.
func (c contextObject) all(r *run) *Map {
	m := &Map{}
	if target, _, ok := overrideTarget(joined(c.group, "x")); ok && r.in.Overrides != nil {
		for _, p := range *r.in.Overrides.params(target) {
			m.put(p.Name, p.Value)
		}
		return m
	}
	if r.in.ContextNames == nil || !r.step() {
		return m
	}
	for _, name := range r.in.ContextNames(c.group) {
		if v := c.property(r, name); v != nil {
			m.put(name, v)
		}
	}
	return m
}

func (c contextObject) put(r *run, name string, v any) {
	target, key, ok := overrideTarget(joined(c.group, name))
	switch {
	case !ok || r.in.Overrides == nil: // $context is read-only but for the overrides
	case target == overrideStatus:
		r.setStatus(v)
	default:
		r.override(target, key, r.text(v))
	}
}
