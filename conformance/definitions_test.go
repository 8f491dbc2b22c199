package conformance_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// plainDefinition is a document as a service's own developers write it: nothing of AWS in it.
const plainDefinition = `openapi: 3.0.3
info: {title: notes-service, version: 1.0.0}
servers: [{url: %q}]
paths:
  /notes/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: a note}}
  /notes:
    post: {responses: {"201": {description: made}}}
`

func TestImportCommand(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	file := filepath.Join(t.TempDir(), "notes.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, plainDefinition, notesService(t).URL+"/v1"), 0o600); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, want := range []string{"made REST API", "replaced REST API"} {
		out, err := run(t, nil, binary, "import", file, "--endpoint-url", p.API)
		if err != nil || !strings.Contains(out, want) || !strings.Contains(out, "2 operations are served at /") {
			t.Fatalf("%v: %s", err, out)
		}
		_, rest, _ := strings.Cut(out, "served at /")
		id, _, _ := strings.Cut(rest, "/")
		ids = append(ids, id)
	}
	if ids[0] != ids[1] {
		t.Errorf("a second import made another API: %v", ids)
	}
	a := request(t, "GET", p.Gateway+"/"+ids[0]+"/prod/notes/7?x=1", "")
	if a.status != 200 || !strings.Contains(a.body, `"path":"/v1/notes/7"`) || !strings.Contains(a.body, `"query":"x=1"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	eventually(t, func() bool { return len(events(t, p, accessLogGroup(ids[0], "prod"))) == 1 })

	bad := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(bad, []byte("openapi: 3.0.3\ninfo: {}\npaths:\n  a: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := run(t, nil, binary, "import", bad, "--endpoint-url", p.API)
	if err == nil || !strings.Contains(out, "bad.yaml: line 2, column 7 (/info): The API needs a title") || !strings.Contains(out, "line 4, column 6") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestDefinitions(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	ctx, gw := t.Context(), p.apigateway()
	doc := `{"swagger":"2.0","info":{"title":"t","version":"1"},"paths":{"/a":{"get":{"responses":{"200":{}},
		"x-amazon-apigateway-integration":{"type":"mock","requestTemplates":{"application/json":"{\"statusCode\":200}"},
		"responses":{"default":{"statusCode":"200","responseTemplates":{"application/json":"hello"}}}}}}}}`
	api := must(gw.ImportRestApi(ctx, &apigateway.ImportRestApiInput{Body: []byte(doc), FailOnWarnings: true,
		Parameters: map[string]string{"endpointConfigurationTypes": "REGIONAL", "ignore": "documentation"}}))(t)
	deploy(t, p, *api.Id, "prod")
	if a := request(t, "GET", p.Gateway+"/"+*api.Id+"/prod/a", ""); a.body != "hello" {
		t.Errorf("%d %s", a.status, a.body)
	}
	for kind, want := range map[string]string{"swagger": `"swagger": "2.0"`, "oas30": `"openapi": "3.0.1"`} {
		out := must(gw.GetExport(ctx, &apigateway.GetExportInput{RestApiId: api.Id, StageName: aws.String("prod"), ExportType: &kind,
			Parameters: map[string]string{"extensions": "integrations"}}))(t)
		if !strings.Contains(string(out.Body), want) || *out.ContentDisposition != `attachment; filename="`+kind+`_1.json"` {
			t.Errorf("%s: %s %s", kind, *out.ContentDisposition, out.Body)
		}
		must(gw.PutRestApi(ctx, &apigateway.PutRestApiInput{RestApiId: api.Id, Mode: gwtypes.PutModeMerge, Body: out.Body}))(t)
	}
	exportAsYAML(t, p, *api.Id)
}

// exportAsYAML uses the aws CLI: aws-sdk-go-v2 asks for JSON, whatever it is told to accept.
func exportAsYAML(t *testing.T, p *product, apiID string) {
	t.Helper()
	if _, err := exec.LookPath("aws"); err != nil {
		t.Log("no aws CLI here: the export as YAML is not looked at")
		return
	}
	file := filepath.Join(t.TempDir(), "export.yaml")
	out, err := run(t, p.env(t), "aws", "apigateway", "get-export", "--rest-api-id", apiID, "--stage-name", "prod", "--export-type", "oas30",
		"--accepts", "application/yaml", file)
	if err != nil || !strings.Contains(out, "oas30_1.yaml") {
		t.Fatalf("%v: %s", err, out)
	}
	if text := must(os.ReadFile(file))(t); !strings.HasPrefix(string(text), "openapi: 3.0.1\n") {
		t.Errorf("%s", text)
	}
}

func TestDocumentation(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	ctx, gw := t.Context(), p.apigateway()
	api := notesAPI(t, p, notesService(t).URL)
	deploy(t, p, api, "prod")
	part := must(gw.CreateDocumentationPart(ctx, &apigateway.CreateDocumentationPartInput{RestApiId: &api, Properties: aws.String(`{"description":"d"}`),
		Location: &gwtypes.DocumentationPartLocation{Type: gwtypes.DocumentationPartTypeMethod, Path: aws.String("/notes"), Method: aws.String("GET")}}))(t)
	must(gw.GetDocumentationPart(ctx, &apigateway.GetDocumentationPartInput{RestApiId: &api, DocumentationPartId: part.Id}))(t)
	must(gw.UpdateDocumentationPart(ctx, &apigateway.UpdateDocumentationPartInput{RestApiId: &api, DocumentationPartId: part.Id,
		PatchOperations: []gwtypes.PatchOperation{{Op: gwtypes.OpReplace, Path: aws.String("/properties"), Value: aws.String(`{"description":"e"}`)}}}))(t)
	must(gw.ImportDocumentationParts(ctx, &apigateway.ImportDocumentationPartsInput{RestApiId: &api,
		Body: []byte(`{"documentationParts":[{"location":{"type":"API"},"properties":{"info":{"description":"i"}}}]}`)}))(t)
	if n := len(must(gw.GetDocumentationParts(ctx, &apigateway.GetDocumentationPartsInput{RestApiId: &api}))(t).Items); n != 2 {
		t.Errorf("%d parts", n)
	}
	version := aws.String("v1")
	must(gw.CreateDocumentationVersion(ctx, &apigateway.CreateDocumentationVersionInput{RestApiId: &api, DocumentationVersion: version, StageName: aws.String("prod")}))(t)
	must(gw.GetDocumentationVersion(ctx, &apigateway.GetDocumentationVersionInput{RestApiId: &api, DocumentationVersion: version}))(t)
	must(gw.UpdateDocumentationVersion(ctx, &apigateway.UpdateDocumentationVersionInput{RestApiId: &api, DocumentationVersion: version,
		PatchOperations: []gwtypes.PatchOperation{{Op: gwtypes.OpReplace, Path: aws.String("/description"), Value: aws.String("x")}}}))(t)
	if n := len(must(gw.GetDocumentationVersions(ctx, &apigateway.GetDocumentationVersionsInput{RestApiId: &api}))(t).Items); n != 1 {
		t.Errorf("%d versions", n)
	}
	must(gw.UpdateStage(ctx, &apigateway.UpdateStageInput{RestApiId: &api, StageName: aws.String("prod"),
		PatchOperations: []gwtypes.PatchOperation{{Op: gwtypes.OpReplace, Path: aws.String("/documentationVersion"), Value: aws.String("")}}}))(t)
	must(gw.DeleteDocumentationVersion(ctx, &apigateway.DeleteDocumentationVersionInput{RestApiId: &api, DocumentationVersion: version}))(t)
	must(gw.DeleteDocumentationPart(ctx, &apigateway.DeleteDocumentationPartInput{RestApiId: &api, DocumentationPartId: part.Id}))(t)
}
