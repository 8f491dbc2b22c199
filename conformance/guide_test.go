package conformance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

const (
	trust      = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	pushPolicy = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"

	// guideFormat is the format as the guide prints it, on one line.
	guideFormat = `{ "requestId":"$context.requestId", "ip": "$context.identity.sourceIp", "caller":"$context.identity.caller", "user":"$context.identity.user", "requestTime":"$context.requestTime", "httpMethod":"$context.httpMethod", "resourcePath":"$context.resourcePath", "status":"$context.status", "protocol":"$context.protocol", "responseLength":"$context.responseLength" }`
)

// notesService is a real HTTP service to put the gateway in front of.
func notesService(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/notes/missing" {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprintf(w, `{"method":%q,"path":%q,"query":%q,"body":%q}`, r.Method, r.URL.Path, r.URL.RawQuery, body)
	}))
	t.Cleanup(s.Close)
	return s
}

// must ends the test on an error.
func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// enableAccountRole does the guide's first part: the IAM role, and API Gateway's settings.
func enableAccountRole(t *testing.T, p *product) string {
	t.Helper()
	ctx := t.Context()
	role := must(p.iam().CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("APIGatewayCloudWatchLogs"), AssumeRolePolicyDocument: aws.String(trust)}))(t)
	must(p.iam().AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: role.Role.RoleName, PolicyArn: aws.String(pushPolicy)}))(t)
	got := must(p.iam().GetRole(ctx, &iam.GetRoleInput{RoleName: role.Role.RoleName}))(t)
	arn := aws.ToString(got.Role.Arn)
	must(setAccountRole(ctx, p, arn))(t)
	return arn
}

func setAccountRole(ctx context.Context, p *product, arn string) (*apigateway.UpdateAccountOutput, error) {
	return p.apigateway().UpdateAccount(ctx, &apigateway.UpdateAccountInput{PatchOperations: []gwtypes.PatchOperation{
		{Op: gwtypes.OpReplace, Path: aws.String("/cloudwatchRoleArn"), Value: aws.String(arn)}}})
}

// notesAPI makes the guide's REST API: /notes, /notes/{id} and /files/{proxy+} proxied to the service, /ping a MOCK.
func notesAPI(t *testing.T, p *product, upstream string) (apiID string) {
	t.Helper()
	ctx, gw := t.Context(), p.apigateway()
	api := must(gw.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String("notes-api")}))(t)
	child := func(parent *string, part string) *string {
		t.Helper()
		return must(gw.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: api.Id, ParentId: parent, PathPart: aws.String(part)}))(t).Id
	}
	notes := child(api.RootResourceId, "notes")
	proxyTo(t, p, api.Id, notes, "ANY", upstream+"/notes", nil)
	proxyTo(t, p, api.Id, child(notes, "{id}"), "GET", upstream+"/notes/{id}", []string{"id"})
	proxyTo(t, p, api.Id, child(child(api.RootResourceId, "files"), "{proxy+}"), "ANY", upstream+"/files/{proxy}", []string{"proxy"})
	mock(t, p, api.Id, child(api.RootResourceId, "ping"), `{"pong":true}`)
	return aws.ToString(api.Id)
}

func proxyTo(t *testing.T, p *product, apiID, resourceID *string, method, uri string, params []string) {
	t.Helper()
	declared, mapped := map[string]bool{}, map[string]string{}
	for _, name := range params {
		declared["method.request.path."+name] = true
		mapped["integration.request.path."+name] = "method.request.path." + name
	}
	must(p.apigateway().PutMethod(t.Context(), &apigateway.PutMethodInput{RestApiId: apiID, ResourceId: resourceID, HttpMethod: &method,
		AuthorizationType: aws.String("NONE"), RequestParameters: declared}))(t)
	must(p.apigateway().PutIntegration(t.Context(), &apigateway.PutIntegrationInput{RestApiId: apiID, ResourceId: resourceID, HttpMethod: &method,
		Type: gwtypes.IntegrationTypeHttpProxy, IntegrationHttpMethod: &method, Uri: &uri, RequestParameters: mapped}))(t)
}

func mock(t *testing.T, p *product, apiID, resourceID *string, answer string) {
	t.Helper()
	ctx, gw, get, ok := t.Context(), p.apigateway(), aws.String("GET"), aws.String("200")
	must(gw.PutMethod(ctx, &apigateway.PutMethodInput{RestApiId: apiID, ResourceId: resourceID, HttpMethod: get, AuthorizationType: aws.String("NONE")}))(t)
	must(gw.PutMethodResponse(ctx, &apigateway.PutMethodResponseInput{RestApiId: apiID, ResourceId: resourceID, HttpMethod: get, StatusCode: ok}))(t)
	must(gw.PutIntegration(ctx, &apigateway.PutIntegrationInput{RestApiId: apiID, ResourceId: resourceID, HttpMethod: get, Type: gwtypes.IntegrationTypeMock,
		RequestTemplates: map[string]string{"application/json": `{"statusCode": 200}`}}))(t)
	must(gw.PutIntegrationResponse(ctx, &apigateway.PutIntegrationResponseInput{RestApiId: apiID, ResourceId: resourceID, HttpMethod: get, StatusCode: ok,
		ResponseTemplates: map[string]string{"application/json": answer}}))(t)
}

func deploy(t *testing.T, p *product, apiID, stage string) {
	t.Helper()
	must(p.apigateway().CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{RestApiId: &apiID, StageName: &stage}))(t)
}

func accessLogGroup(apiID, stage string) string {
	return "API-Gateway-Access-Logs_" + apiID + "/" + stage
}

func groupARN(apiID, stage string) string {
	return "arn:aws:logs:us-east-1:000000000000:log-group:" + accessLogGroup(apiID, stage)
}

func setAccessLogs(ctx context.Context, p *product, apiID, stage, arn, format string) error {
	_, err := p.apigateway().UpdateStage(ctx, &apigateway.UpdateStageInput{RestApiId: &apiID, StageName: &stage, PatchOperations: []gwtypes.PatchOperation{
		{Op: gwtypes.OpReplace, Path: aws.String("/accessLogSettings/destinationArn"), Value: &arn},
		{Op: gwtypes.OpReplace, Path: aws.String("/accessLogSettings/format"), Value: &format},
	}})
	return err
}

// answer is what a client got of the gateway.
type answer struct {
	status    int
	body      string
	requestID string
	header    http.Header
}

// ownClient is not http.DefaultClient, whose connections go when any httptest.Server closes.
var ownClient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}

func request(t *testing.T, method, url string, body string, edit ...func(*http.Request)) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range edit {
		f(req)
	}
	resp := must(ownClient.Do(req))(t)
	defer resp.Body.Close()
	text := must(io.ReadAll(resp.Body))(t)
	return answer{resp.StatusCode, string(text), resp.Header.Get("x-amzn-RequestId"), resp.Header}
}

// events returns all events of a log group by FilterLogEvents, page by page.
func events(t *testing.T, p *product, group string) []logtypes.FilteredLogEvent {
	t.Helper()
	var all []logtypes.FilteredLogEvent
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(p.logs(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group})
	for pages.HasMorePages() {
		all = append(all, must(pages.NextPage(t.Context()))(t).Events...)
	}
	return all
}

// awaitEvents reads the group until it holds n events: entries are durable, and visible, within 100 ms of the answer.
func awaitEvents(t *testing.T, p *product, group string, n int) []logtypes.FilteredLogEvent {
	t.Helper()
	var got []logtypes.FilteredLogEvent
	eventually(t, func() bool { got = events(t, p, group); return len(got) >= n })
	if len(got) != n {
		t.Fatalf("%d entries in %s, want %d", len(got), group, n)
	}
	return got
}

func TestGuide(t *testing.T) {
	t.Parallel()
	p, upstream := start(t, t.TempDir()), notesService(t)
	ctx := t.Context()

	roleARN := enableAccountRole(t, p)
	if got := must(p.apigateway().GetAccount(ctx, &apigateway.GetAccountInput{}))(t); aws.ToString(got.CloudwatchRoleArn) != roleARN {
		t.Errorf("account shows role %q, want %q", aws.ToString(got.CloudwatchRoleArn), roleARN)
	}
	api := notesAPI(t, p, upstream.URL)
	deploy(t, p, api, "prod")
	if err := setAccessLogs(ctx, p, api, "prod", groupARN(api, "prod"), guideFormat); err != nil {
		t.Fatal(err)
	}
	group := accessLogGroup(api, "prod")
	checkStreams(t, p, group)

	// Each request, by each of the forms that lead to the stage, and what its entry must say.
	base := p.Gateway + "/" + api + "/prod"
	onHost := func(r *http.Request) { r.Host = api + ".execute-api.us-east-1.amazonaws.com" }
	type want struct{ method, resource, status string }
	var got []answer
	var wants []want
	ask := func(method, url, body string, w want, edit ...func(*http.Request)) answer {
		a := request(t, method, url, body, edit...)
		got, wants = append(got, a), append(wants, w)
		return a
	}
	if a := ask("GET", base+"/notes/42?x=1", "", want{"GET", "/notes/{id}", "200"}); !strings.Contains(a.body, `"path":"/notes/42","query":"x=1"`) {
		t.Errorf("the service was asked %s", a.body)
	}
	if a := ask("POST", base+"/notes", "hello", want{"POST", "/notes", "200"}); !strings.Contains(a.body, `"method":"POST"`) || !strings.Contains(a.body, `"body":"hello"`) {
		t.Errorf("the service was asked %s", a.body)
	}
	ask("GET", base+"/notes/missing", "", want{"GET", "/notes/{id}", "404"})
	ask("PUT", base+"/files/a/b/c.txt", "data", want{"PUT", "/files/{proxy+}", "200"})
	if a := ask("GET", base+"/ping", "", want{"GET", "/ping", "200"}); a.body != `{"pong":true}` {
		t.Errorf("MOCK answered %s", a.body)
	}
	if a := ask("GET", base+"/nothing/here", "", want{"GET", "-", "403"}); a.body != `{"message":"Missing Authentication Token"}` {
		t.Errorf("unknown path: %s", a.body)
	}
	ask("GET", p.Gateway+"/prod/notes/7", "", want{"GET", "/notes/{id}", "200"}, onHost)
	ask("GET", p.API+"/prod/notes/8", "", want{"GET", "/notes/{id}", "200"}, onHost)
	ask("GET", p.API+"/_aws/execute-api/"+api+"/prod/notes/9", "", want{"GET", "/notes/{id}", "200"})
	ask("GET", p.API+"/restapis/"+api+"/prod/_user_request_/notes/10", "", want{"GET", "/notes/{id}", "200"})

	entries := map[string]map[string]string{}
	for _, e := range awaitEvents(t, p, group, len(got)) {
		var entry map[string]string
		if err := json.Unmarshal([]byte(aws.ToString(e.Message)), &entry); err != nil {
			t.Fatalf("entry %q: %v", aws.ToString(e.Message), err)
		}
		entries[entry["requestId"]] = entry
	}
	for i, a := range got {
		e := entries[a.requestID]
		if e["httpMethod"] != wants[i].method || e["resourcePath"] != wants[i].resource || e["status"] != wants[i].status ||
			e["responseLength"] != fmt.Sprint(len(a.body)) || e["ip"] != "127.0.0.1" || e["protocol"] != "HTTP/1.1" || e["caller"] != "-" {
			t.Errorf("request %d (%+v): entry %v", i, wants[i], e)
		}
	}
	checkLatestStream(t, p, group)
}

func checkStreams(t *testing.T, p *product, group string) {
	t.Helper()
	var names []string
	pages := cloudwatchlogs.NewDescribeLogStreamsPaginator(p.logs(), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: &group})
	for pages.HasMorePages() {
		for _, s := range must(pages.NextPage(t.Context()))(t).LogStreams {
			names = append(names, aws.ToString(s.LogStreamName))
		}
	}
	if len(names) != 300 {
		t.Errorf("%d streams, want 300", len(names))
	}
	for _, n := range names {
		if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(n) {
			t.Errorf("stream name %q", n)
		}
	}
}

// checkLatestStream reads the first of the streams ordered by last event time, as the guide ends.
func checkLatestStream(t *testing.T, p *product, group string) {
	t.Helper()
	streams := must(p.logs().DescribeLogStreams(t.Context(), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: &group,
		OrderBy: logtypes.OrderByLastEventTime, Descending: aws.Bool(true)}))(t).LogStreams
	for i := 1; i < len(streams); i++ {
		if aws.ToInt64(streams[i].LastEventTimestamp) > aws.ToInt64(streams[i-1].LastEventTimestamp) {
			t.Errorf("stream %d is later than the one before it", i)
		}
	}
	page := must(p.logs().GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: &group, LogStreamName: streams[0].LogStreamName}))(t)
	if len(page.Events) == 0 || aws.ToInt64(page.Events[len(page.Events)-1].Timestamp) != aws.ToInt64(streams[0].LastEventTimestamp) {
		t.Errorf("the latest stream holds %d events, which do not end at its last event time", len(page.Events))
	}
}

func TestDeploymentIsASnapshot(t *testing.T) {
	t.Parallel()
	p, upstream := start(t, t.TempDir()), notesService(t)
	api := notesAPI(t, p, upstream.URL)
	deploy(t, p, api, "prod")
	root := must(p.apigateway().GetResources(t.Context(), &apigateway.GetResourcesInput{RestApiId: &api}))(t)
	var rootID *string
	for _, r := range root.Items {
		if aws.ToString(r.Path) == "/" {
			rootID = r.Id
		}
	}
	late := must(p.apigateway().CreateResource(t.Context(), &apigateway.CreateResourceInput{RestApiId: &api, ParentId: rootID, PathPart: aws.String("late")}))(t)
	mock(t, p, &api, late.Id, `{}`)
	if a := request(t, "GET", p.Gateway+"/"+api+"/prod/late", ""); a.status != 403 {
		t.Errorf("served before it was deployed: %d", a.status)
	}
	deploy(t, p, api, "prod")
	if a := request(t, "GET", p.Gateway+"/"+api+"/prod/late", ""); a.status != 200 {
		t.Errorf("not served after it was deployed: %d", a.status)
	}
}
