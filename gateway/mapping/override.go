package mapping

import "strings"

// Overrides are what templates put in the place of mapped parameters. They are final: a parameter may be overridden once
// in a request's life, by the request's template or the response's, and are applied after parameter mappings.
type Overrides struct {
	Header, Path, Query []Param // of the request to the back end
	ResponseHeader      []Param
	Status              int // of the response, 100 to 599; 0: not overridden
	// Repeated names what was overridden twice, which AWS answers with a 5XX; empty: nothing was.
	Repeated string
}

// target is what an override aims at.
type target uint8

const (
	overrideHeader target = iota
	overridePath
	overrideQuery
	overrideResponseHeader
	overrideStatus
)

var overridePrefixes = [...]string{
	overrideHeader:         "requestOverride.header.",
	overridePath:           "requestOverride.path.",
	overrideQuery:          "requestOverride.querystring.",
	overrideResponseHeader: "responseOverride.header.",
}

// overrideTarget reads the name of a $context variable.
func overrideTarget(name string) (t target, key string, ok bool) {
	for t, prefix := range overridePrefixes {
		if key, ok := strings.CutPrefix(name, prefix); ok {
			return target(t), key, true
		}
	}
	return overrideStatus, "", name == "responseOverride.status"
}

func (o *Overrides) params(t target) *[]Param {
	switch t {
	case overrideHeader:
		return &o.Header
	case overridePath:
		return &o.Path
	case overrideQuery:
		return &o.Query
	case overrideResponseHeader:
		return &o.ResponseHeader
	}
	return new([]Param)
}

// Value is what a variable such as requestOverride.header.h was set to; empty: nothing.
func (o *Overrides) Value(name string) string {
	if t, key, ok := overrideTarget(name); ok && t != overrideStatus {
		value, _ := o.value(t, key).(string)
		return value
	}
	return ""
}

// Any reports whether parameters are overridden.
func (o *Overrides) Any() bool {
	return len(o.Header)+len(o.Path)+len(o.Query)+len(o.ResponseHeader) > 0
}

func (o *Overrides) value(t target, key string) any {
	switch {
	case o == nil:
		return nil
	case t == overrideStatus && o.Status != 0:
		return int64(o.Status)
	}
	for _, p := range *o.params(t) {
		if p.Name == key {
			return p.Value
		}
	}
	return nil
}

func (r *run) override(t target, key, value string) {
	o := r.in.Overrides
	if o.value(t, key) != nil {
		o.Repeated = key
		return
	}
	if r.spend(len(key) + len(value) + 2*valueBytes) {
		params := o.params(t)
		*params = append(*params, Param{strings.Clone(key), strings.Clone(value)})
	}
}

// setStatus ignores what is no status.
func (r *run) setStatus(v any) {
	status, ok := toInt(v)
	if s, isString := v.(string); isString {
		status, ok = parseStatus(s)
	}
	switch o := r.in.Overrides; {
	case !ok || status < 100 || status > 599:
	case o.Status != 0:
		o.Repeated = "status"
	default:
		o.Status = status
	}
}
