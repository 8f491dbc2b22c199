package main

// writeWriters writes a function for each structure, list and map of the outputs that writes it into a document.
func (g *generator) writeWriters(d document) {
	w := documentWriters{g, d}
	g.outputShapes(func(name string, s *Shape) {
		g.p("func %s%s(e *%s, out %s) {", d.write, exported(name), d.writer, g.outType(name))
		if s.Type == "structure" {
			w.structure(s)
		} else {
			w.collection(s)
		}
		g.p("}\n")
	})
}

// documentWriters writes the functions that write one kind of document.
type documentWriters struct {
	*generator
	document
}

func (g documentWriters) structure(s *Shape) {
	g.p("e.ObjStart()")
	for _, f := range g.fields(s) {
		if f.body(s) {
			g.guarded(f, func(value string) {
				g.p("e.FieldStart(%q)", f.Wire)
				g.value(f.Ref.Shape, value)
			})
		}
	}
	g.p("e.ObjEnd()")
}

func (g documentWriters) collection(s *Shape) {
	if s.Type == "list" {
		g.p("e.ArrStart()\nfor i := range out {")
		g.value(s.Member.Shape, g.element(s.Member.Shape, "out[i]"))
		g.p("}\ne.ArrEnd()")
		return
	}
	g.p("e.ObjStart()\nfor _, key := range protocol.SortedKeys(out) {\ne.FieldStart(protocol.ValidUTF8(key))")
	if s.NullTexts {
		g.p("if out[key] == \"\" {\ne.Null()\ncontinue\n}")
	}
	g.mapValue(s.Value.Shape, g.value)
	g.p("}\ne.ObjEnd()")
}

func (g documentWriters) value(shape, value string) {
	switch g.m.Shapes.Get(shape).Type {
	case "structure", "list", "map":
		g.p("%s%s(e, %s)", g.write, exported(shape), value)
	case "timestamp":
		g.p(g.time, value)
	case "string":
		g.p(g.str, value)
	case "blob":
		g.p(g.blob, value)
	default:
		g.p("e.%s(%s)", g.scalarMethod(shape), value)
	}
}
