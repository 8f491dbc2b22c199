package apigateway

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/internal/javaregexp"
)

// functionURI is what the URI of a function in an authorizer looks like; its ARN may hold stage variables.
var functionURI = regexp.MustCompile(`^arn:aws[a-z-]*:apigateway:[a-z0-9-]+:lambda:path/2015-03-31/functions/[^/]+/invocations$`)

// userPool is the ARN of a user pool. A plain URL is an issuer of tokens with OpenID Connect discovery; AWS has no such
// providers.
var userPool = regexp.MustCompile(`^(arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:\d{12}:userpool/[\w-]+|https?://[^\s/]+\S*|.*\$\{stageVariables\..*)$`)

// check decides whether an authorizer may be stored.
func (a authorizerRecord) check() error {
	if strings.TrimSpace(a.Name) == "" {
		return badRequest("Authorizer name cannot be empty")
	}
	if err := a.checkKind(); err != nil {
		return err
	}
	if a.TTLInSeconds != nil && (*a.TTLInSeconds < 0 || *a.TTLInSeconds > maxAuthorizerTTL) {
		return badRequest("Invalid authorizer result TTL specified. It must be between 0 and %d seconds", maxAuthorizerTTL)
	}
	if _, err := javaregexp.Compile(a.IdentityValidation); err != nil {
		return badRequest("Invalid identity validation expression specified: %s", a.IdentityValidation)
	}
	return a.checkIdentitySource()
}

func (a authorizerRecord) checkKind() error {
	switch a.Type {
	case typeCognito:
		if len(a.ProviderARNs) == 0 {
			return badRequest("Invalid provider ARNs specified. COGNITO_USER_POOLS authorizers need at least one user pool")
		}
		for _, arn := range a.ProviderARNs {
			if !userPool.MatchString(arn) {
				return badRequest("Invalid provider ARN specified: %s", arn)
			}
		}
	case typeToken, typeRequest:
		if !functionURI.MatchString(a.URI) {
			return badRequest("Invalid Authorizer URI: %s. Authorizer URI should be a valid API Gateway ARN that represents a "+
				"Lambda function invocation.", a.URI)
		}
	default:
		return badRequest("Invalid authorizer type specified: %s", a.Type)
	}
	return nil
}

func (a authorizerRecord) checkIdentitySource() error {
	sources := a.identitySources()
	if len(sources) == 0 && a.Type == typeRequest && a.ttl() > 0 {
		return badRequest("Identity sources are required when caching is enabled for a REQUEST authorizer")
	}
	if len(sources) > 1 && a.Type != typeRequest {
		return errMapping(a.IdentitySource)
	}
	for _, source := range sources {
		if !isIdentitySource(source, a.Type) {
			return errMapping(source)
		}
	}
	return nil
}

func (a authorizerRecord) identitySources() []string {
	var list []string
	for source := range strings.SplitSeq(a.IdentitySource, ",") {
		if source = strings.TrimSpace(source); source != "" {
			list = append(list, source)
		}
	}
	return list
}

// isIdentitySource: only REQUEST authorizers know other places than headers.
func isIdentitySource(source, authorizerType string) bool {
	prefixes := []string{"method.request.header.", "method.request.querystring.", "stageVariables.", "context."}
	if authorizerType != typeRequest {
		prefixes = prefixes[:1]
	}
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(source, p) && len(source) > len(p) })
}

func (a authorizerRecord) ttl() int32 {
	if a.TTLInSeconds == nil {
		return defaultAuthorizerTTL
	}
	return *a.TTLInSeconds
}
