package openapi

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

func (r *reader) readOperation(path, method string, item, v value) {
	r.operation = v
	op := Operation{
		Path: path, Method: method, OperationName: v.get("operationId").text(),
		RequestValidator: v.get("x-amazon-apigateway-request-validator").text(),
	}
	if op.RequestValidator == "" {
		op.RequestValidator = r.root.get("x-amazon-apigateway-request-validator").text()
	}
	if _, ok := r.doc.RequestValidators[op.RequestValidator]; op.RequestValidator != "" && !ok {
		v.get("x-amazon-apigateway-request-validator").fail("Invalid request validator name: %s", op.RequestValidator)
	}
	r.readParameters(&op, item, v)
	r.readRequestBody(&op, v)
	r.readResponses(&op, v.get("responses"))
	r.readSecurity(&op, v)
	r.readIntegration(&op, v.get("x-amazon-apigateway-integration"))
	r.describeOperation(op, v)
	r.doc.Operations = append(r.doc.Operations, op)
}

// readParameters takes the parameters of the path and those of the operation, which come first where both have one.
func (r *reader) readParameters(op *Operation, item, v value) {
	for _, list := range []value{v.get("parameters"), item.get("parameters")} {
		for _, unresolved := range list.items() {
			p := r.resolve(unresolved)
			if p.node == nil {
				continue
			}
			r.readParameter(op, p)
		}
	}
	slices.SortFunc(op.Parameters, func(a, b Parameter) int { return strings.Compare(a.Expression(), b.Expression()) })
}

func (r *reader) readParameter(op *Operation, v value) {
	p := Parameter{Name: v.get("name").text(), Required: v.get("required").flag()}
	switch in := v.get("in").text(); in {
	case "path":
		p.In, p.Required = "path", true
	case "query":
		p.In = "querystring"
	case "header":
		p.In = "header"
	case "body":
		r.addRequestModels(op, v.get("schema"), r.mediaTypes("consumes"))
		return
	default:
		v.warn("A parameter in %q is not supported and left out", in)
		return
	}
	if p.Name == "" {
		v.fail("A parameter needs a name")
		return
	}
	if !slices.ContainsFunc(op.Parameters, func(q Parameter) bool { return q.Name == p.Name && q.In == p.In }) {
		op.Parameters = append(op.Parameters, p)
		r.describe(v, DocumentationPart{Type: parameterPart[p.In], Path: op.Path, Method: documented(op.Method), Name: p.Name})
	}
}

var parameterPart = map[string]string{"path": "PATH_PARAMETER", "querystring": "QUERY_PARAMETER", "header": "REQUEST_HEADER"}

// mediaTypes are consumes or produces of the operation, in version 2.0, else the document's, else JSON.
func (r *reader) mediaTypes(key string) []string {
	for _, list := range []value{r.operation.get(key), r.root.get(key)} {
		if list.present() {
			return list.texts()
		}
	}
	return []string{"application/json"}
}

func (r *reader) addRequestModels(op *Operation, schema value, mediaTypes []string) {
	name := r.modelFor(schema)
	if name == "" {
		return
	}
	if op.RequestModels == nil {
		op.RequestModels = map[string]string{}
	}
	for _, mediaType := range mediaTypes {
		op.RequestModels[mediaType] = name
	}
}

func (r *reader) readRequestBody(op *Operation, v value) {
	if !r.v3 {
		return
	}
	body := r.resolve(v.get("requestBody"))
	for _, content := range body.get("content").pairs() {
		r.addRequestModels(op, content.value.get("schema"), []string{content.key})
	}
	r.describe(body, DocumentationPart{Type: "REQUEST_BODY", Path: op.Path, Method: documented(op.Method)})
}

var statusForm = regexp.MustCompile(`^[1-5]\d\d$`)

func (r *reader) readResponses(op *Operation, responses value) {
	for _, p := range responses.pairs() {
		if strings.HasPrefix(p.key, "x-") {
			continue
		}
		if !statusForm.MatchString(p.key) {
			p.value.warn("Response %q is not supported and left out: a method response has one status code", p.key)
			continue
		}
		v := r.resolve(p.value)
		res := Response{StatusCode: p.key}
		for _, h := range v.get("headers").pairs() {
			res.Headers = append(res.Headers, h.key)
		}
		slices.Sort(res.Headers)
		res.Models = r.responseModels(v)
		op.Responses = append(op.Responses, res)
		if v.get("description").text() != noDescription(p.key) {
			r.describe(v, DocumentationPart{Type: "RESPONSE", Path: op.Path, Method: documented(op.Method), StatusCode: p.key})
		}
	}
	slices.SortFunc(op.Responses, func(a, b Response) int { return strings.Compare(a.StatusCode, b.StatusCode) })
}

func (r *reader) responseModels(v value) map[string]string {
	models := map[string]string{}
	if !r.v3 {
		if name := r.modelFor(v.get("schema")); name != "" {
			for _, mediaType := range r.mediaTypes("produces") {
				models[mediaType] = name
			}
		}
	}
	for _, content := range v.get("content").pairs() {
		if name := r.modelFor(content.value.get("schema")); name != "" {
			models[content.key] = name
		}
	}
	if len(models) == 0 {
		return nil
	}
	return models
}

// readModels takes the named schemas.
func (r *reader) readModels() {
	for _, p := range r.schemas().pairs() {
		name := modelName(p.key)
		if name != p.key {
			p.value.warn("A model's name is alphanumeric: %s is called %s", p.key, name)
		}
		if slices.ContainsFunc(r.doc.Models, func(m Model) bool { return m.Name == name }) {
			p.value.fail("Model name already exists for this REST API: %s", name)
			continue
		}
		r.doc.Models = append(r.doc.Models, Model{
			Name: name, Description: p.value.get("description").text(), Schema: r.schemaText(p.value),
		})
	}
}

func (r *reader) schemas() value {
	if r.v3 {
		return r.root.get("components").get("schemas")
	}
	return r.root.get("definitions")
}

var notAlphanumeric = regexp.MustCompile(`[^A-Za-z0-9]`)

func modelName(name string) string { return notAlphanumeric.ReplaceAllString(name, "") }

// modelFor is the name of the model that a schema is: the one that it refers to, or one made for it. Empty without one.
func (r *reader) modelFor(schema value) string {
	if !schema.present() {
		return ""
	}
	if ref := schema.get("$ref"); ref.present() {
		if target := r.at(ref.text()); target.node == nil {
			ref.fail("Invalid model specified for the operation: unable to resolve %s", ref.text())
			return ""
		}
		if name, ok := schemaReference(ref.text()); ok {
			return modelName(name)
		}
		schema = r.resolve(schema)
	}
	text := r.schemaText(schema)
	if text == "" || text == "{}" {
		return ""
	}
	if name, ok := r.inline[text]; ok {
		return name
	}
	sum := sha256.Sum256([]byte(text))
	name := "MODEL" + hex.EncodeToString(sum[:])[:6]
	r.inline[text] = name
	r.doc.Models = append(r.doc.Models, Model{Name: name, Schema: text})
	return name
}

// schemaReference is the name in a reference to a named schema.
func schemaReference(ref string) (string, bool) {
	for _, prefix := range []string{"#/definitions/", "#/components/schemas/"} {
		if name, ok := strings.CutPrefix(ref, prefix); ok {
			return name, true
		}
	}
	return "", false
}

// schemaText is a schema as JSON, in which references to others are #/definitions/Name in any version.
func (r *reader) schemaText(v value) string {
	r.checkReferences(v, 0)
	text := v.json()
	if text == nil {
		return ""
	}
	return string(RewriteReferences(text, func(ref string) string {
		if name, ok := schemaReference(ref); ok {
			return "#/definitions/" + modelName(name)
		}
		return ref
	}))
}

// checkReferences reports references in a schema that lead nowhere.
func (r *reader) checkReferences(v value, depth int) {
	if v = v.follow(); v.node == nil || depth > maxDepth {
		return
	}
	if v.node.Tag == "!!seq" {
		for _, item := range v.items() {
			r.checkReferences(item, depth+1)
		}
		return
	}
	if v.node.Tag != "!!map" {
		return
	}
	for _, p := range v.pairs() {
		if p.key == "$ref" && p.value.node != nil && p.value.node.Tag == "!!str" {
			if strings.HasPrefix(p.value.text(), "#/") && r.at(p.value.text()).node == nil {
				p.value.fail("Unable to resolve the reference %s", p.value.text())
			}
			continue
		}
		r.checkReferences(p.value, depth+1)
	}
}

var referenceForm = regexp.MustCompile(`"\$ref"\s*:\s*("(?:[^"\\]|\\.)*")`)

// RewriteReferences replaces the targets of all $ref members of a JSON text.
func RewriteReferences(text []byte, rewrite func(ref string) string) []byte {
	return referenceForm.ReplaceAllFunc(text, func(member []byte) []byte {
		literal := referenceForm.FindSubmatch(member)[1]
		var ref string
		if json.Unmarshal(literal, &ref) != nil {
			return member
		}
		return append([]byte(`"$ref":`), quoted(rewrite(ref))...)
	})
}
