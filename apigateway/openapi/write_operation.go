package openapi

import (
	"slices"
	"strings"
)

func (w *writer) paths() *object {
	paths := &object{}
	for i := 0; i < len(w.d.Operations); {
		item := &object{}
		path := w.d.Operations[i].Path
		for ; i < len(w.d.Operations) && w.d.Operations[i].Path == path; i++ {
			op := w.d.Operations[i]
			key := strings.ToLower(op.Method)
			if op.Method == "ANY" {
				key = extension + "any-method"
			}
			item.always(key, w.operation(op).node())
		}
		paths.always(path, item.node())
	}
	return paths
}

func (w *writer) operation(op Operation) *object {
	o := &object{}
	o.set("operationId", op.OperationName)
	if !w.v3 {
		o.set("consumes", consumed(op)).set("produces", produced(op))
	}
	w.parameters(o, op)
	responses := &object{}
	for _, r := range op.Responses {
		responses.always(r.StatusCode, w.response(r).node())
	}
	o.always("responses", responses.node()) // both versions require it
	w.security(o, op)
	if w.o.All && op.RequestValidator != "" {
		o.set(extension+"request-validator", op.RequestValidator)
	}
	if op.Integration != nil && (w.o.All || w.o.Integrations) {
		o.set(extension+"integration", w.integration(op.Integration))
	}
	return o
}

func consumed(op Operation) []string { return sorted(op.RequestModels) }

func produced(op Operation) []string {
	var types []string
	for _, r := range op.Responses {
		types = append(types, sorted(r.Models)...)
	}
	slices.Sort(types)
	return slices.Compact(types)
}

func (w *writer) parameters(o *object, op Operation) {
	parameters := list()
	for _, p := range op.Parameters {
		in := p.In
		if in == "querystring" {
			in = "query"
		}
		v := (&object{}).set("name", p.Name).set("in", in)
		if p.Required || !w.v3 {
			v.set("required", p.Required)
		}
		if w.v3 {
			v.set("schema", (&object{}).set("type", "string"))
		} else {
			v.set("type", "string")
		}
		parameters.Content = append(parameters.Content, v.node())
	}
	types := sorted(op.RequestModels)
	if len(types) > 0 && !w.v3 { // version 2.0 has one schema for all media types
		name := op.RequestModels[types[0]]
		body := (&object{}).set("in", "body").set("name", name).set("required", true).set("schema", w.modelReference(name))
		parameters.Content = append(parameters.Content, body.node())
	}
	if len(parameters.Content) > 0 {
		o.set("parameters", parameters)
	}
	if len(types) > 0 && w.v3 {
		o.set("requestBody", (&object{}).set("content", w.content(op.RequestModels)).set("required", true))
	}
}

func (w *writer) content(models map[string]string) *object {
	content := &object{}
	for _, mediaType := range sorted(models) {
		content.set(mediaType, (&object{}).set("schema", w.modelReference(models[mediaType])))
	}
	return content
}

// noDescription is what an export says of a response, since every response needs a description. It documents nothing.
func noDescription(statusCode string) string { return statusCode + " response" }

func (w *writer) response(r Response) *object {
	o := (&object{}).set("description", noDescription(r.StatusCode))
	headers := &object{}
	for _, name := range r.Headers {
		h := (&object{}).set("type", "string")
		if w.v3 {
			h = (&object{}).set("schema", h)
		}
		headers.set(name, h)
	}
	types := sorted(r.Models)
	if !w.v3 && len(types) > 0 {
		o.set("schema", w.modelReference(r.Models[types[0]]))
	}
	o.set("headers", headers)
	if w.v3 {
		o.always("content", w.content(r.Models).node())
	}
	return o
}

func (w *writer) security(o *object, op Operation) {
	requirement := &object{}
	switch op.AuthorizationType {
	case "AWS_IAM":
		requirement.always(sigv4Scheme, list())
	case "CUSTOM", "COGNITO_USER_POOLS":
		requirement.always(op.Authorizer, textList(op.AuthorizationScopes))
	}
	if op.APIKeyRequired {
		requirement.always(apiKeyScheme, list())
	}
	if !requirement.empty() {
		o.set("security", list(requirement.node()))
	}
}

// integration writes an x-amazon-apigateway-integration. AWS orders its members differently in the two versions.
func (w *writer) integration(i *Integration) *object {
	o := &object{}
	kind := strings.ToLower(i.Type)
	if !w.v3 {
		o.set("type", kind)
	}
	o.set("connectionId", i.ConnectionID).set("credentials", i.Credentials).set("httpMethod", i.HTTPMethod).set("uri", i.URI)
	responses := &object{}
	for _, r := range i.Responses {
		key := r.SelectionPattern
		if key == "" {
			key = "default"
		}
		responses.set(key, (&object{}).set("statusCode", r.StatusCode).set("responseParameters", r.ResponseParameters).
			set("responseTemplates", r.ResponseTemplates).set("contentHandling", r.ContentHandling))
	}
	o.set("responses", responses).set("requestParameters", i.RequestParameters).set("requestTemplates", i.RequestTemplates)
	o.set("passthroughBehavior", strings.ToLower(i.PassthroughBehavior))
	if i.ConnectionType != "" && i.ConnectionType != "INTERNET" {
		o.set("connectionType", i.ConnectionType)
	}
	if i.TimeoutInMillis != 0 && i.TimeoutInMillis != 29000 {
		o.set("timeoutInMillis", i.TimeoutInMillis)
	}
	o.set("cacheNamespace", i.CacheNamespace).set("cacheKeyParameters", i.CacheKeyParameters).set("contentHandling", i.ContentHandling)
	if i.InsecureSkipVerification != nil {
		o.set("tlsConfig", (&object{}).set("insecureSkipVerification", *i.InsecureSkipVerification))
	}
	o.set("responseTransferMode", i.ResponseTransferMode)
	if w.v3 {
		o.set("type", kind)
	}
	return o
}
