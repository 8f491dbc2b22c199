package main

import (
	"slices"
	"strconv"
	"strings"
)

// writeDecode writes a decoder for each served operation and readers for the shapes of their inputs.
func (g *generator) writeDecode() {
	g.writeViolations()
	for _, op := range g.ops {
		g.writeDecoder(op)
	}
	for _, d := range g.documents() {
		g.writeReaders(d)
	}
	if g.has("query") {
		g.writeFormReaders()
	}
}

// writeViolations writes how the service names the error of broken constraints.
func (g *generator) writeViolations() {
	code := map[string]string{"json": "InvalidParameterException", "rest-json": "ValidationException"}[g.speaks[0]]
	if code == "" {
		code = "ValidationError" // Query's
	}
	shape := ""
	if g.several() {
		shape = `Shape: "com.amazon.coral.validate#ValidationException", `
	}
	g.p("func newViolations() *protocol.Violations {")
	g.p("return &protocol.Violations{Code: %q, %sOmitValues: %t}", code, shape, g.svc.OmitValues)
	g.p("}\n")
}

func (g *generator) writeDecoder(op *Operation) {
	g.p("func decode%s(r *awsapi.Request) (*%s, error) {", op.Name, exported(op.Input.Shape))
	g.p("in, v := new(%s), newViolations()", exported(op.Input.Shape))
	at := "nil"
	if g.sole("rest-json") {
		at = g.decodeREST(op)
	} else {
		g.perProtocol(func(name string) { g.decodeBody(op, name) })
	}
	if g.constrained(op.Input.Shape) {
		g.p("in.validate(%s, v)", at)
	}
	g.p("return in, v.Err()\n}\n")
}

// decodeBody writes code that reads the input from a body in the given protocol.
func (g *generator) decodeBody(op *Operation, protocol string) {
	if protocol == "query" {
		g.decodeForm(op)
		return
	}
	g.decodeDocument(op, documents[protocol], "nil")
}

func (g *generator) decodeForm(op *Operation) {
	g.p("form, err := protocol.ParseForm(r.Form)")
	g.p("if err != nil {\nreturn nil, err\n}")
	g.p("if err := form%s(form, nil, v, in); err != nil {\nreturn nil, err\n}", exported(op.Input.Shape))
}

func (g *generator) decodeDocument(op *Operation, d document, at string) {
	g.p("j := protocol.New%s(r.Body, v)", d.reader)
	g.p("if err := %s%s(j, %s, in); err != nil {\nreturn nil, err\n}", d.read, exported(op.Input.Shape), at)
	g.p("if err := j.End(); err != nil {\nreturn nil, err\n}")
}

// bodyRoot reports whether places in the input are named from the body's root: it has members in the body.
func (g *generator) bodyRoot(in *Shape) bool {
	return slices.ContainsFunc(g.fields(in), func(f field) bool { return f.body(in) })
}

// decodeREST writes code that reads the input from URL, headers and body. It returns the expression for the place of the
// input itself.
func (g *generator) decodeREST(op *Operation) (at string) {
	in := g.m.Shapes.Get(op.Input.Shape)
	at = "nil"
	if g.bodyRoot(in) {
		at = "&at"
		g.p("at := (*protocol.Path)(nil).Field(%q)", lowerFirst(op.Name)+"Input")
	}
	g.decodeBounds(op, in)
	if in.Payload != "" {
		g.decodePayload(in, op)
	} else if g.bodyRoot(in) {
		g.decodeDocument(op, documents["rest-json"], at)
	}
	return at
}

// decodeBounds writes code that reads the members bound to URL and headers.
func (g *generator) decodeBounds(op *Operation, in *Shape) {
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
			if f.Shape.Type == "map" {
				g.decodeQueryMap(op, in, f)
				continue
			}
			g.decodeBound(f, "protocol.QueryValue(r.Query, ", "r.Query[")
		case "header":
			g.decodeBound(f, "protocol.HeaderValue(r.Header, ", "")
		}
	}
}

// decodeQueryMap reads a map of all parameters that belong to no other member and not to the URI itself.
func (g *generator) decodeQueryMap(op *Operation, in *Shape, f field) {
	if g.valueType(f.Ref.Shape) != "map[string]string" {
		g.fail("%s.%s: only maps of strings in the query are supported", op.Name, f.Name)
	}
	var others []string
	for _, other := range g.fields(in) {
		if other.Ref.Location == "querystring" && other.Name != f.Name {
			others = append(others, strconv.Quote(other.Wire))
		}
	}
	_, query, _ := strings.Cut(op.HTTP.RequestURI, "?")
	for pair := range strings.SplitSeq(query, "&") {
		if name, _, _ := strings.Cut(pair, "="); name != "" {
			others = append(others, strconv.Quote(name))
		}
	}
	g.p("in.%s = protocol.QueryMap(%s)", f.Go, strings.Join(append([]string{"r.Query"}, others...), ", "))
}

// parsed reports whether reading the member can fail before the body is read.
func (f field) parsed() bool {
	return (f.Ref.Location == "querystring" || f.Ref.Location == "header") && f.Shape.Type != "list" && f.Shape.Type != "map"
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
		case s.Type == "structure" && (g.bodyRoot(s) || !g.sole("rest-json")):
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
