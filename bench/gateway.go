package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"golang.org/x/sys/unix"

	"github.com/tollbook/tollbook/internal/testkit"
)

const guideFormat = `{ "requestId":"$context.requestId", "ip": "$context.identity.sourceIp", "caller":"$context.identity.caller", "user":"$context.identity.user", "requestTime":"$context.requestTime", "httpMethod":"$context.httpMethod", "resourcePath":"$context.resourcePath", "status":"$context.status", "protocol":"$context.protocol", "responseLength":"$context.responseLength" }`

// candidate is one server in a comparison and what was measured of it.
type candidate struct {
	name          string
	plain, secure string // base URLs
	pids          []int
	samples       []sample
}

func (c *candidate) url(l load, path string) string {
	if l.http2 || l.secure {
		return c.secure + path
	}
	return c.plain + path
}

// field is everything that the gateway is compared with, and the gateway with each kind of log.
type field struct {
	candidates []*candidate
	tollbook   *testkit.Server
	stops      []func()
}

func (f *field) stop() {
	for _, stop := range f.stops {
		stop()
	}
}

// startField starts the service behind, the other proxies, and Tollbook with an API whose stages log nothing, accesses,
// and accesses and executions.
func startField(s settings) (f *field, err error) {
	f = &field{}
	defer func() {
		if err != nil {
			f.stop()
		}
	}()
	upstream, port, err := startUpstream()
	if err != nil {
		return f, err
	}
	f.stops = append(f.stops, upstream.stop)
	certificates, err := writeCertificate()
	if err != nil {
		return f, err
	}
	f.stops = append(f.stops, func() { os.RemoveAll(certificates) })
	others, err := startProxies(port, filepath.Join(certificates, "both", "server.pem"))
	for _, p := range others {
		f.stops = append(f.stops, p.stop)
		f.candidates = append(f.candidates, &candidate{name: strings.TrimSuffix(p.name+", "+p.version, ", "), plain: p.plain, secure: p.secure, pids: p.pids})
	}
	if err != nil {
		return f, err
	}
	t, stop, err := startTollbook(s.binary, "--gateway-tls-addr", "127.0.0.1:0", "--tls-dir", certificates, "--max-connections", "40000")
	if err != nil {
		return f, err
	}
	f.tollbook, f.stops = t, append(f.stops, stop)
	api, err := proxyAPI(s.binary, t, fmt.Sprintf("http://127.0.0.1:%d", port))
	if err != nil {
		return f, fmt.Errorf("set up the API: %w", err)
	}
	for _, stage := range []struct{ name, what string }{
		{"plain", "no log"}, {"logged", "access log"}, {"told", "access and execution log"},
	} {
		base := "/" + api + "/" + stage.name
		f.candidates = append(f.candidates, &candidate{name: "Tollbook, " + stage.what, plain: t.Gateway + base, secure: t.GatewayTLS + base, pids: []int{t.PID()}})
	}
	return f, nil
}

// gatewayTable compares the gateway, with each kind of log, with other proxies: same service behind, same load, in turns.
// It prints Markdown.
func gatewayTable(s settings) error {
	f, err := startField(s)
	if err != nil {
		return err
	}
	defer f.stop()
	loads := []load{{name: "HTTP/1.1, 100 bytes", path: "/100"}}
	if s.all {
		loads = allLoads()
	}
	for _, l := range loads {
		if err := f.compare(s, l); err != nil {
			return err
		}
		f.print(s, l)
	}
	if !s.all {
		return nil
	}
	if err := f.compareAtRate(s, load{name: "at 70 % of what nginx carries", path: "/100"}, 0.7); err != nil {
		return err
	}
	return f.printIdle(idleConnections())
}

// allLoads are body sizes, connections kept and new ones, plain and over TLS, HTTP/1.1 and HTTP/2.
func allLoads() (all []load) {
	for _, b := range bodies[:3] {
		for _, protocol := range []load{{name: "HTTP/1.1"}, {name: "HTTP/1.1 over TLS", secure: true}, {name: "HTTP/2 over TLS", http2: true}} {
			protocol.path = b.path
			protocol.name += fmt.Sprintf(", %d bytes", b.size)
			all = append(all, protocol)
		}
	}
	again := map[string]string{"Connection": "close"}
	return append(all, load{name: "HTTP/1.1, 100 bytes, a connection each", path: "/100", headers: again},
		load{name: "HTTP/1.1 over TLS, 100 bytes, a connection each", path: "/100", headers: again, secure: true})
}

// compare measures every candidate once a round.
func (f *field) compare(s settings, l load) error {
	for _, c := range f.candidates {
		c.samples = nil
	}
	for range s.rounds {
		for _, c := range f.candidates {
			if err := c.measure(s, l); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *candidate) measure(s settings, l load) error {
	one, err := l.run(s, c.url(l, l.path), c.pids)
	if err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	c.samples = append(c.samples, one)
	return nil
}

// compareAtRate sends every candidate the same number of requests in a second: a share of what the first one carries.
func (f *field) compareAtRate(s settings, l load, share float64) error {
	first := f.candidates[0]
	first.samples = nil
	if err := first.measure(s, l); err != nil {
		return err
	}
	l.perSecond = int(share * first.samples[0].rate)
	l.name += fmt.Sprintf(", %d requests/s", l.perSecond)
	if err := f.compare(s, l); err != nil {
		return err
	}
	f.print(s, l)
	return nil
}

func (f *field) print(s settings, l load) {
	fmt.Printf("\n| %s; %d connections, %d rounds of %v, medians | requests/s | of %s | CPU per request | p50 | p99 | p99.9 |\n|---|---|---|---|---|---|---|\n",
		l.name, l.clients(s), s.rounds, s.duration, strings.SplitN(f.candidates[0].name, ",", 2)[0])
	rate := func(one sample) float64 { return one.rate }
	most := medianOf(f.candidates[0].samples, rate)
	for _, c := range f.candidates {
		fmt.Printf("| %s | %.0f | %.2f | %.1f µs | %v | %v | %v |\n", c.name, medianOf(c.samples, rate), medianOf(c.samples, rate)/most,
			float64(medianOf(c.samples, func(one sample) time.Duration { return one.perCall }))/1e3,
			medianOf(c.samples, func(one sample) time.Duration { return one.p50 }),
			medianOf(c.samples, func(one sample) time.Duration { return one.p99 }),
			medianOf(c.samples, func(one sample) time.Duration { return one.p999 }))
	}
}

// idleConnections is 20,000, or what this process may open.
func idleConnections() int {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return 1000
	}
	return int(min(20_000, limit.Cur-500))
}

// printIdle tells what open connections cost that have had one request each.
func (f *field) printIdle(n int) error {
	c := f.candidates[len(f.candidates)-3] // Tollbook without logs
	before := resident(f.tollbook.PID())
	conns := make([]net.Conn, 0, n)
	defer func() {
		for _, conn := range conns {
			conn.Close()
		}
	}()
	address := f.tollbook.Gateway[len("http://"):]
	request := fmt.Sprintf("GET %s/100 HTTP/1.1\r\nHost: bench\r\n\r\n", c.plain[len(f.tollbook.Gateway):])
	for buf := make([]byte, 4096); len(conns) < n; {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return fmt.Errorf("open connection %d: %w", len(conns), err)
		}
		conns = append(conns, conn)
		if _, err := conn.Write([]byte(request)); err != nil {
			return err
		}
		if _, err := conn.Read(buf); err != nil {
			return fmt.Errorf("connection %d: %w", len(conns), err)
		}
	}
	fmt.Printf("\n%d idle connections: %.0f MB resident, %.0f MB before\n", n, resident(f.tollbook.PID()), before)
	return nil
}

func freePort() int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err) // no loopback, no benchmark
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// proxyAPI makes a REST API in front of upstream with the stages plain, logged and told.
func proxyAPI(binary string, t *testkit.Server, upstream string) (string, error) {
	ctx, gw := context.Background(), apigateway.NewFromConfig(t.AWSConfig())
	id, err := importAPI(t, fmt.Appendf(nil, `{"swagger": "2.0", "info": {"title": "bench", "version": "1"}, "paths": {"/{id}": {"get": {
		"parameters": [{"name": "id", "in": "path", "required": true, "type": "string"}], "responses": {},
		"x-amazon-apigateway-integration": {"type": "http_proxy", "httpMethod": "GET", "uri": "%s/{id}",
			"requestParameters": {"integration.request.path.id": "method.request.path.id"}}}}}}`, upstream))
	if err != nil {
		return "", err
	}
	for _, stage := range []string{"logged", "told"} {
		if _, err := gw.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: &id, StageName: &stage}); err != nil {
			return "", err
		}
		if err := enableAccessLogs(binary, t, id, stage); err != nil {
			return "", err
		}
	}
	_, err = gw.UpdateStage(ctx, &apigateway.UpdateStageInput{RestApiId: &id, StageName: aws.String("told"), PatchOperations: []gwtypes.PatchOperation{
		{Op: gwtypes.OpReplace, Path: aws.String("/*/*/logging/loglevel"), Value: aws.String("INFO")},
	}})
	return id, err
}
