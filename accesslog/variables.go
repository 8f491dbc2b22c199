package accesslog

import (
	"strconv"
	"strings"
)

// A variable reads one $context variable. Exactly one of text and number is set, except for variables of features that
// do not exist yet, where both are nil and the value is always missing.
type variable struct {
	name   string
	text   func(e *Entry) string
	number func(e *Entry) (n int64, present bool)
	// quoted says that AWS prints the value in quotation marks of its own (error.messageString).
	quoted bool
	// trusted says that the value is made by the gateway from letters, digits and -_.:=/+ only, so needs no escaping.
	trusted bool
	// masked says that a log shows no more than the end of the value; mapping templates get all of it.
	masked bool
}

// Variable is a $context variable by name, for callers other than a Format: parameter mapping reads "context.stage".
type Variable struct{ v *variable }

// LookupVariable finds the variable that is called name in AWS' documentation, without "$context.", such as
// "identity.sourceIp". It reports false for a name that AWS does not document for REST APIs.
func LookupVariable(name string) (Variable, bool) {
	v := lookup(name)
	return Variable{v}, v != &unknown
}

// Append adds e's plain value, unescaped, to dst. It reports false and adds nothing if the value is missing.
func (v Variable) Append(dst []byte, e *Entry) ([]byte, bool) {
	if v.v == nil {
		return dst, false
	}
	if v.v.number != nil {
		n, ok := v.v.number(e)
		if !ok {
			return dst, false
		}
		return strconv.AppendInt(dst, n, 10), true
	}
	if v.v.text == nil {
		return dst, false
	}
	s := v.v.text(e)
	return append(dst, s...), s != ""
}

// unknown stands for every name that is not in the table. AWS accepts such names for REST APIs and prints "-".
var unknown = variable{trusted: true}

// requestTime is told apart by Format, which caches its text per second.
const requestTime = "requestTime"

// openFamilies are the prefixes below which names are free: an authorizer's own keys, claims, template overrides.
var openFamilies = [...]string{"authorizer.", "requestOverride.", "responseOverride."}

func lookup(name string) *variable {
	for i := range variables {
		if variables[i].name == name {
			return &variables[i]
		}
	}
	for _, prefix := range openFamilies {
		if strings.HasPrefix(name, prefix) {
			return openVariable(name)
		}
	}
	return &unknown
}

// openVariable reads a key that an authorizer chose, or what a mapping template has overridden.
func openVariable(name string) *variable {
	if claim, ok := strings.CutPrefix(name, "authorizer.claims."); ok {
		return &variable{name: name, text: func(e *Entry) string { return e.Authorizer.Claims[claim] }}
	}
	if key, ok := strings.CutPrefix(name, "authorizer."); ok {
		return &variable{name: name, text: func(e *Entry) string { return e.Authorizer.Context[key] }}
	}
	return &variable{name: name, text: func(e *Entry) string {
		if e.Overridden == nil {
			return ""
		}
		return e.Overridden(name)
	}}
}

// variables are all that AWS documents for REST APIs, in AWS' order. It is never changed.
var variables = [...]variable{
	stageText("accountId", func(s *Stage) string { return s.AccountID }),
	stageText("apiId", func(s *Stage) string { return s.APIID }),
	foreign("authorize.error", func(e *Entry) string { return e.Authorize.Error }),
	number("authorize.latency", func(e *Entry) (int64, bool) { return e.Authorize.latency() }),
	number("authorize.status", func(e *Entry) (int64, bool) { return e.Authorize.status() }),
	later("authorizer.claims"),
	foreign("authorizer.error", func(e *Entry) string { return e.Authorizer.Error }),
	number("authorizer.integrationLatency", authorizerIntegrationLatency),
	number("authorizer.integrationStatus", authorizerIntegrationStatus),
	number("authorizer.latency", func(e *Entry) (int64, bool) { return e.Authorizer.latency() }),
	foreign("authorizer.principalId", func(e *Entry) string { return e.Authorizer.PrincipalID }),
	foreign("authorizer.requestId", func(e *Entry) string { return e.Authorizer.RequestID }),
	number("authorizer.status", func(e *Entry) (int64, bool) { return e.Authorizer.status() }),
	foreign("authenticate.error", func(e *Entry) string { return e.Authenticate.Error }),
	number("authenticate.latency", func(e *Entry) (int64, bool) { return e.Authenticate.latency() }),
	number("authenticate.status", func(e *Entry) (int64, bool) { return e.Authenticate.status() }),
	foreign("awsEndpointRequestId", func(e *Entry) string { return e.Integration.RequestID }),
	ours("cipherSuite", func(e *Entry) string { return e.CipherSuite }),
	foreign("customDomain.basePathMatched", func(e *Entry) string { return e.BasePathMatched }),
	later("customDomain.routingRuleIdMatched"),
	stageText("deploymentId", func(s *Stage) string { return s.DeploymentID }),
	foreign("domainName", func(e *Entry) string { return e.DomainName }),
	foreign("domainPrefix", domainPrefix),
	stageText("endpointType", func(s *Stage) string { return s.EndpointType }),
	foreign("error.message", func(e *Entry) string { return e.Error.Message }),
	{name: "error.messageString", text: func(e *Entry) string { return e.Error.Message }, quoted: true},
	ours("error.responseType", func(e *Entry) string { return e.Error.ResponseType }),
	foreign("error.validationErrorString", func(e *Entry) string { return e.Error.ValidationError }),
	ours("extendedRequestId", func(e *Entry) string { return e.ExtendedRequestID }),
	foreign("httpMethod", func(e *Entry) string { return e.Method }),
	foreign("identity.accountId", func(e *Entry) string { return e.Identity.AccountID }),
	{name: "identity.apiKey", text: func(e *Entry) string { return e.Identity.APIKey }, masked: true},
	foreign("identity.apiKeyId", func(e *Entry) string { return e.Identity.APIKeyID }),
	foreign("identity.caller", func(e *Entry) string { return e.Identity.Caller }),
	foreign("identity.cognitoAuthenticationProvider", func(e *Entry) string { return e.Identity.CognitoAuthenticationProvider }),
	foreign("identity.cognitoAuthenticationType", func(e *Entry) string { return e.Identity.CognitoAuthenticationType }),
	foreign("identity.cognitoIdentityId", func(e *Entry) string { return e.Identity.CognitoIdentityID }),
	foreign("identity.cognitoIdentityPoolId", func(e *Entry) string { return e.Identity.CognitoIdentityPoolID }),
	foreign("identity.principalOrgId", func(e *Entry) string { return e.Identity.PrincipalOrgID }),
	ours("identity.sourceIp", func(e *Entry) string { return e.SourceIP }),
	clientCert("clientCertPem", func(c *ClientCert) string { return c.PEM }),
	clientCert("subjectDN", func(c *ClientCert) string { return c.SubjectDN }),
	clientCert("issuerDN", func(c *ClientCert) string { return c.IssuerDN }),
	clientCert("serialNumber", func(c *ClientCert) string { return c.SerialNumber }),
	clientCert("validity.notBefore", func(c *ClientCert) string { return c.NotBefore }),
	clientCert("validity.notAfter", func(c *ClientCert) string { return c.NotAfter }),
	later("identity.vpcId"),
	later("identity.vpceId"),
	foreign("identity.user", func(e *Entry) string { return e.Identity.User }),
	foreign("identity.userAgent", func(e *Entry) string { return e.UserAgent }),
	foreign("identity.userArn", func(e *Entry) string { return e.Identity.UserARN }),
	foreign("integration.error", integrationError),
	number("integration.integrationStatus", serviceStatus),
	number("integration.latency", integrationLatency),
	foreign("integration.requestId", func(e *Entry) string { return e.Integration.RequestID }),
	ours("integration.responseTransferMode", transferMode),
	number("integration.status", integrationStatus),
	later("integration.timeToAllHeaders"),
	later("integration.timeToFirstContent"),
	foreign("integrationErrorMessage", integrationError),
	number("integrationLatency", integrationLatency),
	number("integrationStatus", serviceStatus),
	ours("isCanaryRequest", func(e *Entry) string { return e.Canary }),
	foreign("path", func(e *Entry) string { return e.Path }),
	foreign("protocol", func(e *Entry) string { return e.Protocol }),
	ours("requestId", func(e *Entry) string { return e.RequestID }),
	number("responseLatency", func(e *Entry) (int64, bool) { return e.ResponseLatencyMilli, true }),
	number("responseLength", func(e *Entry) (int64, bool) { return e.ResponseLength, true }),
	number("responseOverride.status", func(e *Entry) (int64, bool) { return int64(e.ResponseOverrideStatus), e.ResponseOverrideStatus != 0 }),
	ours(requestTime, clfTime),
	number("requestTimeEpoch", func(e *Entry) (int64, bool) { return e.TimeMillis, e.TimeMillis != 0 }),
	ours("resourceId", func(e *Entry) string { return e.ResourceID }),
	foreign("resourcePath", func(e *Entry) string { return e.ResourcePath }),
	stageText("stage", func(s *Stage) string { return s.Name }),
	number("status", func(e *Entry) (int64, bool) { return int64(e.Status), e.Status != 0 }),
	ours("tlsVersion", func(e *Entry) string { return e.TLSVersion }),
	later("waf.error"),
	later("waf.latency"),
	later("waf.status"),
	later("wafResponseCode"),
	later("webaclArn"),
	foreign("xrayTraceId", func(e *Entry) string { return e.TraceID }),
}

func later(name string) variable { return variable{name: name, trusted: true} }

// ours is a value that the gateway makes of harmless characters, foreign one that a client or back end may have chosen.
func ours(name string, f func(*Entry) string) variable {
	return variable{name: name, text: f, trusted: true}
}

func foreign(name string, f func(*Entry) string) variable { return variable{name: name, text: f} }

func number(name string, f func(*Entry) (int64, bool)) variable {
	return variable{name: name, number: f, trusted: true}
}

func clientCert(name string, f func(*ClientCert) string) variable {
	return foreign("identity.clientCert."+name, func(e *Entry) string {
		if e.Identity.ClientCert == nil {
			return ""
		}
		return f(e.Identity.ClientCert)
	})
}

func (p *Phase) status() (int64, bool)  { return int64(p.Status), p.Status != 0 }
func (p *Phase) latency() (int64, bool) { return p.LatencyMilli, p.Status != 0 }

func authorizerIntegrationStatus(e *Entry) (int64, bool) {
	return int64(e.Authorizer.IntegrationStatus), e.Authorizer.IntegrationStatus != 0
}

func authorizerIntegrationLatency(e *Entry) (int64, bool) {
	return e.Authorizer.IntegrationLatencyMilli, e.Authorizer.IntegrationStatus != 0
}

// Mask hides all of a secret but its last six characters, as AWS' logs do with API keys and tokens.
func Mask(secret string) string {
	hidden := max(len(secret)-6, 0)
	return strings.Repeat("*", hidden) + secret[hidden:]
}

func stageText(name string, f func(*Stage) string) variable {
	return foreign(name, func(e *Entry) string {
		if e.Stage == nil {
			return ""
		}
		return f(e.Stage)
	})
}

func domainPrefix(e *Entry) string {
	prefix, _, _ := strings.Cut(e.DomainName, ".")
	return prefix
}

// clfTime is for parameter mapping; a Format has its own, cached way.
func clfTime(e *Entry) string {
	if e.TimeMillis == 0 {
		return ""
	}
	return string(appendCLFTime(nil, e.TimeMillis/1000))
}

func integrationError(e *Entry) string { return e.Integration.Error }

func integrationStatus(e *Entry) (int64, bool) {
	return int64(e.Integration.Status), e.Integration.Status != 0
}

// serviceStatus is, for a Lambda function, that of the Lambda service and not of the function.
func serviceStatus(e *Entry) (int64, bool) {
	if e.Integration.ServiceStatus != 0 {
		return int64(e.Integration.ServiceStatus), true
	}
	return integrationStatus(e)
}

func integrationLatency(e *Entry) (int64, bool) {
	return e.Integration.LatencyMilli, e.Integration.Status != 0 || e.Integration.ServiceStatus != 0
}

func transferMode(e *Entry) string {
	if !e.Integration.Called {
		return ""
	}
	return "BUFFERED"
}
