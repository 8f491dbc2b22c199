package endpoint_test

import (
	"testing"

	"github.com/tollbook/tollbook/gateway/endpoint"
)

func TestFunction(t *testing.T) {
	t.Parallel()
	e, err := endpoint.New(endpoint.Options{
		Lambda: "https://emulator.test:4566/",
		Functions: map[string]string{
			"notes":         "http://127.0.0.1:9001",
			"notes:prod":    "http://127.0.0.1:9002/base/",
			"*":             "http://any.test",
			"team-*":        "http://team.test",
			"team-*-images": "http://images.test",
			"rie":           "http://127.0.0.1:8080/2015-03-31/functions/function/invocations",
			"real":          "aws",
			"arn:aws:lambda:eu-west-1:111111111111:function:*":     "http://ireland.test",
			"arn:aws:lambda:us-east-1:123456789012:function:exact": "http://exact.test",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	const before = "arn:aws:lambda:us-east-1:123456789012:function:"
	for arn, want := range map[string]string{
		before + "notes":         "http://127.0.0.1:9001/2015-03-31/functions/notes/invocations",
		before + "notes:7":       "http://127.0.0.1:9001/2015-03-31/functions/notes/invocations?Qualifier=7",
		before + "notes:prod":    "http://127.0.0.1:9002/base/2015-03-31/functions/notes/invocations?Qualifier=prod",
		before + "team-a":        "http://team.test/2015-03-31/functions/team-a/invocations",
		before + "team-a-images": "http://images.test/2015-03-31/functions/team-a-images/invocations",
		before + "rie:live":      "http://127.0.0.1:8080/2015-03-31/functions/function/invocations",
		before + "exact:live":    "http://exact.test/2015-03-31/functions/exact/invocations?Qualifier=live",
		before + "real:live": "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/" +
			"arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Areal%3Alive/invocations",
		"arn:aws:lambda:eu-west-1:111111111111:function:x": "http://ireland.test/2015-03-31/functions/x/invocations",
		before + "else": "http://any.test/2015-03-31/functions/else/invocations",
		"arn:aws-cn:lambda:cn-north-1:123456789012:function:real": "https://lambda.cn-north-1.amazonaws.com.cn/2015-03-31/functions/" +
			"arn%3Aaws-cn%3Alambda%3Acn-north-1%3A123456789012%3Afunction%3Areal/invocations",
	} {
		f, ok := endpoint.ParseFunction(arn)
		if !ok {
			t.Errorf("%s is no function", arn)
			continue
		}
		a, ok := e.Function(f)
		if got := a.Scheme + "://" + a.Host + a.Path; !ok || got != want {
			t.Errorf("%s: %s\nwant %s", arn, got, want)
		}
	}
}

func TestFunctionOfTheGlobalEndpoint(t *testing.T) {
	t.Parallel()
	f, _ := endpoint.ParseFunction("arn:aws:lambda:us-east-1:123456789012:function:notes")
	for options, want := range map[string]string{"": "", "http://all.test/x": "http://all.test/x/2015-03-31/functions/notes/invocations"} {
		e, err := endpoint.New(endpoint.Options{Lambda: options, Functions: map[string]string{"other": "http://other.test"}})
		if err != nil {
			t.Fatal(err)
		}
		a, ok := e.Function(f)
		if ok != (want != "") || ok && a.Scheme+"://"+a.Host+a.Path != want {
			t.Errorf("%q: %+v %v", options, a, ok)
		}
	}
}

func TestParseFunction(t *testing.T) {
	t.Parallel()
	for _, arn := range []string{
		"", "notes", "arn:aws:lambda:us-east-1:123456789012:function", "arn:aws:lambda:us-east-1:123456789012:function:",
		"arn:aws:lambda:us-east-1:123456789012:layer:x", "arn:aws:sqs:us-east-1:123456789012:function:x",
		"arn:aws:lambda::123456789012:function:x", "arn:aws:lambda:us-east-1:123456789012:function:x:y:z",
		"arn:aws:lambda:us-east-1:123456789012:function:x\r\ny", "arn:aws:lambda:us-east-1:123456789012:function:x y",
	} {
		if f, ok := endpoint.ParseFunction(arn); ok {
			t.Errorf("%q is taken for %+v", arn, f)
		}
	}
}

func TestService(t *testing.T) {
	t.Parallel()
	e, err := endpoint.New(endpoint.Options{Services: map[string]string{
		"sqs": "http://127.0.0.1:9324", "*": "aws", "special.s3": "http://special.test/p", "dynamodb": "http://127.0.0.1:8000",
	}})
	if err != nil {
		t.Fatal(err)
	}
	for service, want := range map[string]string{
		"sqs": "http://127.0.0.1:9324", "sns": "https://sns.us-east-1.amazonaws.com", "bucket.s3": "https://bucket.s3.us-east-1.amazonaws.com",
		"special.s3": "http://special.test/p", "streams.dynamodb": "http://127.0.0.1:8000", "iam": "https://iam.amazonaws.com",
	} {
		a, ok := e.Service(service, "us-east-1")
		if got := a.Scheme + "://" + a.Host + a.Path; !ok || got != want {
			t.Errorf("%s: %s, want %s", service, got, want)
		}
	}
	none := new(endpoint.Endpoints)
	if a, ok := none.Service("sqs", "us-east-1"); ok {
		t.Errorf("nowhere is %+v", a)
	}
}

func TestBadAddress(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"localhost:9001", "ftp://x", "http://", "http://x/?q=1", "http://u:p@x", "http://x#f", "://", "AWS"} {
		for _, o := range []endpoint.Options{
			{Lambda: address}, {Functions: map[string]string{"f": address}}, {Services: map[string]string{"sqs": address}},
		} {
			if _, err := endpoint.New(o); err == nil {
				t.Errorf("%q is taken", address)
			}
		}
	}
}
