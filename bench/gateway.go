package main

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/tollbook/tollbook/internal/testkit"
)

const (
	upstreamConf = `daemon off; worker_processes 1; pid DIR/pid; events { worker_connections 4096; }
http { access_log off; keepalive_requests 1000000000; client_body_temp_path DIR/a; proxy_temp_path DIR/b; fastcgi_temp_path DIR/c; uwsgi_temp_path DIR/d; scgi_temp_path DIR/e;
server { listen 127.0.0.1:%[1]d backlog=4096; location / { default_type application/json; return 200 '{"id":"42","text":"a note that is about one hundred bytes long, as small answers of an API often are"}'; } } }`

	proxyConf = `daemon off; worker_processes 2; pid DIR/pid; events { worker_connections 4096; }
http { client_body_temp_path DIR/a; proxy_temp_path DIR/b; fastcgi_temp_path DIR/c; uwsgi_temp_path DIR/d; scgi_temp_path DIR/e; keepalive_requests 1000000000;
log_format entry escape=json '{ "requestId":"$request_id", "ip": "$remote_addr", "caller":"-", "user":"$remote_user", "requestTime":"$time_local", "httpMethod":"$request_method", "resourcePath":"$uri", "status":"$status", "protocol":"$server_protocol", "responseLength":"$body_bytes_sent" }';
access_log DIR/access.log entry buffer=256k flush=1s;
upstream service { server 127.0.0.1:%[2]d; keepalive 256; keepalive_requests 1000000000; }
server { listen 127.0.0.1:%[1]d backlog=4096; location / { proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://service; } } }`

	guideFormat = `{ "requestId":"$context.requestId", "ip": "$context.identity.sourceIp", "caller":"$context.identity.caller", "user":"$context.identity.user", "requestTime":"$context.requestTime", "httpMethod":"$context.httpMethod", "resourcePath":"$context.resourcePath", "status":"$context.status", "protocol":"$context.protocol", "responseLength":"$context.responseLength" }`
)

// candidate is one proxy in the comparison.
type candidate struct {
	name    string
	url     string
	script  string // of wrk, with the request; empty: a plain GET
	pids    []int
	rates   []float64       // requests/s of each round
	perCall []time.Duration // CPU of the proxy per request, of each round
}

// gatewayTable compares requests/s and CPU per request: nginx with a buffered JSON access_log, Tollbook with access logs
// into its store, and Tollbook without; same upstream, same load, interleaved.
func gatewayTable(s settings) error {
	upstreamPort, proxyPort := freePort(), freePort()
	upstream, err := startNginx(fmt.Sprintf(upstreamConf, upstreamPort), upstreamPort)
	if err != nil {
		return err
	}
	defer upstream.stop()
	proxy, err := startNginx(fmt.Sprintf(proxyConf, proxyPort, upstreamPort), proxyPort)
	if err != nil {
		return err
	}
	defer proxy.stop()
	t, stop, err := startTollbook(s.binary)
	if err != nil {
		return err
	}
	defer stop()
	api, err := proxyAPI(s.binary, t, fmt.Sprintf("http://127.0.0.1:%d", upstreamPort))
	if err != nil {
		return fmt.Errorf("set up the API: %w", err)
	}
	pid := []int{t.PID()}
	candidates := []*candidate{
		{name: "nginx, buffered JSON access_log", url: fmt.Sprintf("http://127.0.0.1:%d/notes/42", proxyPort), pids: proxy.pids},
		{name: "tollbook, access log in the store", url: t.Gateway + "/" + api + "/logged/notes/42", pids: pid},
		{name: "tollbook, no access log", url: t.Gateway + "/" + api + "/plain/notes/42", pids: pid},
	}
	for range s.rounds {
		for _, c := range candidates {
			if err := c.measure(s); err != nil {
				return err
			}
		}
	}
	printCandidates(s, candidates)
	return nil
}

func (c *candidate) measure(s settings) error {
	before := cpu(c.pids...)
	args := []string{"-t1", fmt.Sprintf("-c%d", s.connections), fmt.Sprintf("-d%.0fs", s.duration.Seconds())}
	if c.script != "" {
		args = append(args, "-s", c.script)
	}
	out, err := exec.Command("wrk", append(args, c.url)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("wrk (make setup-bench installs it): %w\n%s", err, out)
	}
	if regexp.MustCompile(`Non-2xx`).Match(out) {
		return fmt.Errorf("%s does not answer 2xx:\n%s", c.name, out)
	}
	number := func(expr string) float64 {
		m := regexp.MustCompile(expr).FindSubmatch(out)
		if m == nil {
			return 0
		}
		n, _ := strconv.ParseFloat(string(m[1]), 64)
		return n
	}
	c.rates = append(c.rates, number(`Requests/sec:\s+([0-9.]+)`))
	c.perCall = append(c.perCall, (cpu(c.pids...)-before)/time.Duration(max(1, number(`([0-9]+) requests in`))))
	return nil
}

func printCandidates(s settings, all []*candidate) {
	fmt.Printf("\ngateway: %d connections, %d rounds of %v, medians\n", s.connections, s.rounds, s.duration)
	fmt.Printf("%-36s %12s %14s %10s\n", "", "requests/s", "CPU/request", "ratio")
	first := median(all[0].rates)
	for _, c := range all {
		fmt.Printf("%-36s %12.0f %12.1fµs %10.2f\n", c.name, median(c.rates), float64(median(c.perCall))/1e3, median(c.rates)/first)
	}
	fmt.Printf("access log on / off: %.3f\n", median(all[1].rates)/median(all[2].rates))
}

func median[T int | float64 | time.Duration](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func freePort() int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err) // no loopback, no benchmark
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// proxyAPI makes a REST API in front of upstream with the stages logged and plain.
func proxyAPI(binary string, t *testkit.Server, upstream string) (string, error) {
	ctx, gw := context.Background(), apigateway.NewFromConfig(t.AWSConfig())
	api, err := gw.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String("bench")})
	if err != nil {
		return "", err
	}
	parent := api.RootResourceId
	for _, part := range []string{"notes", "{id}"} {
		r, err := gw.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: api.Id, ParentId: parent, PathPart: &part})
		if err != nil {
			return "", err
		}
		parent = r.Id
	}
	get := aws.String("GET")
	if _, err := gw.PutMethod(ctx, &apigateway.PutMethodInput{RestApiId: api.Id, ResourceId: parent, HttpMethod: get,
		AuthorizationType: aws.String("NONE"), RequestParameters: map[string]bool{"method.request.path.id": true}}); err != nil {
		return "", err
	}
	if _, err := gw.PutIntegration(ctx, &apigateway.PutIntegrationInput{RestApiId: api.Id, ResourceId: parent, HttpMethod: get, Type: gwtypes.IntegrationTypeHttpProxy,
		IntegrationHttpMethod: get, Uri: aws.String(upstream + "/notes/{id}"), RequestParameters: map[string]string{"integration.request.path.id": "method.request.path.id"}}); err != nil {
		return "", err
	}
	for _, stage := range []string{"plain", "logged"} {
		if _, err := gw.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: api.Id, StageName: &stage}); err != nil {
			return "", err
		}
	}
	return aws.ToString(api.Id), enableAccessLogs(binary, t, aws.ToString(api.Id))
}
