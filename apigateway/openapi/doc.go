// Package openapi reads and writes API definitions: OpenAPI 2.0 (Swagger) and 3.0 documents, as JSON or YAML, with AWS'
// x-amazon-apigateway extensions.
//
// Parse turns a document into a Document, which holds what API Gateway knows of an API and nothing of how the text says
// it; Write does the opposite. Proxy puts a plain document in front of the back end that its servers name. What a
// Document means for stored APIs (new, merged, overwritten) is package apigateway's business.
//
// The text is read into a tree of nodes that know their places (node.go), so that every error and warning names line,
// column and path. Parse collects all of them before it gives up.
package openapi

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Document is an API as its definition describes it. Slices are sorted or in the document's order; maps may be nil.
type Document struct {
	Title, Description, Version string
	// BasePath is that of the document: basePath (2.0) or the path of the first server (3.0), such as "/v1"; empty for
	// none. Paths of operations do not have it.
	BasePath string
	// Servers are the absolute URLs of the servers, with variables filled in.
	Servers []string

	Operations  []Operation
	Models      []Model
	Authorizers []Authorizer

	RequestValidators map[string]RequestValidator // by name
	GatewayResponses  map[string]GatewayResponse  // by type

	APIKeySource           string
	BinaryMediaTypes       []string
	MinimumCompressionSize *int
	Policy                 json.RawMessage // nil: none
	EndpointTypes          []string
	VPCEndpointIDs         []string
	DisableExecuteEndpoint *bool
	Tags                   map[string]string
	Documentation          []DocumentationPart
	// Warnings are problems that left something out.
	Warnings []Problem
}

// Operation is one method of one path.
type Operation struct {
	Path          string // "/pets/{id}"
	Method        string // upper case, or ANY
	OperationName string

	Parameters    []Parameter
	RequestModels map[string]string // model names by media type
	Responses     []Response

	AuthorizationType   string // NONE, AWS_IAM, CUSTOM or COGNITO_USER_POOLS
	Authorizer          string // name of one in the document
	AuthorizationScopes []string
	APIKeyRequired      bool
	RequestValidator    string // name; empty: none

	Integration *Integration // nil: none
}

// Parameter is one that a method declares.
type Parameter struct {
	Name     string
	In       string // path, querystring or header
	Required bool
}

// Expression is how mappings name the parameter: method.request.path.id.
func (p Parameter) Expression() string { return "method.request." + p.In + "." + p.Name }

// Response is a method response.
type Response struct {
	StatusCode string
	Headers    []string          // names
	Models     map[string]string // model names by media type
}

// Integration is an x-amazon-apigateway-integration.
type Integration struct {
	Type, HTTPMethod, URI, Credentials  string // Type in upper case
	ConnectionType, ConnectionID        string
	PassthroughBehavior                 string // upper case
	ContentHandling                     string
	CacheNamespace                      string
	CacheKeyParameters                  []string
	RequestParameters, RequestTemplates map[string]string
	TimeoutInMillis                     int // 0: not given
	InsecureSkipVerification            *bool
	ResponseTransferMode                string
	Responses                           []IntegrationResponse
}

// IntegrationResponse is one entry of an integration's responses.
type IntegrationResponse struct {
	SelectionPattern                      string // empty: the default
	StatusCode                            string
	ContentHandling                       string
	ResponseParameters, ResponseTemplates map[string]string
}

// Model is a named schema.
type Model struct {
	Name, Description string
	Schema            string // JSON; references to other models are #/definitions/Name
}

// Authorizer is a security scheme that asks an authorizer.
type Authorizer struct {
	Name, Type         string // Type: TOKEN, REQUEST or COGNITO_USER_POOLS
	AuthType           string
	URI, Credentials   string
	IdentitySource     string // method.request.header.X, …
	IdentityValidation string
	ProviderARNs       []string
	ResultTTLSeconds   *int
}

// RequestValidator says what a validator checks.
type RequestValidator struct{ Body, Parameters bool }

// GatewayResponse is one of x-amazon-apigateway-gateway-responses.
type GatewayResponse struct {
	StatusCode                            string
	ResponseParameters, ResponseTemplates map[string]string
}

// DocumentationPart documents one place of the API.
type DocumentationPart struct {
	Type, Path, Method, StatusCode, Name string
	Properties                           string // a JSON object
}

// Problem is an error or a warning, with its place in the text.
type Problem struct {
	Line, Column int    // from 1; 0: unknown
	Path         string // such as /paths/~1pets/get
	Message      string
}

func (p Problem) String() string {
	place := p.Path
	if p.Line > 0 {
		place = fmt.Sprintf("line %d, column %d (%s)", p.Line, p.Column, p.Path)
	}
	return place + ": " + p.Message
}

// Problems is the error that Parse returns: all that is wrong with a document.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "; ")
}
