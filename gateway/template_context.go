package gateway

import (
	"maps"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/accesslog"
)

// templateContext is the value of a $context variable in a mapping template: a string, an int64, or nil. It is what access
// logs print, but below "authorizer" there are only the caller's own values, and keys are not masked.
func (x *exchange) templateContext(name string) any {
	if name == "requestTimeEpoch" {
		return x.entry.TimeMillis
	}
	if key, ok := strings.CutPrefix(name, "authorizer."); ok {
		return x.authorizerValue(key)
	}
	v, ok := accesslog.LookupVariable(name)
	if !ok {
		return nil
	}
	var buf [128]byte
	text, ok := v.Append(buf[:0], &x.entry)
	if !ok {
		return nil
	}
	return string(text)
}

func (x *exchange) authorizerValue(key string) any {
	a := &x.entry.Authorizer
	values := a.Context
	if claim, ok := strings.CutPrefix(key, "claims."); ok {
		key, values = claim, a.Claims
	} else if key == "principalId" && a.PrincipalID != "" {
		return a.PrincipalID
	}
	if value, ok := values[key]; ok {
		return value
	}
	return nil
}

// contextNames lists the variables below a group, for templates that go through them all.
func (x *exchange) contextNames(group string) []string {
	a := &x.entry.Authorizer
	switch group {
	case "authorizer":
		names := slices.Sorted(maps.Keys(a.Context))
		if a.PrincipalID != "" {
			names = append([]string{"principalId"}, names...)
		}
		return names
	case "authorizer.claims":
		return slices.Sorted(maps.Keys(a.Claims))
	}
	return contextGroups[group]
}

// contextGroups are the variables that AWS documents for templates; "" are those of $context itself.
var contextGroups = map[string][]string{
	"": {
		"accountId", "apiId", "authorizer", "awsEndpointRequestId", "cipherSuite", "deploymentId", "domainName", "domainPrefix",
		"endpointType", "extendedRequestId", "httpMethod", "identity", "isCanaryRequest", "path", "protocol", "requestId",
		"requestTime", "requestTimeEpoch", "resourceId", "resourcePath", "stage", "tlsVersion",
	},
	"identity": {
		"accountId", "apiKey", "apiKeyId", "caller", "clientCert", "cognitoAuthenticationProvider", "cognitoAuthenticationType",
		"cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId", "sourceIp", "user", "userAgent", "userArn",
	},
	"identity.clientCert":          {"clientCertPem", "subjectDN", "issuerDN", "serialNumber", "validity"},
	"identity.clientCert.validity": {"notBefore", "notAfter"},
}
