package gateway

import (
	"encoding/binary"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/internal/javaregexp"
)

// authorizer is a compiled Authorizer with the results that it keeps. Results are of one stage and one deployment.
type authorizer struct {
	id         string
	kind       tokenKind
	sources    []identitySource
	validation *javaregexp.Regexp // nil: any
	ttl        time.Duration      // 0: nothing is kept
	problem    string             // why it cannot work; every request that needs it is a 500

	uri, credentials string // of the function
	grants           *cache[*grant]
	calls            singleflight.Group // under way, by cache key

	issuers []*issuer // of tokens
	tokens  *cache[*token]
}

type tokenKind uint8

const (
	tokenFunction   tokenKind = iota // TOKEN
	requestFunction                  // REQUEST
	tokenPools                       // COGNITO_USER_POOLS
)

// An identitySource is a place in the request that says who the client is.
type identitySource struct {
	expression string
	place      identityPlace
	name       string             // of a header or query parameter
	text       string             // of a stage variable
	variable   accesslog.Variable // of inContext
}

type identityPlace uint8

const (
	inHeader identityPlace = iota
	inAuthorization
	inQuery
	inStage
	inContext
)

// compileAuthorizers compiles the authorizers of a stage, by ID.
func compileAuthorizers(s Stage) map[string]*authorizer {
	compiled := make(map[string]*authorizer, len(s.Authorizers))
	for id, a := range s.Authorizers {
		compiled[id] = compileAuthorizer(id, a, s)
	}
	return compiled
}

// compileAuthorizer keeps what is wrong with an authorizer for the requests that need it: as at AWS, the others are served.
func compileAuthorizer(id string, a Authorizer, s Stage) *authorizer {
	z := &authorizer{id: id, ttl: a.TTL}
	var err *Error
	switch a.Type {
	case "TOKEN":
		z.kind = tokenFunction
	case "REQUEST":
		z.kind = requestFunction
	case "COGNITO_USER_POOLS":
		z.kind, z.tokens = tokenPools, newCache[*token](maxAuthorizerCache)
		z.issuers, z.problem = compileIssuers(a.ProviderARNs, s.Variables)
	default:
		z.problem = "Unknown authorizer type: " + a.Type
	}
	if z.kind != tokenPools {
		z.grants = newCache[*grant](maxAuthorizerCache)
		z.credentials = a.Credentials
		if z.uri, err = interpolate(a.URI, s.Variables); err != nil {
			z.problem = "Invalid authorizer URI"
		}
	}
	z.compileSources(a.IdentitySource, s.Variables)
	if a.IdentityValidation != "" {
		pattern, err := javaregexp.Compile(a.IdentityValidation)
		if err != nil {
			z.problem = "Invalid identity validation expression"
		}
		z.validation = pattern
	}
	return z
}

func (z *authorizer) compileSources(list string, vars map[string]string) {
	for expression := range strings.SplitSeq(list, ",") {
		if expression = strings.TrimSpace(expression); expression == "" {
			continue
		}
		source, ok := compileIdentity(expression, vars)
		if !ok {
			z.problem = "Invalid identity source: " + expression
		}
		z.sources = append(z.sources, source)
	}
	if len(z.sources) == 0 && z.kind != requestFunction {
		z.sources = []identitySource{{expression: "method.request.header.Authorization", place: inAuthorization}}
	}
}

func compileIdentity(expression string, vars map[string]string) (identitySource, bool) {
	s := identitySource{expression: expression}
	var ok bool
	if s.name, ok = strings.CutPrefix(expression, "method.request.header."); ok {
		if strings.EqualFold(s.name, "Authorization") {
			s.place = inAuthorization
		}
		return s, true
	}
	if s.name, ok = strings.CutPrefix(expression, "method.request.querystring."); ok {
		s.place = inQuery
		return s, true
	}
	if s.name, ok = strings.CutPrefix(expression, "stageVariables."); ok {
		s.place, s.text = inStage, vars[s.name]
		return s, true
	}
	if s.name, ok = strings.CutPrefix(expression, "context."); ok {
		s.place = inContext
		s.variable, ok = accesslog.LookupVariable(s.name)
	}
	return s, ok
}

// identity returns the value of a source; of a header or parameter that is there more than once the last. It may point
// into the request's buffers.
func (x *exchange) identity(s *identitySource) string {
	switch s.place {
	case inAuthorization:
		return str(x.known.authorization)
	case inHeader:
		return str(x.headerNamed(s.name))
	case inQuery:
		return lastQueryValue(x.query, s.name)
	case inContext:
		value, _ := s.variable.Append(nil, &x.entry)
		return str(value)
	}
	return s.text
}

// lastQueryValue returns the decoded value of a query parameter.
func lastQueryValue(query []byte, name string) string {
	if values := queryValues(query, name); len(values) > 0 {
		return values[len(values)-1]
	}
	return ""
}

// valid reports whether an identity, or the audience of a token, fits the validation expression as a whole. One that takes
// too long to find out does not.
func (z *authorizer) valid(identity string) bool {
	if z.validation == nil {
		return true
	}
	ok, err := z.validation.MatchWhole(identity)
	return ok && err == nil
}

// identities returns the values of all sources and the key under which results are kept for them. complete: none is
// missing or empty.
func (x *exchange) identities(z *authorizer) (values []string, key string, complete bool) {
	complete = true
	var b []byte
	for i := range z.sources {
		value := x.identity(&z.sources[i])
		complete = complete && value != ""
		values = append(values, value)
		b = binary.AppendUvarint(b, uint64(len(value)))
		b = append(b, value...)
	}
	return values, string(b), complete
}

// FlushAuthorizers forgets what the authorizers of a stage have found out so far. An unknown stage is no error.
func (g *Gateway) FlushAuthorizers(apiID, stage string) {
	t := g.find(apiID, stage)
	if t == nil {
		return
	}
	for _, z := range t.authorizers {
		if z.grants != nil {
			z.grants.flush()
		}
		if z.tokens != nil {
			z.tokens.flush()
		}
	}
}
