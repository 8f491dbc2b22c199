package openapi

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reader reads one document. It collects problems; what is wrong reads as absent, so that the rest is looked at too.
type reader struct {
	root     value
	v3       bool
	errors   Problems
	warnings []Problem
	visited  int
	over     bool // the document is too large, and that was said

	doc        *Document
	operation  value                      // the one that is read
	inline     map[string]string          // names of models made of inline schemas, by their text
	schemes    map[string]scheme          // security schemes
	documented map[DocumentationPart]bool // places, without properties
}

// Parse reads a definition. Its error is a Problems with everything that is wrong; what is left out without harm is in
// the Document's Warnings.
func Parse(data []byte) (*Document, error) {
	tree, problem := readTree(data)
	if problem != nil {
		return nil, Problems{*problem}
	}
	r := &reader{doc: &Document{}, inline: map[string]string{}, documented: map[DocumentationPart]bool{}}
	r.root = value{r: r, node: tree}
	r.read()
	if len(r.errors) > 0 {
		return nil, r.errors
	}
	r.doc.Warnings = r.warnings
	return r.doc, nil
}

func (v value) problem(format string, args ...any) Problem {
	p := Problem{Path: v.path, Message: fmt.Sprintf(format, args...)}
	if p.Path == "" {
		p.Path = "/"
	}
	if v.node != nil {
		p.Line, p.Column = v.node.Line, v.node.Column
	}
	return p
}

func (v value) fail(format string, args ...any) {
	p := v.problem(format, args...)
	if !slices.Contains(v.r.errors, p) && len(v.r.errors) < 100 {
		v.r.errors = append(v.r.errors, p)
	}
}

func (v value) warn(format string, args ...any) {
	if p := v.problem(format, args...); !slices.Contains(v.r.warnings, p) {
		v.r.warnings = append(v.r.warnings, p)
	}
}

// visit counts nodes and reports false once there were too many, as in a document whose aliases multiply.
func (r *reader) visit(v value, n int) bool {
	if r.visited += n + 1; r.visited <= maxNodes {
		return true
	}
	if !r.over {
		r.over = true
		v.fail("The document is too large")
	}
	return false
}

func (r *reader) read() {
	switch {
	case r.root.node.Kind != yaml.MappingNode || len(r.root.node.Content) == 0:
		r.root.fail("The document is no OpenAPI definition")
		return
	case strings.HasPrefix(r.root.get("openapi").text(), "3."):
		r.v3 = true
	case r.root.get("swagger").text() == "2.0":
	default:
		r.root.fail(`The document needs "swagger": "2.0" or "openapi": "3.0.x"`)
		return
	}
	r.readInfo()
	r.readServers()
	r.readModels()
	r.readSchemes()
	r.readExtensions()
	r.readPaths()
	r.readDocumentation()
	slices.SortFunc(r.doc.Models, func(a, b Model) int { return strings.Compare(a.Name, b.Name) })
}

func (r *reader) readInfo() {
	info := r.root.get("info")
	r.doc.Title, r.doc.Description, r.doc.Version = info.get("title").text(), info.get("description").text(), info.get("version").text()
	if r.doc.Title == "" {
		info.fail("The API needs a title")
	}
	for _, tag := range r.root.get("tags").items() {
		if v := tag.get("x-amazon-apigateway-tag-value"); v.present() {
			if r.doc.Tags == nil {
				r.doc.Tags = map[string]string{}
			}
			r.doc.Tags[tag.get("name").text()] = v.text()
		}
	}
}

func (r *reader) readServers() {
	if !r.v3 {
		r.doc.BasePath = cleanBase(r.root.get("basePath").text())
		host := r.root.get("host").text()
		if host == "" {
			return
		}
		schemes := r.root.get("schemes").texts()
		if len(schemes) == 0 {
			schemes = []string{"https"}
		}
		for _, s := range schemes {
			r.doc.Servers = append(r.doc.Servers, s+"://"+host+r.doc.BasePath)
		}
		return
	}
	for i, server := range r.root.get("servers").items() {
		address := server.get("url").text()
		for _, variable := range server.get("variables").pairs() {
			address = strings.ReplaceAll(address, "{"+variable.key+"}", strings.TrimPrefix(variable.value.get("default").text(), "/"))
		}
		u, err := url.Parse(address)
		if err != nil {
			server.get("url").warn("The server's URL cannot be read and is not used")
			continue
		}
		if i == 0 {
			r.doc.BasePath = cleanBase(u.Path)
		}
		r.doc.Servers = append(r.doc.Servers, strings.TrimSuffix(address, "/"))
		if c := server.get("x-amazon-apigateway-endpoint-configuration"); c.present() {
			r.readEndpoint(c)
		}
	}
}

func cleanBase(path string) string {
	path = strings.Trim(path, "/")
	if path == "" {
		return ""
	}
	return "/" + path
}

// Base is what goes before the paths of operations, for AWS' import parameter basepath: ignore, prepend or split, which
// drops the first segment of the base path.
func (d *Document) Base(mode string) string {
	switch mode {
	case "prepend":
		return d.BasePath
	case "split":
		_, rest, ok := strings.Cut(strings.TrimPrefix(d.BasePath, "/"), "/")
		if ok {
			return "/" + rest
		}
	}
	return ""
}

// resolve follows a $ref within the document. An external or broken one is an error, and reads as absent.
func (r *reader) resolve(v value) value {
	for range 20 {
		ref := v.get("$ref")
		if !ref.present() {
			return v
		}
		target := r.at(ref.text())
		if target.node == nil {
			ref.fail("Unable to resolve the reference %s", ref.text())
			return value{r: r, path: v.path}
		}
		v = target
	}
	v.fail("References go in a circle")
	return value{r: r, path: v.path}
}

// at finds what a reference names; absent for another document's.
func (r *reader) at(ref string) value {
	pointer, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return value{r: r}
	}
	v := r.root
	for part := range strings.SplitSeq(pointer, "/") {
		if unescaped, err := url.PathUnescape(part); err == nil {
			part = unescaped
		}
		part = strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
		v = v.get(part)
	}
	return v
}

func (r *reader) readPaths() {
	paths := r.root.get("paths")
	for _, p := range paths.pairs() {
		if strings.HasPrefix(p.key, "x-") {
			continue
		}
		if !strings.HasPrefix(p.key, "/") {
			p.value.fail("A path begins with /")
			continue
		}
		r.readPath(p.key, r.resolve(p.value))
	}
	slices.SortStableFunc(r.doc.Operations, func(a, b Operation) int {
		if c := strings.Compare(a.Path, b.Path); c != 0 {
			return c
		}
		return strings.Compare(a.Method, b.Method)
	})
}

var segmentForm = regexp.MustCompile(`^(?:[A-Za-z0-9_.,:-]+|\{[A-Za-z0-9_.$-]+\+?\})$`)

// checkPath finds what API Gateway has no resource for.
func checkPath(v value, path string) {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	if path == "/" {
		return
	}
	for i, s := range segments {
		switch {
		case !segmentForm.MatchString(s):
			v.fail("Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end: %s", s)
		case strings.HasSuffix(s, "+}") && i < len(segments)-1:
			v.fail("Nothing can follow a greedy path variable: %s", s)
		}
	}
}

var methods = map[string]string{
	"get": "GET", "put": "PUT", "post": "POST", "delete": "DELETE", "options": "OPTIONS", "head": "HEAD", "patch": "PATCH",
	"x-amazon-apigateway-any-method": "ANY",
}

func (r *reader) readPath(path string, item value) {
	checkPath(item, path)
	if path != "/" {
		path = strings.TrimSuffix(path, "/")
	}
	for _, p := range item.pairs() {
		method, ok := methods[p.key]
		switch {
		case ok:
			r.readOperation(path, method, item, p.value)
		case p.key == "trace":
			p.value.warn("Method TRACE is not supported and left out")
		case p.key != "parameters" && p.key != "summary" && p.key != "description" && p.key != "servers" &&
			p.key != "$ref" && !strings.HasPrefix(p.key, "x-"):
			p.value.warn("Unknown member %s is left out", p.key)
		}
	}
}
