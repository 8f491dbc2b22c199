package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// modelURL finds references to models in the text of a schema.
var modelURL = regexp.MustCompile(regexp.QuoteMeta(Prefix) + `[^/"\s]+/models/([A-Za-z0-9]+)`)

// RefersTo reports whether a schema refers to the model of a name.
func RefersTo(text, name string) bool {
	for _, found := range modelURL.FindAllStringSubmatch(text, -1) {
		if found[1] == name {
			return true
		}
	}
	return false
}

// Check decides whether a text is a schema of draft 4. Models that it refers to need not exist, and its patterns need not
// be such as RE2 knows.
func Check(text string) error {
	models := map[string]string{}
	for _, found := range modelURL.FindAllStringSubmatch(text, -1) {
		models[found[1]] = "{}"
	}
	const own = "" // no model is called so
	set := NewSet(models)
	set.compiler.UseRegexpEngine(func(pattern string) (jsonschema.Regexp, error) { return anyPattern(pattern), nil })
	doc, err := decode([]byte(text))
	if err != nil {
		return fmt.Errorf("read schema: %w", err)
	}
	if _, ok := doc.(map[string]any); !ok {
		return fmt.Errorf("a schema is an object: %w", errNotJSON)
	}
	set.compiler.UseLoader(checked{loader(models), prepare(doc)})
	_, err = set.Compile(own)
	return err
}

// checked loads the document that is checked, which has no name, and models.
type checked struct {
	loader
	doc any
}

func (c checked) Load(url string) (any, error) {
	if url == Prefix+"api/models/" {
		return c.doc, nil
	}
	return c.loader.Load(url)
}

// anyPattern stands for a pattern that is not used.
type anyPattern string

func (p anyPattern) String() string          { return string(p) }
func (p anyPattern) MatchString(string) bool { return true }

// Flatten returns the schema of a model with the models that it refers to, by way of others too, among its definitions.
func Flatten(models map[string]string, name string) (string, error) {
	root, err := parse(models, name)
	if err != nil {
		return "", err
	}
	definitions, _ := root["definitions"].(map[string]any)
	if definitions == nil {
		definitions = map[string]any{}
	}
	waiting := inline(root)
	for len(waiting) > 0 {
		next := waiting[0]
		waiting = waiting[1:]
		if definitions[next] != nil {
			continue
		}
		m, err := parse(models, next)
		if err != nil {
			return "", err
		}
		definitions[next] = m
		waiting = append(waiting, inline(m)...)
	}
	if len(definitions) > 0 {
		root["definitions"] = definitions
	}
	text, err := json.MarshalIndent(root, "", "  ")
	return string(text), err
}

func parse(models map[string]string, name string) (map[string]any, error) {
	text, ok := models[name]
	if !ok {
		return nil, fmt.Errorf("there is no model %s", name)
	}
	doc, err := decode([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("read model %s: %w", name, err)
	}
	object, ok := doc.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("model %s is no object", name)
	}
	return object, nil
}

// inline turns references to models into ones to definitions, and returns the models' names.
func inline(v any) (names []string) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			names = append(names, inline(e)...)
		}
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			if name, ok := ModelName(ref); ok {
				_, fragment, _ := strings.Cut(ref, "#")
				v["$ref"] = "#/definitions/" + name + fragment
				names = append(names, name)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			names = append(names, inline(v[key])...)
		}
	}
	return names
}
