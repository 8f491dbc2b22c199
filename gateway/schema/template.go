package schema

import (
	"maps"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Template makes a mapping template from a model: it takes the values of its output from places of the same names in its
// input. It reports false if the model has neither properties nor items, or cannot be read.
func Template(models map[string]string, name string) (string, bool) {
	s, err := NewSet(models).Compile(name)
	if err != nil {
		return "", false
	}
	root := target(s.root)
	if len(root.Properties) == 0 && root.Items == nil {
		return "", false
	}
	t := templater{}
	t.WriteString("#set($inputRoot = $input.path('$'))\n")
	t.value(root, "$inputRoot", "")
	t.WriteByte('\n')
	return t.String(), true
}

// maxTemplateDepth is how deep a template goes into a model, which may contain itself.
const maxTemplateDepth = 8

type templater struct {
	strings.Builder
	depth int
	loops int // around what is written
}

// target is the schema that references lead to.
func target(s *jsonschema.Schema) *jsonschema.Schema {
	for range maxTemplateDepth {
		if s.Ref == nil {
			break
		}
		s = s.Ref
	}
	return s
}

// value writes what stands for a value that is found in place.
func (t *templater) value(s *jsonschema.Schema, place, indent string) {
	s = target(s)
	t.depth++
	defer func() { t.depth-- }()
	item, _ := s.Items.(*jsonschema.Schema)
	switch {
	case t.depth > maxTemplateDepth:
		t.WriteString("null")
	case len(s.Properties) > 0:
		t.object(s, place, indent)
	case item != nil:
		t.array(item, place, indent)
	case s.Types != nil && *s.Types&(stringBit|nullBit) == stringBit:
		t.WriteString(`"` + place + `"`)
	default:
		t.WriteString(place)
	}
}

func (t *templater) object(s *jsonschema.Schema, place, indent string) {
	t.WriteString("{\n")
	for i, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if i > 0 {
			t.WriteString(",\n")
		}
		t.WriteString(indent + `  "` + name + `" : `)
		t.value(s.Properties[name], place+"."+name, indent+"  ")
	}
	t.WriteString("\n" + indent + "}")
}

func (t *templater) array(item *jsonschema.Schema, place, indent string) {
	elem := "$elem" + strings.Repeat("2", t.loops)
	t.loops++
	defer func() { t.loops-- }()
	t.WriteString("[\n##TODO: Update this foreach loop to reference array from input json\n")
	t.WriteString(indent + "#foreach(" + elem + " in " + place + ")\n" + indent + "  ")
	t.value(item, elem, indent+"  ")
	t.WriteString("#if($foreach.hasNext),#end\n" + indent + "#end\n" + indent + "]")
}
