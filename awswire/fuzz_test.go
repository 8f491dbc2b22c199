package awswire_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/awswire"
)

// fuzzed serves a request and complains if it got no well-formed answer from a service that does nothing. The fakes
// panic for operations that no test calls, so those are not asked for.
func fuzzed(t *testing.T, r *http.Request, service string) {
	t.Helper()
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AK/20260801/eu-west-1/"+service+"/aws4_request, SignedHeaders=host, Signature=00")
	h := awswire.New(awswire.Options{Auth: awswire.AnyKey{AccountID: "123456789012"}, Log: slog.New(slog.DiscardHandler)}, fakes(new(script))...)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code == 500 || w.Code == 0 {
		t.Fatalf("answered %d: %s", w.Code, w.Body)
	}
	if w.Body.Len() > 1<<16 && w.Body.Len() > 4*int(r.ContentLength) {
		t.Fatalf("answered %d bytes to %d", w.Body.Len(), r.ContentLength)
	}
}

func FuzzJSON(f *testing.F) {
	for _, body := range []string{
		`{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":1,"message":"m"}],"entity":{"keyAttributes":{"a":"b","c":"d"}}}`,
		`{"logEvents":[null,{"timestamp":1e400,"message":"\ud800\u0000"},{"timestamp":"1"}]}`,
		"{\"logGroupName\":\"\xff\xfe\"", `[[[[[[`, ` `, `{"a":{"b":[1,2,{"c":null}]}} x`, strings.Repeat(`{"a":`, 20000),
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(string(body)))
		r.Header.Set("X-Amz-Target", "Logs_20140328.PutLogEvents")
		fuzzed(t, r, "logs")
	})
}

func FuzzCBOR(f *testing.F) {
	for _, body := range []string{
		toCBOR(f, `{"Namespace":"n","MetricData":[{"MetricName":"m","Timestamp":{"@time":1.5},"Values":[1,2.5],"Dimensions":[{}]}]}`),
		toCBOR(f, `{"Namespace":7,"MetricData":{},"x":[[]]}`), "\xbf\x69Namespace\x7f\x61n\xff\x6aMetricData\x9f\xa0\xf6\xff\xff",
		"\xa1\x6aMetricData\x9b\xff\xff\xff\xff\xff\xff\xff\xff", strings.Repeat("\xa1\x61a", 20000), "\xa1\x69Namespace\x7b\xff\xff\xff\xff\xff\xff\xff\xff",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest("POST", "/service/GraniteServiceVersion20100801/operation/PutMetricData", strings.NewReader(string(body)))
		r.Header.Set("Smithy-Protocol", "rpc-v2-cbor")
		fuzzed(t, r, "monitoring")
	})
}

func FuzzREST(f *testing.F) {
	f.Add("PUT", "/restapis/abc/resources/r1/methods/GET/integration", `{"type":"MOCK","requestParameters":{"a":"b"},"tlsConfig":{}}`)
	f.Add("PATCH", "/restapis/abc/resources/r1/methods/GET/responses/200", `{"patchOperations":[{"op":"add","path":"/a"},null,{"op":1}]}`)
	f.Add("GET", "/tags/arn%3Aaws%2F%zz?limit=1&position=%zz;x", "")
	f.Add("GET", "/restapis?mode=import&limit=-1", "")
	f.Add("DELETE", "/tags/%2e%2e/x//?tagKeys", "")
	f.Fuzz(func(t *testing.T, method, target, body string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || !served(method, u) {
			t.Skip()
		}
		r := httptest.NewRequest("GET", "/", strings.NewReader(body))
		r.Method, r.URL = method, u
		fuzzed(t, r, "apigateway")
	})
}

// served leaves out the operations whose fakes panic.
func served(method string, u *url.URL) bool {
	path := u.EscapedPath()
	switch method {
	case "PUT":
		return strings.HasSuffix(strings.TrimSuffix(path, "/"), "/integration")
	case "PATCH":
		return strings.Contains(path, "/responses/") && !strings.Contains(path, "/integration")
	case "DELETE":
		return strings.HasPrefix(path, "/tags")
	case "GET":
		return strings.HasPrefix(path, "/tags") || strings.Trim(path, "/") == "restapis"
	default:
		return false
	}
}

func FuzzQuery(f *testing.F) {
	f.Add("Action=CreateRole&Version=2010-05-08&RoleName=r&AssumeRolePolicyDocument=x&Tags.member.1.Key=a&Tags.member.1.Value=b")
	f.Add("Action=CreateRole&Tags=&Tags.member=&Tags.member.1=&Tags.member.-1.Key=x&Tags.member.99999999999999999999.Key=y&MaxSessionDuration=9e9")
	f.Add("Action=UntagRole&RoleName=r&TagKeys.member.2=a&TagKeys.member.02=b&TagKeys.member.1.x=c")
	f.Add("Action=ListRoles&" + strings.Repeat("a.", 1000) + "=1")
	f.Add("Action=%zz&&&=;=")
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if form, err := url.ParseQuery(body); err == nil {
			switch form.Get("Action") {
			case "CreateRole", "ListRoles", "ListPolicies", "UntagRole", "":
			default:
				t.Skip()
			}
		}
		fuzzed(t, r, "iam")
	})
}
