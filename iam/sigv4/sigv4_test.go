package sigv4_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/tollbook/tollbook/iam/sigv4"
)

const (
	keyID  = "AKIAIOSFODNN7EXAMPLE"
	secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

func now() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func verifier() *sigv4.Verifier {
	return &sigv4.Verifier{
		Now: now,
		Secret: func(_ context.Context, id string) (string, error) {
			switch id {
			case keyID, "ASIAIOSFODNN7EXAMPLE":
				return secret, nil
			case "AKIABROKEN":
				return "", io.ErrUnexpectedEOF
			}
			return "", fmt.Errorf("key %s: %w", id, sigv4.ErrUnknownKey)
		},
	}
}

// signing is what a test client signs; the zero value signs a GET of service "logs" at now.
type signing struct {
	id, service, token string
	at                 time.Time
	expires            string // presigned when set
}

func (s signing) sign(t *testing.T, r *http.Request, body string) {
	t.Helper()
	if s.service == "" {
		s.service = "logs"
	}
	if s.id == "" {
		s.id = keyID
	}
	if s.at.IsZero() {
		s.at = now()
	}
	creds := aws.Credentials{AccessKeyID: s.id, SecretAccessKey: secret, SessionToken: s.token}
	sum := sha256.Sum256([]byte(body))
	hash := hex.EncodeToString(sum[:])
	plainS3 := func(o *v4.SignerOptions) { o.DisableURIPathEscaping = s.service == "s3" }
	if s.expires == "" {
		if err := v4.NewSigner().SignHTTP(t.Context(), creds, r, hash, s.service, "eu-west-1", s.at, plainS3); err != nil {
			t.Fatal(err)
		}
		return
	}
	q := r.URL.Query()
	q.Set("X-Amz-Expires", s.expires)
	r.URL.RawQuery = q.Encode()
	signed, headers, err := v4.NewSigner().PresignHTTP(t.Context(), creds, r, hash, s.service, "eu-west-1", s.at, plainS3)
	if err != nil {
		t.Fatal(err)
	}
	if r.URL, err = url.Parse(signed); err != nil {
		t.Fatal(err)
	}
	for name, values := range headers {
		r.Header[name] = values
	}
}

// exchange sends a request to a real server and returns what Verify says of it there.
func exchange(t *testing.T, r *http.Request) (cred sigv4.Credential, err error) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, readErr := io.ReadAll(r.Body)
		if readErr != nil {
			t.Error(readErr)
		}
		cred, err = verifier().Verify(r, body)
	}))
	defer srv.Close()
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	r.URL.Host = strings.TrimPrefix(srv.URL, "http://")
	res, doErr := srv.Client().Transport.RoundTrip(r)
	if doErr != nil {
		t.Fatal(doErr)
	}
	res.Body.Close()
	return cred, err
}

func newRequest(t *testing.T, method, target, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestVerifySDKSignatures(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, method, target, body string
		header                     http.Header
		with                       signing
	}{
		{name: "root", method: "POST", target: "http://localhost:4566/", body: `{"a":1}`, header: http.Header{"X-Amz-Target": {"Logs_20140328.PutLogEvents"}, "Content-Type": {"application/x-amz-json-1.1"}}},
		{name: "no path", method: "POST", target: "http://localhost:4566", body: "Action=ListRoles", with: signing{service: "iam"}},
		{name: "default port", method: "GET", target: "http://example.com/restapis"},
		{name: "encoded slash and colon", method: "GET", target: "http://h/tags/arn%3Aaws%3Aapigateway%3A%3A%2Frestapis%2Fabc", with: signing{service: "apigateway"}},
		{name: "plain colon", method: "GET", target: "http://h/tags/arn:aws:apigateway::x", with: signing{service: "apigateway"}},
		{name: "blank and percent", method: "GET", target: "http://h/a%20b/100%25/%C3%BC"},
		{name: "marks", method: "GET", target: "http://h/!$&'()*+,;=@~-._"},
		{name: "double slash and dots", method: "GET", target: "http://h/a//b/./c/../d/"},
		{name: "trailing slash", method: "GET", target: "http://h/restapis/"},
		{name: "proxy label", method: "PUT", target: "http://h/restapis/x/resources/y/methods/ANY", body: "{}"},
		{name: "query", method: "GET", target: "http://h/p?limit=5&position=a%2Fb%3D%3D&embed=methods&tagKeys=team:name&tagKeys=team1&tagKeys=Team"},
		{name: "query order", method: "GET", target: "http://h/p?b=2&a=z&a=%2F&a=-&B=1&a%3A=1&a1=2"},
		{name: "bare and empty keys", method: "GET", target: "http://h/p?import&x=&y"},
		{name: "blanks in query", method: "GET", target: "http://h/p?q=a+b%20c%2Bd"},
		{name: "folded headers", method: "GET", target: "http://h/", header: http.Header{"X-Amz-Meta-A": {"  a   b  ", "c"}, "Accept": {"a/b,  c/d"}}},
		{name: "session token", method: "GET", target: "http://h/", with: signing{id: "ASIAIOSFODNN7EXAMPLE", token: "tok/en+=="}},
		{name: "stated hash", method: "POST", target: "http://h/", body: "x", header: http.Header{"X-Amz-Content-Sha256": {"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}}},
		{name: "s3 is encoded once", method: "GET", target: "http://h/a%20b/%3A", with: signing{service: "s3"}},
		{name: "early", method: "GET", target: "http://h/", with: signing{at: now().Add(15 * time.Minute)}},
		{name: "late", method: "GET", target: "http://h/", with: signing{at: now().Add(-15 * time.Minute)}},
		{name: "presigned", method: "GET", target: "http://h/a%20b?x=1", with: signing{expires: "60"}},
		{name: "presigned, last second", method: "GET", target: "http://h/", with: signing{expires: "3600", at: now().Add(-time.Hour)}},
		{name: "presigned with token", method: "GET", target: "http://h/?Action=GetCallerIdentity&Version=2011-06-15", with: signing{service: "sts", id: "ASIAIOSFODNN7EXAMPLE", token: "tok/en+==", expires: "900"}},
		{name: "presigned with body", method: "POST", target: "http://h/", body: "hello", with: signing{expires: "60"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRequest(t, c.method, c.target, c.body)
			for name, values := range c.header {
				r.Header[name] = values
			}
			c.with.sign(t, r, c.body)
			cred, err := exchange(t, r)
			if err != nil {
				t.Fatal(err)
			}
			want := sigv4.Credential{AccessKeyID: keyID, Date: "20260301", Region: "eu-west-1", Service: "logs", SecurityToken: c.with.token, Presigned: c.with.expires != ""}
			if c.with.id != "" {
				want.AccessKeyID = c.with.id
			}
			if c.with.service != "" {
				want.Service = c.with.service
			}
			if cred != want {
				t.Errorf("got %+v\nwant %+v", cred, want)
			}
		})
	}
}

// TestVerifyNormalisedPath: clients that follow AWS' rule sign the path without dots and empty segments.
func TestVerifyNormalisedPath(t *testing.T) {
	t.Parallel()
	r := newRequest(t, "GET", "http://h/a/d/", "")
	signing{}.sign(t, r, "")
	got := httptest.NewRequest("GET", "/a//b/.././d/", nil)
	got.Header, got.Host = r.Header, "h"
	if _, err := verifier().Verify(got, nil); err != nil {
		t.Error(err)
	}
}

// TestVerifyRefuses changes a good request and expects the kind and the text of the refusal.
func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	const mismatch = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
	auth := func(old, new string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, new, 1))
		}
	}
	query := func(name, value string) func(*http.Request) {
		return func(r *http.Request) {
			q := r.URL.Query()
			q.Set(name, value)
			if value == "" {
				q.Del(name)
			}
			r.URL.RawQuery = q.Encode()
		}
	}
	cases := []struct {
		name   string
		with   signing
		change func(r *http.Request)
		kind   sigv4.Kind
		text   string // the whole text, or its beginning when it ends with "…"
	}{
		{"nothing", signing{}, func(r *http.Request) { r.Header.Del("Authorization") }, sigv4.Missing, "Request is missing Authentication Token"},
		{"bearer", signing{}, func(r *http.Request) { r.Header.Set("Authorization", "Bearer abc") }, sigv4.Malformed, "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): 'w1Xc6WwWEogNEZQP/dkBTThsJT4MNlKmzQanIm970rY='."},
		{"other scheme", signing{}, func(r *http.Request) { r.Header.Set("Authorization", "Basic a=b") }, sigv4.Malformed, "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. …"},
		{"no credential", signing{}, auth("Credential=", "Cred="), sigv4.Malformed, "Authorization header requires 'Credential' parameter. …"},
		{"no signature", signing{}, auth("Signature=", "Sig="), sigv4.Malformed, "Authorization header requires 'Signature' parameter. (Hashed…"},
		{"no signed headers", signing{}, auth("SignedHeaders=", "Headers="), sigv4.Malformed, "Authorization header requires 'SignedHeaders' parameter. (Hashed…"},
		{"no date", signing{}, func(r *http.Request) { r.Header.Del("X-Amz-Date") }, sigv4.Malformed, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. …"},
		{"odd date", signing{}, func(r *http.Request) { r.Header.Set("X-Amz-Date", "today") }, sigv4.Malformed, "Date must be in ISO-8601 'basic format'. Got 'today'. …"},
		{"short credential", signing{}, auth("/aws4_request", ""), sigv4.Malformed, "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKIAIOSFODNN7EXAMPLE/20260301/eu-west-1/logs'"},
		{"endless credential", signing{}, auth("/aws4_request", strings.Repeat("/x", 1000)), sigv4.Malformed, "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '" + ("AKIAIOSFODNN7EXAMPLE/20260301/eu-west-1/logs" + strings.Repeat("/x", 1000))[:256] + "…'"},
		{"terminator", signing{}, auth("aws4_request", "aws5_request"), sigv4.BadSignature, "Credential should be scoped with a valid terminator: 'aws4_request', …"},
		{"no region", signing{}, auth("/eu-west-1/", "//"), sigv4.BadSignature, "Credential should be scoped to a valid Region, not ''."},
		{"odd region", signing{}, auth("/eu-west-1/", "/eu:west/"), sigv4.BadSignature, "Credential should be scoped to a valid Region, not 'eu:west'."},
		{"day", signing{}, auth("/20260301/", "/20260302/"), sigv4.BadSignature, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260302' != '20260301', from '20260301T120000Z'."},
		{"host unsigned", signing{}, auth(";host", ""), sigv4.BadSignature, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."},
		{"unknown key", signing{id: "AKIANOBODY"}, nil, sigv4.UnknownKey, "The security token included in the request is invalid."},
		{"token with long-term key", signing{token: "t"}, nil, sigv4.UnknownKey, "The security token included in the request is invalid."},
		{"method", signing{}, func(r *http.Request) { r.Method = "PUT" }, sigv4.BadSignature, mismatch},
		{"path", signing{}, func(r *http.Request) { r.URL.Path = "/other" }, sigv4.BadSignature, mismatch},
		{"query", signing{}, query("limit", "6"), sigv4.BadSignature, mismatch},
		{"header", signing{}, func(r *http.Request) { r.Header.Set("X-Amz-Target", "Logs_20140328.DeleteLogGroup") }, sigv4.BadSignature, mismatch},
		{"host", signing{}, func(r *http.Request) { r.Host = "elsewhere" }, sigv4.BadSignature, mismatch},
		{"region", signing{}, auth("eu-west-1", "us-east-1"), sigv4.BadSignature, mismatch},
		{"time", signing{}, func(r *http.Request) { r.Header.Set("X-Amz-Date", "20260301T120001Z") }, sigv4.BadSignature, mismatch},
		{"empty signature value", signing{}, auth("Signature=", "Signature=x"), sigv4.BadSignature, mismatch},
		{"body", signing{}, func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("HELLO")) }, sigv4.BadSignature, mismatch},
		{"stated hash", signing{}, func(r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", strings.Repeat("0", 64)) }, sigv4.BadSignature, "The provided 'x-amz-content-sha256' header does not match what was computed."},
		{"unsigned payload is signed", signing{}, func(r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD") }, sigv4.BadSignature, mismatch},
		{"expired", signing{at: now().Add(-15*time.Minute - time.Second)}, nil, sigv4.NotCurrent, "Signature expired: 20260301T114459Z is now earlier than 20260301T114500Z (20260301T120000Z - 15 min.)"},
		{"not yet", signing{at: now().Add(15*time.Minute + time.Second)}, nil, sigv4.NotCurrent, "Signature not yet current: 20260301T121501Z is still later than 20260301T121500Z (20260301T120000Z + 15 min.)"},
		{"presigned, expired", signing{expires: "90", at: now().Add(-91 * time.Second)}, nil, sigv4.NotCurrent, "Signature expired: 20260301T115829Z is now earlier than 20260301T115830Z (20260301T120000Z - 1.5 min.)"},
		{"presigned, not yet", signing{expires: "90", at: now().Add(time.Hour)}, nil, sigv4.NotCurrent, "Signature not yet current: …"},
		{"presigned, longer", signing{expires: "60"}, query("X-Amz-Expires", "61"), sigv4.BadSignature, mismatch},
		{"presigned, a week and more", signing{expires: "604801"}, nil, sigv4.Malformed, "X-Amz-Expires must be less than a week …"},
		{"presigned, zero", signing{expires: "0"}, nil, sigv4.Malformed, "X-Amz-Expires must be at least one second"},
		{"presigned, no number", signing{expires: "soon"}, nil, sigv4.Malformed, "X-Amz-Expires should be a number"},
		{"presigned, other algorithm", signing{expires: "60"}, query("X-Amz-Algorithm", "AWS4-ECDSA"), sigv4.Malformed, "Unsupported X-Amz-Algorithm: 'AWS4-ECDSA'"},
		{"presigned, no signature", signing{expires: "60"}, query("X-Amz-Signature", ""), sigv4.Malformed, "AWS query-string parameters must include 'X-Amz-Signature'. …"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRequest(t, "POST", "http://h/p?limit=5", "hello")
			r.Header.Set("X-Amz-Target", "Logs_20140328.DescribeLogGroups")
			c.with.sign(t, r, "hello")
			if c.change != nil {
				c.change(r)
			}
			_, err := exchange(t, r)
			var refusal *sigv4.Error
			if !errors.As(err, &refusal) {
				t.Fatalf("got %v", err)
			}
			if start, cut := strings.CutSuffix(c.text, "…"); refusal.Kind != c.kind || cut && !strings.HasPrefix(refusal.Message, start) || !cut && refusal.Message != c.text {
				t.Errorf("got %v: %s\nwant %v: %s", refusal.Kind, refusal.Message, c.kind, c.text)
			}
		})
	}
}

func TestVerifyReportsLookupFailure(t *testing.T) {
	t.Parallel()
	r := newRequest(t, "GET", "http://h/", "")
	signing{id: "AKIABROKEN"}.sign(t, r, "")
	_, err := exchange(t, r)
	if refusal := (*sigv4.Error)(nil); errors.As(err, &refusal) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
}

func TestParseCredentialDoesNotVerify(t *testing.T) {
	t.Parallel()
	want := sigv4.Credential{AccessKeyID: "test", Date: "20200101", Region: "us-east-1", Service: "iam"}
	r := httptest.NewRequest("POST", "/", nil)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20200101/us-east-1/iam/aws4_request,SignedHeaders=x,Signature=0")
	if got, err := sigv4.ParseCredential(r); err != nil || got != want {
		t.Errorf("header: %+v, %v", got, err)
	}
	r = httptest.NewRequest("GET", "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F20200101%2Fus-east-1%2Fiam%2Faws4_request&X-Amz-Signature=0", nil)
	want.Presigned = true
	if got, err := sigv4.ParseCredential(r); err != nil || got != want {
		t.Errorf("query: %+v, %v", got, err)
	}
	_, err := sigv4.ParseCredential(httptest.NewRequest("GET", "/?Action=ListRoles", nil))
	if refusal := (*sigv4.Error)(nil); !errors.As(err, &refusal) || refusal.Kind != sigv4.Missing {
		t.Errorf("unsigned: %v", err)
	}
}

// TestDateHeader: a request may carry its time in Date instead of X-Amz-Date.
func TestDateHeader(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260301/us-east-1/iam/aws4_request, SignedHeaders=date;host, Signature=0")
	r.Header.Set("Date", "Sun, 01 Mar 2026 12:00:00 GMT")
	_, err := verifier().Verify(r, nil)
	if refusal := (*sigv4.Error)(nil); !errors.As(err, &refusal) || refusal.Kind != sigv4.BadSignature {
		t.Errorf("the date was not understood: %v", err)
	}
}

// FuzzVerify: nothing that a client sends makes the verifier panic, and nothing but the right signature passes.
func FuzzVerify(f *testing.F) {
	f.Add("/", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260301/r/s/aws4_request, SignedHeaders=host, Signature=00", "20260301T120000Z")
	f.Add("/a/../b%zz?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a/b/c/d/aws4_request&X-Amz-Date=20260301T120000Z&X-Amz-Expires=1&X-Amz-SignedHeaders=host&X-Amz-Signature=0", "", "")
	f.Fuzz(func(t *testing.T, target, auth, date string) {
		r := &http.Request{Method: "GET", RequestURI: target, Host: "h", Header: http.Header{}, URL: &url.URL{}}
		if auth != "" {
			r.Header.Set("Authorization", auth)
		}
		r.Header.Set("X-Amz-Date", date)
		_, err := verifier().Verify(r, bytes.Repeat([]byte("x"), 10))
		if err == nil {
			t.Errorf("%q %q passed", target, auth)
		}
		if _, err := sigv4.ParseCredential(r); err != nil {
			var refusal *sigv4.Error
			if !errors.As(err, &refusal) {
				t.Errorf("%v is no refusal", err)
			}
		}
	})
}
