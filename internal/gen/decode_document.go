package main

import "strings"

// writeReaders writes a function for each structure, list and map of the inputs that reads it from a document.
func (g *generator) writeReaders(d document) {
	r := documentReaders{g, d}
	g.inputShapes(r.structure, r.list, r.mapping)
}

// documentReaders writes the functions that read one kind of document.
type documentReaders struct {
	*generator
	document
}

func (g documentReaders) structure(name string, s *Shape) {
	required := g.requiredNames(s)
	g.p("func %s%s(j *protocol.%s, at *protocol.Path, out *%s) error {", g.read, exported(name), g.reader, exported(name))
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
		g.member(f)
	}
	g.p("default:\nerr = j.Skip()\n}")
	g.p("if err != nil {\nreturn err\n}\n}")
	if len(required) > 0 {
		g.p("if seen != 1<<%d-1 {\nj.V.Missing(at, seen, %s)\n}", len(required), strings.Join(required, ", "))
	}
	g.p("return j.Done(it.Err())\n}\n")
}

func (g documentReaders) member(f field) {
	switch {
	case g.isScalar(f.Ref.Shape):
		g.p("out.%s, err = %s", f.Go, g.scalar(f, "j"))
	case f.Shape.Type == "structure":
		g.p("p := at.Field(%q)", lowerFirst(f.Name))
		g.p("out.%s = new(%s)", f.Go, exported(f.Ref.Shape))
		g.p("err = %s%s(j, &p, out.%s)", g.read, exported(f.Ref.Shape), f.Go)
	default:
		g.p("p := at.Field(%q)", lowerFirst(f.Name))
		g.p("out.%s, err = %s%s(j, &p)", f.Go, g.read, exported(f.Ref.Shape))
	}
}

func (g documentReaders) list(name string, s *Shape) {
	goType := g.valueType(name)
	g.p("func %s%s(j *protocol.%s, at *protocol.Path) (%s, error) {", g.read, exported(name), g.reader, goType)
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
		g.p("if err := %s%s(j, &e, &list[len(list)-1]); err != nil {\nreturn nil, err\n}", g.read, exported(elem))
	default:
		g.p("v, err := %s%s(j, &e)", g.read, exported(elem))
		g.p("if err != nil {\nreturn nil, err\n}\nlist = append(list, v)")
	}
	g.p("}\nreturn list, j.Done(it.Err())\n}\n")
}

func (g documentReaders) mapping(name string, s *Shape) {
	goType := g.valueType(name)
	g.p("func %s%s(j *protocol.%s, at *protocol.Path) (%s, error) {", g.read, exported(name), g.reader, goType)
	g.p("it, err := j.Object()\nif err != nil {\nreturn nil, err\n}")
	g.p("m := %s{}", goType)
	g.p("for it.Next() {\nkey := string(it.Key())")
	if s.NullTexts {
		g.p("if j.SkipNull() {\nm[key] = \"\"\ncontinue\n}")
	} else {
		g.p("if j.SkipNull() {\nj.V.Null(at.Field(key))\ncontinue\n}")
	}
	switch elem := s.Value.Shape; {
	case g.isScalar(elem):
		g.p("v, err := j.%s()", g.scalarMethod(elem))
		g.p("if err != nil {\nreturn nil, err\n}")
	case g.m.Shapes.Get(elem).Type == "structure":
		g.p("var v %s\ne := at.Field(key)", exported(elem))
		g.p("if err := %s%s(j, &e, &v); err != nil {\nreturn nil, err\n}", g.read, exported(elem))
	default:
		g.p("e := at.Field(key)\nv, err := %s%s(j, &e)", g.read, exported(elem))
		g.p("if err != nil {\nreturn nil, err\n}")
	}
	g.p("m[key] = v\n}\nreturn m, j.Done(it.Err())\n}\n")
}
