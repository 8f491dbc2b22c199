package main

import (
	"slices"
	"strings"
)

// writeTypes writes one Go struct for each structure that a served operation reaches.
func (g *generator) writeTypes() {
	for _, name := range g.structures(g.inputs, g.outputs) {
		g.writeStruct(name, g.m.Shapes.Get(name))
	}
}

func (g *generator) writeStruct(name string, s *Shape) {
	g.p("// %s %s", exported(name), g.role(name))
	g.p("type %s struct {", exported(name))
	for _, f := range g.fields(s) {
		g.p("%s %s%s", f.Go, f.goType(), f.note())
	}
	g.p("}\n")
}

// role says in a comment where a structure is used.
func (g *generator) role(shape string) string {
	var in, out []string
	for _, op := range g.ops {
		if op.Input.Shape == shape {
			in = append(in, op.Name)
		}
		if op.Output != nil && op.Output.Shape == shape {
			out = append(out, op.Name)
		}
	}
	switch {
	case len(in) > 0:
		return "is the input of " + strings.Join(in, ", ") + "."
	case len(out) > 0:
		return "is the output of " + strings.Join(out, ", ") + "."
	default:
		return "is part of the inputs or outputs of other operations."
	}
}

// field is one member of a structure as the generated code sees it.
type field struct {
	Go       string // the Go field
	Name     string // the member's name in the model
	Wire     string // its name on the wire
	Ref      *Ref
	Shape    *Shape
	Required bool
	g        *generator
}

// fields returns the members of a structure in the model's order.
func (g *generator) fields(s *Shape) []field {
	fs := make([]field, 0, len(s.Members.Keys))
	for _, name := range s.Members.Keys {
		ref := s.Members.Get(name)
		f := field{
			Go: exported(name), Name: name, Wire: name, Ref: ref, g: g,
			Shape:    g.m.Shapes.Get(ref.Shape),
			Required: slices.Contains(s.Required, name),
		}
		if ref.LocationName != "" {
			f.Wire = ref.LocationName
		}
		fs = append(fs, f)
	}
	return fs
}

// body reports whether the member travels in the body as one of its members.
func (f field) body(s *Shape) bool { return f.Ref.Location == "" && s.Payload != f.Name }

// pointer reports whether the Go field points to its value.
func (f field) pointer() bool {
	switch f.Shape.Type {
	case "list", "map", "blob":
		return false
	case "structure":
		return true
	default:
		return !f.Required
	}
}

func (f field) goType() string {
	t := f.g.valueType(f.Ref.Shape)
	if f.pointer() {
		return "*" + t
	}
	return t
}

func (f field) note() string {
	var notes []string
	if f.Required {
		notes = append(notes, "required")
	}
	if len(f.Shape.Enum) > 0 && len(f.Shape.Enum) <= 6 {
		notes = append(notes, strings.Join(f.Shape.Enum, ", "))
	}
	if len(notes) == 0 {
		return ""
	}
	return " // " + strings.Join(notes, "; ")
}

// valueType is the Go type of a shape's value, as an element of a list is.
func (g *generator) valueType(shape string) string {
	s := g.m.Shapes.Get(shape)
	switch s.Type {
	case "structure":
		return exported(shape)
	case "list":
		return "[]" + g.valueType(s.Member.Shape)
	case "map":
		return "map[string]" + g.valueType(s.Value.Shape)
	}
	t, ok := map[string]string{
		"string": "string", "boolean": "bool", "integer": "int32", "long": "int64",
		"double": "float64", "float": "float64", "timestamp": "time.Time", "blob": "[]byte",
	}[s.Type]
	if !ok {
		g.fail("shape %s has the unknown type %q", shape, s.Type)
	}
	return t
}
