package main

import "strings"

// writeJSONReaders writes a function for each structure, list and map of the inputs that reads it from JSON.
func (g *generator) writeJSONReaders() {
	g.inputShapes(g.jsonStructure, g.jsonList, g.jsonMap)
}

func (g *generator) jsonStructure(name string, s *Shape) {
	required := g.requiredNames(s)
	g.p("func read%s(j *protocol.JSON, at *protocol.Path, out *%s) error {", exported(name), exported(name))
	g.p("it, err := j.Object()\nif err != nil {\nreturn err\n}")
	if len(required) > 0 {
		g.p("var seen uint64")
	}
	g.p("for it.Next() {")
	g.p("if j.SkipNull() {\ncontinue\n}")
	g.p("switch string(it.Key()) {")
	bit := 0
	for _, f := range g.fields(s) {
		if !f.body(s) {
			continue
		}
		g.p("case %q:", f.Wire)
		if f.Required {
			g.p("seen |= 1 << %d", bit)
			bit++
		}
		g.jsonMember(f)
	}
	g.p("default:\nerr = j.Skip()\n}")
	g.p("if err != nil {\nreturn err\n}\n}")
	if len(required) > 0 {
		g.p("if seen != 1<<%d-1 {\nj.V.Missing(at, seen, %s)\n}", len(required), strings.Join(required, ", "))
	}
	g.p("return j.Done(it.Err())\n}\n")
}

func (g *generator) jsonMember(f field) {
	switch {
	case g.isScalar(f.Ref.Shape):
		g.p("out.%s, err = %s", f.Go, g.scalar(f, "j"))
	case f.Shape.Type == "structure":
		g.p("p := at.Field(%q)", lowerFirst(f.Name))
		g.p("out.%s = new(%s)", f.Go, exported(f.Ref.Shape))
		g.p("err = read%s(j, &p, out.%s)", exported(f.Ref.Shape), f.Go)
	default:
		g.p("p := at.Field(%q)", lowerFirst(f.Name))
		g.p("out.%s, err = read%s(j, &p)", f.Go, exported(f.Ref.Shape))
	}
}

func (g *generator) jsonList(name string, s *Shape) {
	goType := g.valueType(name)
	g.p("func read%s(j *protocol.JSON, at *protocol.Path) (%s, error) {", exported(name), goType)
	g.p("it, err := j.Array()\nif err != nil {\nreturn nil, err\n}")
	g.p("list := %s{}", goType)
	g.p("for i := 1; it.Next(); i++ {")
	g.p("e := at.Element(i)")
	g.p("if j.SkipNull() {\nj.V.Null(e)\ncontinue\n}")
	switch elem := s.Member.Shape; {
	case g.isScalar(elem):
		g.p("v, err := j.%s()", g.scalarMethod(elem))
		g.p("if err != nil {\nreturn nil, err\n}\nlist = append(list, v)")
	case g.m.Shapes.Get(elem).Type == "structure":
		g.p("list = append(list, %s{})", exported(elem))
		g.p("if err := read%s(j, &e, &list[len(list)-1]); err != nil {\nreturn nil, err\n}", exported(elem))
	default:
		g.p("v, err := read%s(j, &e)", exported(elem))
		g.p("if err != nil {\nreturn nil, err\n}\nlist = append(list, v)")
	}
	g.p("}\nreturn list, j.Done(it.Err())\n}\n")
}

func (g *generator) jsonMap(name string, s *Shape) {
	goType := g.valueType(name)
	g.p("func read%s(j *protocol.JSON, at *protocol.Path) (%s, error) {", exported(name), goType)
	g.p("it, err := j.Object()\nif err != nil {\nreturn nil, err\n}")
	g.p("m := %s{}", goType)
	g.p("for it.Next() {\nkey := string(it.Key())")
	g.p("if j.SkipNull() {\nj.V.Null(at.Field(key))\ncontinue\n}")
	switch elem := s.Value.Shape; {
	case g.isScalar(elem):
		g.p("v, err := j.%s()", g.scalarMethod(elem))
		g.p("if err != nil {\nreturn nil, err\n}")
	case g.m.Shapes.Get(elem).Type == "structure":
		g.p("var v %s\ne := at.Field(key)", exported(elem))
		g.p("if err := read%s(j, &e, &v); err != nil {\nreturn nil, err\n}", exported(elem))
	default:
		g.p("e := at.Field(key)\nv, err := read%s(j, &e)", exported(elem))
		g.p("if err != nil {\nreturn nil, err\n}")
	}
	g.p("m[key] = v\n}\nreturn m, j.Done(it.Err())\n}\n")
}
