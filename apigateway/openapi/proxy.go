package openapi

import (
	"bytes"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Proxy puts a document in front of a back end: each operation that has no integration gets one of type HTTP_PROXY to
// backend plus the operation's path, with all path parameters. An empty backend stands for the document's first server.
// The answer is a document in JSON. Errors are as Parse's, or say that there is no back end.
func Proxy(data []byte, backend string) ([]byte, error) {
	d, err := Parse(data)
	if err != nil {
		return nil, err
	}
	if backend == "" && len(d.Servers) > 0 {
		backend = d.Servers[0]
	}
	tree, problem := readTree(data)
	if problem != nil {
		return nil, Problems{*problem}
	}
	r := &reader{doc: &Document{}}
	root := value{r: r, node: tree}
	r.root = root
	for _, path := range root.get("paths").pairs() {
		item := r.resolve(path.value)
		for _, p := range item.pairs() {
			method, ok := methods[p.key]
			if !ok || p.value.get(extension+"integration").present() || p.value.node == nil || p.value.node.Kind != yaml.MappingNode {
				continue
			}
			if !strings.HasPrefix(backend, "http://") && !strings.HasPrefix(backend, "https://") {
				return nil, fmt.Errorf("%s %s has no integration, and the document names no server with an http or https URL", method, path.key)
			}
			o := object{p.value.node.Content}
			o.set(extension+"integration", proxyIntegration(method, strings.TrimSuffix(backend, "/")+strings.ReplaceAll(path.key, "+}", "}")))
			p.value.node.Content = o.content
			declarePathParameters(r, item, p.value, path.key)
		}
	}
	var out bytes.Buffer
	root.writeJSON(&out, 0)
	return out.Bytes(), nil
}

// proxyIntegration passes everything on. Path parameters of the URI take the request's.
func proxyIntegration(method, uri string) *object {
	parameters := map[string]string{}
	for _, name := range pathParameters(uri) {
		parameters["integration.request.path."+name] = "method.request.path." + name
	}
	return (&object{}).set("type", "http_proxy").set("httpMethod", method).set("uri", uri).set("requestParameters", parameters)
}

// pathParameters are the names in braces of a path, without the "+" of greedy ones.
func pathParameters(path string) []string {
	var names []string
	for _, part := range strings.Split(path, "{")[1:] {
		if name, _, ok := strings.Cut(part, "}"); ok {
			names = append(names, strings.TrimSuffix(name, "+"))
		}
	}
	return names
}

// declarePathParameters adds those parameters of a path that the document forgets to declare: the mapping needs them.
func declarePathParameters(r *reader, item, operation value, path string) {
	declared := map[string]bool{}
	for _, list := range []value{item.get("parameters"), operation.get("parameters")} {
		for _, p := range list.items() {
			if p = r.resolve(p); p.get("in").text() == "path" {
				declared[p.get("name").text()] = true
			}
		}
	}
	for _, name := range pathParameters(path) {
		if declared[name] {
			continue
		}
		p := (&object{}).set("name", name).set("in", "path").set("required", true).node()
		if own := operation.get("parameters"); own.present() {
			own.node.Content = append(own.node.Content, p)
			continue
		}
		o := object{operation.node.Content}
		o.set("parameters", list(p))
		operation.node.Content = o.content
	}
}
