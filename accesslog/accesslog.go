// Package accesslog turns a finished request into one line of the access log and brings the lines to the log service.
//
// It has three parts, in the order in which data passes: Entry holds what a request's $context variables say; Format
// renders an Entry by the stage's log format; Writer collects rendered lines in memory and hands them, in batches, to an
// Appender. The gateway fills entries; the log service is the Appender. What a log group is, who may write to it and how
// events are kept is left to that service, and checking who may set which format to the control plane.
//
// # Values that the client sends
//
// AWS puts a variable's value into the line as it is, so that a quotation mark in a User-Agent breaks an entry of a JSON
// format. Tollbook does not: every entry is exactly one line, and a value can end neither the line nor the field it
// stands in, whatever a client sent. Compile finds out what kind of text the format is (Kind) and escapes values for it:
//
//	JSON  inside a string, as JSON demands; outside of one, numbers and booleans stay as they are and any other value
//	      becomes a quoted string. A missing value is "-" as AWS prints it, which outside a string is not JSON.
//	XML   & < > " ' as entities; what XML 1.0 cannot hold becomes U+FFFD.
//	CSV   a field that holds a comma or quotation mark is quoted as in RFC 4180; a line break becomes a space.
//	Text  as Apache does in its logs: \" and \\, control characters as \n, \t or \xHH.
//
// Bytes that are not UTF-8 become U+FFFD, in Text \xHH. For values without such characters the line is what AWS writes.
package accesslog

// Entry is what is known of one request; the gateway fills it on the request's way. A zero field means that the variable
// is missing and prints "-", unless its comment says otherwise.
//
// Strings may point into the request's own buffers: an Entry and what it refers to need to stay unchanged only until
// Append or Write returns. An Entry must not be used by two goroutines at once.
type Entry struct {
	// Stage holds what is the same for all requests of a stage. Nil for a request that reached no stage.
	Stage *Stage

	RequestID         string
	ExtendedRequestID string
	TimeMillis        int64  // arrival, in milliseconds since 1970-01-01 UTC
	Method            string // HTTP method
	Path              string // as the client sent it, with the stage in front
	Protocol          string // "HTTP/1.1"
	DomainName        string // host without port
	SourceIP          string
	UserAgent         string
	TLSVersion        string // "TLSv1.3"; empty without TLS
	CipherSuite       string
	TraceID           string // the X-Ray root, "1-…"

	ResourceID   string // empty when no resource matched
	ResourcePath string

	Status               int
	ResponseLength       int64 // bytes of body sent; 0 prints 0
	ResponseLatencyMilli int64 // 0 prints 0

	Integration Integration
	Error       Failure

	Authenticate Phase // of AWS_IAM: the signature
	Authorize    Phase // of AWS_IAM and resource policies: what the caller may do
	Authorizer   Authorizer
	Identity     Identity

	// BasePathMatched is the base path of the mapping that a request by a custom domain name came through.
	BasePathMatched string
	// Canary says how a stage with a canary served the request: "true", "false", or empty without one.
	Canary string
	// Cache is "hit" or "miss" where a response cache was asked; it is for metrics, there is no such variable.
	Cache string
	// ResponseOverrideStatus is the status that a mapping template set; 0 if none did.
	ResponseOverrideStatus int
	// Overridden is what mapping templates set, by names such as requestOverride.header.h; nil: they set nothing.
	Overridden func(name string) string
}

// Stage holds the values that all entries of one stage share. They come from the control plane.
type Stage struct {
	AccountID    string
	APIID        string
	Name         string
	DeploymentID string
	EndpointType string // EDGE, REGIONAL or PRIVATE
}

// Integration is what the back end did.
type Integration struct {
	Called bool // the integration ran; without it all its variables are missing
	Status int  // of the back end's response, for a Lambda proxy what the function returned; 0 if none came
	// ServiceStatus is what the Lambda service said to the call of a function; 0: the same as Status.
	ServiceStatus int
	LatencyMilli  int64  // until the response was read; missing if no status is there
	Error         string // such as "Execution failed due to a timeout error"
	RequestID     string // the back end's own request ID
}

// Phase is one look at who the client is or what it may do.
type Phase struct {
	Status       int // such as 200 or 403; 0: the phase did not run, and all its variables are missing
	LatencyMilli int64
	Error        string
}

// Authorizer is what an authorizer said. Maps belong to the authorizer's cache and are never changed.
type Authorizer struct {
	Phase
	PrincipalID string
	// Context holds the keys that a Lambda authorizer returned, each value as text.
	Context map[string]string
	// Claims are those of the token that a COGNITO_USER_POOLS authorizer accepted.
	Claims map[string]string
	// RequestID, IntegrationStatus and IntegrationLatencyMilli are of the call to the function; missing if IntegrationStatus
	// is 0, as when the answer came from the cache.
	RequestID               string
	IntegrationStatus       int
	IntegrationLatencyMilli int64
}

// Identity is who the client is, as far as it is known.
type Identity struct {
	AccountID, Caller, User, UserARN, AccessKey, PrincipalOrgID string // of AWS_IAM

	APIKey, APIKeyID string // APIKey as the client sent it; a Format masks it

	CognitoAuthenticationProvider, CognitoAuthenticationType, CognitoIdentityID, CognitoIdentityPoolID string

	ClientCert *ClientCert // nil without one
}

// ClientCert is the certificate of a client over mutual TLS.
type ClientCert struct {
	PEM, SubjectDN, IssuerDN, SerialNumber, NotBefore, NotAfter string
}

// Failure is why the gateway itself answered.
type Failure struct {
	Message         string // the message in the body
	ResponseType    string // such as INTEGRATION_TIMEOUT
	ValidationError string // the details of a failed request validation
	StatusChanged   bool   // the API gave the error another status; no variable says so
}

// Reset makes e the zero Entry.
func (e *Entry) Reset() { *e = Entry{} }
