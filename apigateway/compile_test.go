package apigateway_test

import (
	"testing"
	"time"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/gateway"
)

func TestCompile(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	must[*ag.Integration](t)(b.put("HTTP", func(in *ag.PutIntegrationRequest) {
		in.Uri, in.IntegrationHttpMethod = new("http://${stageVariables.host}/notes/{id}"), new("POST")
		in.TimeoutInMillis = new(int32(1500))
		in.RequestParameters = map[string]string{"integration.request.path.id": "method.request.path.id"}
		in.RequestTemplates = map[string]string{"application/json": "{}"}
		in.PassthroughBehavior, in.ContentHandling = new("NEVER"), new("CONVERT_TO_TEXT")
		in.TlsConfig = &ag.TlsConfig{InsecureSkipVerification: new(true)}
	}))
	must[*ag.MethodResponse](t)(b.PutMethodResponse(b.ctx, &ag.PutMethodResponseRequest{
		RestApiId: b.api, ResourceId: b.root, HttpMethod: "GET", StatusCode: "404"}))
	must[*ag.IntegrationResponse](t)(b.putResponse("404", func(in *ag.PutIntegrationResponseRequest) { in.SelectionPattern = new("4\\d\\d") }))
	must[*ag.IntegrationResponse](t)(b.putResponse("200", func(in *ag.PutIntegrationResponseRequest) {
		in.ResponseParameters = map[string]string{"method.response.header.X-A": "'a'"}
		in.ResponseTemplates = map[string]string{"application/json": "x"}
	}))
	must[*ag.RestApi](t)(b.UpdateRestApi(b.ctx, &ag.UpdateRestApiRequest{RestApiId: b.api, PatchOperations: patches(
		patch("add", "/binaryMediaTypes/image~1png"),
		patch("replace", "/disableExecuteApiEndpoint", "true"),
		patch("replace", "/endpointConfiguration/types/EDGE", "REGIONAL"))}))
	items := b.resource(t, b.api, b.root, "items")
	must[*ag.Method](t)(b.putMethod(b.api, items, "ANY", func(in *ag.PutMethodRequest) {
		in.AuthorizationType, in.ApiKeyRequired = "AWS_IAM", new(true)
	}))
	must[*ag.Integration](t)(b.PutIntegration(b.ctx, &ag.PutIntegrationRequest{RestApiId: b.api, ResourceId: items, HttpMethod: "ANY",
		Type: "HTTP_PROXY", IntegrationHttpMethod: new("ANY"), Uri: new("http://backend/"),
		ConnectionType: new("VPC_LINK"), ConnectionId: new("${stageVariables.link}")}))
	deployment := b.deploy(t, b.api, "prod")
	b.setLogRole(t)
	b.updateStageOK(t, b.api, patch("replace", "/variables/host", "example.com"),
		patch("replace", pathDestination, logGroupARN), patch("replace", pathFormat, logFormat))

	same(t, b.served(t, b.api), gateway.Stage{
		APIID: b.api, APIName: "notes", Name: "prod", DeploymentID: deployment, AccountID: account, Region: region,
		EndpointType: "REGIONAL", DisableExecuteAPIEndpoint: true, APIKeySource: "HEADER", Models: b.models(t, b.api),
		Variables:        map[string]string{"host": "example.com"},
		AccessLog:        &gateway.AccessLog{Group: logGroup, Region: region, Format: logFormat},
		BinaryMediaTypes: []string{"image/png"},
		Routes: []gateway.Route{
			{
				ResourceID: b.root, ResourcePath: "/", Method: "GET", AuthorizationType: "NONE",
				RequestParameters: map[string]bool{"method.request.path.id": true, "method.request.querystring.q": false},
				Integration: gateway.Integration{
					CacheNamespace: b.root,
					Type:           "HTTP", Method: "POST", URI: "http://${stageVariables.host}/notes/{id}", Timeout: 1500 * time.Millisecond,
					RequestParameters:        map[string]string{"integration.request.path.id": "method.request.path.id"},
					RequestTemplates:         map[string]string{"application/json": "{}"},
					PassthroughBehavior:      "NEVER",
					ContentHandling:          "CONVERT_TO_TEXT",
					InsecureSkipVerification: true,
					Responses: []gateway.IntegrationResponse{
						{StatusCode: "200", Parameters: map[string]string{"method.response.header.X-A": "'a'"},
							Templates: map[string]string{"application/json": "x"}},
						{StatusCode: "404", SelectionPattern: "4\\d\\d"},
					},
				},
				MethodResponses: map[string]gateway.MethodResponse{
					"200": {Headers: map[string]bool{"X-A": true}},
					"404": {Headers: map[string]bool{}},
				},
			},
			{
				ResourceID: items, ResourcePath: "/items", Method: "ANY", AuthorizationType: "AWS_IAM", APIKeyRequired: true,
				Integration: gateway.Integration{
					CacheNamespace: items,
					Type:           "HTTP_PROXY", VPCLink: "${stageVariables.link}", Method: "ANY", URI: "http://backend/", Timeout: 29 * time.Second, PassthroughBehavior: "WHEN_NO_MATCH",
				},
				MethodResponses: map[string]gateway.MethodResponse{},
			},
		},
	})
}
