package conformance_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/google/go-cmp/cmp"
)

// function is a Lambda function in Go.
type function func(ctx context.Context, event proxyEvent) (any, error)

type proxyEvent struct {
	HTTPMethod     string              `json:"httpMethod"`
	Path           map[string]string   `json:"pathParameters"`
	Query          map[string][]string `json:"multiValueQueryStringParameters"`
	Variables      map[string]string   `json:"stageVariables"`
	Body           *string             `json:"body"`
	RequestContext struct {
		Stage string `json:"stage"`
	} `json:"requestContext"`

	Value int `json:"value"` // of events that a template made
}

// invokeEndpoint answers Lambda's Invoke for functions in Go.
func invokeEndpoint(t *testing.T, functions map[string]function) (url string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/2015-03-31/functions/"), "/invocations")
		f, ok := functions[name]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprintf(w, `{"Message":"Function not found: %s"}`, name)
			return
		}
		var event proxyEvent
		if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
			t.Errorf("event: %v", err)
		}
		w.Header().Set("x-amzn-RequestId", "go-"+name)
		result, err := f(r.Context(), event)
		if err != nil {
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
			result = map[string]string{"errorMessage": err.Error(), "errorType": "errorString"}
		}
		_ = json.NewEncoder(w).Encode(result)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// goNotes does the same as testdata/functions/notes.mjs.
func goNotes(_ context.Context, e proxyEvent) (any, error) {
	switch e.Path["id"] {
	case "throw":
		return nil, errors.New("this note cannot be read")
	case "malformed":
		return map[string]int{"status": 200}, nil
	case "picture":
		return map[string]any{"headers": map[string]string{"Content-Type": "image/png"}, "body": "iVBORw==", "isBase64Encoded": true}, nil
	}
	body, err := json.Marshal(map[string]any{"note": e.Path["id"], "method": e.HTTPMethod, "query": e.Query, "sent": e.Body,
		"stage": e.RequestContext.Stage, "variable": e.Variables["greeting"]})
	return map[string]any{
		"statusCode": 201, "headers": map[string]any{"X-Function": "notes-go", "X-Count": 2},
		"multiValueHeaders": map[string][]string{"Set-Cookie": {"a=1", "b=2"}}, "body": string(body),
	}, err
}

// double is for an integration with templates: it gets an event that one made.
func double(_ context.Context, e proxyEvent) (any, error) {
	if e.Value < 0 {
		return nil, errors.New("bad request: the value is negative")
	}
	return map[string]int{"doubled": 2 * e.Value}, nil
}

// nodeEndpoint runs testdata/functions/notes.mjs behind an Invoke endpoint in Node.
func nodeEndpoint(t *testing.T) (url string) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("Node is not installed")
	}
	cmd := exec.Command("node", "testdata/functions/invoke.mjs", "testdata/functions/notes.mjs")
	out := must(cmd.StdoutPipe())(t)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// lambdaAPI makes an API whose /{id} is the function, with pictures as binary.
func lambdaAPI(t *testing.T, p *product, function string) (apiID string) {
	t.Helper()
	ctx, gw := t.Context(), p.apigateway()
	api := must(gw.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: &function, BinaryMediaTypes: []string{"image/png"}}))(t)
	note := must(gw.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: api.Id, ParentId: api.RootResourceId, PathPart: aws.String("{id}")}))(t)
	must(gw.PutMethod(ctx, &apigateway.PutMethodInput{RestApiId: api.Id, ResourceId: note.Id, HttpMethod: aws.String("ANY"), AuthorizationType: aws.String("NONE")}))(t)
	must(gw.PutIntegration(ctx, &apigateway.PutIntegrationInput{RestApiId: api.Id, ResourceId: note.Id, HttpMethod: aws.String("ANY"),
		Type: gwtypes.IntegrationTypeAwsProxy, IntegrationHttpMethod: aws.String("POST"), Uri: aws.String(functionURI(function))}))(t)
	must(gw.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: api.Id, StageName: aws.String("prod"),
		Variables: map[string]string{"greeting": "hello"}}))(t)
	return *api.Id
}

func functionURI(name string) string {
	return "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:" + name + "/invocations"
}

// TestLambdaFunctions puts APIs in front of a function in Go and one in Node.
func TestLambdaFunctions(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--lambda-endpoint", invokeEndpoint(t, map[string]function{"notes-go": goNotes}),
		"--lambda", "notes-no*="+nodeEndpoint(t))
	for _, name := range []string{"notes-go", "notes-node"} {
		t.Run(name, func(t *testing.T) {
			at := p.Gateway + "/" + lambdaAPI(t, p, name) + "/prod"
			a := request(t, "POST", at+"/a%20b?x=1&x=2&y=%C3%A9", "héllo")
			var got map[string]any
			if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != 201 {
				t.Fatalf("got %d %s", a.status, a.body)
			}
			want := map[string]any{"note": "a%20b", "method": "POST", "query": map[string]any{"x": []any{"1", "2"}, "y": []any{"é"}},
				"sent": "héllo", "stage": "prod", "variable": "hello"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the function saw (-want +got):\n%s", diff)
			}
			if h := a.header; h.Get("X-Function") != name || h.Get("X-Count") != "2" || !cmp.Equal(h.Values("Set-Cookie"), []string{"a=1", "b=2"}) {
				t.Errorf("headers: %v", h)
			}
			for _, path := range []string{"/throw", "/malformed"} {
				if a := request(t, "GET", at+path, ""); a.status != 502 || a.body != `{"message": "Internal server error"}` {
					t.Errorf("%s: %d %s", path, a.status, a.body)
				}
			}
			if a := request(t, "GET", at+"/picture", "", acceptPicture); a.body != "\x89PNG" || a.header.Get("Content-Type") != "image/png" {
				t.Errorf("picture: %d %q", a.status, a.body)
			}
		})
	}
	a := request(t, "GET", p.Gateway+"/"+lambdaAPI(t, p, "gone")+"/prod/1", "")
	if a.status != 500 {
		t.Errorf("a function that is not there: %d %s", a.status, a.body)
	}
}

func acceptPicture(r *http.Request) { r.Header.Set("Accept", "image/png") }

// TestLambdaWithTemplates calls a function by an AWS integration, which translates both ways.
func TestLambdaWithTemplates(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--lambda-endpoint", invokeEndpoint(t, map[string]function{"double": double}))
	ctx, gw, post := t.Context(), p.apigateway(), aws.String("POST")
	api := must(gw.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String("double")}))(t)
	root := api.RootResourceId
	must(gw.PutMethod(ctx, &apigateway.PutMethodInput{RestApiId: api.Id, ResourceId: root, HttpMethod: post, AuthorizationType: aws.String("NONE")}))(t)
	must(gw.PutIntegration(ctx, &apigateway.PutIntegrationInput{RestApiId: api.Id, ResourceId: root, HttpMethod: post, Type: gwtypes.IntegrationTypeAws,
		IntegrationHttpMethod: post, Uri: aws.String(functionURI("double"))}))(t)
	for status, pattern := range map[string]*string{"200": nil, "400": aws.String("bad request.*")} {
		must(gw.PutMethodResponse(ctx, &apigateway.PutMethodResponseInput{RestApiId: api.Id, ResourceId: root, HttpMethod: post, StatusCode: &status}))(t)
		must(gw.PutIntegrationResponse(ctx, &apigateway.PutIntegrationResponseInput{RestApiId: api.Id, ResourceId: root, HttpMethod: post, StatusCode: &status,
			SelectionPattern: pattern}))(t)
	}
	deploy(t, p, *api.Id, "prod")
	for body, want := range map[string]string{
		`{"value":21}`: `200 {"doubled":42}`, `{"value":-1}`: `400 {"errorMessage":"bad request: the value is negative","errorType":"errorString"}`,
	} {
		a := request(t, "POST", p.Gateway+"/"+*api.Id+"/prod", body)
		if got := fmt.Sprintf("%d %s", a.status, strings.TrimSpace(a.body)); got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
}

func TestVpcLinks(t *testing.T) {
	t.Parallel()
	inner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Host+r.URL.Path) }))
	t.Cleanup(inner.Close)
	p := start(t, t.TempDir())
	ctx, gw := t.Context(), p.apigateway()
	link := must(gw.CreateVpcLink(ctx, &apigateway.CreateVpcLinkInput{Name: aws.String("inner"), TargetArns: []string{inner.URL}}))(t)
	if link.Status != gwtypes.VpcLinkStatusPending {
		t.Errorf("created: %s", link.Status)
	}
	got := must(gw.GetVpcLink(ctx, &apigateway.GetVpcLinkInput{VpcLinkId: link.Id}))(t)
	if got.Status != gwtypes.VpcLinkStatusAvailable {
		t.Errorf("then: %s", got.Status)
	}
	must(gw.UpdateVpcLink(ctx, &apigateway.UpdateVpcLinkInput{VpcLinkId: link.Id, PatchOperations: []gwtypes.PatchOperation{
		{Op: gwtypes.OpReplace, Path: aws.String("/description"), Value: aws.String("to the inner service")}}}))(t)
	if list := must(gw.GetVpcLinks(ctx, &apigateway.GetVpcLinksInput{}))(t); len(list.Items) != 1 || aws.ToString(list.Items[0].Description) != "to the inner service" {
		t.Errorf("list: %+v", list.Items)
	}

	api := must(gw.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String("inner")}))(t)
	get, root := aws.String("GET"), api.RootResourceId
	must(gw.PutMethod(ctx, &apigateway.PutMethodInput{RestApiId: api.Id, ResourceId: root, HttpMethod: get, AuthorizationType: aws.String("NONE")}))(t)
	must(gw.PutIntegration(ctx, &apigateway.PutIntegrationInput{RestApiId: api.Id, ResourceId: root, HttpMethod: get, Type: gwtypes.IntegrationTypeHttpProxy,
		IntegrationHttpMethod: get, Uri: aws.String("http://notes.internal/v1"), ConnectionType: gwtypes.ConnectionTypeVpcLink, ConnectionId: link.Id}))(t)
	deploy(t, p, *api.Id, "prod")
	if a := request(t, "GET", p.Gateway+"/"+*api.Id+"/prod", ""); a.body != "notes.internal/v1" {
		t.Errorf("through the link: %d %s", a.status, a.body)
	}
	if _, err := gw.DeleteVpcLink(ctx, &apigateway.DeleteVpcLinkInput{VpcLinkId: link.Id}); err == nil {
		t.Error("a link in use was deleted")
	}
	must(gw.DeleteStage(ctx, &apigateway.DeleteStageInput{RestApiId: api.Id, StageName: aws.String("prod")}))(t)
	must(gw.DeleteVpcLink(ctx, &apigateway.DeleteVpcLinkInput{VpcLinkId: link.Id}))(t)
}

func TestLambdaFromPython(t *testing.T) {
	t.Parallel()
	if _, err := run(t, nil, "python3", "-c", "import boto3"); err != nil {
		t.Skip("boto3 is not installed")
	}
	p := start(t, t.TempDir(), "--lambda-endpoint", invokeEndpoint(t, map[string]function{"notes-go": goNotes}))
	out, err := run(t, append(p.env(t), "GATEWAY="+p.Gateway), "python3", "testdata/lambda.py")
	if err != nil || !strings.Contains(out, "PASS") {
		t.Errorf("%v\n%s", err, out)
	}
}
