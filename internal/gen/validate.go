package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// writeValidate writes the rules of the constrained shapes of the inputs, and a validate method for each structure
// that has something to check.
func (g *generator) writeValidate() {
	for _, name := range sortedKeys(g.inputs) {
		g.writeRule(name, g.m.Shapes.Get(name))
	}
	for _, name := range g.structures(g.inputs) {
		if g.constrained(name) {
			g.writeValidator(name, g.m.Shapes.Get(name))
		}
	}
}

// ruled reports whether the shape itself, not its parts, has a constraint.
func (s *Shape) ruled() bool {
	return s.Min != nil || s.Max != nil || s.Pattern != "" || len(s.Enum) > 0
}

// constrained reports whether the shape or anything in it has a constraint.
func (g *generator) constrained(shape string) bool { return g.constrainedIn(shape, map[string]bool{}) }

func (g *generator) constrainedIn(shape string, seen map[string]bool) bool {
	if seen[shape] {
		return false
	}
	seen[shape] = true
	s := g.m.Shapes.Get(shape)
	if s.ruled() {
		return true
	}
	for _, part := range []*Ref{s.Member, s.Key, s.Value} {
		if part != nil && g.constrainedIn(part.Shape, seen) {
			return true
		}
	}
	for _, name := range s.Members.Keys {
		if g.constrainedIn(s.Members.Get(name).Shape, seen) {
			return true
		}
	}
	return false
}

// writeRule writes the variable that holds a shape's constraints.
func (g *generator) writeRule(name string, s *Shape) {
	if !s.ruled() {
		return
	}
	min, max := number(s.Min), number(s.Max)
	switch s.Type {
	case "string":
		g.p("var rule%s = protocol.StringRule{%s%s%s%s%s}", exported(name),
			limit("Min", min, ""), limit("Max", max, ""), g.tooLong(name), g.pattern(name, s.Pattern), g.enum(name, s.Enum))
	case "list", "map":
		g.p("var rule%s = protocol.SizeRule{%s%s}", exported(name), limit("Min", min, ""), limit("Max", max, ""))
	case "integer", "long", "double", "float":
		g.p("var rule%s = protocol.NumberRule{%s%s}", exported(name), limit("Min", min, "float64"), limit("Max", max, "float64"))
	default:
		g.fail("shape %s: constraints on a %s are not supported", name, s.Type)
	}
}

func number(n fmt.Stringer) string {
	if n == nil || fmt.Sprint(n) == "<nil>" {
		return ""
	}
	return n.String()
}

// limit is one field of a rule's literal; with a type it becomes a pointer, so that 0 is a limit too.
func limit(name, value, pointerTo string) string {
	switch {
	case value == "":
		return ""
	case pointerTo != "":
		return fmt.Sprintf("%s: new(%s(%s)), ", name, pointerTo, value)
	default:
		return fmt.Sprintf("%s: %s, ", name, value)
	}
}

func (g *generator) tooLong(shape string) string {
	if text := recordedTooLong[g.svc.Model+" "+shape]; text != "" {
		return "TooLong: " + strconv.Quote(text) + ", "
	}
	return ""
}

func (g *generator) enum(shape string, values []string) string {
	if recorded, ok := recordedEnums[g.svc.Model+" "+shape]; ok {
		values = recorded
	}
	if len(values) == 0 {
		return ""
	}
	return fmt.Sprintf("Enum: []string{%s}", quoteAll(values))
}

func quoteAll(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = strconv.Quote(v)
	}
	return strings.Join(quoted, ", ")
}

// pattern is the Pattern field of a rule. A pattern that Go's regexp cannot express is left out with a warning.
func (g *generator) pattern(shape, source string) string {
	if source == "" {
		return ""
	}
	re2 := translatePattern(source)
	if _, err := regexp.Compile(`\A(?:` + re2 + `)\z`); err != nil {
		fmt.Fprintf(os.Stderr, "gen: %s: pattern of %s is not checked: %v\n", g.svc.Package, shape, err)
		return ""
	}
	return fmt.Sprintf("Pattern: protocol.NewPattern(%s, %s), ", strconv.Quote(source), strconv.Quote(re2))
}

var javaEscape = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)

// translatePattern turns the Java syntax of a model's pattern into Go's: \uXXXX becomes \x{XXXX}.
func translatePattern(java string) string {
	return javaEscape.ReplaceAllString(java, `\x{$1}`)
}

func (g *generator) writeValidator(name string, s *Shape) {
	g.p("func (in *%s) validate(at *protocol.Path, v *protocol.Violations) {", exported(name))
	for _, f := range g.fields(s) {
		if g.constrained(f.Ref.Shape) {
			at := "at"
			if !f.body(s) {
				at = "nil" // URL and header members are named without the body's root
			}
			g.checkMember(f, at)
		}
	}
	g.p("}\n")
}

func (g *generator) checkMember(f field, at string) {
	name, rule := lowerFirst(f.Name), "rule"+exported(f.Ref.Shape)
	opt := ""
	if f.pointer() {
		opt = "Opt"
	}
	switch f.Shape.Type {
	case "string":
		g.p("v.%sString(%s, %q, in.%s, &%s)", opt, at, name, f.Go, rule)
	case "integer", "long", "double", "float":
		g.p("protocol.%sNumber(v, %s, %q, in.%s, &%s)", opt, at, name, f.Go, rule)
	case "structure":
		g.p("if in.%s != nil {\np := %s.Field(%q)\nin.%s.validate(&p, v)\n}", f.Go, pathValue(at), name, f.Go)
	case "list":
		g.checkList(f, at, name)
	case "map":
		g.checkMap(f, at, name)
	}
}

func pathValue(at string) string {
	if at == "nil" {
		return "(*protocol.Path)(nil)"
	}
	return at
}

func (g *generator) checkList(f field, at, name string) {
	if f.Shape.ruled() {
		g.p("protocol.Size(v, %s, %q, in.%s, rule%s)", at, name, f.Go, exported(f.Ref.Shape))
	}
	elem := f.Shape.Member.Shape
	switch s := g.m.Shapes.Get(elem); {
	case !g.constrained(elem):
	case s.Type == "string":
		g.p("v.Strings(%s, %q, in.%s, &rule%s)", at, name, f.Go, exported(elem))
	case s.Type == "structure":
		g.p("if len(in.%s) > 0 {\nlist := %s.Field(%q)", f.Go, pathValue(at), name)
		g.p("for i := range in.%s {\np := list.Element(i + 1)\nin.%s[i].validate(&p, v)\n}\n}", f.Go, f.Go)
	default:
		g.fail("%s: constraints on the elements of a list of %s are not supported", f.Name, s.Type)
	}
}

func (g *generator) checkMap(f field, at, name string) {
	if f.Shape.ruled() {
		g.p("protocol.MapSize(v, %s, %q, in.%s, rule%s)", at, name, f.Go, exported(f.Ref.Shape))
	}
	if key := f.Shape.Key.Shape; g.constrained(key) {
		g.p("protocol.Keys(v, %s, %q, in.%s, &rule%s)", at, name, f.Go, exported(key))
	}
	value := f.Shape.Value.Shape
	switch s := g.m.Shapes.Get(value); {
	case !g.constrained(value):
	case s.Type == "string":
		g.p("v.Values(%s, %q, in.%s, &rule%s)", at, name, f.Go, exported(value))
	default:
		g.fail("%s: constraints on the values of a map of %s are not supported", f.Name, s.Type)
	}
}
