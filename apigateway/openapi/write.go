package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// WriteOptions say how a Document is written.
type WriteOptions struct {
	// Version is swagger (2.0) or oas30 (3.0.1).
	Version string
	YAML    bool // else JSON
	// Host and Stage are where the API is served.
	Host, Stage string
	// The x-amazon-apigateway extensions to write: Integrations alone, Authorizers alone, or All.
	Integrations, Authorizers, All bool
	// Documentation has the documentation parts written, as an extension.
	Documentation        bool
	DocumentationVersion string
	DocumentationDate    time.Time // when the version was made
}

// Write writes a document as AWS exports it.
func Write(d *Document, o WriteOptions) ([]byte, error) {
	w := &writer{d: d, o: o, v3: o.Version == "oas30"}
	root := w.root()
	if o.YAML {
		var out bytes.Buffer
		e := yaml.NewEncoder(&out)
		e.SetIndent(2)
		if err := e.Encode(root.node()); err != nil {
			return nil, fmt.Errorf("write API definition as YAML: %w", err)
		}
		return out.Bytes(), nil
	}
	var compact, out bytes.Buffer
	value{r: &reader{}, node: root.node()}.writeJSON(&compact, 0)
	if err := json.Indent(&out, compact.Bytes(), "", "  "); err != nil {
		return nil, fmt.Errorf("write API definition as JSON: %w", err)
	}
	return out.Bytes(), nil
}

// object is a mapping under construction, with its keys in the order in which they were set.
type object struct{ content []*yaml.Node }

func (o *object) node() *yaml.Node {
	return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: o.content}
}

func (o *object) empty() bool { return len(o.content) == 0 }

// set adds a member. Absent things are left out: nil, empty texts, lists, maps and objects.
func (o *object) set(key string, v any) *object {
	if n := nodeOf(v); n != nil {
		o.content = append(o.content, textNode(key), n)
	}
	return o
}

// always adds a member, also an empty one.
func (o *object) always(key string, n *yaml.Node) *object {
	o.content = append(o.content, textNode(key), n)
	return o
}

func textNode(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }

func scalar(tag, s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: s} }

func list(nodes ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: nodes}
}

func nodeOf(v any) *yaml.Node {
	switch v := v.(type) {
	case string:
		if v != "" {
			return textNode(v)
		}
	case bool:
		return scalar("!!bool", strconv.FormatBool(v))
	case *bool:
		if v != nil {
			return nodeOf(*v)
		}
	case int:
		return scalar("!!int", strconv.Itoa(v))
	case *int:
		if v != nil {
			return nodeOf(*v)
		}
	case []string:
		if len(v) > 0 {
			return textList(v)
		}
	case map[string]string:
		if len(v) > 0 {
			return textMapNode(v)
		}
	case json.RawMessage:
		if len(v) > 0 {
			return rawNode(v)
		}
	case *object:
		if v != nil && !v.empty() {
			return v.node()
		}
	case *yaml.Node:
		return v
	}
	return nil
}

func textList(texts []string) *yaml.Node {
	n := list()
	for _, s := range texts {
		n.Content = append(n.Content, textNode(s))
	}
	return n
}

func textMapNode(m map[string]string) *yaml.Node {
	o := &object{}
	for _, key := range sorted(m) {
		o.always(key, textNode(m[key]))
	}
	return o.node()
}

// rawNode is JSON text as a node; what is no JSON is a string.
func rawNode(raw []byte) *yaml.Node {
	n, problem := readJSON(raw)
	if problem != nil {
		return textNode(string(raw))
	}
	return n
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

type writer struct {
	d  *Document
	o  WriteOptions
	v3 bool
}

func (w *writer) root() *object {
	root := &object{}
	if w.v3 {
		root.set("openapi", "3.0.1").set("info", w.info())
		base := (&object{}).set("default", w.o.Stage)
		server := (&object{}).set("url", "https://"+w.o.Host+"/{basePath}").set("variables", (&object{}).set("basePath", base))
		root.set("servers", list(server.node()))
	} else {
		root.set("swagger", "2.0").set("info", w.info())
		root.set("host", w.o.Host).set("basePath", "/"+w.o.Stage).set("schemes", []string{"https"})
	}
	root.always("paths", w.paths().node())
	w.definitions(root)
	w.extensions(root)
	return root
}

// info has its members in AWS' order, which differs in the two versions.
func (w *writer) info() *object {
	if !w.v3 {
		return (&object{}).set("description", w.d.Description).set("version", w.d.Version).set("title", w.d.Title)
	}
	return (&object{}).set("title", w.d.Title).set("description", w.d.Description).set("version", w.d.Version)
}

func (w *writer) definitions(root *object) {
	schemas, schemes := w.schemas(), w.schemes()
	if !w.v3 {
		root.set("securityDefinitions", schemes).set("definitions", schemas)
		return
	}
	root.always("components", (&object{}).set("schemas", schemas).set("securitySchemes", schemes).node())
}

func (w *writer) schemas() *object {
	schemas := &object{}
	for _, m := range w.d.Models {
		schemas.always(m.Name, rawNode(RewriteReferences([]byte(m.Schema), w.reference)))
	}
	return schemas
}

// reference is a reference to a model in the version that is written.
func (w *writer) reference(ref string) string {
	if name, ok := strings.CutPrefix(ref, "#/definitions/"); ok && w.v3 {
		return "#/components/schemas/" + name
	}
	return ref
}

func (w *writer) modelReference(name string) *object {
	return (&object{}).set("$ref", w.reference("#/definitions/"+name))
}

const (
	apiKeyScheme = "api_key"
	sigv4Scheme  = "sigv4"
)

func (w *writer) schemes() *object {
	schemes := &object{}
	header := func(name string) *object {
		return (&object{}).set("type", "apiKey").set("name", name).set("in", "header")
	}
	if slices.ContainsFunc(w.d.Operations, func(op Operation) bool { return op.APIKeyRequired }) {
		schemes.set(apiKeyScheme, header("x-api-key"))
	}
	if slices.ContainsFunc(w.d.Operations, func(op Operation) bool { return op.AuthorizationType == "AWS_IAM" }) {
		schemes.set(sigv4Scheme, header("Authorization").set(extension+"authtype", "awsSigv4"))
	}
	for _, a := range w.d.Authorizers {
		s := header(schemeHeader(a.IdentitySource))
		if w.o.All || w.o.Authorizers {
			s.set(extension+"authtype", a.AuthType).set(extension+"authorizer", writeAuthorizer(a))
		}
		schemes.set(a.Name, s)
	}
	return schemes
}

// schemeHeader is the name that a scheme has for an identity source: that of its one header, else Unused.
func schemeHeader(source string) string {
	if name, ok := strings.CutPrefix(source, "method.request.header."); ok && !strings.Contains(name, ",") {
		return name
	}
	return "Unused"
}

func writeAuthorizer(a Authorizer) *object {
	o := &object{}
	o.set("authorizerUri", a.URI).set("authorizerCredentials", a.Credentials).set("providerARNs", a.ProviderARNs)
	o.set("authorizerResultTtlInSeconds", a.ResultTTLSeconds)
	if a.Type == "REQUEST" {
		o.set("identitySource", a.IdentitySource)
	}
	return o.set("identityValidationExpression", a.IdentityValidation).set("type", strings.ToLower(a.Type))
}

func (w *writer) extensions(root *object) {
	if w.o.Documentation {
		root.set(extension+"documentation", w.documentation())
	}
	if !w.o.All {
		return
	}
	root.set(extension+"policy", w.d.Policy)
	responses := &object{}
	for _, kind := range sorted(w.d.GatewayResponses) {
		g := w.d.GatewayResponses[kind]
		o := &object{}
		if n, err := strconv.Atoi(g.StatusCode); err == nil {
			o.set("statusCode", n)
		}
		o.set("responseParameters", g.ResponseParameters).set("responseTemplates", g.ResponseTemplates)
		responses.always(kind, o.node())
	}
	root.set(extension+"gateway-responses", responses)
	validators := &object{}
	for _, name := range sorted(w.d.RequestValidators) {
		v := w.d.RequestValidators[name]
		validators.set(name, (&object{}).set("validateRequestParameters", v.Parameters).set("validateRequestBody", v.Body))
	}
	root.set(extension+"request-validators", validators)
	root.set(extension+"binary-media-types", w.d.BinaryMediaTypes).set(extension+"minimum-compression-size", w.d.MinimumCompressionSize)
	if w.d.APIKeySource == "AUTHORIZER" {
		root.set(extension+"api-key-source", w.d.APIKeySource)
	}
	endpoint := (&object{}).set("vpcEndpointIds", w.d.VPCEndpointIDs)
	if off := w.d.DisableExecuteEndpoint; off != nil && *off {
		endpoint.set("disableExecuteApiEndpoint", true)
	}
	root.set(extension+"endpoint-configuration", endpoint)
}

func (w *writer) documentation() *object {
	parts := list()
	for _, p := range w.d.Documentation {
		location := (&object{}).set("type", p.Type).set("path", p.Path).set("method", p.Method).
			set("statusCode", p.StatusCode).set("name", p.Name)
		parts.Content = append(parts.Content,
			(&object{}).set("location", location).set("properties", rawNode([]byte(p.Properties))).node())
	}
	if len(parts.Content) == 0 {
		return nil
	}
	created := w.o.DocumentationDate.UTC().Format(time.RFC3339)
	return (&object{}).set("version", w.o.DocumentationVersion).set("createdDate", created).set("documentationParts", parts)
}
