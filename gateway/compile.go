package gateway

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tollbook/tollbook/accesslog"
)

// StageTable is a Stage in the form that requests read. It is immutable once a Gateway serves it.
type StageTable struct {
	values   accesslog.Stage
	disabled bool
	router   router

	format      *accesslog.Format // nil: access logging is off
	destination accesslog.Destination
	sink        *accesslog.Sink // set by bind

	integrations []*integration

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
	refusal      *Error   // answers every request, since something that would have to be checked is not built

	apiKeyRequired bool
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
	timeout  time.Duration
	// problem is why the integration cannot be called. As at AWS, that fails requests and not the deployment.
	problem *Error

	headers          []mapping // of the request
	queries          []mapping
	requestTemplates []template
	passthrough      passthrough
	responses        []response
	declared         map[int]bool // statuses that the method declares; empty: any
}

type integrationKind uint8

const (
	kindMock integrationKind = iota
	kindHTTP
	kindHTTPProxy
	kindUnbuilt
)

// response is a compiled IntegrationResponse.
type response struct {
	status    int
	pattern   *regexp.Regexp // nil: the default
	headers   []mapping
	templates []template
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
		disabled: s.DisableExecuteAPIEndpoint,
		meterKey: meterKey{account: s.AccountID, region: s.Region, api: s.APIID, apiName: metricName(s.APIName, s.APIID), stage: s.Name},
	}
	for _, r := range s.Routes {
		rt := compileRoute(r, s.Variables)
		if err := t.router.add(rt); err != nil {
			return nil, fmt.Errorf("compile stage %s of %s: %w", s.Name, s.APIID, err)
		}
		t.integrations = append(t.integrations, rt.integration)
		if r.DetailedMetrics {
			t.metered = append(t.metered, rt)
		}
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

		apiKeyRequired: r.APIKeyRequired,
	}
	if r.AuthorizationType != "" && r.AuthorizationType != "NONE" {
		rt.refusal = notBuilt("Authorization by %s", r.AuthorizationType)
	}
	rt.integration.declared = map[int]bool{}
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
	default:
		i.problem = notBuilt("An integration of type %s", in.Type)
	}
	if in.ContentHandling == "CONVERT_TO_BINARY" && !i.proxy {
		i.problem = notBuilt("Content handling %s", in.ContentHandling)
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
	const side = "method.request."
	if i.uri, err = compileURI(in, vars); err != nil {
		i.uri = nil
		return err
	}
	if i.headers, err = compileMappings(in.RequestParameters, "integration.request.header.", side, vars); err != nil {
		return err
	}
	for _, m := range i.headers {
		if err := illegalTarget(m.target); err != nil {
			return err
		}
	}
	i.queries, err = compileMappings(in.RequestParameters, "integration.request.querystring.", side, vars)
	return err
}

// compileResponse keeps a pattern that Go cannot compile (Java's look-around) as one that matches nothing.
func compileResponse(in IntegrationResponse, vars map[string]string) response {
	r := response{templates: compileTemplates(in.Templates)}
	r.status, _ = strconv.Atoi(in.StatusCode)
	if in.SelectionPattern != "" {
		pattern, err := regexp.Compile(`^(?:` + in.SelectionPattern + `)$`)
		if err != nil {
			pattern = regexp.MustCompile(`$.^`)
		}
		r.pattern = pattern
	}
	r.headers, r.problem = compileMappings(in.Parameters, "method.response.header.", "integration.response.", vars)
	if r.status < 100 || r.status > 599 {
		r.problem = configuration("Invalid status code: %s", in.StatusCode)
	}
	return r
}

// selectResponse finds the integration response for a back end's status: the first whose pattern matches, else the
// default.
func (i *integration) selectResponse(status int) (*response, *Error) {
	var text [4]byte
	code := strconv.AppendInt(text[:0], int64(status), 10)
	var chosen *response
	for r := range i.responses {
		candidate := &i.responses[r]
		if candidate.pattern == nil {
			if chosen == nil {
				chosen = candidate
			}
		} else if candidate.pattern.Match(code) {
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
	case len(i.declared) > 0 && !i.declared[chosen.status]:
		return nil, configuration("Output mapping refers to an invalid method response: %d", chosen.status)
	}
	return chosen, nil
}
