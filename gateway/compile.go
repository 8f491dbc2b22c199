package gateway

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/gateway/schema"
	"github.com/tollbook/tollbook/iam/policy"
	"github.com/tollbook/tollbook/internal/javaregexp"
)

// StageTable is a Stage in the form that requests read. It is immutable once a Gateway serves it.
type StageTable struct {
	values   accesslog.Stage
	disabled bool
	router   router

	format      *accesslog.Format // nil: access logging is off
	destination accesslog.Destination
	sink        *accesslog.Sink // set by bind

	compressFrom int            // length from which on responses are compressed; negative: never
	cacheBytes   int64          // size of the response cache; 0: none
	cache        *responseCache // set by bind
	sharesCache  bool           // of a canary: with its stage

	canary            *canaryTable // nil: none
	isCanary          bool         // the table is a canary's
	canaryDestination accesslog.Destination
	canarySink        *accesslog.Sink // set by bind

	tracing bool

	executionLog accesslog.Destination
	logged       bool            // some route has an execution log
	execution    *accesslog.Sink // set by bind, if logged
	deliveries   []delivery      // where the execution log goes instead
	logRecord    accesslog.Record

	integrations []*integration
	binaryTypes  []string // media types that are binary

	arnPrefix   string // of methods, up to the stage's "/"
	variables   map[string]string
	policy      *policy.Document // of the API; nil: none
	authorizers map[string]*authorizer

	responses       map[string]*gatewayResponse // by type
	keyByAuthorizer bool                        // API keys come from the authorizer and not from X-API-Key
	keys            *keyScope                   // set by bind
	limited         []*route                    // with limits of their own

	meterKey meterKey
	meter    *meter   // set by bind
	metered  []*route // with meters of their own
}

// route is a compiled Route.
type route struct {
	resourceID   string
	resourcePath string
	method       string
	params       []string // names of the path parameters, in the order of the path
	access       *access  // nil: open to everybody

	operationName  string
	apiKeyRequired bool
	key            string       // such as "pets/GET", by which usage plans name it
	limit          *methodLimit // nil: none
	caching        *caching     // nil: none
	validator      *validator   // nil: nothing is checked
	logging        logging
	integration    *integration
	meter          *meter // set by bind; nil without detailed metrics
}

// integration is a compiled Integration.
type integration struct {
	kind     integrationKind
	proxy    bool   // HTTP_PROXY
	method   string // empty: the client's
	uri      *uriTemplate
	upstream *upstream // set by bind
	// certificate is shown to the back end; nil: none
	certificate *tls.Certificate
	service     *service       // of AWS and AWS_PROXY
	event       *eventTemplate // of a Lambda function's AWS_PROXY
	timeout     time.Duration
	// problem is why the integration cannot be called. As at AWS, that fails requests and not the deployment.
	problem *Error

	headers          []parameterMapping // of the request
	queries          []parameterMapping
	requestTemplates []template
	passthrough      passthrough
	content          contentHandling
	responses        []response
	declared         map[int]bool // statuses that the method declares; nil: any
}

type integrationKind uint8

const (
	kindMock integrationKind = iota
	kindHTTP
	kindHTTPProxy
	kindAWS         // a service other than Lambda
	kindLambda      // a function, with mappings
	kindLambdaProxy // a function that gets and gives all
	kindUnbuilt
)

// response is a compiled IntegrationResponse.
type response struct {
	status    int
	fallback  bool               // the default: it has no pattern
	pattern   *javaregexp.Regexp // nil: matches nothing
	headers   []parameterMapping
	templates []template
	content   contentHandling
	problem   *Error
}

const (
	defaultIntegrationTimeout = 29 * time.Second
	minIntegrationTimeout     = 50 * time.Millisecond
)

// Compile makes a stage servable. What makes single methods fail at AWS, such as an invalid endpoint, makes requests for
// them fail here too, with 500; an error is returned only for a stage that has no meaning: a resource path with segments
// after a greedy parameter, a method that is there twice, or an empty access log format.
func Compile(s Stage) (*StageTable, error) {
	t := &StageTable{
		values: accesslog.Stage{
			AccountID: s.AccountID, APIID: s.APIID, Name: s.Name, DeploymentID: s.DeploymentID, EndpointType: s.EndpointType,
		},
		disabled:  s.DisableExecuteAPIEndpoint,
		tracing:   s.TracingEnabled,
		arnPrefix: "arn:aws:execute-api:" + s.Region + ":" + s.AccountID + ":" + s.APIID + "/" + s.Name + "/",
		variables: s.Variables,
		meterKey:  meterKey{account: s.AccountID, region: s.Region, api: s.APIID, apiName: MetricName(s.APIName, s.APIID), stage: s.Name},
	}
	t.executionLog = accesslog.Destination{
		AccountID: s.AccountID, Region: s.Region, Group: "API-Gateway-Execution-Logs_" + s.APIID + "/" + s.Name,
	}
	t.compileDeliveries(s)
	var err error
	if t.policy, err = compilePolicy(s); err != nil {
		return nil, fmt.Errorf("compile stage %s of %s: %w", s.Name, s.APIID, err)
	}
	t.compressFrom = -1
	if s.MinimumCompressionSize != nil {
		t.compressFrom = *s.MinimumCompressionSize
	}
	t.cacheBytes = s.CacheBytes
	t.authorizers = compileAuthorizers(s)
	t.binaryTypes = compileBinaryTypes(s.BinaryMediaTypes)
	t.responses = compileGatewayResponses(s)
	t.keyByAuthorizer = s.APIKeySource == "AUTHORIZER"
	models := schema.NewSet(s.Models)
	for _, r := range s.Routes {
		rt := compileRoute(r, s.Variables)
		rt.access = compileAccess(r, s, t)
		rt.caching = compileCaching(r, s.Variables)
		rt.validator = compileValidator(r, models)
		if rt.limit != nil {
			t.limited = append(t.limited, rt)
		}
		rt.integration.link(r.Integration, s)
		rt.integration.present(s.ClientCertificate)
		if rt.integration.kind == kindLambdaProxy {
			rt.integration.event = compileEvent(s, r)
		}
		if err := t.router.add(rt); err != nil {
			return nil, fmt.Errorf("compile stage %s of %s: %w", s.Name, s.APIID, err)
		}
		t.integrations = append(t.integrations, rt.integration)
		t.logged = t.logged || rt.logging.level != logOff
		if r.DetailedMetrics {
			t.metered = append(t.metered, rt)
		}
	}
	if t.canary, err = compileCanary(s); err != nil {
		return nil, err
	}
	if s.AccessLog == nil {
		return t, nil
	}
	format, err := accesslog.Compile(s.AccessLog.Format)
	if err != nil {
		return nil, fmt.Errorf("compile access log format of stage %s of %s: %w", s.Name, s.APIID, err)
	}
	region := s.AccessLog.Region
	if region == "" {
		region = s.Region
	}
	t.format = format
	t.destination = accesslog.Destination{AccountID: s.AccountID, Region: region, Group: s.AccessLog.Group}
	return t, nil
}

func compileRoute(r Route, vars map[string]string) *route {
	rt := &route{
		resourceID:   r.ResourceID,
		resourcePath: r.ResourcePath,
		method:       strings.ToUpper(r.Method),
		integration:  compileIntegration(r.Integration, vars),

		operationName:  r.OperationName,
		apiKeyRequired: r.APIKeyRequired,
		key:            strings.Trim(r.ResourcePath, "/") + "/" + strings.ToUpper(r.Method),
		limit:          compileMethodLimit(r.Settings.Throttle),
		logging:        compileLogging(r.Settings),
	}
	if r.MethodResponses != nil {
		rt.integration.declared = map[int]bool{}
	}
	for status := range r.MethodResponses {
		if code, err := strconv.Atoi(status); err == nil {
			rt.integration.declared[code] = true
		}
	}
	return rt
}

func compileIntegration(in Integration, vars map[string]string) *integration {
	i := &integration{
		kind:             kindUnbuilt,
		method:           strings.ToUpper(in.Method),
		timeout:          compileTimeout(in.Timeout),
		requestTemplates: compileTemplates(in.RequestTemplates),
		passthrough:      parsePassthrough(in.PassthroughBehavior),
		content:          parseContentHandling(in.ContentHandling),
	}
	if i.method == methodAny {
		i.method = ""
	}
	switch in.Type {
	case "MOCK":
		i.kind = kindMock
	case "HTTP":
		i.kind = kindHTTP
		i.problem = i.compileHTTP(in, vars)
	case "HTTP_PROXY":
		i.kind, i.proxy = kindHTTPProxy, true
		i.problem = i.compileHTTP(in, vars)
	case "AWS", "AWS_PROXY":
		i.problem = i.compileAWS(in, vars)
	default:
		i.problem = notBuilt("An integration of type %s", in.Type)
	}
	for _, r := range in.Responses {
		i.responses = append(i.responses, compileResponse(r, vars))
	}
	return i
}

func compileTimeout(d time.Duration) time.Duration {
	if d == 0 {
		return defaultIntegrationTimeout
	}
	return max(d, minIntegrationTimeout)
}

func (i *integration) compileHTTP(in Integration, vars map[string]string) (err *Error) {
	if i.uri, err = compileURI(in, vars); err != nil {
		i.uri = nil
		return err
	}
	err = i.compileRequest(in, vars)
	i.headers = slices.DeleteFunc(i.headers, func(m parameterMapping) bool { return droppedFromHTTP(m.target) })
	return err
}

// compileRequest reads what the request to the back end is made of beside its address.
func (i *integration) compileRequest(in Integration, vars map[string]string) (err *Error) {
	const side = "method.request."
	if i.headers, err = compileMappings(in.RequestParameters, "integration.request.header.", side, vars); err != nil {
		return err
	}
	for n, m := range i.headers {
		if err := illegalTarget(m.target); err != nil {
			return err
		}
		if slices.ContainsFunc(i.headers[:n], func(other parameterMapping) bool { return strings.EqualFold(other.target, m.target) }) {
			return configuration("%s header already present", m.target)
		}
	}
	i.queries, err = compileMappings(in.RequestParameters, "integration.request.querystring.", side, vars)
	return err
}

// compileResponse keeps a pattern that is no regular expression as one that matches nothing.
func compileResponse(in IntegrationResponse, vars map[string]string) response {
	r := response{
		templates: compileTemplates(in.Templates), content: parseContentHandling(in.ContentHandling), fallback: in.SelectionPattern == "",
	}
	r.status, _ = strconv.Atoi(in.StatusCode)
	if pattern, err := javaregexp.Compile(in.SelectionPattern); err == nil && !r.fallback {
		r.pattern = pattern
	}
	r.headers, r.problem = compileMappings(in.Parameters, "method.response.header.", "integration.response.", vars)
	if r.status < 100 || r.status > 599 {
		r.problem = configuration("Invalid status code: %s", in.StatusCode)
	}
	return r
}

// selectResponse finds the integration response for a back end's answer: the first whose pattern matches the text, which
// is the status or the message of what a function threw; else the default. Nil text matches no pattern.
func (i *integration) selectResponse(text []byte, status int) (*response, *Error) {
	var chosen *response
	for r := range i.responses {
		candidate := &i.responses[r]
		if candidate.fallback {
			if chosen == nil {
				chosen = candidate
			}
		} else if ok, err := candidate.matches(text); err != nil {
			return nil, configuration("Selection pattern of the integration response %d: %v", candidate.status, err)
		} else if ok {
			chosen = candidate
			break
		}
	}
	switch {
	case chosen == nil:
		return nil, configuration("No match for output mapping and no default output mapping configured. "+
			"Endpoint Response Status Code: %d", status)
	case chosen.problem != nil:
		return nil, chosen.problem
	case i.declared != nil && !i.declared[chosen.status]:
		return nil, configuration("Output mapping refers to an invalid method response: %d", chosen.status)
	}
	return chosen, nil
}

func (r *response) matches(text []byte) (bool, error) {
	if r.pattern == nil || text == nil {
		return false, nil
	}
	return r.pattern.MatchWhole(str(text))
}
