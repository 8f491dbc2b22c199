package schema_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tollbook/tollbook/gateway/schema"
)

func compile(t testing.TB, models map[string]string, name string) *schema.Schema {
	t.Helper()
	s, err := schema.NewSet(models).Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Each case is a line: schema, body and the messages, separated by tabs.
func TestMessages(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/messages.txt")
	if err != nil {
		t.Fatal(err)
	}
	for n, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		parts := strings.Split(line, "\t")
		if len(parts) != 3 {
			t.Fatalf("line %d has %d parts", n+1, len(parts))
		}
		t.Run(fmt.Sprint(n+1), func(t *testing.T) {
			t.Parallel()
			s := compile(t, map[string]string{"Case": parts[0]}, "Case")
			if got := "[" + strings.Join(s.Validate([]byte(parts[1])), ", ") + "]"; got != parts[2] {
				t.Errorf("%s by %s\ngot  %s\nwant %s", parts[1], parts[0], got, parts[2])
			}
		})
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	ref := func(name string) string {
		return `{"$ref":"https://apigateway.amazonaws.com/restapis/a1b2c3/models/` + name + `"}`
	}
	models := map[string]string{
		"Pet":   `{"type":"object","properties":{"kind":{"type":"string"},"mother":` + ref("Pet") + `},"required":["kind"]}`,
		"Pets":  `{"type":"array","items":` + ref("Pet") + `}`,
		"Kind":  `{"definitions":{"k":{"enum":["cat","dog"]}},"properties":{"kind":{"$ref":"#/definitions/k"}}}`,
		"Inner": ref("Kind#/definitions/k"),
		"Some":  `{"oneOf":[` + ref("Pet") + `,` + ref("Pets") + `]}`,
		"Loop":  ref("Loop"),
		"Twice": `{"allOf":[` + ref("Twice") + `,` + ref("Twice") + `]}`,
	}
	set := schema.NewSet(models)
	for _, c := range []struct{ model, body, want string }{
		{"Pets", `[{"kind":"cat","mother":{"kind":"cat"}}]`, ""},
		{"Pets", `[{"kind":"cat","mother":{}}]`, `object has missing required properties (["kind"])`},
		{"Inner", `"fish"`, `instance value ("fish") not found in enum (possible values: ["cat","dog"])`},
		{"Kind", `{"kind":"dog"}`, ""},
		{"Some", `[]`, ""},
		{"Some", `5`, `instance failed to match exactly one schema (matched 0 out of 2)`},
		{"Loop", `{}`, `instance cannot be validated: schemas refer to each other without end`},
		{"Twice", `{}`, `instance failed to match all required schemas (matched only 0 out of 2)`},
	} {
		s, err := set.Compile(c.model)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(s.Validate([]byte(c.body)), "; "); got != c.want {
			t.Errorf("%s by %s: %s\nwant %s", c.body, c.model, got, c.want)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	set := schema.NewSet(map[string]string{
		"NoJSON":  `{"type":`,
		"NoType":  `{"type":"text"}`,
		"Empty":   `{"required":[]}`,
		"Twice":   `{"enum":["A","A"]}`,
		"Look":    `{"pattern":"(?=a)b"}`,
		"Missing": `{"$ref":"https://apigateway.amazonaws.com/restapis/a/models/Nowhere"}`,
		"Web":     `{"$ref":"http://127.0.0.1/schema.json"}`,
		"File":    `{"$ref":"file:///etc/passwd"}`,
		"Deep":    strings.Repeat(`{"not":`, 600) + "{}" + strings.Repeat("}", 600),
	})
	for _, name := range []string{"NoJSON", "NoType", "Empty", "Twice", "Look", "Missing", "Web", "File", "Deep", "Unknown"} {
		if s, err := set.Compile(name); err == nil || s != nil {
			t.Errorf("%s was compiled", name)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{
		`{}`: true, `{"pattern":"(?=a)b"}`: true, `[]`: false, `true`: false, `{"required":[]}`: false, `{"type":"x"}`: false, `{`: false,
		`{"$ref":"https://apigateway.amazonaws.com/restapis/x/models/Later"}`: true,
		`{"$ref":"#/definitions/none"}`:                                       false, `{"$ref":"http://127.0.0.1/x"}`: false,
	} {
		if err := schema.Check(text); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestFlatten(t *testing.T) {
	t.Parallel()
	models := map[string]string{
		"A": `{"items":{"$ref":"https://apigateway.amazonaws.com/restapis/x/models/B"},"definitions":{"own":{"type":"null"}}}`,
		"B": `{"properties":{"a":{"$ref":"https://apigateway.amazonaws.com/restapis/x/models/C"}}}`,
		"C": `{"properties":{"b":{"$ref":"https://apigateway.amazonaws.com/restapis/x/models/B"},"n":{"type":"integer"}}}`,
	}
	flat, err := schema.Flatten(models, "A")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(flat, "amazonaws") || !schema.RefersTo(models["A"], "B") || schema.RefersTo(models["A"], "C") {
		t.Error(flat)
	}
	s := compile(t, map[string]string{"F": flat}, "F")
	if s.Validate([]byte(`[{"a":{"b":{"a":{"n":"x"}}}}]`)) == nil || s.Validate([]byte(`[{"a":{"b":{"a":{"n":1}}}}]`)) != nil {
		t.Error("the flat schema means something else")
	}
	if _, err := schema.Flatten(models, "D"); err == nil {
		t.Error("a model that is not there was flattened")
	}
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	models := map[string]string{
		"Pet":  `{"properties":{"name":{"type":"string"},"age":{"type":"integer"},"tags":{"type":"array","items":{"type":"string"}}}}`,
		"Pets": `{"type":"array","items":{"$ref":"https://apigateway.amazonaws.com/restapis/x/models/Pet"}}`,
		"Self": `{"properties":{"next":{"$ref":"#"}}}`,
		"None": `{"type":"object"}`,
	}
	got, _ := schema.Template(models, "Pets")
	want := `#set($inputRoot = $input.path('$'))
[
##TODO: Update this foreach loop to reference array from input json
#foreach($elem in $inputRoot)
  {
    "age" : $elem.age,
    "name" : "$elem.name",
    "tags" : [
##TODO: Update this foreach loop to reference array from input json
    #foreach($elem2 in $elem.tags)
      "$elem2"#if($foreach.hasNext),#end
    #end
    ]
  }#if($foreach.hasNext),#end
#end
]
`
	if got != want {
		t.Errorf("got\n%s", got)
	}
	if text, ok := schema.Template(models, "Self"); !ok || len(text) > 1000 {
		t.Errorf("a model that contains itself: %d bytes", len(text))
	}
	if _, ok := schema.Template(models, "None"); ok {
		t.Error("a model without properties has a template")
	}
}

// Whatever "$schema" says, draft 4 is read.
func TestDraft(t *testing.T) {
	t.Parallel()
	for _, uri := range []string{"http://json-schema.org/draft-04/schema#", "http://json-schema.org/draft-07/schema#", "http://nowhere/"} {
		s := compile(t, map[string]string{"M": fmt.Sprintf(`{"$schema":%q,"minimum":5,"exclusiveMinimum":true}`, uri)}, "M")
		if s.Validate([]byte("5")) == nil || s.Validate([]byte("5.1")) != nil {
			t.Errorf("%s: not draft 4", uri)
		}
	}
}

func TestHostileBodies(t *testing.T) {
	t.Parallel()
	s := compile(t, map[string]string{"M": `{"type":"array","items":{"type":"string","minLength":2,"pattern":"^(a+)+$"},"uniqueItems":true}`}, "M")
	again := `{"$ref":"https://apigateway.amazonaws.com/restapis/a/models/M"}`
	tree := compile(t, map[string]string{"M": `{"type":"array","anyOf":[{"items":` + again + `},{"minItems":1,"items":` + again + `}]}`}, "M")
	number := compile(t, map[string]string{"M": `{"minimum":1,"multipleOf":0.01}`}, "M")
	for name, c := range map[string]struct {
		schema *schema.Schema
		body   string
	}{
		"many errors":      {s, "[" + strings.Repeat("1,", 1_000_000) + "1]"},
		"nested":           {s, strings.Repeat("[", 1_000_000)},
		"regex":            {s, `["` + strings.Repeat("a", 100_000) + `!"]`},
		"huge number":      {number, "1e1000000000"},
		"tiny number":      {number, "1e-999999"},
		"long number":      {number, strings.Repeat("9", 1_000_000)},
		"two documents":    {number, "{}{}"},
		"no document":      {number, " "},
		"alternatives":     {tree, strings.Repeat("[", 400) + "1" + strings.Repeat("]", 400)},
		"a key's surprise": {number, `{"\ud800":1,`},
	} {
		begin := time.Now()
		got := c.schema.Validate([]byte(c.body))
		if len(got) == 0 || len(got) > 20 {
			t.Errorf("%s: %d messages", name, len(got))
		}
		if took := time.Since(begin); took > 20*time.Second {
			t.Errorf("%s took %v", name, took)
		}
		for _, m := range got {
			if len(m) > 1000 {
				t.Errorf("%s: a message of %d bytes", name, len(m))
			}
		}
	}
}

// The walk and the library agree on what is valid, for random schemas and documents.
func TestAgreesWithTheLibrary(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	valid := 0
	for range 3000 {
		text := toJSON(t, randomSchema(r, 3))
		s, err := schema.NewSet(map[string]string{"M": text}).Compile("M")
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		oracle := library(t, text)
		for range 10 {
			body := toJSON(t, randomValue(r, 3))
			doc, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			got, want := s.Validate([]byte(body)), oracle.Validate(doc)
			if (got == nil) != (want == nil) {
				t.Fatalf("%s\nby %s\nwalk: %v\nlibrary: %v", body, text, got, want)
			}
			if want == nil {
				valid++
			}
		}
	}
	if valid < 3000 || valid > 27000 {
		t.Errorf("%d of 30000 are valid: a test of one kind only", valid)
	}
}

func library(t *testing.T, text string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4)
	if err := c.AddResource("http://x/m", doc); err != nil {
		t.Fatal(err)
	}
	return c.MustCompile("http://x/m")
}

func toJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

type object = map[string]any

func randomValue(r *rand.Rand, depth int) any {
	kind := r.IntN(8)
	if depth == 0 {
		kind = r.IntN(5)
	}
	switch kind {
	case 0:
		return nil
	case 1:
		return r.IntN(2) == 0
	case 2:
		return r.IntN(5)
	case 3:
		return float64(r.IntN(5)) + 0.5
	case 4:
		return []string{"", "a", "b", "ab", "abc"}[r.IntN(5)]
	case 5, 6:
		o := object{}
		for range r.IntN(4) {
			o[name(r)] = randomValue(r, depth-1)
		}
		return o
	}
	list := []any{}
	for range r.IntN(4) {
		list = append(list, randomValue(r, depth-1))
	}
	return list
}

func name(r *rand.Rand) string { return []string{"a", "b", "ab"}[r.IntN(3)] }

func schemas(r *rand.Rand, depth int) []any {
	out := []any{randomSchema(r, depth)}
	for range r.IntN(2) {
		out = append(out, randomSchema(r, depth))
	}
	return out
}

func randomSchema(r *rand.Rand, depth int) object {
	s := object{}
	for range 1 + r.IntN(2) {
		addKeyword(r, s, depth)
	}
	return s
}

func addKeyword(r *rand.Rand, s object, depth int) {
	types := []string{"null", "boolean", "integer", "number", "string", "array", "object"}
	kind := r.IntN(24)
	if depth == 0 {
		kind = r.IntN(13)
	}
	switch kind {
	case 0:
		s["type"] = types[r.IntN(7)]
	case 1:
		s["type"] = []string{types[r.IntN(3)], types[3+r.IntN(4)]}
	case 2:
		s["enum"] = []any{0, "a", nil}
	case 3:
		s["minimum"], s["exclusiveMinimum"] = r.IntN(4), r.IntN(2) == 0
	case 4:
		s["maximum"], s["exclusiveMaximum"] = float64(r.IntN(4))+0.5, r.IntN(2) == 0
	case 5:
		s["multipleOf"] = []any{2, 0.5, 1.5}[r.IntN(3)]
	case 6:
		s["minLength"], s["maxLength"] = r.IntN(2), r.IntN(3)
	case 7:
		s["pattern"] = []string{"^a", "b$", "ab"}[r.IntN(3)]
	case 8:
		s["required"] = []string{name(r)}
	case 9:
		s["minProperties"], s["maxProperties"] = r.IntN(2), r.IntN(3)
	case 10:
		s["minItems"], s["maxItems"] = r.IntN(2), r.IntN(3)
	case 11:
		s["uniqueItems"] = true
	case 12:
		s["dependencies"] = object{"a": []string{"b"}}
	case 13, 14:
		s["properties"] = object{"a": randomSchema(r, depth-1), "b": randomSchema(r, depth-1)}
	case 15:
		s["patternProperties"] = object{"b": randomSchema(r, depth-1)}
	case 16:
		s["additionalProperties"] = false
	case 17:
		s["additionalProperties"] = randomSchema(r, depth-1)
	case 18:
		s["items"] = randomSchema(r, depth-1)
	case 19:
		s["items"] = schemas(r, depth-1)
		s["additionalItems"] = []any{true, false, randomSchema(r, depth-1)}[r.IntN(3)]
	case 20:
		s["allOf"] = schemas(r, depth-1)
	case 21:
		s["anyOf"] = schemas(r, depth-1)
	case 22:
		s["oneOf"] = schemas(r, depth-1)
	default:
		s["not"] = randomSchema(r, depth-1)
	}
}

func BenchmarkValidate(b *testing.B) {
	s := compile(b, map[string]string{"M": `{"type":"object","required":["title","tags"],"properties":{
		"title":{"type":"string","minLength":1,"maxLength":100},"tags":{"type":"array","items":{"type":"string"}},
		"count":{"type":"integer","minimum":0}}}`}, "M")
	body := []byte(`{"title":"` + strings.Repeat("x", 80) + `","tags":["a","b","c","d"],"count":12}`)
	b.ReportAllocs()
	for b.Loop() {
		if s.Validate(body) != nil {
			b.Fatal("not valid")
		}
	}
}

func FuzzValidate(f *testing.F) {
	f.Add(`{"type":"object"}`, `{}`)
	f.Add(`{"items":[{"$ref":"#"}],"additionalItems":false}`, `[[1]]`)
	f.Fuzz(func(t *testing.T, text, body string) {
		s, err := schema.NewSet(map[string]string{"M": text}).Compile("M")
		if err != nil {
			return
		}
		if got := s.Validate([]byte(body)); len(got) > 20 {
			t.Errorf("%d messages", len(got))
		}
	})
}
