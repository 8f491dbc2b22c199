package main

import (
	"fmt"
	"strings"
)

// writeEncode writes an encoder for each served operation with an output, and writers for the shapes of the outputs.
func (g *generator) writeEncode() {
	query := g.m.Metadata.Protocol == "query"
	for _, op := range g.ops {
		switch {
		case op.Output == nil:
		case query:
			g.encodeXML(op)
		default:
			g.encodeJSON(op)
		}
	}
	for _, name := range sortedKeys(g.outputs) {
		s := g.m.Shapes.Get(name)
		if s.Type == "structure" && s.Payload == "" || s.Type == "list" || s.Type == "map" {
			g.writeShape(name, s, query)
		}
	}
}

func (g *generator) writeShape(name string, s *Shape, query bool) {
	if query {
		g.p("func write%s(x *protocol.XML, out %s) {", exported(name), g.outType(name))
	} else {
		g.p("func write%s(e *jx.Encoder, out %s) {", exported(name), g.outType(name))
	}
	switch {
	case s.Type == "structure" && query:
		g.xmlStructure(s)
	case s.Type == "structure":
		g.jsonOutStructure(s)
	case query:
		g.xmlCollection(s)
	default:
		g.jsonOutCollection(s)
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

func (g *generator) encodeJSON(op *Operation) {
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

func (g *generator) jsonOutStructure(s *Shape) {
	g.p("e.ObjStart()")
	for _, f := range g.fields(s) {
		if f.body(s) {
			g.guarded(f, func(value string) {
				g.p("e.FieldStart(%q)", f.Wire)
				g.jsonValue(f.Ref.Shape, value)
			})
		}
	}
	g.p("e.ObjEnd()")
}

func (g *generator) jsonOutCollection(s *Shape) {
	if s.Type == "list" {
		g.p("e.ArrStart()\nfor i := range out {")
		g.jsonValue(s.Member.Shape, g.element(s.Member.Shape, "out[i]"))
		g.p("}\ne.ArrEnd()")
		return
	}
	g.p("e.ObjStart()\nfor _, key := range protocol.SortedKeys(out) {\ne.FieldStart(protocol.ValidUTF8(key))")
	g.mapValue(s.Value.Shape, g.jsonValue)
	g.p("}\ne.ObjEnd()")
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

func (g *generator) jsonValue(shape, value string) {
	switch g.m.Shapes.Get(shape).Type {
	case "structure", "list", "map":
		g.p("write%s(e, %s)", exported(shape), value)
	case "timestamp":
		g.p("protocol.EpochTime(e, %s)", value)
	case "string":
		g.p("protocol.String(e, %s)", value)
	case "blob":
		g.p("e.Base64(%s)", value)
	default:
		g.p("e.%s(%s)", g.scalarMethod(shape), value)
	}
}

func (g *generator) encodeXML(op *Operation) {
	g.p("func encode%s(out *%s) *awsapi.Response {", op.Name, exported(op.Output.Shape))
	wrapper := op.Output.ResultWrapper
	g.p("var x protocol.XML\nx.Open(%q)", wrapper)
	g.p("write%s(&x, out)", exported(op.Output.Shape))
	g.p("x.Close(%q)\nreturn &awsapi.Response{Body: x.Bytes()}\n}\n", wrapper)
}

func (g *generator) xmlStructure(s *Shape) {
	for _, f := range g.fields(s) {
		g.guarded(f, func(value string) { g.xmlValue(f.Wire, f.Ref.Shape, value) })
	}
}

func (g *generator) xmlCollection(s *Shape) {
	if s.Type == "list" {
		g.p("for i := range out {")
		g.xmlValue(wireName(s.Member, "member"), s.Member.Shape, g.element(s.Member.Shape, "out[i]"))
		g.p("}")
		return
	}
	g.p("for _, key := range protocol.SortedKeys(out) {\nx.Open(\"entry\")\nx.String(%q, key)", wireName(s.Key, "key"))
	g.mapValue(s.Value.Shape, func(shape, value string) { g.xmlValue(wireName(s.Value, "value"), shape, value) })
	g.p("x.Close(\"entry\")\n}")
}

// xmlValue writes an element with the given name.
func (g *generator) xmlValue(name, shape, value string) {
	switch g.m.Shapes.Get(shape).Type {
	case "structure", "list", "map":
		g.p("x.Open(%q)\nwrite%s(x, %s)\nx.Close(%q)", name, exported(shape), value, name)
	case "integer":
		g.p("x.Int64(%q, int64(%s))", name, strings.TrimSpace(value))
	default:
		g.p("x.%s(%q, %s)", g.scalarMethod(shape), name, value)
	}
}
