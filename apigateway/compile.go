package apigateway

import (
	"strings"
	"time"

	"github.com/tollbook/tollbook/gateway"
)

// compileStage translates a deployment's snapshot and the settings of a stage into the data plane's model. Everything of
// the API comes from the snapshot, never from the API as it is now; everything of the stage is the current value.
func compileStage(accountID, region string, snap snapshotRecord, st stageRecord) gateway.Stage {
	stage := gateway.Stage{
		APIID:                     snap.API.ID,
		APIName:                   snap.API.Name,
		Name:                      st.Name,
		DeploymentID:              st.DeploymentID,
		AccountID:                 accountID,
		Region:                    region,
		EndpointType:              snap.API.EndpointType,
		DisableExecuteAPIEndpoint: snap.API.DisableExecuteAPIEndpoint,
		Variables:                 st.Variables,
		TracingEnabled:            st.TracingEnabled,
		AccessLog:                 compileAccessLog(st.AccessLog),
		BinaryMediaTypes:          snap.API.BinaryMediaTypes,
		ResourcePolicy:            snap.API.Policy,
		Authorizers:               compileAuthorizers(snap.Authorizers),
		APIKeySource:              snap.API.APIKeySource,
		Models:                    schemasOf(snap.Models),
		GatewayResponses:          compileGatewayResponses(snap.GatewayResponses),
		VPCLinks:                  snap.VPCLinks,
		CacheBytes:                st.cacheBytes(),
	}
	if size := snap.API.MinimumCompressionSize; size != nil {
		stage.MinimumCompressionSize = new(int(*size))
	}
	for _, res := range snap.Resources {
		for _, name := range sortedKeys(res.Methods) {
			route := compileRoute(res, res.Methods[name])
			route.ValidateBody, route.ValidateParameters = snap.validation(res.Methods[name].RequestValidatorID)
			settings, own, ok := st.methodSetting(route)
			route.DetailedMetrics = settings.MetricsEnabled
			route.Settings = compileSettings(settings, ok)
			route.Settings.CachingEnabled = cachesRoute(route, settings, own)
			stage.Routes = append(stage.Routes, route)
		}
	}
	return stage
}

// validation says what a request validator checks.
func (snap snapshotRecord) validation(id string) (body, parameters bool) {
	for _, r := range snap.RequestValidators {
		if r.ID == id {
			return r.Body, r.Parameters
		}
	}
	return false, false
}

// compileAccessLog is nil while the log is off: with one of its members missing, or a destination that is none.
func compileAccessLog(settings accessLogRecord) *gateway.AccessLog {
	if !settings.complete() {
		return nil
	}
	dest, err := parseDestination(settings.DestinationArn)
	if err != nil {
		return nil
	}
	return &gateway.AccessLog{Group: dest.group, Region: dest.region, Format: settings.Format}
}

// methodSetting is what holds for a route: its own settings, or those of all methods.
func (st stageRecord) methodSetting(r gateway.Route) (_ methodSettingRecord, own, ok bool) {
	if s, ok := st.MethodSettings[strings.Trim(r.ResourcePath, "/")+"/"+r.Method]; ok {
		return s, true, true
	}
	all, ok := st.MethodSettings["*/*"]
	return all, false, ok
}

// compileSettings has no limits where nothing is set: there is no account limit here.
func compileSettings(s methodSettingRecord, set bool) gateway.MethodSettings {
	if !set {
		return gateway.MethodSettings{}
	}
	return gateway.MethodSettings{
		LoggingLevel: s.LoggingLevel,
		DataTrace:    s.DataTraceEnabled,
		Throttle:     s.throttle(),

		CacheTTL:                    time.Duration(s.CacheTTLInSeconds) * time.Second,
		CacheControlNeedsPermission: s.RequireAuthorizationForCacheControl,
		UnauthorizedCacheControl:    s.UnauthorizedCacheControlHeaderStrategy,
	}
}

func compileRoute(res resourceRecord, m *methodRecord) gateway.Route {
	route := gateway.Route{
		ResourceID:          res.ID,
		ResourcePath:        res.Path,
		Method:              m.HTTPMethod,
		OperationName:       m.OperationName,
		APIKeyRequired:      m.APIKeyRequired,
		AuthorizationType:   m.AuthorizationType,
		AuthorizerID:        m.AuthorizerID,
		AuthorizationScopes: m.AuthorizationScopes,
		RequestParameters:   m.RequestParameters,
		RequestModels:       m.RequestModels,
		Integration:         compileIntegration(m.Integration),
		MethodResponses:     map[string]gateway.MethodResponse{},
	}
	for code, r := range m.Responses {
		route.MethodResponses[code] = compileMethodResponse(r)
	}
	return route
}

// compileMethodResponse keeps the names of the headers, by which mappings refer to them.
func compileMethodResponse(r *methodResponseRecord) gateway.MethodResponse {
	headers := map[string]bool{}
	for expression, required := range r.ResponseParameters {
		headers[strings.TrimPrefix(expression, "method.response.header.")] = required
	}
	return gateway.MethodResponse{Headers: headers}
}

func compileIntegration(i *integrationRecord) gateway.Integration {
	out := gateway.Integration{
		Type:                     i.Type,
		Method:                   i.HTTPMethod,
		URI:                      i.URI,
		Credentials:              i.Credentials,
		CacheNamespace:           i.CacheNamespace,
		CacheKeyParameters:       i.CacheKeyParameters,
		Timeout:                  time.Duration(i.TimeoutInMillis) * time.Millisecond,
		RequestParameters:        i.RequestParameters,
		RequestTemplates:         i.RequestTemplates,
		PassthroughBehavior:      i.PassthroughBehavior,
		ContentHandling:          i.ContentHandling,
		InsecureSkipVerification: i.InsecureSkipVerification,
	}
	if i.ConnectionType == connectionVPCLink {
		out.VPCLink = i.ConnectionID
	}
	for _, code := range sortedKeys(i.Responses) {
		r := i.Responses[code]
		out.Responses = append(out.Responses, gateway.IntegrationResponse{
			StatusCode:       code,
			SelectionPattern: r.SelectionPattern,
			Parameters:       r.ResponseParameters,
			Templates:        r.ResponseTemplates,
			ContentHandling:  r.ContentHandling,
		})
	}
	return out
}

// brokenStage answers every request with 500: MOCK integrations without a template have no status to answer with. It
// stands in for a stage that the data plane could not compile.
func brokenStage(stage gateway.Stage) gateway.Stage {
	stage.Routes = nil
	for _, path := range []string{"/", "/{proxy+}"} {
		stage.Routes = append(stage.Routes, gateway.Route{
			ResourcePath:      path,
			Method:            "ANY",
			AuthorizationType: authorizationNone,
			Integration:       gateway.Integration{Type: typeMock, PassthroughBehavior: "WHEN_NO_MATCH"},
		})
	}
	return stage
}
