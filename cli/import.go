package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/tollbook/tollbook/apigateway/openapi"
)

// importAPI puts an OpenAPI document in front of its back end in one step.
type importAPI struct {
	endpoint   `embed:""`
	File       string `arg:"" help:"OpenAPI 2.0 or 3.0 document, JSON or YAML; - for standard input."`
	Backend    string `help:"URL of the service behind operations that name no integration. Default: the document's first server." placeholder:"URL"`
	Stage      string `help:"Stage to deploy to." default:"prod"`
	Name       string `help:"Name of the REST API; one of that name is replaced. Default: the document's title."`
	AccessLogs bool   `help:"Turn the stage's access logs on, as access-logs enable does." default:"true" negatable:""`
	RoleName   string `help:"IAM role that lets API Gateway write logs." default:"APIGatewayCloudWatchLogs"`
	DryRun     bool   `help:"Print the document that would be imported, with its integrations, and change nothing."`
}

// Run imports, deploys and says where the API answers.
func (i *importAPI) Run(ctx context.Context, std streams) error {
	body, doc, err := i.read()
	if err != nil {
		return err
	}
	if i.DryRun {
		_, err := fmt.Fprintf(std.out, "%s\n", body)
		return err
	}
	c, err := i.connect(ctx)
	if err != nil {
		return err
	}
	for _, w := range doc.Warnings {
		fmt.Fprintf(std.err, "warning: %s\n", w)
	}
	id, err := i.put(ctx, c, body, doc, std.out)
	if err != nil {
		return err
	}
	if _, err := c.apigateway.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: &id, StageName: &i.Stage}); err != nil {
		return fmt.Errorf("deploy to stage %s: %w", i.Stage, err)
	}
	if i.AccessLogs {
		if err := i.enableLogs(ctx, id, std); err != nil {
			return err
		}
	}
	fmt.Fprintf(std.out, "%d operations are served at /%s/%s of the gateway listener\n", len(doc.Operations), id, i.Stage)
	return nil
}

// read returns the document with its integrations, and what it says. Its problems are listed one a line.
func (i *importAPI) read() ([]byte, *openapi.Document, error) {
	body, err := readAll(i.File)
	if err != nil {
		return nil, nil, err
	}
	if body, err = openapi.Proxy(body, i.Backend); err == nil {
		var doc *openapi.Document
		doc, err = openapi.Parse(body)
		if err == nil {
			return body, doc, nil
		}
	}
	var problems openapi.Problems
	if !errors.As(err, &problems) {
		return nil, nil, fmt.Errorf("%s: %w; name one by --backend", i.File, err)
	}
	var all []error
	for _, p := range problems {
		all = append(all, fmt.Errorf("%s: %s", i.File, p))
	}
	return nil, nil, errors.Join(all...)
}

func readAll(file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(file)
}

// put makes the API, or replaces the one of its name, and returns its ID.
func (i *importAPI) put(ctx context.Context, c *clients, body []byte, doc *openapi.Document, out io.Writer) (string, error) {
	name := i.Name
	if name == "" {
		name = doc.Title
	}
	ids, err := c.restAPIs(ctx, name)
	switch {
	case err != nil:
		return "", err
	case len(ids) > 1:
		return "", fmt.Errorf("%d REST APIs are called %q; delete what is too many or choose another --name", len(ids), name)
	case len(ids) == 1:
		if _, err := c.apigateway.PutRestApi(ctx, &apigateway.PutRestApiInput{RestApiId: &ids[0], Mode: gwtypes.PutModeOverwrite, Body: body}); err != nil {
			return "", fmt.Errorf("replace REST API %s: %w", ids[0], err)
		}
		fmt.Fprintf(out, "replaced REST API %q, %s\n", name, ids[0])
		return ids[0], i.rename(ctx, c, ids[0], name, doc)
	}
	api, err := c.apigateway.ImportRestApi(ctx, &apigateway.ImportRestApiInput{Body: body, Parameters: map[string]string{"endpointConfigurationTypes": "REGIONAL"}})
	if err != nil {
		return "", fmt.Errorf("import REST API: %w", err)
	}
	fmt.Fprintf(out, "made REST API %q, %s\n", name, *api.Id)
	return *api.Id, i.rename(ctx, c, *api.Id, name, doc)
}

// rename gives the API the name that was asked for, where the document has another.
func (i *importAPI) rename(ctx context.Context, c *clients, id, name string, doc *openapi.Document) error {
	if name == doc.Title {
		return nil
	}
	_, err := c.apigateway.UpdateRestApi(ctx, &apigateway.UpdateRestApiInput{RestApiId: &id, PatchOperations: []gwtypes.PatchOperation{
		{Op: gwtypes.OpReplace, Path: aws.String("/name"), Value: &name}}})
	if err != nil {
		return fmt.Errorf("name REST API %s: %w", id, err)
	}
	return nil
}

func (i *importAPI) enableLogs(ctx context.Context, id string, std streams) error {
	plan, err := target{endpoint: i.endpoint, API: id, Stage: i.Stage, RoleName: i.RoleName}.survey(ctx)
	if err != nil {
		return err
	}
	steps, err := plan.enable(formatText("json"))
	if err != nil || len(steps) == 0 {
		return err
	}
	return carryOut(ctx, std.out, steps, false)
}
