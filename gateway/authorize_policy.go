package gateway

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tollbook/tollbook/iam/policy"
)

const invokeAction = "execute-api:Invoke"

// compileAccess translates what a route asks of its callers. all holds the stage's authorizers by ID.
func compileAccess(r Route, s Stage, t *StageTable) *access {
	a := &access{policy: t.policy, scopes: r.AuthorizationScopes}
	switch r.AuthorizationType {
	case "", "NONE":
		if t.policy == nil {
			return nil
		}
	case "AWS_IAM":
		a.kind = bySigner
	case "CUSTOM", "COGNITO_USER_POOLS":
		a.useAuthorizer(t.authorizers[r.AuthorizerID], r.AuthorizationType)
		if a.authorizer != nil && a.authorizer.kind == requestFunction {
			a.event = compileEvent(s, r)
		}
	default:
		a.refusal = notBuilt("Authorization by %s", r.AuthorizationType)
	}
	if s.EndpointType == endpointPrivate && s.ResourcePolicy == "" {
		a.kind = byPolicy // whatever the method asks for, nobody may call it
	}
	return a
}

// useAuthorizer closes the method if its authorizer is not there or is of another kind.
func (a *access) useAuthorizer(z *authorizer, authorizationType string) {
	if z == nil || (z.kind == tokenPools) != (authorizationType == "COGNITO_USER_POOLS") {
		a.refusal = errAuthorizerConfig
		return
	}
	a.authorizer, a.kind = z, byFunction
	if z.kind == tokenPools {
		a.kind = byToken
	}
}

const endpointPrivate = "PRIVATE"

// compilePolicy reads the API's resource policy. A private API without one allows nothing.
func compilePolicy(s Stage) (*policy.Document, error) {
	if s.ResourcePolicy == "" {
		if s.EndpointType == endpointPrivate {
			return &policy.Document{}, nil
		}
		return nil, nil
	}
	doc, err := policy.Parse(s.ResourcePolicy)
	if err != nil {
		return nil, fmt.Errorf("resource policy: %w", err)
	}
	for i := range doc.Statements {
		expandShorthand(doc.Statements[i].Resources, s)
		expandShorthand(doc.Statements[i].NotResources, s)
	}
	return doc, nil
}

// expandShorthand completes execute-api:/{stage}/{METHOD}/{path}, as a policy may name the API that it is of.
func expandShorthand(resources []string, s Stage) {
	const shorthand = "execute-api:/"
	for i, resource := range resources {
		if rest, ok := strings.CutPrefix(resource, shorthand); ok {
			resources[i] = "arn:aws:execute-api:" + s.Region + ":" + s.AccountID + ":" + s.APIID + "/" + rest
		}
	}
}

// needAllow refuses a request that the resource policy does not allow to everybody.
func (x *exchange) needAllow(doc *policy.Document) *Error {
	switch x.decide(doc, policy.Caller{}) {
	case policy.Allow:
		return nil
	case policy.ExplicitDeny:
		return x.denied("anonymous", "with an explicit deny")
	}
	return x.denied("anonymous", "")
}

// decide evaluates a policy for the request.
func (x *exchange) decide(doc *policy.Document, who policy.Caller) policy.Decision {
	if !doc.UsesContext() {
		return policy.Evaluate(policy.Request{Caller: who, Action: invokeAction, Resource: x.methodARN()}, doc)
	}
	return policy.Evaluate(x.question(who), doc)
}

// question is the request as policies see it.
func (x *exchange) question(who policy.Caller) policy.Request {
	return policy.Request{Caller: who, Action: invokeAction, Resource: x.methodARN(), Context: x.conditionKeys()}
}

// conditionKeys are what policies can ask of any request.
func (x *exchange) conditionKeys() map[string][]string {
	now := time.Now()
	keys := map[string][]string{
		"aws:CurrentTime":     {now.UTC().Format(time.RFC3339)},
		"aws:EpochTime":       {strconv.FormatInt(now.Unix(), 10)},
		"aws:SecureTransport": {strconv.FormatBool(x.secure())},
		"aws:RequestedRegion": {x.table.meterKey.region},
	}
	add := func(key, value string) {
		if value != "" {
			keys[key] = []string{value}
		}
	}
	add("aws:SourceIp", x.entry.SourceIP)
	add("aws:UserAgent", x.entry.UserAgent)
	if values := x.headerNamed("Referer"); values != nil {
		add("aws:Referer", str(values))
	}
	if x.table.values.EndpointType == endpointPrivate {
		add("aws:VpcSourceIp", x.entry.SourceIP)
	}
	return keys
}

// headerNamed returns the last value of a header, or nil.
func (x *exchange) headerNamed(name string) []byte {
	for i := len(x.headers) - 1; i >= 0; i-- {
		if strings.EqualFold(str(x.headers[i].name), name) {
			return x.headers[i].value
		}
	}
	return nil
}

// denied is AWS' refusal of a caller by a policy. Of the account's number only the last four digits are shown.
func (x *exchange) denied(who, reason string) *Error {
	account := x.table.values.AccountID
	hidden := max(len(account)-4, 0)
	masked := strings.Repeat("*", hidden) + account[hidden:]
	arn := strings.Replace(x.methodARN(), ":"+account+":", ":"+masked+":", 1)
	text := "User: " + who + " is not authorized to perform: " + invokeAction + " on resource: " + arn
	if reason != "" {
		text += " " + reason
	}
	return accessDenied(text)
}

// accessDenied has a body with a capital M, unlike all other errors.
func accessDenied(message string) *Error {
	return newError(403, "ACCESS_DENIED", "AccessDeniedException", message, `{"Message":`)
}

// The refusals of authorizers. None is ever modified.
var (
	errUnauthorized = early(401, "UNAUTHORIZED", "UnauthorizedException", "Unauthorized")
	errTokenExpired = early(401, "UNAUTHORIZED", "UnauthorizedException", "The incoming token has expired")
	errNotAllowed   = accessDenied("User is not authorized to access this resource")
	errDenied       = accessDenied("User is not authorized to access this resource with an explicit deny in an identity-based policy")

	errAuthorizerConfig  = nameless("AUTHORIZER_CONFIGURATION_ERROR", "AuthorizerConfigurationException")
	errAuthorizerFailure = nameless("AUTHORIZER_FAILURE", "AuthorizerFailureException")
)

// nameless is a 500 without a message.
func nameless(responseType, errorType string) *Error {
	return &Error{Type: responseType, Status: 500, ErrorType: errorType, contentType: jsonType, body: `{"message":null}`}
}
