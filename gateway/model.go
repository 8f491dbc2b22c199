package gateway

import (
	"crypto/tls"
	"time"

	"github.com/tollbook/tollbook/accesslog"
)

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
	Canary                    *Canary // nil: none
	// MinimumCompressionSize is the length from which on responses are compressed. Nil: never.
	MinimumCompressionSize *int
	// CacheBytes is the size of the stage's response cache; 0: off.
	CacheBytes int64
	// APIKeySource is HEADER (also if empty) or AUTHORIZER.
	APIKeySource string
	// TracingEnabled gives requests an X-Ray trace ID for the logs.
	TracingEnabled bool
	// ResourcePolicy is the API's policy as JSON; empty: none.
	ResourcePolicy   string
	Authorizers      map[string]Authorizer      // by ID
	Models           map[string]string          // JSON schemas by the model's name
	GatewayResponses map[string]GatewayResponse // by type, such as DEFAULT_4XX; only those that were defined
	// Deliveries are where the execution log goes instead of the stage's own log group. Empty: into that group.
	Deliveries []accesslog.Delivery
	// VPCLinks are the addresses (host:port) to which connections through a VPC link are made, by the link's ID. Empty: the
	// integration's own.
	VPCLinks map[string]string
	// ClientCertificate is shown to back ends of HTTP and HTTP_PROXY integrations over TLS. Nil: none.
	ClientCertificate *tls.Certificate
}

// Authorizer decides, before the integration runs, whether a client may call a method.
type Authorizer struct {
	ID   string
	Name string
	Type string // TOKEN, REQUEST or COGNITO_USER_POOLS
	// URI is that of the Lambda function (TOKEN and REQUEST), in the form of an integration's.
	URI          string
	Credentials  string   // ARN of the role to call it with; empty: none
	ProviderARNs []string // user pools (COGNITO_USER_POOLS)
	// IdentitySource is a list, separated by commas, of method.request.header.x, method.request.querystring.x,
	// stageVariables.x and context.x.
	IdentitySource     string
	IdentityValidation string        // regular expression; empty: any
	TTL                time.Duration // of cached results; 0: no cache
}

// GatewayResponse is how the gateway answers errors of one type.
type GatewayResponse struct {
	StatusCode int               // 0: that of the error
	Parameters map[string]string // gatewayresponse.header.x to an expression
	Templates  map[string]string // by media type
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
	OperationName   string
	APIKeyRequired  bool
	// AuthorizationType is NONE, AWS_IAM, CUSTOM or COGNITO_USER_POOLS; the last two name an authorizer of the stage.
	AuthorizationType   string
	AuthorizerID        string
	AuthorizationScopes []string
	// RequestParameters are those that the method declares (method.request.header.x …), and whether each is required.
	RequestParameters  map[string]bool
	RequestModels      map[string]string // names of the stage's models by media type
	ValidateBody       bool
	ValidateParameters bool
	Settings           MethodSettings
	Integration        Integration
	// MethodResponses by status code. An integration response of another status is a 500. Nil: any status will do.
	MethodResponses map[string]MethodResponse
}

// MethodSettings are what a stage sets for a method.
type MethodSettings struct {
	LoggingLevel string // of the execution log: OFF (also if empty), ERROR or INFO
	DataTrace    bool   // log headers and bodies, too
	// Throttle limits the method's requests; nil: no limit.
	Throttle *Throttle

	CachingEnabled bool
	CacheTTL       time.Duration
	// CacheControlNeedsPermission and UnauthorizedCacheControl say what becomes of a client's Cache-Control: max-age=0.
	CacheControlNeedsPermission bool
	UnauthorizedCacheControl    string // FAIL_WITH_403, SUCCEED_WITH_RESPONSE_HEADER or SUCCEED_WITHOUT_RESPONSE_HEADER
}

// Throttle limits requests by a token bucket.
type Throttle struct {
	Rate  float64 // tokens that come back in a second; negative: no limit
	Burst int     // tokens of a full bucket; negative: no limit
}

// MethodResponse is what a method declares to answer.
type MethodResponse struct {
	Headers map[string]bool // names, and whether they are required
}

// Integration is what stands behind a route.
type Integration struct {
	Type        string        // MOCK, HTTP, HTTP_PROXY, AWS or AWS_PROXY; any other answers 501
	Method      string        // of the request to the back end; ANY or empty: the client's
	URI         string        // of an HTTP end point, or an ARN (AWS, AWS_PROXY)
	Credentials string        // ARN of a role, or arn:aws:iam::*:user/* for the caller's own; empty: none
	Timeout     time.Duration // 0: 29 s
	// RequestParameters map integration.request.{path,querystring,header}.x to method.request.…, context.…,
	// stageVariables.… or 'text'.
	RequestParameters        map[string]string
	RequestTemplates         map[string]string // by media type
	PassthroughBehavior      string            // WHEN_NO_MATCH (also if empty), WHEN_NO_TEMPLATES or NEVER
	ContentHandling          string            // CONVERT_TO_BINARY, CONVERT_TO_TEXT, or empty
	CacheNamespace           string
	CacheKeyParameters       []string
	InsecureSkipVerification bool // of the back end's TLS certificate
	// VPCLink is the ID of the stage's VPC link through which an HTTP end point is reached. Empty: none.
	VPCLink   string
	Responses []IntegrationResponse
}

// IntegrationResponse translates what a back end answered.
type IntegrationResponse struct {
	StatusCode string // of the method response
	// SelectionPattern is a regular expression that the back end's status must match as a whole; empty: the default.
	SelectionPattern string
	Parameters       map[string]string // method.response.header.x to integration.response.header.… and so on
	Templates        map[string]string // by media type
	ContentHandling  string
}
