package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

const (
	maxDepth = 200     // of nested values
	maxNodes = 500_000 // that are visited for one document, aliases and references counted each time
)

// readTree reads JSON or YAML. JSON has a reader of its own, since YAML's does not know all of its escapes.
func readTree(data []byte) (*yaml.Node, *Problem) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if trimmed := bytes.TrimLeft(data, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '{' {
		if n, problem := readJSON(data); problem == nil {
			return n, nil
		} else if json.Valid(data) {
			return nil, problem
		}
		// what is no JSON may still be YAML in flow style; if it is neither, YAML's error has the place
	}
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, yamlProblem(err)
	}
	if len(document.Content) == 0 {
		return nil, &Problem{Line: 1, Column: 1, Path: "/", Message: "The document is empty"}
	}
	return document.Content[0], nil
}

// yamlProblem takes the line out of "yaml: line 5: …".
func yamlProblem(err error) *Problem {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	p := &Problem{Line: 1, Column: 1, Path: "/", Message: text}
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		number, message, _ := strings.Cut(rest, ": ")
		if n, err := strconv.Atoi(number); err == nil {
			p.Line, p.Message = n, message
		}
	}
	return p
}

// jsonReader builds nodes from JSON's tokens.
type jsonReader struct {
	data  []byte
	dec   *json.Decoder
	seen  int64 // bytes whose lines were counted
	line  int
	start int64 // where the line begins
}

func readJSON(data []byte) (*yaml.Node, *Problem) {
	r := &jsonReader{data: data, dec: json.NewDecoder(bytes.NewReader(data)), line: 1}
	r.dec.UseNumber()
	n, err := r.value(0)
	if err == nil {
		if _, more := r.dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("text after the end of the document")
		}
	}
	if err != nil {
		line, column := r.place(r.dec.InputOffset())
		return nil, &Problem{Line: line, Column: column, Path: "/", Message: err.Error()}
	}
	return n, nil
}

// place is the line and column of an offset. Offsets never go back.
func (r *jsonReader) place(offset int64) (line, column int) {
	for ; r.seen < offset && r.seen < int64(len(r.data)); r.seen++ {
		if r.data[r.seen] == '\n' {
			r.line++
			r.start = r.seen + 1
		}
	}
	return r.line, int(offset-r.start) + 1
}

// next skips to the first byte of the next token, for its place.
func (r *jsonReader) next() (line, column int) {
	offset := r.dec.InputOffset()
	for offset < int64(len(r.data)) && strings.IndexByte(" \t\r\n,:", r.data[offset]) >= 0 {
		offset++
	}
	return r.place(offset)
}

func (r *jsonReader) value(depth int) (*yaml.Node, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("values are nested more than %d deep", maxDepth)
	}
	line, column := r.next()
	token, err := r.dec.Token()
	if err != nil {
		return nil, err
	}
	n := &yaml.Node{Line: line, Column: column, Kind: yaml.ScalarNode}
	switch t := token.(type) {
	case json.Delim:
		return n, r.children(n, t, depth)
	case string:
		n.Tag, n.Value = "!!str", t
	case json.Number:
		n.Tag, n.Value = "!!int", t.String()
		if strings.ContainsAny(n.Value, ".eE") {
			n.Tag = "!!float"
		}
	case bool:
		n.Tag, n.Value = "!!bool", strconv.FormatBool(t)
	case nil:
		n.Tag, n.Value = "!!null", "null"
	}
	return n, nil
}

func (r *jsonReader) children(n *yaml.Node, open json.Delim, depth int) error {
	n.Kind, n.Tag = yaml.MappingNode, "!!map"
	if open == '[' {
		n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
	}
	for r.dec.More() {
		child, err := r.value(depth + 1) // keys come as strings
		if err != nil {
			return err
		}
		n.Content = append(n.Content, child)
	}
	_, err := r.dec.Token()
	return err
}

// value is a node with its place. The zero value, and what is not there, reads as empty.
type value struct {
	r    *reader
	node *yaml.Node
	path string
}

func (v value) present() bool { return v.node != nil && v.node.Tag != "!!null" }

// follow makes the alias of a YAML anchor what it stands for.
func (v value) follow() value {
	for range maxDepth {
		if v.node == nil || v.node.Kind != yaml.AliasNode {
			return v
		}
		v.node = v.node.Alias
	}
	return value{}
}

// pairs are the members of an object, in order. Anything else has none, which is an error unless it is absent.
func (v value) pairs() []pair {
	if v = v.follow(); !v.present() {
		return nil
	}
	if v.node.Kind != yaml.MappingNode {
		v.fail("must be an object")
		return nil
	}
	if !v.r.visit(v, len(v.node.Content)) {
		return nil
	}
	var pairs []pair
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		key := v.node.Content[i]
		child := value{v.r, v.node.Content[i+1], v.path + "/" + escapePointer(key.Value)}
		pairs = append(pairs, pair{key.Value, child.follow()})
	}
	return pairs
}

type pair struct {
	key   string
	value value
}

func escapePointer(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "~", "~0"), "/", "~1")
}

// get is a member of an object.
func (v value) get(key string) value {
	if v = v.follow(); v.node == nil || v.node.Kind != yaml.MappingNode {
		return value{r: v.r, path: v.path + "/" + escapePointer(key)}
	}
	found := value{r: v.r, path: v.path + "/" + escapePointer(key)}
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		if v.node.Content[i].Value == key {
			found.node = v.node.Content[i+1]
		}
	}
	return found.follow()
}

// items are the elements of a list.
func (v value) items() []value {
	if v = v.follow(); !v.present() {
		return nil
	}
	if v.node.Kind != yaml.SequenceNode {
		v.fail("must be a list")
		return nil
	}
	if !v.r.visit(v, len(v.node.Content)) {
		return nil
	}
	items := make([]value, len(v.node.Content))
	for i, n := range v.node.Content {
		items[i] = value{v.r, n, v.path + "/" + strconv.Itoa(i)}.follow()
	}
	return items
}

// text is a scalar as text; numbers and booleans are taken as they are written.
func (v value) text() string {
	if v = v.follow(); !v.present() {
		return ""
	}
	if v.node.Kind != yaml.ScalarNode {
		v.fail("must be a string")
		return ""
	}
	return v.node.Value
}

// flag reads a boolean; texts are read as well.
func (v value) flag() bool {
	text := v.text()
	switch strings.ToLower(text) {
	case "true":
		return true
	case "false", "":
		return false
	}
	v.fail("must be a boolean")
	return false
}

// number reads an integer; nil if it is absent.
func (v value) number() *int {
	if !v.present() {
		return nil
	}
	n, err := strconv.Atoi(v.text())
	if err != nil {
		v.fail("must be an integer")
		return nil
	}
	return &n
}

func (v value) texts() []string {
	var texts []string
	for _, item := range v.items() {
		texts = append(texts, item.text())
	}
	return texts
}

// textMap reads an object of scalars; a null stands for the empty text. Nil if it is absent.
func (v value) textMap() map[string]string {
	if !v.present() {
		return nil
	}
	m := map[string]string{}
	for _, p := range v.pairs() {
		m[p.key] = p.value.text()
	}
	return m
}

// json writes the value as JSON, with the keys in their order.
func (v value) json() json.RawMessage {
	if !v.present() {
		return nil
	}
	var out bytes.Buffer
	v.writeJSON(&out, 0)
	return out.Bytes()
}

func (v value) writeJSON(out *bytes.Buffer, depth int) {
	v = v.follow()
	switch {
	case v.node == nil || depth > maxDepth:
		if depth > maxDepth {
			v.fail("values are nested more than %d deep", maxDepth)
		}
		out.WriteString("null")
	case v.node.Kind == yaml.MappingNode:
		open := byte('{')
		for _, p := range v.pairs() {
			out.WriteByte(open)
			open = ','
			out.Write(quoted(p.key))
			out.WriteByte(':')
			p.value.writeJSON(out, depth+1)
		}
		if open == '{' {
			out.WriteByte('{')
		}
		out.WriteByte('}')
	case v.node.Kind == yaml.SequenceNode:
		out.WriteByte('[')
		for i, item := range v.items() {
			if i > 0 {
				out.WriteByte(',')
			}
			item.writeJSON(out, depth+1)
		}
		out.WriteByte(']')
	default:
		v.writeScalar(out)
	}
}

func (v value) writeScalar(out *bytes.Buffer) {
	switch v.node.Tag {
	case "!!null":
		out.WriteString("null")
		return
	case "!!bool", "!!int", "!!float":
		var decoded any
		if err := v.node.Decode(&decoded); err == nil {
			if text, err := json.Marshal(decoded); err == nil {
				if json.Valid([]byte(v.node.Value)) {
					text = []byte(v.node.Value) // as it was written, with all digits
				}
				out.Write(text)
				return
			}
		}
	}
	out.Write(quoted(v.node.Value))
}

func quoted(s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
