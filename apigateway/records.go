package apigateway

import (
	"time"

	"github.com/tollbook/tollbook/state"
)

// The records of this package in state. Their JSON is a format on disk: members may be added, never renamed.
//
//	kind                     parent   id              holds
//	apigateway.Account       ""       "account"       settings of one account and region
//	apigateway.RestApiID     ""       API id          scope of the API; one table for all accounts and regions
//	apigateway.RestApi       ""       API id
//	apigateway.Resource      API id   resource id     the resource with its methods and their integrations
//	apigateway.Deployment    API id   deployment id   what clients see of it
//	apigateway.Snapshot      API id   deployment id   the API as it was then; never changed
//	apigateway.Stage         API id   stage name
//	apigateway.Model            API id   model's name
//	apigateway.RequestValidator API id   validator id
//	apigateway.GatewayResponse  API id   type              those that the API defines
//	apigateway.ApiKey           ""       key id
//	apigateway.ApiKeyValue      ""       key's value       id of the key that has it
//	apigateway.UsagePlan        ""       plan id
//	apigateway.UsagePlanKey     plan id  key id            a key's place in a plan
//	apigateway.Usage            plan id  key id/month      requests by day
//	apigateway.Authorizer    API id   authorizer id
//
// The values below only name kinds; they hold no state.
var (
	accounts          = state.Collection[accountRecord]{Kind: "apigateway.Account"}
	restApiIDs        = state.Collection[restApiIDRecord]{Kind: "apigateway.RestApiID"}
	restApis          = state.Collection[restApiRecord]{Kind: "apigateway.RestApi"}
	resources         = state.Collection[resourceRecord]{Kind: "apigateway.Resource"}
	deployments       = state.Collection[deploymentRecord]{Kind: "apigateway.Deployment"}
	snapshots         = state.Collection[snapshotRecord]{Kind: "apigateway.Snapshot"}
	stages            = state.Collection[stageRecord]{Kind: "apigateway.Stage"}
	models            = state.Collection[modelRecord]{Kind: "apigateway.Model"}
	requestValidators = state.Collection[requestValidatorRecord]{Kind: "apigateway.RequestValidator"}
	gatewayResponses  = state.Collection[gatewayResponseRecord]{Kind: "apigateway.GatewayResponse"}
	apiKeys           = state.Collection[apiKeyRecord]{Kind: "apigateway.ApiKey"}
	apiKeyValues      = state.Collection[string]{Kind: "apigateway.ApiKeyValue"}
	usagePlans        = state.Collection[usagePlanRecord]{Kind: "apigateway.UsagePlan"}
	usagePlanKeys     = state.Collection[usagePlanKeyRecord]{Kind: "apigateway.UsagePlanKey"}
	usages            = state.Collection[usageRecord]{Kind: "apigateway.Usage"}

	authorizers = state.Collection[authorizerRecord]{Kind: "apigateway.Authorizer"}
)

type accountRecord struct {
	CloudwatchRoleArn string   `json:"cloudwatchRoleArn,omitempty"`
	Features          []string `json:"features,omitempty"` // beyond UsagePlans
	// Welcomed tells that the welcome log group was made once; it is not made again after users deleted it.
	Welcomed bool `json:"welcomed,omitempty"`
}

// restApiIDRecord claims an API id: the data plane addresses by id alone, so one id may live in one scope only.
type restApiIDRecord struct {
	Scope string `json:"scope"`
}

type restApiRecord struct {
	ID                        string            `json:"id"`
	Name                      string            `json:"name"`
	Description               string            `json:"description,omitempty"`
	Version                   string            `json:"version,omitempty"`
	CreatedDate               time.Time         `json:"createdDate"`
	RootResourceID            string            `json:"rootResourceId"`
	BinaryMediaTypes          []string          `json:"binaryMediaTypes,omitempty"`
	MinimumCompressionSize    *int32            `json:"minimumCompressionSize,omitempty"`
	APIKeySource              string            `json:"apiKeySource"`
	EndpointType              string            `json:"endpointType"`
	IPAddressType             string            `json:"ipAddressType"`
	VPCEndpointIDs            []string          `json:"vpcEndpointIds,omitempty"`
	DisableExecuteAPIEndpoint bool              `json:"disableExecuteApiEndpoint,omitempty"`
	SecurityPolicy            string            `json:"securityPolicy,omitempty"`
	EndpointAccessMode        string            `json:"endpointAccessMode,omitempty"`
	Tags                      map[string]string `json:"tags,omitempty"`
	Policy                    string            `json:"policy,omitempty"` // with full ARNs
	// HasModels tells that the API was made with the models that it should have. Before there were models, none was.
	HasModels bool `json:"hasModels,omitempty"`
}

type resourceRecord struct {
	ID       string                   `json:"id"`
	ParentID string                   `json:"parentId,omitempty"` // "" for the root
	PathPart string                   `json:"pathPart,omitempty"`
	Path     string                   `json:"path"` // kept in step with the parts of all parents
	Methods  map[string]*methodRecord `json:"methods,omitempty"`
}

type methodRecord struct {
	HTTPMethod          string                           `json:"httpMethod"`
	AuthorizationType   string                           `json:"authorizationType"`
	AuthorizerID        string                           `json:"authorizerId,omitempty"`
	APIKeyRequired      bool                             `json:"apiKeyRequired,omitempty"`
	OperationName       string                           `json:"operationName,omitempty"`
	RequestValidatorID  string                           `json:"requestValidatorId,omitempty"`
	RequestParameters   map[string]bool                  `json:"requestParameters,omitempty"`
	RequestModels       map[string]string                `json:"requestModels,omitempty"`
	AuthorizationScopes []string                         `json:"authorizationScopes,omitempty"`
	Responses           map[string]*methodResponseRecord `json:"responses,omitempty"` // by status code
	Integration         *integrationRecord               `json:"integration,omitempty"`
}

type authorizerRecord struct {
	ID                 string   `json:"id"`
	Name               string   `json:"name"`
	Type               string   `json:"type"`
	AuthType           string   `json:"authType"`
	ProviderARNs       []string `json:"providerARNs,omitempty"`
	URI                string   `json:"authorizerUri,omitempty"`
	Credentials        string   `json:"authorizerCredentials,omitempty"`
	IdentitySource     string   `json:"identitySource,omitempty"`
	IdentityValidation string   `json:"identityValidationExpression,omitempty"`
	TTLInSeconds       *int32   `json:"authorizerResultTtlInSeconds,omitempty"` // nil: AWS' default
}

type methodResponseRecord struct {
	StatusCode string `json:"statusCode"`
	// Nil and empty differ: AWS shows a member that was given empty.
	ResponseParameters map[string]bool   `json:"responseParameters"`
	ResponseModels     map[string]string `json:"responseModels"`
}

type integrationRecord struct {
	Type                     string                                `json:"type"`
	HTTPMethod               string                                `json:"httpMethod,omitempty"`
	URI                      string                                `json:"uri,omitempty"`
	ConnectionType           string                                `json:"connectionType,omitempty"`
	ConnectionID             string                                `json:"connectionId,omitempty"`
	Credentials              string                                `json:"credentials,omitempty"`
	RequestParameters        map[string]string                     `json:"requestParameters,omitempty"`
	RequestTemplates         map[string]string                     `json:"requestTemplates,omitempty"`
	PassthroughBehavior      string                                `json:"passthroughBehavior"`
	ContentHandling          string                                `json:"contentHandling,omitempty"`
	TimeoutInMillis          int32                                 `json:"timeoutInMillis"`
	CacheNamespace           string                                `json:"cacheNamespace"`
	CacheKeyParameters       []string                              `json:"cacheKeyParameters,omitempty"`
	IntegrationTarget        string                                `json:"integrationTarget,omitempty"`
	TLSConfigSet             bool                                  `json:"tlsConfigSet,omitempty"`
	InsecureSkipVerification bool                                  `json:"insecureSkipVerification,omitempty"`
	Responses                map[string]*integrationResponseRecord `json:"responses,omitempty"` // by status code
}

type integrationResponseRecord struct {
	StatusCode         string            `json:"statusCode"`
	SelectionPattern   string            `json:"selectionPattern,omitempty"`
	ResponseParameters map[string]string `json:"responseParameters,omitempty"`
	ResponseTemplates  map[string]string `json:"responseTemplates,omitempty"` // "" is AWS' null template
	ContentHandling    string            `json:"contentHandling,omitempty"`
}

type deploymentRecord struct {
	ID          string    `json:"id"`
	Description string    `json:"description,omitempty"`
	CreatedDate time.Time `json:"createdDate"`
}

// snapshotRecord is a whole API at the moment of a deployment.
type snapshotRecord struct {
	API       restApiRecord    `json:"api"`
	Resources []resourceRecord `json:"resources"`

	Authorizers []authorizerRecord `json:"authorizers,omitempty"`

	Models            []modelRecord            `json:"models,omitempty"`
	RequestValidators []requestValidatorRecord `json:"requestValidators,omitempty"`
	GatewayResponses  []gatewayResponseRecord  `json:"gatewayResponses,omitempty"`
	VPCLinks          map[string]string        `json:"vpcLinks,omitempty"` // where each leads; empty: to the integration's URI
}

type stageRecord struct {
	Name                 string                         `json:"name"`
	DeploymentID         string                         `json:"deploymentId"`
	Description          string                         `json:"description,omitempty"`
	CreatedDate          time.Time                      `json:"createdDate"`
	LastUpdatedDate      time.Time                      `json:"lastUpdatedDate"`
	Variables            map[string]string              `json:"variables,omitempty"`
	AccessLog            accessLogRecord                `json:"accessLog,omitzero"`
	MethodSettings       map[string]methodSettingRecord `json:"methodSettings,omitempty"` // by canonical key
	CacheClusterEnabled  bool                           `json:"cacheClusterEnabled,omitempty"`
	CacheClusterSize     string                         `json:"cacheClusterSize,omitempty"`
	TracingEnabled       bool                           `json:"tracingEnabled,omitempty"`
	DocumentationVersion string                         `json:"documentationVersion,omitempty"`
	Canary               *canaryRecord                  `json:"canary,omitempty"`
	ClientCertificateID  string                         `json:"clientCertificateId,omitempty"`
	Tags                 map[string]string              `json:"tags,omitempty"`
}

// accessLogRecord may hold one member without the other for a while; only both together turn access logging on.
type accessLogRecord struct {
	DestinationArn string `json:"destinationArn,omitempty"`
	Format         string `json:"format,omitempty"`
}

func (a accessLogRecord) complete() bool { return a.DestinationArn != "" && a.Format != "" }

type methodSettingRecord struct {
	Key                                    string  `json:"key"` // the form last written, which clients look up
	MetricsEnabled                         bool    `json:"metricsEnabled"`
	LoggingLevel                           string  `json:"loggingLevel,omitempty"` // "" until set
	DataTraceEnabled                       bool    `json:"dataTraceEnabled"`
	ThrottlingBurstLimit                   int32   `json:"throttlingBurstLimit"`
	ThrottlingRateLimit                    float64 `json:"throttlingRateLimit"`
	ThrottlingSet                          bool    `json:"throttlingSet,omitempty"` // a client chose one of the limits
	CachingEnabled                         bool    `json:"cachingEnabled"`
	CacheTTLInSeconds                      int32   `json:"cacheTtlInSeconds"`
	CacheDataEncrypted                     bool    `json:"cacheDataEncrypted"`
	RequireAuthorizationForCacheControl    bool    `json:"requireAuthorizationForCacheControl"`
	UnauthorizedCacheControlHeaderStrategy string  `json:"unauthorizedCacheControlHeaderStrategy"`
}
