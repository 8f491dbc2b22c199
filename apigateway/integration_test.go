package apigateway_test

import (
	"strings"
	"testing"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
)

// backend is an API with GET / that declares parameters and a 200 response, ready for an integration.
type backend struct {
	*fixture
	api, root string
}

func newBackend(t *testing.T) backend {
	f := newFixture(t)
	api, root := f.api(t)
	must[*ag.Method](t)(f.putMethod(api, root, "GET", func(in *ag.PutMethodRequest) {
		in.RequestParameters = map[string]bool{"method.request.path.id": true, "method.request.querystring.q": false}
	}))
	must[*ag.MethodResponse](t)(f.PutMethodResponse(f.ctx, &ag.PutMethodResponseRequest{RestApiId: api, ResourceId: root,
		HttpMethod: "GET", StatusCode: "200", ResponseParameters: map[string]bool{"method.response.header.X-A": true}}))
	return backend{f, api, root}
}

func (b backend) put(integrationType string, change func(*ag.PutIntegrationRequest)) (*ag.Integration, error) {
	in := &ag.PutIntegrationRequest{RestApiId: b.api, ResourceId: b.root, HttpMethod: "GET", Type: integrationType}
	if integrationType != "MOCK" {
		in.IntegrationHttpMethod = new("GET")
	}
	if change != nil {
		change(in)
	}
	return b.PutIntegration(b.ctx, in)
}

func (b backend) get(t *testing.T) *ag.Integration {
	t.Helper()
	return must[*ag.Integration](t)(b.GetIntegration(b.ctx, &ag.GetIntegrationRequest{RestApiId: b.api, ResourceId: b.root, HttpMethod: "GET"}))
}

func (b backend) update(ops ...ag.PatchOperation) (*ag.Integration, error) {
	return b.UpdateIntegration(b.ctx, &ag.UpdateIntegrationRequest{RestApiId: b.api, ResourceId: b.root, HttpMethod: "GET", PatchOperations: ops})
}

func TestIntegrationDefaults(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	got := must[*ag.Integration](t)(b.put("MOCK", nil))
	same(t, got, &ag.Integration{
		Type: new("MOCK"), TimeoutInMillis: new(int32(29000)), PassthroughBehavior: new("WHEN_NO_MATCH"),
		CacheNamespace: &b.root, CacheKeyParameters: []string{},
	})
	same(t, b.get(t), got)

	got = must[*ag.Integration](t)(b.put("HTTP_PROXY", func(in *ag.PutIntegrationRequest) {
		in.Uri = new("http://localhost:9000/{proxy}")
		in.TlsConfig = &ag.TlsConfig{InsecureSkipVerification: new(true)}
		in.RequestParameters = map[string]string{"integration.request.path.proxy": "method.request.path.id"}
	}))
	same(t, got, &ag.Integration{
		Type: new("HTTP_PROXY"), HttpMethod: new("GET"), Uri: new("http://localhost:9000/{proxy}"),
		ConnectionType: new("INTERNET"), TimeoutInMillis: new(int32(29000)), PassthroughBehavior: new("WHEN_NO_MATCH"),
		CacheNamespace: &b.root, CacheKeyParameters: []string{},
		RequestParameters: map[string]string{"integration.request.path.proxy": "method.request.path.id"},
		TlsConfig:         &ag.TlsConfig{InsecureSkipVerification: new(true)},
	})

	got = must[*ag.Integration](t)(b.put("AWS_PROXY", func(in *ag.PutIntegrationRequest) {
		in.IntegrationHttpMethod = new("POST")
		in.Uri = new("arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:f/invocations")
	}))
	same(t, got.ConnectionType, (*string)(nil))
}

func TestPutIntegrationErrors(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	uri := func(uri string) func(*ag.PutIntegrationRequest) {
		return func(in *ag.PutIntegrationRequest) { in.Uri = &uri }
	}
	mapping := func(target, source string) func(*ag.PutIntegrationRequest) {
		return func(in *ag.PutIntegrationRequest) { in.RequestParameters = map[string]string{target: source} }
	}
	const endpoint = "Invalid HTTP endpoint specified for URI"
	const expression = "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression "
	const target = "integration.request.path.x"
	for name, c := range map[string]struct {
		kind          string
		change        func(*ag.PutIntegrationRequest)
		code, message string
	}{
		"unknown api":        {"MOCK", func(in *ag.PutIntegrationRequest) { in.RestApiId = "nope" }, notFound, "Invalid API identifier specified 123456789012:nope"},
		"unknown resource":   {"MOCK", func(in *ag.PutIntegrationRequest) { in.ResourceId = "nope" }, notFound, "Invalid Resource identifier specified"},
		"unknown method":     {"MOCK", func(in *ag.PutIntegrationRequest) { in.HttpMethod = "PUT" }, notFound, "Invalid Method identifier specified"},
		"no http method":     {"HTTP", func(in *ag.PutIntegrationRequest) { in.IntegrationHttpMethod = nil }, badRequest, "Enumeration value for HttpMethod must be non-empty"},
		"empty http method":  {"AWS", func(in *ag.PutIntegrationRequest) { in.IntegrationHttpMethod = new("") }, badRequest, "Enumeration value for HttpMethod must be non-empty"},
		"http method":        {"HTTP", func(in *ag.PutIntegrationRequest) { in.IntegrationHttpMethod = new("FETCH") }, badRequest, "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY"},
		"no uri":             {"HTTP", nil, badRequest, endpoint},
		"relative uri":       {"HTTP_PROXY", uri("/notes"), badRequest, endpoint},
		"other scheme":       {"HTTP_PROXY", uri("ftp://host/"), badRequest, endpoint},
		"no host":            {"HTTP_PROXY", uri("http:///notes"), badRequest, endpoint},
		"space":              {"HTTP_PROXY", uri("http://host/a b"), badRequest, endpoint},
		"line break":         {"HTTP_PROXY", uri("http://host/\r\nX: y"), badRequest, endpoint},
		"not an arn":         {"AWS", uri("http://host/"), badRequest, "Invalid ARN specified in the request"},
		"short arn":          {"AWS", uri("arn:aws:apigateway:eu-west-1"), badRequest, "Invalid ARN specified in the request"},
		"arn without path":   {"AWS", uri("arn:aws:apigateway:eu-west-1:sqs:queue"), badRequest, "AWS ARN for integration must contain path or action"},
		"proxy to a service": {"AWS_PROXY", uri("arn:aws:apigateway:eu-west-1:sqs:path/1/q"), badRequest, "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations."},
		"timeout low":        {"MOCK", func(in *ag.PutIntegrationRequest) { in.TimeoutInMillis = new(int32(49)) }, badRequest, "Timeout should be between 50 ms and 29000 ms"},
		"timeout high":       {"MOCK", func(in *ag.PutIntegrationRequest) { in.TimeoutInMillis = new(int32(29001)) }, badRequest, "Timeout should be between 50 ms and 29000 ms"},
		"source":             {"MOCK", mapping(target, "true"), badRequest, expression + "specified: true]"},
		"static half quoted": {"MOCK", mapping(target, "'x"), badRequest, expression + "specified: 'x]"},
		"target":             {"MOCK", mapping("integration.response.path.x", "'a'"), badRequest, expression + "specified: integration.response.path.x]"},
		"undeclared":         {"MOCK", mapping(target, "method.request.header.X-No"), badRequest, expression + "parameter specified: method.request.header.X-No]"},
		"content type":       {"MOCK", func(in *ag.PutIntegrationRequest) { in.RequestTemplates = map[string]string{"123": ""} }, badRequest, "Validation Result: warnings : [], errors : [Invalid content type specified: 123]"},
		"vpc link": {"HTTP", func(in *ag.PutIntegrationRequest) {
			in.ConnectionType, in.ConnectionId, in.Uri = new("VPC_LINK"), new("abc123"), new("http://h")
		}, notFound, "Invalid Vpc Link identifier specified"},
		"credentials": {"MOCK", func(in *ag.PutIntegrationRequest) { in.Credentials = new("me") }, badRequest, "Invalid ARN specified in the request"},
		"stream":      {"MOCK", func(in *ag.PutIntegrationRequest) { in.ResponseTransferMode = new("STREAM") }, notBuilt, "Streamed responses (responseTransferMode STREAM) are not supported by this server yet"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := b.put(c.kind, c.change)
			wantError(t, err, c.code, c.message)
		})
	}
	_, err := b.GetIntegration(b.ctx, &ag.GetIntegrationRequest{RestApiId: b.api, ResourceId: b.root, HttpMethod: "GET"})
	wantError(t, err, notFound, "Invalid Integration identifier specified")
	err = b.DeleteIntegration(b.ctx, &ag.DeleteIntegrationRequest{RestApiId: b.api, ResourceId: b.root, HttpMethod: "GET"})
	wantError(t, err, notFound, "Invalid Integration identifier specified")
}

func TestIntegrationSourcesAccepted(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	for _, source := range []string{
		"method.request.path.id", "method.request.querystring.q", "method.request.multivaluequerystring.q",
		"method.request.body", "method.request.body.a.b", "method.request.body[0]",
		"stageVariables.host", "context.identity.sourceIp", "'text'", "''",
	} {
		must[*ag.Integration](t)(b.put("MOCK", func(in *ag.PutIntegrationRequest) {
			in.RequestParameters = map[string]string{"integration.request.header.X-A": source}
		}))
	}
	// An address with a stage variable has its form only in a stage.
	must[*ag.Integration](t)(b.put("HTTP", func(in *ag.PutIntegrationRequest) { in.Uri = new("${stageVariables.url}") }))
}

func TestIntegrationPatches(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	must[*ag.Integration](t)(b.put("HTTP", func(in *ag.PutIntegrationRequest) { in.Uri = new("http://one/") }))
	got := must[*ag.Integration](t)(b.update(
		patch("replace", "/uri", "https://two/x"),
		patch("replace", "/httpMethod", "POST"),
		patch("replace", "/timeoutInMillis", "50"),
		patch("replace", "/passthroughBehavior", "NEVER"),
		patch("replace", "/contentHandling", "CONVERT_TO_TEXT"),
		patch("replace", "/cacheNamespace", "ns"),
		patch("add", "/cacheKeyParameters/method.request.path.id", ""),
		patch("add", "/requestParameters/integration.request.header.X-A", "'a'"),
		patch("add", "/requestTemplates/application~1json", "{}"),
		patch("replace", "/tlsConfig/insecureSkipVerification", "true"),
		patch("replace", "/credentials", "arn:aws:iam::123456789012:role/r"),
	))
	want := &ag.Integration{
		Type: new("HTTP"), Uri: new("https://two/x"), HttpMethod: new("POST"), TimeoutInMillis: new(int32(50)),
		PassthroughBehavior: new("NEVER"), ContentHandling: new("CONVERT_TO_TEXT"), ConnectionType: new("INTERNET"),
		CacheNamespace: new("ns"), CacheKeyParameters: []string{"method.request.path.id"},
		RequestParameters: map[string]string{"integration.request.header.X-A": "'a'"},
		RequestTemplates:  map[string]string{"application/json": "{}"},
		TlsConfig:         &ag.TlsConfig{InsecureSkipVerification: new(true)},
		Credentials:       new("arn:aws:iam::123456789012:role/r"),
	}
	same(t, got, want)
	for _, c := range []struct {
		op            ag.PatchOperation
		code, message string
	}{
		{patch("replace", "/type", "MOCK"), badRequest, "Invalid patch path /type"},
		{patch("add", "/uri", "http://x"), badRequest, "Invalid patch operation specified. Must be one of: [replace]"},
		{patch("replace", "/uri", "x"), badRequest, "Invalid HTTP endpoint specified for URI"},
		{patch("replace", "/timeoutInMillis", "soon"), badRequest, "Timeout should be between 50 ms and 29000 ms"},
		{patch("replace", "/requestParameters/integration.request.header.X-A", "a"), badRequest, "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: a]"},
		{patch("remove", "/requestTemplates/text~1plain"), notFound, "Content-Type specified was not found"},
		{patch("remove", "/requestParameters/x"), notFound, "Invalid parameter name specified"},
		{patch("replace", "/responseTransferMode", "STREAM"), notBuilt, "Streamed responses (responseTransferMode STREAM) are not supported by this server yet"},
	} {
		_, err := b.update(patch("replace", "/cacheNamespace", "half applied"), c.op)
		wantError(t, err, c.code, c.message)
		same(t, b.get(t), want)
	}
	must[*ag.Integration](t)(b.put("MOCK", nil)) // replaces the whole integration
	_, err := b.update(patch("replace", "/uri", "http://x"))
	wantError(t, err, badRequest, "Invalid patch path /uri")
}

func (b backend) putResponse(code string, change func(*ag.PutIntegrationResponseRequest)) (*ag.IntegrationResponse, error) {
	in := &ag.PutIntegrationResponseRequest{RestApiId: b.api, ResourceId: b.root, HttpMethod: "GET", StatusCode: code}
	if change != nil {
		change(in)
	}
	return b.PutIntegrationResponse(b.ctx, in)
}

func (b backend) updateResponse(ops ...ag.PatchOperation) (*ag.IntegrationResponse, error) {
	return b.UpdateIntegrationResponse(b.ctx, &ag.UpdateIntegrationResponseRequest{RestApiId: b.api, ResourceId: b.root,
		HttpMethod: "GET", StatusCode: "200", PatchOperations: ops})
}

func TestIntegrationResponses(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	_, err := b.putResponse("200", nil)
	wantError(t, err, notFound, "Invalid Integration identifier specified")
	must[*ag.Integration](t)(b.put("MOCK", nil))
	same(t, must[*ag.IntegrationResponse](t)(b.putResponse("200", nil)), &ag.IntegrationResponse{StatusCode: new("200")})

	const expression = "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression "
	header := func(name, source string) func(*ag.PutIntegrationResponseRequest) {
		return func(in *ag.PutIntegrationResponseRequest) { in.ResponseParameters = map[string]string{name: source} }
	}
	for name, c := range map[string]struct {
		status        string
		change        func(*ag.PutIntegrationResponseRequest)
		code, message string
	}{
		"status":       {"404", nil, notFound, "Invalid Response status code specified"},
		"content type": {"200", func(in *ag.PutIntegrationResponseRequest) { in.ResponseTemplates = map[string]string{"123": ""} }, badRequest, "Validation Result: warnings : [], errors : [Invalid content type specified: 123]"},
		"undeclared":   {"200", header("method.response.header.X-B", "'b'"), badRequest, expression + "parameter specified: method.response.header.X-B]"},
		"source":       {"200", header("method.response.header.X-A", "b"), badRequest, expression + "specified: b]"},
		"target":       {"200", header("integration.response.header.X-A", "'b'"), badRequest, expression + "specified: integration.response.header.X-A]"},
		"pattern":      {"200", func(in *ag.PutIntegrationResponseRequest) { in.SelectionPattern = new("(") }, badRequest, "Invalid selection pattern specified: (: error parsing regexp: missing closing ): `(`"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := b.putResponse(c.status, c.change)
			wantError(t, err, c.code, c.message)
		})
	}

	got := must[*ag.IntegrationResponse](t)(b.updateResponse(
		patch("replace", "/selectionPattern", "2\\d\\d"),
		patch("replace", "/contentHandling", "CONVERT_TO_BINARY"),
		patch("add", "/responseParameters/method.response.header.X-A", "integration.response.header.X-B"),
		patch("add", "/responseTemplates/application~1json"), // AWS' null template
	))
	want := &ag.IntegrationResponse{StatusCode: new("200"), SelectionPattern: new("2\\d\\d"), ContentHandling: new("CONVERT_TO_BINARY"),
		ResponseParameters: map[string]string{"method.response.header.X-A": "integration.response.header.X-B"},
		ResponseTemplates:  map[string]string{"application/json": ""}}
	same(t, got, want)
	_, err = b.updateResponse(patch("replace", "/selectionPattern", ""), patch("replace", "/statusCode", "201"))
	wantError(t, err, badRequest, "Invalid patch path /statusCode")
	_, err = b.updateResponse(patch("remove", "/responseTemplates/text~1xml"))
	wantError(t, err, notFound, "Content-Type specified was not found")
	same(t, b.get(t).IntegrationResponses, map[string]ag.IntegrationResponse{"200": *want})
	same(t, must[*ag.IntegrationResponse](t)(b.GetIntegrationResponse(b.ctx,
		&ag.GetIntegrationResponseRequest{RestApiId: b.api, ResourceId: b.root, HttpMethod: "GET", StatusCode: "200"})), want)

	remove := &ag.DeleteIntegrationResponseRequest{RestApiId: b.api, ResourceId: b.root, HttpMethod: "GET", StatusCode: "200"}
	if err := b.DeleteIntegrationResponse(b.ctx, remove); err != nil {
		t.Fatal(err)
	}
	wantError(t, b.DeleteIntegrationResponse(b.ctx, remove), notFound, "Invalid Response status code specified")
}

func TestTemplateTooLarge(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	_, err := b.put("MOCK", func(in *ag.PutIntegrationRequest) {
		in.RequestTemplates = map[string]string{"application/json": strings.Repeat(" ", 300<<10+1)}
	})
	wantError(t, err, badRequest,
		"Validation Result: warnings : [], errors : [Template for content type application/json is larger than 307200 bytes]")
}
