package gateway

import (
	"slices"
	"strings"

	"github.com/tollbook/tollbook/gateway/schema"
)

// validator is what a method demands of requests.
type validator struct {
	headers, paths, queries []string // names of required parameters, sorted
	models                  []bodyModel
}

// bodyModel is the model that bodies of a media type must match.
type bodyModel struct {
	mediaType string
	schema    *schema.Schema
	problem   *Error // the model cannot be used
}

// compileValidator returns nil where nothing is to be checked.
func compileValidator(r Route, models *schema.Set) *validator {
	v := &validator{}
	if r.ValidateParameters {
		v.addParameters(r.RequestParameters)
	}
	if r.ValidateBody {
		for mediaType, name := range r.RequestModels {
			m := bodyModel{mediaType: strings.ToLower(mediaType)}
			var err error
			if m.schema, err = models.Compile(name); err != nil {
				m.problem = configuration("Invalid model schema: %v", err)
			}
			v.models = append(v.models, m)
		}
	}
	if len(v.headers)+len(v.paths)+len(v.queries)+len(v.models) == 0 {
		return nil
	}
	return v
}

func (v *validator) addParameters(parameters map[string]bool) {
	for expression, required := range parameters {
		place, name, ok := strings.Cut(strings.TrimPrefix(expression, "method.request."), ".")
		if !required || !ok {
			continue
		}
		switch place {
		case "header":
			v.headers = append(v.headers, name)
		case "path":
			v.paths = append(v.paths, name)
		case "querystring":
			v.queries = append(v.queries, name)
		}
	}
	slices.Sort(v.headers)
	slices.Sort(v.paths)
	slices.Sort(v.queries)
}

// validate checks the request's parameters and body by what the method declares, if it has a validator.
func (x *exchange) validate() *Error {
	v := x.route.validator
	if v == nil {
		return nil
	}
	if missing := x.missingParameters(v); len(missing) > 0 {
		message := "Missing required request parameters: [" + strings.Join(missing, ", ") + "]"
		x.exec.Error("%s", message)
		return late(400, "BAD_REQUEST_PARAMETERS", "BadRequestException", message)
	}
	if len(v.models) == 0 {
		return nil
	}
	return x.validateBody(v)
}

// missingParameters are the required parameters that are absent or blank: headers, then those of the path, then the query's.
func (x *exchange) missingParameters(v *validator) (missing []string) {
	for _, name := range v.headers {
		if !x.hasHeader(name) {
			missing = append(missing, name)
		}
	}
	for _, name := range v.paths {
		if i := slices.Index(x.route.params, name); i < 0 || i >= len(x.params) || blank(unescapePath(x.params[i])) {
			missing = append(missing, name)
		}
	}
	for _, name := range v.queries {
		if !hasQuery(str(x.query), name) {
			missing = append(missing, name)
		}
	}
	return missing
}

func blank(value string) bool { return strings.TrimSpace(value) == "" }

func (x *exchange) hasHeader(name string) bool {
	for i := range x.headers {
		if strings.EqualFold(str(x.headers[i].name), name) && !blank(str(x.headers[i].value)) {
			return true
		}
	}
	return false
}

func hasQuery(query, name string) bool {
	for pair := range splitQuery(query) {
		key, value, _ := strings.Cut(pair, "=")
		if (key == name || unescapeQuery(key) == name) && !blank(value) && !blank(unescapeQuery(value)) {
			return true
		}
	}
	return false
}

var errBody = late(400, "BAD_REQUEST_BODY", "BadRequestException", "Invalid request body")

// validateBody checks the body by the model of its media type. A body of a type without a model passes.
func (x *exchange) validateBody(v *validator) *Error {
	mediaType := mediaTypeOf(x.known.contentType)
	m := v.model(mediaType)
	if m == nil {
		m = v.model(defaultTemplate)
	}
	switch {
	case m == nil:
		return nil
	case m.problem != nil:
		return m.problem
	}
	wrong := m.schema.Validate(x.body)
	if len(wrong) == 0 {
		return nil
	}
	x.entry.Error.ValidationError = "[" + strings.Join(wrong, ", ") + "]"
	x.exec.Error("Request body does not match model schema for content type %s: %s", mediaType, x.entry.Error.ValidationError)
	return errBody
}

func (v *validator) model(mediaType string) *bodyModel {
	for i := range v.models {
		if v.models[i].mediaType == mediaType {
			return &v.models[i]
		}
	}
	return nil
}
