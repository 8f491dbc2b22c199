package apigateway

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Parameter mappings copy values between a request, its integration and the responses. What may be written is checked
// when it is saved; package gateway evaluates it.
//
//	method.request.{path|querystring|header}.NAME             declared by a Method
//	integration.request.{path|querystring|header}.NAME        target of an Integration
//	method.response.header.NAME                               declared by a MethodResponse, target of an IntegrationResponse
//	integration.response.{header|multivalueheader}.NAME       source of an IntegrationResponse
//	stageVariables.NAME, context.NAME, 'text', …body[.PATH]   sources everywhere
var (
	methodRequestForm      = regexp.MustCompile(`^method\.request\.(path|querystring|header)\.(\S+)$`)
	methodResponseForm     = regexp.MustCompile(`^method\.response\.header\.(\S+)$`)
	integrationRequestForm = regexp.MustCompile(`^integration\.request\.(path|querystring|header)\.(\S+)$`)

	requestSourceForm  = regexp.MustCompile(`^method\.request\.(path|querystring|multivaluequerystring|header|multivalueheader)\.(\S+)$`)
	responseSourceForm = regexp.MustCompile(`^integration\.response\.(header|multivalueheader)\.(\S+)$`)
	commonSourceForm   = regexp.MustCompile(`^(stageVariables|context)\.(\S+)$`)

	contentTypeForm = regexp.MustCompile(`^([\w!#$&^.+*-]+/[\w!#$&^.+*-]+|\$default)$`)
)

// checkMethodParameters decides whether a Method may declare these request parameters.
func checkMethodParameters(params map[string]bool) error {
	seen := map[string]bool{}
	for _, expression := range sortedKeys(params) {
		m := methodRequestForm.FindStringSubmatch(expression)
		if m == nil {
			return errMapping(expression)
		}
		if seen[m[2]] {
			return badRequest("Parameter names must be unique across querystring, header and path")
		}
		seen[m[2]] = true
	}
	return nil
}

func checkResponseParameters(params map[string]bool) error {
	for _, expression := range sortedKeys(params) {
		if !methodResponseForm.MatchString(expression) {
			return errMapping(expression)
		}
	}
	return nil
}

// checkRequestMappings decides whether an integration of method m may map its request so.
func checkRequestMappings(m *methodRecord, mappings map[string]string) error {
	for _, target := range sortedKeys(mappings) {
		source := mappings[target]
		if !integrationRequestForm.MatchString(target) {
			return errMapping(target)
		}
		if err := checkRequestSource(m, source); err != nil {
			return err
		}
	}
	return nil
}

// checkRequestSource accepts a source of a request mapping; a parameter must be one that the method declares.
func checkRequestSource(m *methodRecord, source string) error {
	if isCommonSource(source) || isBody(source, "method.request.body") {
		return nil
	}
	parts := requestSourceForm.FindStringSubmatch(source)
	if parts == nil {
		return errMapping(source)
	}
	location := strings.TrimPrefix(parts[1], "multivalue")
	if _, declared := m.RequestParameters["method.request."+location+"."+parts[2]]; !declared {
		return errMappingParameter(source)
	}
	return nil
}

// checkResponseMappings decides whether an integration response may fill the headers of its method response so.
func checkResponseMappings(response *methodResponseRecord, mappings map[string]string) error {
	for _, target := range sortedKeys(mappings) {
		source := mappings[target]
		if !methodResponseForm.MatchString(target) {
			return errMapping(target)
		}
		if _, declared := response.ResponseParameters[target]; !declared {
			return errMappingParameter(target)
		}
		if !isCommonSource(source) && !isBody(source, "integration.response.body") && !responseSourceForm.MatchString(source) {
			return errMapping(source)
		}
	}
	return nil
}

func isCommonSource(source string) bool {
	static := len(source) >= 2 && strings.HasPrefix(source, "'") && strings.HasSuffix(source, "'")
	return static || commonSourceForm.MatchString(source)
}

// isBody tells whether source is the whole body or a JSONPath into it.
func isBody(source, body string) bool {
	rest, ok := strings.CutPrefix(source, body)
	return ok && (rest == "" || rest[0] == '.' && len(rest) > 1 || rest[0] == '[')
}

// maxTemplate is AWS' limit on the size of a mapping template, in bytes.
const maxTemplate = 300 << 10

func checkTemplates(templates map[string]string) error {
	for _, contentType := range sortedKeys(templates) {
		if len(templates[contentType]) > maxTemplate {
			return badRequest("Validation Result: warnings : [], errors : [Template for content type %s is larger than %d bytes]",
				contentType, maxTemplate)
		}
		if !contentTypeForm.MatchString(contentType) {
			return badRequest("Validation Result: warnings : [], errors : [Invalid content type specified: %s]", contentType)
		}
	}
	return nil
}

// sortedKeys is a map's keys in order, so that of several errors the same one is always found first.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
