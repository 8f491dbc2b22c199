package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/server"
)

const (
	sampleName  = "notes"
	sampleStage = "prod"
)

// sampleMethods are the methods of the sample API, each with a fixed answer.
var sampleMethods = []struct{ path, method, status, answer string }{
	{"/notes", "GET", "200", `[{"id":"1","text":"Buy milk"},{"id":"2","text":"Call Ada"}]`},
	{"/notes", "POST", "201", `{"id":"3"}`},
	{"/notes/{id}", "GET", "200", `{"id":"1","text":"Buy milk"}`},
	{"/notes/{id}", "DELETE", "204", ``},
}

// tryNext prints three commands that work on the sample API as they are. Where create, it makes the API before, unless
// there is one of its name.
func tryNext(ctx context.Context, c *clients, out io.Writer, at server.Addresses, create bool) error {
	p := &plan{clients: c, stageName: sampleStage, roleName: "APIGatewayCloudWatchLogs"}
	if err := p.findAPI(ctx, sampleName); err != nil {
		if !create {
			return nil // its owner has deleted it
		}
		if err := p.createSample(ctx); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, `
The sample API %[1]q is deployed to the stage %[2]q, its access logs are on. Try:

  curl %[3]s/%[4]s/%[2]s/notes
  export AWS_ENDPOINT_URL=%[5]s AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any
  aws logs filter-log-events --log-group-name %[6]s --query 'events[].message' --output text

`, sampleName, sampleStage, at.Gateway, p.apiID, at.API, p.group())
	return nil
}

func (p *plan) createSample(ctx context.Context) error {
	api, err := p.apigateway.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String(sampleName), Description: aws.String("A sample: notes with fixed answers")})
	if err != nil {
		return fmt.Errorf("create REST API: %w", err)
	}
	p.apiID = aws.ToString(api.Id)
	resources := map[string]*string{}
	parent := api.RootResourceId
	for _, r := range []struct{ path, part string }{{"/notes", "notes"}, {"/notes/{id}", "{id}"}} {
		made, err := p.apigateway.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: api.Id, ParentId: parent, PathPart: &r.part})
		if err != nil {
			return fmt.Errorf("create resource %s: %w", r.path, err)
		}
		resources[r.path], parent = made.Id, made.Id
	}
	for _, m := range sampleMethods {
		if err := p.mockMethod(ctx, resources[m.path], m.method, m.status, m.answer); err != nil {
			return fmt.Errorf("create method %s %s: %w", m.method, m.path, err)
		}
	}
	if _, err := p.apigateway.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: api.Id, StageName: aws.String(sampleStage)}); err != nil {
		return fmt.Errorf("deploy: %w", err)
	}
	return p.enableSampleLogs(ctx)
}

func (p *plan) mockMethod(ctx context.Context, resource *string, method, status, answer string) error {
	if _, err := p.apigateway.PutMethod(ctx, &apigateway.PutMethodInput{RestApiId: &p.apiID, ResourceId: resource, HttpMethod: &method, AuthorizationType: aws.String("NONE")}); err != nil {
		return err
	}
	if _, err := p.apigateway.PutMethodResponse(ctx, &apigateway.PutMethodResponseInput{RestApiId: &p.apiID, ResourceId: resource, HttpMethod: &method, StatusCode: &status}); err != nil {
		return err
	}
	if _, err := p.apigateway.PutIntegration(ctx, &apigateway.PutIntegrationInput{RestApiId: &p.apiID, ResourceId: resource, HttpMethod: &method,
		Type: gwtypes.IntegrationTypeMock, RequestTemplates: map[string]string{"application/json": `{"statusCode": ` + status + `}`}}); err != nil {
		return err
	}
	_, err := p.apigateway.PutIntegrationResponse(ctx, &apigateway.PutIntegrationResponseInput{RestApiId: &p.apiID, ResourceId: resource, HttpMethod: &method,
		StatusCode: &status, ResponseTemplates: map[string]string{"application/json": answer}})
	return err
}

// enableSampleLogs does for the sample what `tollbook access-logs enable` does for any stage.
func (p *plan) enableSampleLogs(ctx context.Context) error {
	for _, look := range []func(context.Context) error{p.findAccount, p.findStage, p.findRole, p.findAccountRole} {
		if err := look(ctx); err != nil {
			return err
		}
	}
	steps, err := p.enable(accesslog.Predefined("json"))
	if err != nil {
		return err
	}
	return carryOut(ctx, io.Discard, steps, false)
}
