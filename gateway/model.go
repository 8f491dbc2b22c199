package gateway

import "time"

// Stage is a deployed stage as the control plane describes it. It is plain data; Compile makes it servable.
type Stage struct {
	APIID        string // served in any case of letters
	APIName      string // in metrics
	Name         string
	DeploymentID string
	AccountID    string // of the API's owner
	Region       string
	EndpointType string // EDGE, REGIONAL or PRIVATE
	// DisableExecuteAPIEndpoint refuses requests that come by the API's own host name or path.
	DisableExecuteAPIEndpoint bool
	Variables                 map[string]string // stage variables
	Routes                    []Route
	AccessLog                 *AccessLog // nil: off
	BinaryMediaTypes          []string
}

// AccessLog says where a stage's access log goes, and in which format.
type AccessLog struct {
	Group  string // log group name
	Region string // of the group; empty: the stage's
	Format string // see accesslog.Compile
}

// Route is one method of one resource.
type Route struct {
	ResourceID   string
	ResourcePath string // such as "/notes/{id}" or "/{proxy+}"
	Method       string // such as "GET", or "ANY"
	// DetailedMetrics has the route's requests counted on their own, beside those of the stage.
	DetailedMetrics bool
	// A route that asks for an API key or another authorization than NONE answers 501 until those are built.
	APIKeyRequired    bool
	AuthorizationType string
	Integration       Integration
	// MethodResponses by status code. If there are any, an integration response of another status is a 500.
	MethodResponses map[string]MethodResponse
}

// MethodResponse is what a method declares to answer.
type MethodResponse struct {
	Headers map[string]bool // names, and whether they are required
}

// Integration is what stands behind a route.
type Integration struct {
	Type    string // MOCK, HTTP or HTTP_PROXY; any other answers 501
	Method  string // of the request to the back end; ANY or empty: the client's
	URI     string
	Timeout time.Duration // 0: 29 s
	// RequestParameters map integration.request.{path,querystring,header}.x to method.request.…, context.…,
	// stageVariables.… or 'text'.
	RequestParameters        map[string]string
	RequestTemplates         map[string]string // by media type
	PassthroughBehavior      string            // WHEN_NO_MATCH (also if empty), WHEN_NO_TEMPLATES or NEVER
	ContentHandling          string
	InsecureSkipVerification bool // of the back end's TLS certificate
	Responses                []IntegrationResponse
}

// IntegrationResponse translates what a back end answered.
type IntegrationResponse struct {
	StatusCode string // of the method response
	// SelectionPattern is a regular expression that the back end's status must match as a whole; empty: the default.
	SelectionPattern string
	Parameters       map[string]string // method.response.header.x to integration.response.header.… and so on
	Templates        map[string]string // by media type
}
