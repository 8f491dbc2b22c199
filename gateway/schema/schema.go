// Package schema validates JSON documents by the models of a REST API: JSON Schema, draft 4, with the messages that API
// Gateway's access logs and gateway responses show.
//
// A library compiles: it checks a model against the draft's own schema, resolves references and prepares patterns (RE2, so
// no pattern takes more than linear time). The walk over the compiled schema is here, since AWS' messages name things that
// the library's errors do not, and since a hostile body must not be able to make millions of errors: a walk ends when it
// has enough of them.
//
// A model refers to another by https://apigateway.amazonaws.com/restapis/{api}/models/{name}; whatever the API's ID in it
// says, it means the model of that name in the same API. Nothing else is ever loaded.
package schema

import (
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Prefix is how the URL of a model begins; the API's ID, /models/ and the model's name follow.
const Prefix = "https://apigateway.amazonaws.com/restapis/"

// Set compiles the models of one API. Not safe for concurrent use.
type Set struct {
	compiler *jsonschema.Compiler
	done     map[string]result
}

type result struct {
	schema *Schema
	err    error
}

// Schema is a compiled model. It is immutable and may be used by any number of goroutines.
type Schema struct{ root *jsonschema.Schema }

// NewSet makes a Set of models, JSON text by name. Models are read when they are compiled.
func NewSet(models map[string]string) *Set {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft4)
	c.UseLoader(loader(models))
	return &Set{compiler: c, done: map[string]result{}}
}

// Compile returns the model of a name. The error says why it cannot be used: it is unknown, no JSON, no schema of draft 4,
// has a pattern that RE2 does not know, or refers to something that is not there.
func (s *Set) Compile(name string) (*Schema, error) {
	r, ok := s.done[name]
	if !ok {
		r = s.compile(name)
		s.done[name] = r
	}
	return r.schema, r.err
}

func (s *Set) compile(name string) (r result) {
	defer func() {
		if fault := recover(); fault != nil { // of the library, on a schema that it does not expect
			r = result{err: fmt.Errorf("compile model %s: %v", name, fault)}
		}
	}()
	root, err := s.compiler.Compile(Prefix + "api/models/" + name)
	if err != nil {
		return result{err: fmt.Errorf("compile model %s: %w", name, err)}
	}
	return result{schema: &Schema{root}}
}

// loader finds models by the URL of a reference.
type loader map[string]string

var _ jsonschema.URLLoader = loader(nil)

// Load implements jsonschema.URLLoader.
func (l loader) Load(url string) (any, error) {
	name, ok := ModelName(url)
	if !ok {
		return nil, fmt.Errorf("%s is no model of an API", url)
	}
	text, ok := l[name]
	if !ok {
		return nil, fmt.Errorf("there is no model %s", name)
	}
	doc, err := decode([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("read model %s: %w", name, err)
	}
	return prepare(doc), nil
}

// prepare takes out of a schema what would make the library read it otherwise than AWS does.
func prepare(doc any) any {
	if object, ok := doc.(map[string]any); ok {
		delete(object, "$schema") // whatever it says, AWS reads draft 4
		delete(object, "id")      // would change what references mean
	}
	return doc
}

// ModelName is the name of the model that a URL means.
func ModelName(url string) (string, bool) {
	rest, ok := strings.CutPrefix(url, Prefix)
	if !ok {
		return "", false
	}
	_, name, ok := strings.Cut(rest, "/models/")
	name, _, _ = strings.Cut(name, "#")
	return name, ok && name != "" && !strings.Contains(name, "/")
}

// NotJSON is what Validate says of a body that is no JSON.
const NotJSON = "Unknown error parsing request body"

// Validate returns what is wrong with a document, in AWS' words; nothing if it is valid. An empty one counts as {}. A
// document is also no JSON if it is nested deeper than 512 levels, or has a number of more than 400 characters or with an
// exponent beyond ±400.
func (s *Schema) Validate(body []byte) []string {
	doc, err := any(map[string]any{}), error(nil)
	if len(body) > 0 {
		doc, err = decode(body)
	}
	if err != nil {
		return []string{NotJSON}
	}
	quick := walk{steps: baseSteps + stepsForByte*len(body), silent: 1}
	if quick.check(s.root, doc) {
		return nil
	}
	w := walk{steps: quick.steps} // tells what is wrong
	if w.check(s.root, doc); w.steps <= 0 {
		return []string{tooLong}
	}
	return w.messages
}
