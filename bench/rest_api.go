package main

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/tollbook/tollbook/internal/testkit"
)

const (
	noteBody = `{"title":"a note of some length, as they are","tags":["a","b","c"],"count":12}`
	benchKey = "0123456789abcdefghijklmnop"
	poolID   = "us-east-1_Bench0001"

	// restDefinition has a method that only proxies and one that first asks for all that a method can ask for.
	restDefinition = `{"swagger": "2.0", "info": {"title": "rest", "version": "1"},
"x-amazon-apigateway-request-validators": {"all": {"validateRequestBody": true, "validateRequestParameters": true}},
"securityDefinitions": {
  "pool": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "cognito_user_pools",
    "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools", "providerARNs": ["arn:aws:cognito-idp:us-east-1:000000000000:userpool/` + poolID + `"]}},
  "key": {"type": "apiKey", "name": "x-api-key", "in": "header"}},
"definitions": {"Note": {"type": "object", "required": ["title", "tags"], "properties": {"title": {"type": "string", "maxLength": 100},
  "tags": {"type": "array", "items": {"type": "string"}}, "count": {"type": "integer", "minimum": 0}}}},
"paths": {
  "/bare": {"post": {"responses": {}, "x-amazon-apigateway-integration": %[1]s}},
  "/guarded": {"post": {"responses": {}, "security": [{"pool": []}, {"key": []}], "x-amazon-apigateway-request-validator": "all",
    "parameters": [{"name": "X-Custom", "in": "header", "required": true, "type": "string"},
      {"name": "Note", "in": "body", "required": true, "schema": {"$ref": "#/definitions/Note"}}],
    "x-amazon-apigateway-integration": %[1]s}}}}`
)

// restAPITable measures REST APIs by what they are asked for: requests behind a key, a usage plan, a token and validation
// beside bare ones, one of 10,000 routes beside the only one, and the deployment of 1,000 resources under load.
func restAPITable(s settings) error {
	upstream, port, err := startUpstream()
	if err != nil {
		return err
	}
	defer upstream.stop()
	issuer, err := newIssuer()
	if err != nil {
		return err
	}
	defer issuer.server.Close()
	t, stop, err := startTollbook(s.binary, "--cognito-endpoint", issuer.server.URL)
	if err != nil {
		return err
	}
	defer stop()
	guarded, err := guardedCandidates(t, issuer, fmt.Sprintf("http://127.0.0.1:%d/x", port))
	if err != nil {
		return fmt.Errorf("set up the guarded API: %w", err)
	}
	routes, err := routeCandidates(t)
	if err != nil {
		return fmt.Errorf("set up the APIs with routes: %w", err)
	}
	for range s.rounds {
		for _, c := range append(guarded, routes...) {
			if err := c.measure(s, c.load); err != nil {
				return err
			}
		}
	}
	printRatios(s, "REST API, what a method asks for", guarded)
	printRatios(s, "REST API, routes", routes)
	return deployTable(s, t)
}

// asked is a candidate with a load of its own.
type asked struct {
	candidate
	load load
}

func printRatios(s settings, title string, all []*asked) {
	fmt.Printf("\n%s: %d connections, %d rounds of %v, medians\n", title, s.connections, s.rounds, s.duration)
	fmt.Printf("%-48s %12s %14s %12s %10s\n", "", "requests/s", "CPU/request", "throughput", "CPU")
	rate := func(c *asked) float64 { return medianOf(c.samples, func(one sample) float64 { return one.rate }) }
	used := func(c *asked) float64 {
		return float64(medianOf(c.samples, func(one sample) time.Duration { return one.perCall }))
	}
	for _, c := range all {
		fmt.Printf("%-48s %12.0f %12.1fµs %12.2f %10.2f\n", c.name, rate(c), used(c)/1e3, rate(c)/rate(all[0]), used(c)/used(all[0]))
	}
}

func guardedCandidates(t *testkit.Server, issuer *issuer, upstream string) ([]*asked, error) {
	integration := fmt.Sprintf(`{"type": "http_proxy", "httpMethod": "POST", "uri": %q}`, upstream)
	id, err := importAPI(t, fmt.Appendf(nil, restDefinition, integration))
	if err != nil {
		return nil, err
	}
	if err := addKey(t, id); err != nil {
		return nil, err
	}
	token, err := issuer.sign()
	if err != nil {
		return nil, err
	}
	post := load{method: "POST", body: noteBody, headers: map[string]string{
		"Content-Type": "application/json", "X-Custom": "something", "X-API-Key": benchKey, "Authorization": token,
	}}
	return []*asked{
		newAsked(t, id, "HTTP_PROXY", "/bare", post),
		newAsked(t, id, "with key, usage plan, token and validation", "/guarded", post),
	}, nil
}

func newAsked(t *testkit.Server, api, name, path string, l load) *asked {
	l.name, l.path = name, path
	return &asked{candidate{name: name, plain: t.Gateway + "/" + api + "/plain", pids: []int{t.PID()}}, l}
}

// importAPI makes an API and deploys it as the stage "plain".
func importAPI(t *testkit.Server, definition []byte) (string, error) {
	ctx, c := context.Background(), apigateway.NewFromConfig(t.AWSConfig())
	api, err := c.ImportRestApi(ctx, &apigateway.ImportRestApiInput{Body: definition})
	if err != nil {
		return "", err
	}
	_, err = c.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: api.Id, StageName: aws.String("plain")})
	return aws.ToString(api.Id), err
}

// addKey makes a key with a usage plan that nobody exhausts.
func addKey(t *testkit.Server, api string) error {
	ctx, c := context.Background(), apigateway.NewFromConfig(t.AWSConfig())
	key, err := c.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{Name: aws.String("bench"), Value: aws.String(benchKey), Enabled: true})
	if err != nil {
		return err
	}
	plan, err := c.CreateUsagePlan(ctx, &apigateway.CreateUsagePlanInput{
		Name: aws.String("bench"), ApiStages: []gwtypes.ApiStage{{ApiId: &api, Stage: aws.String("plain")}},
		Throttle: &gwtypes.ThrottleSettings{RateLimit: 1e8, BurstLimit: 1e8}, Quota: &gwtypes.QuotaSettings{Limit: 2e9, Period: gwtypes.QuotaPeriodTypeMonth},
	})
	if err != nil {
		return err
	}
	_, err = c.CreateUsagePlanKey(ctx, &apigateway.CreateUsagePlanKeyInput{UsagePlanId: plan.Id, KeyId: key.Id, KeyType: aws.String("API_KEY")})
	return err
}

// routeCandidates are an API with one route and one with 10,000.
func routeCandidates(t *testkit.Server) (all []*asked, err error) {
	for _, n := range []int{1, 10_000} {
		id, err := importAPI(t, manyRoutes(n, "GET", "0"))
		if err != nil {
			return nil, err
		}
		all = append(all, newAsked(t, id, fmt.Sprintf("%d routes, MOCK", n), fmt.Sprintf("/r%d/7", n-1), load{}))
	}
	return all, nil
}

// manyRoutes defines the resources /r0/{id} and so on, which answer with text.
func manyRoutes(n int, method, text string) []byte {
	paths := map[string]any{}
	for i := range n {
		paths[fmt.Sprintf("/r%d/{id}", i)] = json.RawMessage(fmt.Sprintf(`{"%s":{"responses":{"200":{}},"x-amazon-apigateway-integration":{"type":"mock",
			"requestTemplates":{"application/json":"{\"statusCode\":200}"},"responses":{"default":{"statusCode":"200","responseTemplates":{"application/json":"%s"}}}}}}`,
			map[string]string{"GET": "get", "POST": "post"}[method], text))
	}
	doc, err := json.Marshal(map[string]any{"swagger": "2.0", "info": map[string]string{"title": "routes", "version": "1"}, "paths": paths})
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return doc
}

// deployTable measures CreateDeployment over HTTP for 1,000 resources, with requests going on and without.
func deployTable(s settings, t *testkit.Server) error {
	id, err := importAPI(t, manyRoutes(500, "GET", "ok")) // each path has two resources
	if err != nil {
		return err
	}
	fmt.Printf("\nCreateDeployment of 1,000 resources over HTTP: %d runs, medians\n", 3*s.rounds)
	for _, clients := range []int{0, 4} {
		times, used, asked, failed, err := deployUnder(s, t, id, clients)
		if err != nil {
			return err
		}
		fmt.Printf("%-48s %12v %12v CPU", fmt.Sprintf("%d clients", clients), median(times).Round(time.Millisecond/10), median(used))
		if clients > 0 {
			fmt.Printf("   %d requests, %d without a 200", asked, failed)
		}
		fmt.Println()
	}
	return nil
}

func deployUnder(s settings, t *testkit.Server, id string, clients int) (times, used []time.Duration, asked, failed int64, err error) {
	var sent, wrong atomic.Int64
	stop := make(chan struct{})
	var group sync.WaitGroup
	for range clients {
		group.Go(func() { hammer(t.Gateway+"/"+id+"/plain/", stop, &sent, &wrong) })
	}
	c := apigateway.NewFromConfig(t.AWSConfig())
	for range 3 * s.rounds {
		begin, before := time.Now(), cpu(t.PID())
		if _, err = c.CreateDeployment(context.Background(), &apigateway.CreateDeploymentInput{RestApiId: &id, StageName: aws.String("plain")}); err != nil {
			break
		}
		times, used = append(times, time.Since(begin)), append(used, cpu(t.PID())-before)
	}
	close(stop)
	group.Wait()
	return times, used, sent.Load(), wrong.Load(), err
}

func hammer(url string, stop chan struct{}, sent, wrong *atomic.Int64) {
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		default:
		}
		resp, err := http.Get(fmt.Sprintf("%sr%d/7", url, i%500))
		if sent.Add(1); err != nil || resp.StatusCode != http.StatusOK {
			wrong.Add(1)
		}
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body) // so that the connection is used again
			resp.Body.Close()
		}
	}
}

// issuer signs tokens as a user pool does, and serves its key.
type issuer struct {
	key    *rsa.PrivateKey
	server *httptest.Server
}

func newIssuer() (*issuer, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	encode := base64.RawURLEncoding.EncodeToString
	set := fmt.Sprintf(`{"keys":[{"kty":"RSA","kid":"k1","alg":"RS256","use":"sig","n":"%s","e":"%s"}]}`,
		encode(key.N.Bytes()), encode(big.NewInt(int64(key.E)).Bytes()))
	return &issuer{key, httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, set) }))}, nil
}

func (i *issuer) sign() (string, error) {
	encode := base64.RawURLEncoding.EncodeToString
	now := time.Now().Unix()
	claims := fmt.Sprintf(`{"iss":"https://cognito-idp.us-east-1.amazonaws.com/%s","aud":"client1","token_use":"id","sub":"7a3c","iat":%d,"exp":%d,"email":"someone@example.com"}`,
		poolID, now, now+86_400)
	text := encode([]byte(`{"alg":"RS256","kid":"k1"}`)) + "." + encode([]byte(claims))
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, sum[:])
	return text + "." + encode(signature), err
}
