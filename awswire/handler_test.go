package awswire_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awswire"
	"github.com/tollbook/tollbook/iam/policy"
)

// refuse is an Authenticator that lets nobody in.
type refuse struct{ err error }

func (a refuse) Authenticate(*http.Request, []byte) (awsapi.Caller, *policy.Identity, error) {
	return awsapi.Caller{}, nil, a.err
}

func TestAuthErrors(t *testing.T) {
	t.Parallel()
	const (
		query = "POST / HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\n\nAction=ListRoles&Version=2010-05-08"
		json  = "POST / HTTP/1.1\nX-Amz-Target: Logs_20140328.CreateLogGroup\n\n{}"
		rest  = "GET /restapis HTTP/1.1\n\n"
		old   = "POST / HTTP/1.1\nX-Amz-Target: GraniteServiceVersion20100801.ListMetrics\nX-Amzn-Query-Mode: true\n\n{}"
	)
	tests := []struct {
		err     error
		request string
		status  int
		want    string
	}{
		{awswire.ErrMissingAuth.With(""), query, 403, "<Code>MissingAuthenticationToken</Code><Message>Request is missing Authentication Token</Message>"},
		{awswire.ErrMissingAuth.With(""), json, 400, `{"__type":"MissingAuthenticationTokenException","message":"Request is missing Authentication Token"}`},
		{awswire.ErrMissingAuth.With(""), rest, 403, `{"message":"Missing Authentication Token"}`},
		{awswire.ErrUnknownKey.With(""), query, 403, "<Code>InvalidClientTokenId</Code>"},
		{awswire.ErrUnknownKey.With(""), json, 400, `{"__type":"UnrecognizedClientException","message":"The security token included in the request is invalid."}`},
		{awswire.ErrUnknownKey.With(""), rest, 403, `{"message":"The security token included in the request is invalid."}`},
		{awswire.ErrUnknownKey.With(""), strings.Replace(old, "true", "false", 1), 400, `{"__type":"UnrecognizedClientException",`},
		{awswire.ErrUnknownKey.With(""), old, 403, `{"__type":"UnrecognizedClientException",`},
		{awswire.ErrBadSignature.With("Signature expired: 5 % late"), query, 403, "<Code>SignatureDoesNotMatch</Code><Message>Signature expired: 5 % late</Message>"},
		{awswire.ErrBadSignature.With("x"), json, 400, `{"__type":"InvalidSignatureException","message":"x"}`},
		{awswire.ErrExpired.With(""), query, 403, "<Code>ExpiredToken</Code>"},
		{awswire.ErrExpired.With(""), json, 400, `"__type":"ExpiredTokenException"`},
		{awswire.ErrMalformed.With(""), json, 400, `"__type":"IncompleteSignatureException"`},
		{awswire.ErrDenied.With("no"), query, 403, "<Code>AccessDenied</Code><Message>no</Message>"},
		{fmt.Errorf("wrapped: %w", awswire.ErrDenied.With("no")), json, 400, `"__type":"AccessDeniedException"`},
		{awsapi.NewError(418, "Teapot", "short"), json, 418, `{"__type":"Teapot","message":"short"}`},
		{errors.New("no such table: keys"), json, 500, `"__type":"InternalFailure"`},
	}
	for _, tt := range tests {
		h := awswire.New(awswire.Options{Auth: refuse{tt.err}, Log: slog.New(slog.DiscardHandler)}, fakes(new(script))...)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, parseRequest(t, tt.request))
		if body := w.Body.String(); w.Code != tt.status || !strings.Contains(body, tt.want) || strings.Contains(body, "no such table") {
			t.Errorf("%v: got %d %s, want %d with %s", tt.err, w.Code, body, tt.status, tt.want)
		}
	}
}

func TestAuthErrorKinds(t *testing.T) {
	t.Parallel()
	var err error = awswire.ErrExpired.With("late")
	if !errors.Is(err, awswire.ErrExpired) || errors.Is(err, awswire.ErrDenied) {
		t.Errorf("%v is not of its own kind alone", err)
	}
}

func gzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestBodies(t *testing.T) {
	t.Parallel()
	const limit = 1000
	ok := []byte(`{"logGroupName":"g"}`)
	large := append(bytes.Repeat([]byte(" "), limit), ok...)
	tests := []struct {
		name     string
		body     []byte
		encoding string
		length   int64 // Content-Length; -1: not told
		status   int
	}{
		{"plain", ok, "", int64(len(ok)), 200},
		{"chunked", ok, "", -1, 200},
		{"gzip", gzipped(t, ok), "gzip", -1, 200},
		{"large", large, "", int64(len(large)), 413},
		{"large chunked", large, "", -1, 413},
		{"gzip bomb", gzipped(t, bytes.Repeat([]byte(" "), limit*100)), "gzip", -1, 413},
		{"cut gzip", gzipped(t, ok)[:20], "gzip", -1, 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := awswire.New(awswire.Options{Auth: awswire.AnyKey{}, MaxBodyBytes: limit}, fakes(new(script))...)
			r := parseRequest(t, "POST / HTTP/1.1\nX-Amz-Target: Logs_20140328.CreateLogGroup\nAuthorization: <sign logs>\n\n")
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(tt.body)), tt.length
			r.Header.Set("Content-Encoding", tt.encoding)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != tt.status {
				t.Errorf("got %d %s, want %d", w.Code, w.Body, tt.status)
			}
		})
	}
}

// TestGzipInEveryProtocol reads compressed bodies of all forms that CloudWatch takes.
func TestGzipInEveryProtocol(t *testing.T) {
	t.Parallel()
	const (
		query = "POST / HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\n"
		json  = "POST / HTTP/1.1\nX-Amz-Target: GraniteServiceVersion20100801.PutMetricData\n"
		rpc   = "POST /service/GraniteServiceVersion20100801/operation/PutMetricData HTTP/1.1\nSmithy-Protocol: rpc-v2-cbor\n"
		doc   = `{"Namespace":"n","MetricData":[{"MetricName":"m"}]}`
	)
	for head, body := range map[string]string{
		query: "Action=PutMetricData&Version=2010-08-01&Namespace=n&MetricData.member.1.MetricName=m", json: doc, rpc: toCBOR(t, doc),
	} {
		s := new(script)
		h := awswire.New(awswire.Options{Auth: awswire.AnyKey{}}, fakes(s)...)
		r := parseRequest(t, head+"Content-Encoding: gzip\nAuthorization: <sign monitoring>\n\n")
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(gzipped(t, []byte(body)))), -1
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 200 || !strings.Contains(s.seen, `"MetricName": "m"`) {
			t.Errorf("%s: got %d %s, seen %s", head, w.Code, w.Body, s.seen)
		}
	}
}

func TestObserve(t *testing.T) {
	t.Parallel()
	var got []string
	observe := func(service, operation string, status int, elapsed time.Duration) {
		if elapsed < 0 {
			t.Errorf("took %v", elapsed)
		}
		got = append(got, fmt.Sprintf("%s/%s/%d", service, operation, status))
	}
	h := awswire.New(awswire.Options{Auth: awswire.AnyKey{}, Observe: observe, Log: slog.New(slog.DiscardHandler)}, fakes(&script{answer: "panic"})...)
	for _, request := range []string{
		"POST / HTTP/1.1\nX-Amz-Target: Logs_20140328.CreateLogGroup\nAuthorization: <sign logs>\n\n{\"logGroupName\":\"g\"}",
		"POST / HTTP/1.1\nX-Amz-Target: Logs_20140328.CreateExportTask\nAuthorization: <sign logs>\n\n{}",
		"GET /nowhere HTTP/1.1\nAuthorization: <sign apigateway>\n\n",
		"GET / HTTP/1.1\n\n",
	} {
		h.ServeHTTP(httptest.NewRecorder(), parseRequest(t, request))
	}
	want := "logs/CreateLogGroup/500 logs/CreateExportTask/501 apigateway//403 //403"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("observed %s, want %s", s, want)
	}
}

// TestOverHTTP checks what only a real server shows: the Date that SDKs measure their clocks by, and random IDs.
func TestOverHTTP(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(awswire.New(awswire.Options{Auth: awswire.AnyKey{}}, fakes(new(script))...))
	t.Cleanup(srv.Close)
	r, err := http.NewRequestWithContext(t.Context(), "POST", srv.URL, strings.NewReader(`{"logGroupName":"g"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "Logs_20140328.CreateLogGroup")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AK/20260801/eu-west-1/logs/aws4_request, SignedHeaders=host, Signature=00")
	resp, err := srv.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if date, err := http.ParseTime(resp.Header.Get("Date")); err != nil || time.Since(date).Abs() > time.Minute {
		t.Errorf("Date is %q", resp.Header.Get("Date"))
	}
	if _, err := uuid.Parse(resp.Header.Get("x-amzn-RequestId")); err != nil {
		t.Errorf("request ID: %v", err)
	}
}
