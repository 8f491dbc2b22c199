package openapi

import (
	"encoding/json"
	"strings"
)

// API Gateway keeps the prose of a document as documentation parts: descriptions and summaries where they stand, and
// those that x-amazon-apigateway-documentation lists, which come first where both document a place.

func documented(method string) string {
	if method == "ANY" {
		return "*"
	}
	return method
}

// describe keeps the description at a place, if there is one.
func (r *reader) describe(v value, part DocumentationPart) {
	if text := v.get("description").text(); text != "" {
		r.addPart(part, map[string]any{"description": text})
	}
}

func (r *reader) addPart(part DocumentationPart, properties map[string]any) {
	if len(properties) == 0 {
		return
	}
	text, err := json.Marshal(properties)
	if err != nil {
		return // texts and lists of texts always encode
	}
	part.Properties = string(text)
	r.keepPart(part)
}

// keepPart adds a part unless its place is documented.
func (r *reader) keepPart(part DocumentationPart) {
	place := part
	if place.Properties = ""; r.documented[place] {
		return
	}
	r.documented[place] = true
	r.doc.Documentation = append(r.doc.Documentation, part)
}

func (r *reader) describeOperation(op Operation, v value) {
	properties := map[string]any{}
	for _, key := range []string{"summary", "description"} {
		if text := v.get(key).text(); text != "" {
			properties[key] = text
		}
	}
	if tags := v.get("tags").texts(); len(tags) > 0 {
		properties["tags"] = tags
	}
	r.addPart(DocumentationPart{Type: "METHOD", Path: op.Path, Method: documented(op.Method)}, properties)
}

func (r *reader) readDocumentation() {
	inline := r.doc.Documentation
	r.doc.Documentation, r.documented = nil, map[DocumentationPart]bool{}
	for _, part := range r.root.get(extension + "documentation").get("documentationParts").items() {
		l := part.get("location")
		r.keepPart(DocumentationPart{
			Type: l.get("type").text(), Path: l.get("path").text(), Method: l.get("method").text(),
			StatusCode: l.get("statusCode").text(), Name: l.get("name").text(), Properties: string(part.get("properties").json()),
		})
	}
	if info := r.root.get("info"); info.present() {
		properties := map[string]any{}
		if text := info.get("description").text(); text != "" {
			properties["info"] = map[string]any{"description": text}
		}
		r.addPart(DocumentationPart{Type: "API"}, properties)
	}
	for _, m := range r.doc.Models {
		if m.Description != "" {
			r.addPart(DocumentationPart{Type: "MODEL", Name: m.Name}, map[string]any{"description": strings.TrimSpace(m.Description)})
		}
	}
	for _, part := range inline {
		r.keepPart(part)
	}
}
