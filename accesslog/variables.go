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
			return &variable{name: name, trusted: true}
		}
	}
	return &unknown
}

// variables are all that AWS documents for REST APIs, in AWS' order. It is never changed.
var variables = [...]variable{
	stageText("accountId", func(s *Stage) string { return s.AccountID }),
	stageText("apiId", func(s *Stage) string { return s.APIID }),
	later("authorize.error"),
	later("authorize.latency"),
	later("authorize.status"),
	later("authorizer.claims"),
	later("authorizer.error"),
	later("authorizer.integrationLatency"),
	later("authorizer.integrationStatus"),
	later("authorizer.latency"),
	later("authorizer.principalId"),
	later("authorizer.requestId"),
	later("authorizer.status"),
	later("authenticate.error"),
	later("authenticate.latency"),
	later("authenticate.status"),
	foreign("awsEndpointRequestId", func(e *Entry) string { return e.Integration.RequestID }),
	ours("cipherSuite", func(e *Entry) string { return e.CipherSuite }),
	later("customDomain.basePathMatched"),
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
	later("identity.accountId"),
	later("identity.apiKey"),
	later("identity.apiKeyId"),
	later("identity.caller"),
	later("identity.cognitoAuthenticationProvider"),
	later("identity.cognitoAuthenticationType"),
	later("identity.cognitoIdentityId"),
	later("identity.cognitoIdentityPoolId"),
	later("identity.principalOrgId"),
	ours("identity.sourceIp", func(e *Entry) string { return e.SourceIP }),
	later("identity.clientCert.clientCertPem"),
	later("identity.clientCert.subjectDN"),
	later("identity.clientCert.issuerDN"),
	later("identity.clientCert.serialNumber"),
	later("identity.clientCert.validity.notBefore"),
	later("identity.clientCert.validity.notAfter"),
	later("identity.vpcId"),
	later("identity.vpceId"),
	later("identity.user"),
	foreign("identity.userAgent", func(e *Entry) string { return e.UserAgent }),
	later("identity.userArn"),
	foreign("integration.error", integrationError),
	number("integration.integrationStatus", integrationStatus),
	number("integration.latency", integrationLatency),
	foreign("integration.requestId", func(e *Entry) string { return e.Integration.RequestID }),
	ours("integration.responseTransferMode", transferMode),
	number("integration.status", integrationStatus),
	later("integration.timeToAllHeaders"),
	later("integration.timeToFirstContent"),
	foreign("integrationErrorMessage", integrationError),
	number("integrationLatency", integrationLatency),
	number("integrationStatus", integrationStatus),
	later("isCanaryRequest"),
	foreign("path", func(e *Entry) string { return e.Path }),
	foreign("protocol", func(e *Entry) string { return e.Protocol }),
	ours("requestId", func(e *Entry) string { return e.RequestID }),
	number("responseLatency", func(e *Entry) (int64, bool) { return e.ResponseLatencyMilli, true }),
	number("responseLength", func(e *Entry) (int64, bool) { return e.ResponseLength, true }),
	later("responseOverride.status"),
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

func integrationLatency(e *Entry) (int64, bool) {
	return e.Integration.LatencyMilli, e.Integration.Status != 0
}

func transferMode(e *Entry) string {
	if !e.Integration.Called {
		return ""
	}
	return "BUFFERED"
}
