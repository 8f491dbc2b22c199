package main

import (
	"fmt"
)

// writeEncode writes an encoder for each served operation with an output, and writers for the shapes of the outputs.
func (g *generator) writeEncode() {
	for _, op := range g.ops {
		switch {
		case op.Output == nil:
		case g.stream(op) != nil:
			g.encodeEvent(g.stream(op))
		case g.sole("rest-json"):
			g.encodeREST(op)
		default:
			g.writeEncoder(op)
		}
	}
	for _, d := range g.documents() {
		g.writeWriters(d)
	}
	if g.has("query") {
		g.writeXMLWriters()
	}
}

// outputShapes calls write for each aggregate shape of the outputs, sorted by name.
func (g *generator) outputShapes(write func(name string, s *Shape)) {
	for _, name := range sortedKeys(g.outputs) {
		s := g.m.Shapes.Get(name)
		if s.Type == "structure" && s.Payload == "" && !s.EventStream || s.Type == "list" || s.Type == "map" {
			write(name, s)
		}
	}
}

func (g *generator) writeEncoder(op *Operation) {
	output := exported(op.Output.Shape)
	if !g.several() {
		g.p("func encode%s(out *%s) *awsapi.Response {", op.Name, output)
	} else {
		g.p("func encode%s(r *awsapi.Request, out *%s) *awsapi.Response {", op.Name, output)
	}
	g.perProtocol(func(name string) {
		if name == "query" {
			g.encodeXML(op)
			return
		}
		d := documents[name]
		g.p("return %s(func(e *%s) { %s%s(e, out) })", d.response, d.writer, d.write, output)
	})
	if g.several() {
		g.p("return nil")
	}
	g.p("}\n")
}

// outType is the type in which a writer takes a shape: structures by pointer.
func (g *generator) outType(shape string) string {
	if g.m.Shapes.Get(shape).Type == "structure" {
		return "*" + exported(shape)
	}
	return g.valueType(shape)
}

// guarded wraps code that writes a member: absent optional members are left out.
func (g *generator) guarded(f field, write func(value string)) {
	value := "out." + f.Go
	if f.pointer() && f.Shape.Type != "structure" {
		value = "*" + value
	}
	if f.Required && g.isScalar(f.Ref.Shape) && f.Shape.Type != "blob" {
		write(value)
		return
	}
	g.p("if out.%s != nil {", f.Go)
	write(value)
	g.p("}")
}

func (g *generator) encodeREST(op *Operation) {
	s := g.m.Shapes.Get(op.Output.Shape)
	g.p("func encode%s(out *%s) *awsapi.Response {", op.Name, exported(op.Output.Shape))
	if g.hasHeaders(s) || s.Payload != "" {
		g.encodeHTTP(s)
	}
	document := fmt.Sprintf("func(e *jx.Encoder) { write%s(e, out) }", exported(op.Output.Shape))
	switch {
	case s.Payload != "":
		g.p("return &awsapi.Response{Header: h, Body: out.%s}", exported(s.Payload))
	case g.hasHeaders(s):
		g.p("return &awsapi.Response{Header: h, Body: protocol.JSONBody(%s)}", document)
	default:
		g.p("return protocol.JSONResponse(%s)", document)
	}
	g.p("}\n")
}

func (g *generator) hasHeaders(s *Shape) bool {
	for _, f := range g.fields(s) {
		if f.Ref.Location == "header" {
			return true
		}
	}
	return false
}

// encodeHTTP writes the members that travel as headers.
func (g *generator) encodeHTTP(s *Shape) {
	g.p("h := http.Header{}")
	for _, f := range g.fields(s) {
		if f.Name == s.Payload && f.Shape.Type != "blob" {
			g.fail("payload %s: only blobs are supported", f.Name)
		}
		if f.Ref.Location != "header" {
			continue
		}
		if f.Shape.Type != "string" {
			g.fail("header %s: only strings are supported", f.Name)
		}
		g.guarded(f, func(value string) { g.p("h.Set(%q, %s)", f.Wire, value) })
	}
}

// element is the expression for an element of a list as its writer takes it.
func (g *generator) element(shape, expr string) string {
	if g.m.Shapes.Get(shape).Type == "structure" {
		return "&" + expr
	}
	return expr
}

// mapValue writes the value of key: structures need an address, which a map's element has not.
func (g *generator) mapValue(shape string, write func(shape, value string)) {
	if g.m.Shapes.Get(shape).Type == "structure" {
		g.p("v := out[key]")
		write(shape, "&v")
		return
	}
	write(shape, "out[key]")
}
