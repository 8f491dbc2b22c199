package main

import "strings"

func (g *generator) encodeXML(op *Operation) {
	wrapper := op.Output.ResultWrapper
	g.p("var x protocol.XML\nx.Open(%q)", wrapper)
	g.p("xml%s(&x, out)", exported(op.Output.Shape))
	g.p("x.Close(%q)\nreturn &awsapi.Response{Body: x.Bytes()}", wrapper)
}

// writeXMLWriters writes a function for each structure, list and map of the outputs that writes it as XML.
func (g *generator) writeXMLWriters() {
	g.outputShapes(func(name string, s *Shape) {
		g.p("func xml%s(x *protocol.XML, out %s) {", exported(name), g.outType(name))
		if s.Type == "structure" {
			g.xmlStructure(s)
		} else {
			g.xmlCollection(s)
		}
		g.p("}\n")
	})
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
		g.p("x.Open(%q)\nxml%s(x, %s)\nx.Close(%q)", name, exported(shape), value, name)
	case "integer":
		g.p("x.Int64(%q, int64(%s))", name, strings.TrimSpace(value))
	default:
		g.p("x.%s(%q, %s)", g.scalarMethod(shape), name, value)
	}
}
