package gateway_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/tollbook/tollbook/gateway"
	"github.com/tollbook/tollbook/iam/policy"
	"github.com/tollbook/tollbook/iam/sigv4"
)

// signers knows access keys; all have the secret "secret" and those that begin with ASIA the token "token".
type signers map[string]*policy.Identity

func (s signers) Signer(_ context.Context, cred sigv4.Credential) (string, *policy.Identity, error) {
	id, token := cred.AccessKeyID, cred.SecurityToken
	if id == "ASIAEXPIRED" {
		return "", nil, fmt.Errorf("look up: %w", sigv4.ErrExpired)
	}
	who, ok := s[id]
	if !ok || strings.HasPrefix(id, "ASIA") && token != "token" {
		return "", nil, fmt.Errorf("look up: %w", sigv4.ErrUnknownKey)
	}
	return "secret", who, nil
}

func parsePolicy(t testing.TB, text string) *policy.Document {
	t.Helper()
	doc, err := policy.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func statement(effect, resource, more string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":%q,"Action":"execute-api:Invoke","Resource":%q%s}]}`, effect, resource, more)
}

// signed sends a request that is signed for a service with a key. With presign the signature is in the query.
func (b *bench) signed(method, path, body, key, service string, presign bool) answer {
	b.t.Helper()
	req, err := http.NewRequest(method, "http://"+b.addr+path, bytes.NewReader([]byte(body)))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Host = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
	credentials := aws.Credentials{AccessKeyID: key, SecretAccessKey: "secret"}
	if strings.HasPrefix(key, "ASIA") {
		credentials.SessionToken = "token"
	}
	service, region, other := strings.Cut(service, " in ")
	if !other {
		region = "us-east-1"
	}
	sum := sha256.Sum256([]byte(body))
	hash := hex.EncodeToString(sum[:])
	if presign {
		req.URL.RawQuery += "&X-Amz-Expires=60"
		url, _, err := v4.NewSigner().PresignHTTP(b.t.Context(), credentials, req, hash, service, region, time.Now())
		if err != nil {
			b.t.Fatal(err)
		}
		host := req.Host
		if req, err = http.NewRequest(method, url, strings.NewReader(body)); err != nil {
			b.t.Fatal(err)
		}
		req.URL.Host, req.Host = b.addr, host
	} else if err := v4.NewSigner().SignHTTP(b.t.Context(), credentials, req, hash, service, region, time.Now()); err != nil {
		b.t.Fatal(err)
	}
	return b.send(req)
}

func (b *bench) send(req *http.Request) answer {
	b.t.Helper()
	resp, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(data)}
}

func user(name string, documents ...*policy.Document) *policy.Identity {
	return &policy.Identity{
		Caller: policy.Caller{ARN: "arn:aws:iam::123456789012:user/" + name, AccountID: "123456789012"},
		UserID: "AIDA" + name, Policies: documents, Context: map[string][]string{"aws:username": {name}},
	}
}

func signedStage(resourcePolicy string) gateway.Stage {
	s := stageOf(mock("GET", "/a/{id}", "a"), mock("POST", "/b", "b"))
	for i := range s.Routes {
		s.Routes[i].AuthorizationType = "AWS_IAM"
	}
	s.ResourcePolicy = resourcePolicy
	s.AccessLog.Format = "$context.status $context.identity.user $context.identity.userArn $context.identity.accountId " +
		"$context.authenticate.status $context.authenticate.error $context.authorize.status"
	return s
}

func TestSignedRequests(t *testing.T) {
	t.Parallel()
	const api = "arn:aws:execute-api:us-east-1:123456789012:a1b2c3d4e5/prod/"
	known := signers{
		"AKIAALLOWED": user("allowed", parsePolicy(t, statement("Allow", api+"*", ""))),
		"AKIAGETONLY": user("getonly", parsePolicy(t, statement("Allow", api+"GET/*", ""))),
		"AKIASILENT":  user("silent"),
		"AKIADENIED":  user("denied", parsePolicy(t, statement("Allow", "*", "")), parsePolicy(t, statement("Deny", api+"GET/a/1", ""))),
		"ASIASESSION": {Caller: policy.Caller{ARN: "arn:aws:sts::123456789012:assumed-role/r/s", RoleARN: "arn:aws:iam::123456789012:role/r",
			AccountID: "123456789012"}, UserID: "AROA1:s", Policies: []*policy.Document{parsePolicy(t, statement("Allow", "*", ""))}},
		"AKIAROOT": {Caller: policy.Caller{ARN: "arn:aws:iam::123456789012:root", AccountID: "123456789012"}, UserID: "123456789012", Root: true},
	}
	b := startWith(t, gateway.Config{Signers: known}, signedStage(""))
	for _, c := range []struct {
		name, key, service, method, path string
		presign                          bool
		status                           int
		errorType, part                  string
	}{
		{"allowed", "AKIAALLOWED", "execute-api", "GET", "/prod/a/x%20y?q=1&b=%2F", false, 200, "", "a"},
		{"with a body", "AKIAALLOWED", "execute-api", "POST", "/prod/b", false, 200, "", "b"},
		{"in the query", "AKIAALLOWED", "execute-api", "GET", "/prod/a/1?q=1", true, 200, "", "a"},
		{"a session", "ASIASESSION", "execute-api", "GET", "/prod/a/1", false, 200, "", "a"},
		{"a session in the query", "ASIASESSION", "execute-api", "GET", "/prod/a/1?x=", true, 200, "", "a"},
		{"root", "AKIAROOT", "execute-api", "GET", "/prod/a/1", false, 200, "", "a"},
		{"another method", "AKIAGETONLY", "execute-api", "POST", "/prod/b", false, 403, "AccessDeniedException",
			`{"Message":"User: arn:aws:iam::123456789012:user/getonly is not authorized to perform: execute-api:Invoke on resource: ` +
				`arn:aws:execute-api:us-east-1:********9012:a1b2c3d4e5/prod/POST/b because no identity-based policy allows the execute-api:Invoke action"}`},
		{"silent", "AKIASILENT", "execute-api", "GET", "/prod/a/1", false, 403, "AccessDeniedException", "because no identity-based policy allows"},
		{"denied", "AKIADENIED", "execute-api", "GET", "/prod/a/1", false, 403, "AccessDeniedException", "with an explicit deny in an identity-based policy"},
		{"not denied", "AKIADENIED", "execute-api", "GET", "/prod/a/2", false, 200, "", "a"},
		{"unknown", "AKIANOBODY", "execute-api", "GET", "/prod/a/1", false, 403, "UnrecognizedClientException", "The security token included in the request is invalid."},
		{"expired", "ASIAEXPIRED", "execute-api", "GET", "/prod/a/1", false, 403, "ExpiredTokenException", "The security token included in the request is expired"},
		{"other region", "AKIAALLOWED", "execute-api in eu-west-1", "GET", "/prod/a/1", false, 403, "InvalidSignatureException", "Credential should be scoped to a valid Region, not 'eu-west-1'."},
		{"other service", "AKIAALLOWED", "s3", "GET", "/prod/a/1", false, 403, "InvalidSignatureException", "Credential should be scoped to correct service: 'execute-api'."},
	} {
		got := b.signed(c.method, c.path, "", c.key, c.service, c.presign)
		if got.status != c.status || got.header.Get("X-Amzn-Errortype") != c.errorType || !strings.Contains(got.body, c.part) {
			t.Errorf("%s: got %d %q %s", c.name, got.status, got.header.Get("X-Amzn-Errortype"), got.body)
		}
	}
	if got := b.do("GET", "/prod/a/1", ""); got.status != 403 || got.body != `{"message":"Missing Authentication Token"}` {
		t.Errorf("unsigned: %d %s", got.status, got.body)
	}
	if got := b.do("GET", "/prod/a/1", "", "Authorization", "AWS4-HMAC-SHA256 Credential=AKIAALLOWED/20260101/us-east-1/execute-api/aws4_request, "+
		"SignedHeaders=host;x-amz-date, Signature=00", "X-Amz-Date", time.Now().UTC().Format("20060102T150405Z")); got.status != 403 ||
		got.header.Get("X-Amzn-Errortype") != "InvalidSignatureException" {
		t.Errorf("made up: %d %s", got.status, got.body)
	}
	log := b.lines(group)
	for _, want := range []string{
		"200 AIDAallowed arn:aws:iam::123456789012:user/allowed 123456789012 200 - 200",
		"200 AROA1:s arn:aws:sts::123456789012:assumed-role/r/s 123456789012 200 - 200",
		"403 AIDAsilent arn:aws:iam::123456789012:user/silent 123456789012 200 - 403",
		"403 - - - 403 Missing Authentication Token -",
	} {
		if !slices.Contains(log, want) {
			t.Errorf("no entry %s", want)
		}
	}
}

func TestChangedRequestsAreRefused(t *testing.T) {
	t.Parallel()
	b := startWith(t, gateway.Config{Signers: signers{"AKIAROOT": {Root: true}}}, signedStage(""))
	for name, change := range map[string]func(*http.Request){
		"body":   func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("y")) },
		"path":   func(r *http.Request) { r.URL.Path += "/" },
		"query":  func(r *http.Request) { r.URL.RawQuery = "a=1" },
		"header": func(r *http.Request) { r.Header.Set("X-Amz-Date", "20200101T000000Z") },
		"method": func(r *http.Request) { r.Header.Set("X-HTTP-Method-Override", "POST"); r.Method = "PUT" },
	} {
		req, err := http.NewRequest("POST", "http://"+b.addr+"/prod/b", strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
		sum := sha256.Sum256([]byte("x"))
		key := aws.Credentials{AccessKeyID: "AKIAROOT", SecretAccessKey: "secret"}
		err = v4.NewSigner().SignHTTP(t.Context(), key, req, hex.EncodeToString(sum[:]), "execute-api", "us-east-1", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		change(req)
		if got := b.send(req); got.status != 403 || got.header.Get("X-Amzn-Errortype") != "InvalidSignatureException" {
			t.Errorf("%s: got %d %s", name, got.status, got.body)
		}
	}
}

// TestSignersAndResourcePolicy is AWS' tables A (one account) and B (two).
func TestSignersAndResourcePolicy(t *testing.T) {
	t.Parallel()
	allow, deny := statement("Allow", "*", ""), statement("Deny", "*", "")
	identities := map[string]*policy.Identity{}
	for _, account := range []string{"123456789012", "999999999999"} {
		for name, text := range map[string]string{"allow": allow, "deny": deny, "silent": ""} {
			who := user(name)
			who.AccountID = account
			if text != "" {
				who.Policies = []*policy.Document{parsePolicy(t, text)}
			}
			identities["AKIA"+name+account] = who
		}
	}
	for ofAPI, resource := range map[string]string{
		"allow":  statement("Allow", "execute-api:/prod/*", `,"Principal":"*"`),
		"deny":   statement("Deny", "execute-api:/prod/*", `,"Principal":"*"`),
		"silent": statement("Allow", "execute-api:/other/*", `,"Principal":"*"`),
	} {
		b := startWith(t, gateway.Config{Signers: signers(identities)}, signedStage(resource))
		for _, own := range []string{"allow", "deny", "silent"} {
			none := own == "deny" || ofAPI == "deny"
			same, cross := 403, 403
			if !none && (own == "allow" || ofAPI == "allow") {
				same = 200
			}
			if own == "allow" && ofAPI == "allow" {
				cross = 200
			}
			if got := b.signed("GET", "/prod/a/1", "", "AKIA"+own+"123456789012", "execute-api", false); got.status != same {
				t.Errorf("identity %s, API %s: got %d %s", own, ofAPI, got.status, got.body)
			}
			if got := b.signed("GET", "/prod/a/1", "", "AKIA"+own+"999999999999", "execute-api", false); got.status != cross {
				t.Errorf("identity %s of another account, API %s: got %d %s", own, ofAPI, got.status, got.body)
			}
		}
	}
}

func TestAnyKey(t *testing.T) {
	t.Parallel()
	known := signers{"AKIASILENT": user("silent")}
	b := startWith(t, gateway.Config{Signers: known, AnyKey: true}, signedStage(""))
	for key, status := range map[string]int{"test": 200, "AKIASILENT": 403} {
		if got := b.signed("GET", "/prod/a/1", "", key, "execute-api", false); got.status != status {
			t.Errorf("%s: got %d %s", key, got.status, got.body)
		}
	}
	if got := b.do("GET", "/prod/a/1", ""); got.status != 403 {
		t.Errorf("unsigned: got %d", got.status)
	}
}

func TestResourcePolicy(t *testing.T) {
	t.Parallel()
	principal := `,"Principal":"*"`
	here := principal + `,"Condition":{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}`
	const anonymous = `{"Message":"User: anonymous is not authorized to perform: execute-api:Invoke on resource: ` +
		`arn:aws:execute-api:us-east-1:********9012:a1b2c3d4e5/prod/GET/a`
	for _, c := range []struct {
		name, policy, endpoint string
		status                 int
		body                   string
	}{
		{"allows everybody", statement("Allow", "execute-api:/*", principal), "", 200, "a"},
		{"allows from here", statement("Allow", "execute-api:/prod/GET/a", here), "", 200, "a"},
		{"allows others", statement("Allow", "execute-api:/prod/GET/b", here), "", 403, anonymous + `"}`},
		{"allows an account", statement("Allow", "*", `,"Principal":{"AWS":"123456789012"}`), "", 403, anonymous + `"}`},
		{"denies from here", statement("Deny", "execute-api:/*", here), "", 403, anonymous + ` with an explicit deny"}`},
		{"none", "", "", 200, "a"},
		{"none of a private API", "", "PRIVATE", 403, anonymous + `"}`},
		{"of a private API", statement("Allow", "execute-api:/*", principal), "PRIVATE", 200, "a"},
	} {
		s := stageOf(mock("GET", "/a", "a"))
		s.ResourcePolicy = c.policy
		if c.endpoint != "" {
			s.EndpointType = c.endpoint
		}
		if got := start(t, s).do("GET", "/prod/a", ""); got.status != c.status || got.body != c.body {
			t.Errorf("%s: got %d %s", c.name, got.status, got.body)
		}
	}
	s := stageOf(mock("GET", "/a", "a"))
	s.ResourcePolicy = "{}}"
	if _, err := gateway.Compile(s); err == nil {
		t.Error("a policy that cannot be read was taken")
	}
}

func TestAuthorizersAndResourcePolicy(t *testing.T) {
	t.Parallel()
	f := &function{reply: func(map[string]any) (string, bool) { return grantFor("p", "Allow", "*"), false }}
	i := newTokenIssuer(t)
	token := i.sign(nil)
	for _, c := range []struct {
		name, effect, resource string
		function, token        int
	}{
		{"allows", "Allow", "*", 200, 200},
		{"silent", "Allow", "execute-api:/other/*", 200, 403},
		{"denies", "Deny", "*", 403, 403},
	} {
		byFunction := authorized(gateway.Authorizer{Type: "TOKEN", URI: f.serve(t)}, "CUSTOM")
		byToken := poolStage(poolARN)
		byToken.Name = "tokens"
		byFunction.ResourcePolicy = statement(c.effect, c.resource, `,"Principal":"*"`)
		byToken.ResourcePolicy = byFunction.ResourcePolicy
		before := f.calls.Load()
		b := startWith(t, gateway.Config{CognitoEndpoint: i.url}, byFunction, byToken)
		if got := b.do("GET", "/prod/a", "", "Authorization", "x"); got.status != c.function {
			t.Errorf("%s: function: got %d %s", c.name, got.status, got.body)
		}
		if c.effect == "Deny" && f.calls.Load() != before {
			t.Error("the function was asked about what the policy denies")
		}
		if got := b.do("GET", "/tokens/a", "", "Authorization", token); got.status != c.token {
			t.Errorf("%s: token: got %d %s", c.name, got.status, got.body)
		}
	}
}

func TestMethodARNHasALimit(t *testing.T) {
	t.Parallel()
	b := start(t, authorized(gateway.Authorizer{Type: "TOKEN", URI: "x"}, "CUSTOM"))
	if got := b.do("GET", "/prod/b/"+strings.Repeat("x", 1600), ""); got.status != 414 || got.body != "Request URI too long" {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

func BenchmarkAuthorize(b *testing.B) {
	i := newTokenIssuer(b)
	f := &function{reply: func(map[string]any) (string, bool) { return grantFor("p", "Allow", allOfStage), false }}
	byFunction := authorized(gateway.Authorizer{Type: "TOKEN", URI: f.serve(b), TTL: time.Hour}, "CUSTOM")
	byToken := poolStage(poolARN)
	byToken.Name = "tokens"
	w := startWith(b, gateway.Config{CognitoEndpoint: i.url}, byFunction, byToken)
	for name, ask := range map[string]func() error{
		"token":    w.gw.Authorizing("a1b2c3d4e5", "tokens", "/a", "Bearer "+i.sign(nil)),
		"function": w.gw.Authorizing("a1b2c3d4e5", "prod", "/a", "x"),
		"none":     w.gw.Authorizing("a1b2c3d4e5", "prod", "/open", "x"),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := ask(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
