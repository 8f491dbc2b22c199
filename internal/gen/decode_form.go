package main

// writeFormReaders writes a function for each structure, list and map of the inputs that reads it from a query form.
func (g *generator) writeFormReaders() {
	g.inputShapes(g.formStructure, g.formList, g.formMap)
}

func (g *generator) formStructure(name string, s *Shape) {
	g.p("func form%s(f *protocol.Form, at *protocol.Path, v *protocol.Violations, out *%s) (err error) {",
		exported(name), exported(name))
	for _, f := range g.fields(s) {
		get := "Get"
		if g.isScalar(f.Ref.Shape) {
			get = "Scalar"
		}
		g.p("if m := f.%s(%q); m != nil {", get, f.Wire)
		g.formMember(f)
		if f.Required {
			g.p("} else {\nv.Null(at.Field(%q))", lowerFirst(f.Name))
		}
		g.p("}")
	}
	g.p("return nil\n}\n")
}

func (g *generator) formMember(f field) {
	switch {
	case g.isScalar(f.Ref.Shape):
		g.p("if out.%s, err = %s; err != nil {\nreturn err\n}", f.Go, g.scalar(f, "m"))
	case f.Shape.Type == "structure":
		g.p("p := at.Field(%q)", lowerFirst(f.Name))
		g.p("out.%s = new(%s)", f.Go, exported(f.Ref.Shape))
		g.p("if err := form%s(m, &p, v, out.%s); err != nil {\nreturn err\n}", exported(f.Ref.Shape), f.Go)
	default:
		g.p("p := at.Field(%q)", lowerFirst(f.Name))
		g.p("if out.%s, err = form%s(m, &p, v); err != nil {\nreturn err\n}", f.Go, exported(f.Ref.Shape))
	}
}

func (g *generator) formList(name string, s *Shape) {
	goType := g.valueType(name)
	g.p("func form%s(f *protocol.Form, at *protocol.Path, v *protocol.Violations) (%s, error) {", exported(name), goType)
	g.p("list := %s{}", goType)
	elem := s.Member.Shape
	index := "_"
	if !g.isScalar(elem) {
		index = "i"
	}
	g.p("for %s, m := range f.Get(%q).Elements() {", index, wireName(s.Member, "member"))
	g.formValue(elem, "at.Element(i+1)")
	g.p("list = append(list, x)\n}\nreturn list, nil\n}\n")
}

func (g *generator) formMap(name string, s *Shape) {
	goType := g.valueType(name)
	g.p("func form%s(f *protocol.Form, at *protocol.Path, v *protocol.Violations) (%s, error) {", exported(name), goType)
	g.p("out := %s{}", goType)
	g.p("for i, entry := range f.Get(\"entry\").Elements() {")
	g.p("k, m := entry.Scalar(%q), entry.Get(%q)", wireName(s.Key, "key"), wireName(s.Value, "value"))
	g.p("if k == nil || m == nil {\nv.Null(at.Element(i+1))\ncontinue\n}")
	g.p("key, err := k.String()\nif err != nil {\nreturn nil, err\n}")
	g.formValue(s.Value.Shape, "at.Field(key)")
	g.p("out[key] = x\n}\nreturn out, nil\n}\n")
}

// formValue writes code that reads x, a value of the shape, from the node m.
func (g *generator) formValue(shape, at string) {
	switch {
	case g.isScalar(shape):
		g.p("x, err := m.%s()", g.scalarMethod(shape))
		g.p("if err != nil {\nreturn nil, err\n}")
	case g.m.Shapes.Get(shape).Type == "structure":
		g.p("var x %s\np := %s", exported(shape), at)
		g.p("if err := form%s(m, &p, v, &x); err != nil {\nreturn nil, err\n}", exported(shape))
	default:
		g.p("p := %s\nx, err := form%s(m, &p, v)", at, exported(shape))
		g.p("if err != nil {\nreturn nil, err\n}")
	}
}

func wireName(ref *Ref, name string) string {
	if ref.LocationName != "" {
		return ref.LocationName
	}
	return name
}
