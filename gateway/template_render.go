package gateway

import (
	"errors"
	"strings"

	"github.com/tollbook/tollbook/gateway/mapping"
)

// rendering is what an exchange needs to render mapping templates. It exists from the first template on and is kept, with
// its memory, for the exchange's next requests.
type rendering struct {
	input     mapping.Input
	overrides mapping.Overrides // of the request's template and of the response's
	params    mapping.Params
	read      bool   // params are those of this request
	request   []byte // what the request template gave
}

func newRendering(x *exchange) *rendering {
	r := &rendering{}
	r.input = mapping.Input{
		Params: x.templateParams, Context: x.templateContext, ContextNames: x.contextNames, Overrides: &r.overrides,
	}
	return r
}

func (r *rendering) reset() {
	request := r.request
	if cap(request) > maxKept {
		request = nil
	}
	input := r.input // its functions are the exchange's
	input.Body, input.StageVariables = nil, nil
	*r = rendering{input: input, request: request[:0]}
}

// render appends what a template makes of a body to dst.
func (x *exchange) render(t *template, dst, body []byte, side string) ([]byte, *Error) {
	if t.computed == nil {
		return append(dst, t.text...), nil
	}
	if x.rendering == nil {
		x.rendering = newRendering(x)
	}
	r := x.rendering
	r.input.Body, r.input.StageVariables = body, x.table.variables
	out, err := t.computed.Render(dst, &r.input)
	if r.overrides.Any() {
		x.entry.Overridden = r.overrides.Value
	}
	if err == nil && r.overrides.Repeated != "" {
		err = errors.New(r.overrides.Repeated + " is overridden twice")
	}
	if err != nil {
		cause := err.Error()
		return nil, configuration("Unable to transform %s: %s", side, cause[:min(len(cause), maxTemplateError)])
	}
	return out, nil
}

// maxTemplateError is what is told of a template's error, which may quote a body.
const maxTemplateError = 300

// checkOverrides refuses headers that no integration may set.
func (x *exchange) checkOverrides(i *integration) *Error {
	o := x.overridden()
	if o == nil {
		return nil
	}
	for _, p := range o.Header {
		if err := illegalTarget(p.Name); err != nil {
			return err
		}
		if i.service != nil && illegalForAWS(p.Name) {
			return configuration("Illegal header mapping: %s", p.Name)
		}
	}
	return nil
}

// overridden returns the overrides of the request's templates; nil if none has run.
func (x *exchange) overridden() *mapping.Overrides {
	if x.rendering == nil {
		return nil
	}
	return &x.rendering.overrides
}

// overridesParam reports whether a template set a parameter, whose mapping then has no say.
func overridesParam(params []mapping.Param, name string, fold bool) (value string, ok bool) {
	for _, p := range params {
		if p.Name == name || fold && strings.EqualFold(p.Name, name) {
			return p.Value, true
		}
	}
	return "", false
}

// templateParams are the parameters of the request: of several of one name the last, as AWS has it.
func (x *exchange) templateParams() mapping.Params {
	r := x.rendering
	if r.read {
		return r.params
	}
	r.read = true
	for i, name := range x.route.params {
		if i < len(x.params) {
			r.params.Path = append(r.params.Path, mapping.Param{Name: name, Value: unescapePath(x.params[i])})
		}
	}
	for name, value := range queryPairs(x.query) {
		r.params.Query = setParam(r.params.Query, name, value, false)
	}
	for _, p := range x.eventPairs() {
		r.params.Header = setParam(r.params.Header, p.name, p.value, true)
	}
	return r.params
}

func setParam(params []mapping.Param, name, value string, fold bool) []mapping.Param {
	for i := range params {
		if params[i].Name == name || fold && strings.EqualFold(params[i].Name, name) {
			params[i].Value = value
			return params
		}
	}
	return append(params, mapping.Param{Name: name, Value: value})
}
