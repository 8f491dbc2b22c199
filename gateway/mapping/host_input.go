package mapping

import (
	"slices"
	"strings"
)

// inputObject is $input.
type inputObject struct{}

// body is what $input says of the body: an empty one is an empty object.
func (r *run) body() string {
	if len(r.in.Body) == 0 {
		return "{}"
	}
	return str(r.in.Body)
}

func (inputObject) property(r *run, name string) any {
	if name == "body" {
		return r.body()
	}
	return nil
}

func (inputObject) print(r *run) { r.write(r.body()) }

func (inputObject) invoke(r *run, name string, args []any) any {
	switch {
	case name == "path" && len(args) == 1:
		return r.input(args[0])
	case name == "json" && len(args) == 1:
		return r.inputJSON(args[0])
	case name == "params" && len(args) == 0:
		return r.allParams()
	case name == "params" && len(args) == 1:
		return r.param(r.text(args[0]))
	case name == "getBody":
		return r.body()
	}
	return nil
}

// input is what a path finds in the body.
func (r *run) input(path any) any {
	if !r.document.parsed {
		body := r.body()
		if !r.spend(len(body)) || !r.look(len(body)) {
			return nil
		}
		root, err := parseJSON(body)
		if err != nil {
			r.fail("$input: %w", err)
			return nil
		}
		r.document = document{parsed: true, root: root}
	}
	p := r.path(r.text(path))
	if p == nil || r.state == failed {
		return nil
	}
	return r.find(p, r.document.root)
}

// inputJSON is the JSON text of what a path finds; that of an empty string if it finds nothing.
func (r *run) inputJSON(path any) any {
	v := r.input(path)
	if v == nil {
		return `""`
	}
	mark := len(r.out)
	r.printJSON(v, 0)
	return r.cut(mark)
}

// param looks in the path, the query string and the headers, whose names HTTP does not tell apart by case.
func (r *run) param(name string) any {
	p := r.parameters()
	for _, group := range [...][]Param{p.Path, p.Query, p.Header} {
		for _, param := range group {
			if param.Name == name {
				return param.Value
			}
		}
	}
	for _, param := range p.Header {
		if strings.EqualFold(param.Name, name) {
			return param.Value
		}
	}
	return ""
}

func (r *run) parameters() Params {
	if r.in.Params == nil {
		return Params{}
	}
	return r.in.Params()
}

// allParams is {path={}, querystring={}, header={}}.
func (r *run) allParams() any {
	if r.params == nil {
		p := r.parameters()
		r.params = &Map{}
		r.params.put("path", paramMap(p.Path))
		r.params.put("querystring", paramMap(p.Query))
		r.params.put("header", paramMap(p.Header))
	}
	return r.params
}

func paramMap(params []Param) *Map {
	m := &Map{}
	for _, p := range params {
		m.put(p.Name, p.Value)
	}
	return m
}

// stageVariables is $stageVariables.
type stageVariables struct{}

func (stageVariables) property(r *run, name string) any {
	if v, ok := r.in.StageVariables[name]; ok {
		return v
	}
	return nil
}

func (s stageVariables) invoke(r *run, name string, args []any) any {
	return r.mapMethod(s.all(r), name, args)
}

func (s stageVariables) print(r *run) { r.print(s.all(r)) }

func (stageVariables) all(r *run) *Map {
	m := &Map{}
	names := make([]string, 0, len(r.in.StageVariables))
	for name := range r.in.StageVariables {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		m.put(name, r.in.StageVariables[name])
	}
	return m
}
