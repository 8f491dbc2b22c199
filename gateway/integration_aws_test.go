package gateway_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/tollbook/tollbook/gateway"
	"github.com/tollbook/tollbook/gateway/endpoint"
	"github.com/tollbook/tollbook/iam/sigv4"
)

// awsService is a service that checks signatures and answers with what it was asked.
func awsService(t *testing.T) (address string) {
	t.Helper()
	verifier := sigv4.Verifier{Secret: func(context.Context, string) (string, error) { return "secret", nil }}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("x-amzn-RequestId", "service-id")
		who, err := verifier.Verify(r, body)
		switch {
		case err != nil:
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, err)
			return
		case strings.Contains(string(body), "missing"):
			w.WriteHeader(http.StatusBadRequest)
		}
		fmt.Fprintf(w, "%s %s target=%s type=%s accept=%s for=%s/%s body=%s", r.Method, r.RequestURI, r.Header.Get("X-Amz-Target"),
			r.Header.Get("Content-Type"), r.Header.Get("Accept"), who.Region, who.Service, body)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestAWSService(t *testing.T) {
	t.Parallel()
	address := awsService(t)
	e, err := endpoint.New(endpoint.Options{
		Services:    map[string]string{"sqs": address, "dynamodb": address, "s3": address + "/store", "bucket.s3": address},
		Credentials: testKey,
	})
	if err != nil {
		t.Fatal(err)
	}
	aws := func(path, uri string, edit func(*gateway.Integration)) gateway.Route {
		r := gateway.Route{ResourcePath: path, Method: "POST", Integration: gateway.Integration{
			Type: "AWS", Method: "POST", URI: "arn:aws:apigateway:eu-west-1:" + uri,
			Responses: []gateway.IntegrationResponse{{StatusCode: "200"}, {StatusCode: "404", SelectionPattern: "4\\d{2}"}},
		}}
		if edit != nil {
			edit(&r.Integration)
		}
		return r
	}
	s := stageOf(
		aws("/queue", "sqs:action/SendMessage&QueueUrl=q", func(i *gateway.Integration) {
			i.RequestParameters = map[string]string{"integration.request.querystring.MessageBody": "method.request.header.x-message"}
		}),
		aws("/table", "dynamodb:action/${stageVariables.op}", nil),
		aws("/object/{key}", "s3:path/bucket/{key}", func(i *gateway.Integration) {
			i.Method = "PUT"
			i.RequestParameters = map[string]string{"integration.request.path.key": "method.request.path.key"}
		}),
		aws("/bucket", "bucket.s3:path/key", nil),
		aws("/unknown", "sns:action/Publish", nil),
		aws("/nonsense", "sqs:nothing", nil),
		aws("/proxy", "firehose:action/PutRecord", func(i *gateway.Integration) { i.Type = "AWS_PROXY" }),
	)
	s.Variables = map[string]string{"op": "PutItem"}
	s.AccessLog.Format = "$context.integration.requestId $context.integration.status $context.integration.integrationStatus"
	b := startWith(t, gateway.Config{Endpoints: e}, s)
	for _, tt := range []struct {
		path, body string
		status     int
		want       string
	}{
		{"/queue", "", 200, "POST /?Action=SendMessage&QueueUrl=q&MessageBody=h%C3%A9%20llo target= type=application/json accept=application/json for=eu-west-1/sqs body="},
		{"/table", `{"a":1}`, 200, `POST / target=DynamoDB_20120810.PutItem type=application/x-amz-json-1.0 accept=application/json for=eu-west-1/dynamodb body={"a":1}`},
		{"/table", `{"missing":1}`, 404, `POST / target=DynamoDB_20120810.PutItem type=application/x-amz-json-1.0 accept=application/json for=eu-west-1/dynamodb body={"missing":1}`},
		{"/object/a%20b", "x", 200, "PUT /store/bucket/a%20b target= type=text/plain accept=application/json for=eu-west-1/s3 body=x"},
		{"/bucket", "x", 200, "POST /key target= type=text/plain accept=application/json for=eu-west-1/s3 body=x"},
		{"/unknown", "x", 500, `{"message": "Internal server error"}`},
		{"/nonsense", "x", 500, `{"message": "Internal server error"}`},
		{"/proxy", "x", 501, `{"message": "An AWS_PROXY integration of firehose:action/PutRecord is not built yet in Tollbook"}`},
	} {
		var headers []string
		switch {
		case tt.body == "x":
			headers = []string{"Content-Type", "text/plain"}
		case tt.body == "":
			headers = []string{"x-message", "hé llo"}
		}
		if a := b.do("POST", "/prod"+tt.path, tt.body, headers...); a.status != tt.status || a.body != tt.want {
			t.Errorf("%s: %d %s\nwant %d %s", tt.path, a.status, a.body, tt.status, tt.want)
		}
	}
	if got := b.lines(group); !slices.Contains(got, "service-id 400 400") {
		t.Errorf("access log: %q", got)
	}
}

// TestAWSTemporaryCredentials sends the session's token.
func TestAWSTemporaryCredentials(t *testing.T) {
	t.Parallel()
	e, err := endpoint.New(endpoint.Options{
		Lambda: hub.serve().URL, Credentials: credentials.NewStaticCredentialsProvider("ASIAEXAMPLE", "secret", "session"),
	})
	if err != nil {
		t.Fatal(err)
	}
	uri := serveFunction(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"body":%q}`, r.Header.Get("X-Amz-Security-Token"))
	})
	b := startWith(t, gateway.Config{Endpoints: e}, stageOf(lambdaProxy("GET", "/", uri)))
	if a := b.do("GET", "/prod/", ""); a.body != "session" {
		t.Errorf("got %d %q", a.status, a.body)
	}
}
