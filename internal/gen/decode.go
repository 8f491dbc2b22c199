package main

import (
	"slices"
	"strings"
)

// writeDecode writes a decoder for each served operation and readers for the shapes of their inputs.
func (g *generator) writeDecode() {
	g.p("func newViolations() *protocol.Violations {")
	g.p("return &protocol.Violations{Code: %q, OmitValues: %t}", g.validationCode(), g.svc.OmitValues)
	g.p("}\n")
	for _, op := range g.ops {
		g.writeDecoder(op)
	}
	if g.m.Metadata.Protocol == "query" {
		g.writeFormReaders()
	} else {
		g.writeJSONReaders()
	}
}

func (g *generator) validationCode() string {
	return map[string]string{"json": "InvalidParameterException", "rest-json": "ValidationException", "query": "ValidationError"}[g.m.Metadata.Protocol]
}

func (g *generator) writeDecoder(op *Operation) {
	g.p("func decode%s(r *awsapi.Request) (*%s, error) {", op.Name, exported(op.Input.Shape))
	g.p("in, v := new(%s), newViolations()", exported(op.Input.Shape))
	in := g.m.Shapes.Get(op.Input.Shape)
	at := "nil"
	switch g.m.Metadata.Protocol {
	case "query":
		g.decodeForm(op, in)
	case "json":
		g.decodeJSON(op, at)
	case "rest-json":
		if g.bodyRoot(in) {
			at = "&at"
			g.p("at := (*protocol.Path)(nil).Field(%q)", lowerFirst(op.Name)+"Input")
		}
		g.decodeREST(op, in, at)
	}
	if g.constrained(op.Input.Shape) {
		g.p("in.validate(%s, v)", at)
	}
	g.p("return in, v.Err()\n}\n")
}

func (g *generator) decodeForm(op *Operation, in *Shape) {
	if in.Members.IsZero() {
		return
	}
	g.p("form, err := protocol.ParseForm(r.Form)")
	g.p("if err != nil {\nreturn nil, err\n}")
	g.p("if err := form%s(form, nil, v, in); err != nil {\nreturn nil, err\n}", exported(op.Input.Shape))
}

func (g *generator) decodeJSON(op *Operation, at string) {
	g.p("j := protocol.NewJSON(r.Body, v)")
	g.p("if err := read%s(j, %s, in); err != nil {\nreturn nil, err\n}", exported(op.Input.Shape), at)
	g.p("if err := j.End(); err != nil {\nreturn nil, err\n}")
}

// bodyRoot reports whether places in the input are named from the body's root: it has members in the body.
func (g *generator) bodyRoot(in *Shape) bool {
	return slices.ContainsFunc(g.fields(in), func(f field) bool { return f.body(in) })
}

func (g *generator) decodeREST(op *Operation, in *Shape, at string) {
	if slices.ContainsFunc(g.fields(in), field.parsed) {
		g.p("var err error")
	}
	for _, f := range g.fields(in) {
		switch f.Ref.Location {
		case "uri":
			if f.Shape.Type != "string" {
				g.fail("%s.%s: labels other than strings are not supported", op.Name, f.Name)
			}
			g.p("in.%s = r.Labels[%q]", f.Go, f.Wire)
		case "querystring":
			g.decodeBound(f, "protocol.QueryValue(r.Query, ", "r.Query[")
		case "header":
			g.decodeBound(f, "protocol.HeaderValue(r.Header, ", "")
		}
	}
	if in.Payload != "" {
		g.decodePayload(in, op)
	} else if g.bodyRoot(in) {
		g.decodeJSON(op, at)
	}
}

// parsed reports whether reading the member can fail before the body is read.
func (f field) parsed() bool {
	return (f.Ref.Location == "querystring" || f.Ref.Location == "header") && f.Shape.Type != "list"
}

// decodeBound reads a member from URL or header.
func (g *generator) decodeBound(f field, get, list string) {
	if f.Shape.Type == "list" {
		if list == "" || g.valueType(f.Ref.Shape) != "[]string" {
			g.fail("%s: only lists of strings in the query are supported", f.Name)
		}
		g.p("in.%s = %s%q]", f.Go, list, f.Wire)
		if f.Required {
			g.p("if in.%s == nil {\nv.Null((*protocol.Path)(nil).Field(%q))\n}", f.Go, lowerFirst(f.Name))
		}
		return
	}
	g.p("if f := %s%q); f != nil {", get, f.Wire)
	g.p("if in.%s, err = %s; err != nil {\nreturn nil, err\n}", f.Go, g.scalar(f, "f"))
	if f.Required {
		g.p("} else {\nv.Null((*protocol.Path)(nil).Field(%q))", lowerFirst(f.Name))
	}
	g.p("}")
}

func (g *generator) decodePayload(in *Shape, op *Operation) {
	for _, f := range g.fields(in) {
		if f.Name != in.Payload {
			continue
		}
		if f.Shape.Type != "blob" {
			g.fail("%s: a payload of type %s is not supported", op.Name, f.Shape.Type)
		}
		g.p("in.%s = r.Body", f.Go)
	}
}

// scalar is the expression that reads a scalar member from reader, a JSON or a Form.
func (g *generator) scalar(f field, reader string) string {
	call := reader + "." + g.scalarMethod(f.Ref.Shape) + "()"
	if f.pointer() {
		return "protocol.Ptr(" + call + ")"
	}
	return call
}

// scalarMethod is the name of the method that reads or writes a scalar shape.
func (g *generator) scalarMethod(shape string) string {
	m := map[string]string{
		"string": "String", "boolean": "Bool", "integer": "Int32", "long": "Int64",
		"double": "Float64", "float": "Float64", "timestamp": "Time", "blob": "Blob",
	}[g.m.Shapes.Get(shape).Type]
	if m == "" {
		g.fail("shape %s is no scalar", shape)
	}
	return m
}

func (g *generator) isScalar(shape string) bool {
	t := g.m.Shapes.Get(shape).Type
	return t != "structure" && t != "list" && t != "map"
}

// inputShapes calls structure, list or mapping for each aggregate shape of the inputs, sorted by name. Structures that
// have nothing in the body are left out.
func (g *generator) inputShapes(structure, list, mapping func(name string, s *Shape)) {
	for _, name := range sortedKeys(g.inputs) {
		s := g.m.Shapes.Get(name)
		switch {
		case s.Type == "structure" && (g.bodyRoot(s) || g.m.Metadata.Protocol == "json"):
			structure(name, s)
		case s.Type == "list" && g.inBody(name):
			list(name, s)
		case s.Type == "map":
			mapping(name, s)
		}
	}
}

// inBody reports whether a list is used by anything but URL parameters.
func (g *generator) inBody(list string) bool {
	for name := range g.inputs {
		s := g.m.Shapes.Get(name)
		for _, part := range []*Ref{s.Member, s.Value} {
			if part != nil && part.Shape == list {
				return true
			}
		}
		for _, f := range g.fields(s) {
			if f.Ref.Shape == list && f.body(s) {
				return true
			}
		}
	}
	return false
}

// requiredNames are the names, quoted, of the required members that travel in the body, in their order.
func (g *generator) requiredNames(s *Shape) []string {
	var names []string
	for _, f := range g.fields(s) {
		if f.Required && f.body(s) {
			names = append(names, `"`+lowerFirst(f.Name)+`"`)
		}
	}
	if len(names) > 64 {
		g.fail("more than 64 required members: %s", strings.Join(names, ", "))
	}
	return names
}
