package mapping

// Path is a compiled JSONPath, as parameter mappings use it outside of templates. It is safe for concurrent use.
type Path struct{ path *jsonPath }

// ParsePath compiles a JSONPath.
func ParsePath(text string) (*Path, error) {
	p, err := parsePath(text)
	if err != nil {
		return nil, err
	}
	return &Path{p}, nil
}

// Find returns what the path finds in a JSON document: a string as it is, anything else as its JSON text. It reports false
// if there is nothing or null, or if body is no JSON.
func (p *Path) Find(body []byte) (string, bool) {
	root, err := parseJSON(str(body))
	if err != nil {
		return "", false
	}
	r := &run{in: &Input{}}
	v := r.find(p.path, root)
	if v == nil || r.state == failed {
		return "", false
	}
	mark := len(r.out)
	if s, ok := v.(string); ok {
		r.write(s)
	} else {
		r.printJSON(v, 0)
	}
	text := r.cut(mark) // a copy: v points into body
	return text, r.state == running
}
