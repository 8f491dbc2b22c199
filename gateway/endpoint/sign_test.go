package endpoint_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/tollbook/tollbook/gateway/endpoint"
	"github.com/tollbook/tollbook/iam/sigv4"
)

// nobody has no credentials, and counts how often it is asked.
type nobody struct{ asked int }

func (n *nobody) Retrieve(context.Context) (aws.Credentials, error) {
	n.asked++
	return aws.Credentials{}, errors.New("no credentials here")
}

func TestSignWithoutCredentials(t *testing.T) {
	t.Parallel()
	who := &nobody{}
	e, err := endpoint.New(endpoint.Options{Lambda: "aws", Credentials: who})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	r := endpoint.Request{Method: "POST", Host: "h", Target: "/", Service: "lambda", Region: "us-east-1"}
	sign := func(real bool, at time.Time) (endpoint.Signature, error) {
		r.Address = endpoint.Address{Scheme: "http", Host: "h", AWS: real}
		return e.Sign(t.Context(), r, at)
	}
	if s, err := sign(false, now); err != nil || !strings.Contains(s.Authorization, "Credential=tollbook/20260102/us-east-1/lambda/") {
		t.Errorf("own process: %+v %v", s, err)
	}
	if s, err := sign(true, now.Add(29*time.Second)); err == nil || !strings.Contains(err.Error(), "no credentials here") {
		t.Errorf("AWS: %+v %v", s, err)
	}
	if who.asked != 1 {
		t.Errorf("looked for credentials %d times within seconds", who.asked)
	}
	if _, err := sign(true, now.Add(31*time.Second)); err == nil || who.asked != 2 {
		t.Errorf("did not look again: %v", err)
	}
}

type key struct{}

func (key) Retrieve(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"}, nil
}

// TestSignature has package sigv4 verify what is signed, for paths and queries that are easily encoded in different ways.
func TestSignature(t *testing.T) {
	t.Parallel()
	e, err := endpoint.New(endpoint.Options{Credentials: key{}})
	if err != nil {
		t.Fatal(err)
	}
	verifier := sigv4.Verifier{Secret: func(context.Context, string) (string, error) { return "secret", nil }}
	for _, service := range []string{"lambda", "sqs", "bucket.s3", "email", "streams.dynamodb"} {
		for _, target := range []string{
			"/", "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A1%3Afunction%3Ax/invocations", "/a%20b/%C3%A9?b=2&a=1&a=0",
			"/x?Qualifier=a%2Bb&empty=&q=h%C3%A9+llo",
		} {
			headers := []endpoint.Header{{Name: "Content-Type", Value: "application/json"}, {Name: "X-Amz-Target", Value: "a  b"}}
			s, err := e.Sign(t.Context(), endpoint.Request{
				Method: "POST", Address: endpoint.Address{Scheme: "https", Host: "h.test"}, Host: "h.test:4566", Target: target,
				Headers: headers, Body: []byte("body"), Service: service, Region: "eu-west-1",
			}, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			r := &http.Request{Method: "POST", Host: "h.test:4566", RequestURI: target, Header: http.Header{}, URL: &url.URL{}, ContentLength: 4}
			for _, h := range headers {
				r.Header.Add(h.Name, h.Value)
			}
			r.Header.Set("Authorization", s.Authorization)
			r.Header.Set("X-Amz-Date", s.Date)
			if s.ContentSHA256 != "" {
				r.Header.Set("X-Amz-Content-Sha256", s.ContentSHA256)
			}
			if _, err := verifier.Verify(r, []byte("body")); err != nil {
				t.Errorf("%s %s: %v", service, target, err)
			}
		}
	}
}

func BenchmarkSign(b *testing.B) {
	e, err := endpoint.New(endpoint.Options{Credentials: key{}})
	if err != nil {
		b.Fatal(err)
	}
	r := endpoint.Request{
		Method: "POST", Address: endpoint.Address{Scheme: "http", Host: "h"}, Host: "h", Target: "/2015-03-31/functions/x/invocations",
		Headers: []endpoint.Header{{Name: "Content-Type", Value: "application/json"}}, Body: make([]byte, 2000), Service: "lambda", Region: "us-east-1",
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Sign(b.Context(), r, time.Now()); err != nil {
			b.Fatal(err)
		}
	}
}
