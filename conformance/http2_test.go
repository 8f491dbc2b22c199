package conformance_test

import (
	"crypto/tls"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestHTTP2ThroughATrustedProxy: a client of HTTP/2 whom a proxy names has the entry that it would have by itself.
func TestHTTP2ThroughATrustedProxy(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir(), "--gateway-tls-addr", "127.0.0.1:0", "--trusted-proxies", "127.0.0.0/8,::1/128", "--max-connections", "100")
	api := notesAPI(t, p, notesService(t).URL)
	deploy(t, p, api, "prod")
	enableAccountRole(t, p)
	if err := setAccessLogs(t.Context(), p, api, "prod", groupARN(api, "prod"), "$context.requestId $context.protocol $context.status $context.identity.sourceIp"); err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer client.CloseIdleConnections()
	req := must(http.NewRequest("GET", p.GatewayTLS+"/"+api+"/prod/notes/7", nil))(t)
	req.Header.Set("X-Forwarded-For", "198.51.100.1, 203.0.113.7")
	resp := must(client.Do(req))(t)
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	if resp.ProtoMajor != 2 || resp.StatusCode != 200 {
		t.Errorf("%s %d", resp.Proto, resp.StatusCode)
	}
	metrics := must(http.Get(p.API + "/metrics"))(t)
	text := string(must(io.ReadAll(metrics.Body))(t))
	metrics.Body.Close()
	if !strings.Contains(text, "\ntollbook_gateway_connections 1\n") || !strings.Contains(text, "\ntollbook_gateway_connections_refused_total 0\n") {
		t.Error("the metrics do not know the connection")
	}
	if err := p.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if entries := events(t, start(t, p.dir), accessLogGroup(api, "prod")); len(entries) != 1 || !strings.HasSuffix(*entries[0].Message, " HTTP/1.1 200 203.0.113.7") {
		t.Errorf("entries %v", entries)
	}
}
