package gateway_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pires/go-proxyproto"

	"github.com/tollbook/tollbook/gateway"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

const plainGet = "GET /prod HTTP/1.1\r\nHost: " + apiHost + "\r\nConnection: close\r\n\r\n"

// byIP is a stage that lets in one address.
func byIP(ip string, routes ...gateway.Route) gateway.Stage {
	s := stageOf(routes...)
	s.ResourcePolicy = statement("Allow", "execute-api:/*", `,"Principal":"*","Condition":{"IpAddress":{"aws:SourceIp":"`+ip+`"}}`)
	return s
}

func announced(t *testing.T, version byte, source, destination string) string {
	t.Helper()
	from, to := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(source)), net.TCPAddrFromAddrPort(netip.MustParseAddrPort(destination))
	h := proxyproto.HeaderProxyFromAddrs(version, from, to)
	text, err := h.Format()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestPROXYProtocol: the client of a trusted proxy is the one that it names, for logs, policies and back ends.
func TestPROXYProtocol(t *testing.T) {
	t.Parallel()
	local, err := (&proxyproto.Header{Version: 2, Command: proxyproto.LOCAL, TransportProtocol: proxyproto.UNSPEC}).Format()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, header, ip string // empty: no answer
	}{
		{"v1", announced(t, 1, "203.0.113.7:5000", "192.0.2.1:443"), "203.0.113.7"},
		{"v2", announced(t, 2, "203.0.113.7:5000", "192.0.2.1:443"), "203.0.113.7"},
		{"v2 IPv6", announced(t, 2, "[2001:db8::7]:5000", "[2001:db8::1]:443"), "2001:db8::7"},
		{"v1 unknown", "PROXY UNKNOWN\r\n", "127.0.0.1"},
		{"v2 local", string(local), "127.0.0.1"},
		{"none", "", ""},
		{"broken address", "PROXY TCP4 203.0.113.777 192.0.2.1 1 2\r\n", ""},
		{"broken line", "PROXY TCP4 203.0.113.7 192.0.2.1 1 2\n", ""},
		{"endless line", "PROXY TCP4 " + strings.Repeat("1", 500), ""},
		{"cut v2", announced(t, 2, "203.0.113.7:5000", "192.0.2.1:443")[:15] + "\xff", ""},
		{"v2 of a file", "\r\n\r\n\x00\r\nQUIT\n\x21\x31\x00\xd8" + strings.Repeat("\x00", 216), ""},
		{"two headers", strings.Repeat(announced(t, 1, "203.0.113.7:5000", "192.0.2.1:443"), 2), "refused"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := startWith(t, gateway.Config{ProxyProtocolFrom: loopback}, stageOf(mock("GET", "/", "root")))
			got := b.raw(tt.header + plainGet)
			lines := strings.Join(b.lines(group), "\n")
			switch {
			case tt.ip == "" && (got != "" || lines != "" || b.gw.Metrics().ProxyHeadersRefused != 1):
				t.Errorf("answered %q, entries %s, metrics %+v", got, lines, b.gw.Metrics())
			case tt.ip == "refused" && !strings.HasPrefix(got, "HTTP/1.1 400 "):
				t.Errorf("answered %q", got)
			case tt.ip != "" && tt.ip != "refused" && (!strings.HasSuffix(got, "root") || !strings.Contains(lines, `"ip":"`+tt.ip+`"`)):
				t.Errorf("answered %q, entries %s", got, lines)
			}
		})
	}
}

// TestPROXYProtocolOfStrangers: nobody else is believed.
func TestPROXYProtocolOfStrangers(t *testing.T) {
	t.Parallel()
	b := startWith(t, gateway.Config{ProxyProtocolFrom: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}, byIP("203.0.113.7", mock("GET", "/", "root")))
	if got := b.raw(announced(t, 1, "203.0.113.7:5000", "192.0.2.1:443") + plainGet); !strings.HasPrefix(got, "HTTP/1.1 400 ") {
		t.Errorf("answered %q", got)
	}
	if got := b.raw(plainGet); !strings.HasPrefix(got, "HTTP/1.1 403 ") {
		t.Errorf("answered %q", got)
	}
}

// TestPROXYProtocolOverTLS: the header comes before the handshake, for both versions of HTTP. A silent proxy holds up nobody.
func TestPROXYProtocolOverTLS(t *testing.T) {
	t.Parallel()
	b := startTLS(t, gateway.Config{ProxyProtocolFrom: loopback}, byIP("203.0.113.7", mock("GET", "/", "root")))
	for range 20 {
		conn, err := net.Dial("tcp", b.tlsAddr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	for _, proto := range []string{"h2", "http/1.1"} {
		client := &http.Client{Transport: &http.Transport{
			ForceAttemptHTTP2: true,
			DialTLSContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				c, err := new(net.Dialer).DialContext(ctx, network, b.tlsAddr)
				if err != nil {
					return nil, err
				}
				if _, err := io.WriteString(c, announced(t, 2, "203.0.113.7:5000", "192.0.2.1:443")); err != nil {
					return nil, err
				}
				return tls.Client(c, &tls.Config{RootCAs: b.roots, ServerName: apiHost, NextProtos: []string{proto}}), nil
			},
		}}
		defer client.CloseIdleConnections()
		resp, body := call(t, client, "GET", "https://"+apiHost+"/prod", "")
		if resp.StatusCode != 200 || body != "root" {
			t.Errorf("%s: %d %s", proto, resp.StatusCode, body)
		}
		if (resp.ProtoMajor == 2) != (proto == "h2") {
			t.Errorf("%s: answered by %s", proto, resp.Proto)
		}
	}
}

// TestTrustedProxies: what a trusted proxy says of its client is believed by logs and policies, and handed on.
func TestTrustedProxies(t *testing.T) {
	t.Parallel()
	up := echo(t)
	const secureOnly = `,"Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}`
	for _, tt := range []struct {
		name    string
		trusted []netip.Prefix
		headers []string
		ip      string
		chain   string // for back ends
		origin  string // its scheme and port, without that of the test's listener
		secure  bool
	}{
		{"trusted", loopback, []string{"X-Forwarded-For", "203.0.113.7", "X-Forwarded-Proto", "https", "X-Forwarded-Port", "8443"},
			"203.0.113.7", "203.0.113.7, 127.0.0.1", "https 8443", true},
		{"forged before it", loopback, []string{"X-Forwarded-For", "198.51.100.1, 203.0.113.7"}, "203.0.113.7", "198.51.100.1, 203.0.113.7, 127.0.0.1", "http", false},
		{"several lines", loopback, []string{"X-Forwarded-For", "198.51.100.1, 203.0.113.7", "X-Forwarded-For", "127.0.0.9"}, "203.0.113.7",
			"198.51.100.1, 203.0.113.7, 127.0.0.9, 127.0.0.1", "http", false},
		{"nobody said", loopback, nil, "127.0.0.1", "127.0.0.1", "http", false},
		{"stranger", nil, []string{"X-Forwarded-For", "203.0.113.7", "X-Forwarded-Proto", "https", "X-Forwarded-Port", "8443"},
			"127.0.0.1", "203.0.113.7, 127.0.0.1", "http", false},
		{"no address", loopback, []string{"X-Forwarded-For", "203.0.113.7, unknown", "X-Forwarded-Proto", "ftp", "X-Forwarded-Port", "x"},
			"127.0.0.1", "203.0.113.7, unknown, 127.0.0.1", "http", false},
	} {
		mapped := map[string]string{}
		for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Port"} {
			mapped["integration.request.header.Saw-"+name] = "method.request.header." + name
		}
		secure := stageOf(mock("GET", "/", "root"))
		secure.Name, secure.ResourcePolicy = "secure", statement("Allow", "execute-api:/*", secureOnly)
		b := startWith(t, gateway.Config{TrustedProxies: tt.trusted}, stageOf(proxy("GET", "/", up, mapped)), secure)
		got := b.do("GET", "/prod", "", tt.headers...).body
		scheme, port, _ := strings.Cut(tt.origin, " ")
		if port == "" {
			port = "80"
		}
		for _, want := range []string{"Saw-X-Forwarded-For: " + tt.chain + "\n", "Saw-X-Forwarded-Proto: " + scheme + "\n", "Saw-X-Forwarded-Port: " + port + "\n"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: the back end saw %q, not %q", tt.name, got, want)
			}
		}
		if status := b.do("GET", "/secure", "", tt.headers...).status; (status == 200) != tt.secure {
			t.Errorf("%s: policy for secure transport: %d", tt.name, status)
		}
		if lines := strings.Join(b.lines(group), "\n"); !strings.Contains(lines, `"ip":"`+tt.ip+`"`) {
			t.Errorf("%s: %s", tt.name, lines)
		}
	}
}

// TestMaxConnections: connections beyond the cap are answered 503 and closed; when others have gone there is room again.
func TestMaxConnections(t *testing.T) {
	t.Parallel()
	b := startTLS(t, gateway.Config{MaxConnections: 3}, stageOf(mock("GET", "/", "root")))
	var kept []net.Conn
	for range 3 {
		conn := b.dial()
		fmt.Fprintf(conn, "GET /prod HTTP/1.1\r\nHost: %s\r\n\r\n", apiHost)
		if resp, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || resp.StatusCode != 200 {
			t.Fatalf("%v %v", resp, err)
		}
		kept = append(kept, conn)
	}
	const want = "HTTP/1.1 503 Service Unavailable\r\n"
	if got := b.raw(plainGet); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "\r\n\r\n"+`{"message":"Service Unavailable"}`) {
		t.Errorf("answered %q", got)
	}
	resp, body := call(t, b.clientOf(&tls.Config{}), "GET", "https://"+apiHost+"/prod", "")
	if resp.StatusCode != 503 || body != `{"message":"Service Unavailable"}` || resp.ProtoMajor != 1 {
		t.Errorf("over TLS: %s %d %s", resp.Proto, resp.StatusCode, body)
	}
	if m := b.gw.Metrics(); m.Connections != 3 || m.ConnectionsRefused != 2 {
		t.Errorf("metrics %+v", m)
	}
	for _, conn := range kept {
		conn.Close()
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		got := b.raw(plainGet)
		if strings.HasSuffix(got, "root") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("there is no room again: %q", got)
		}
	}
	if n := b.gw.Metrics().InFlight; n != 0 {
		t.Errorf("%d requests under way", n)
	}
}

// TestMaxConnectionsUnderAttack: more are refused than are answered, and nobody waits for them.
func TestMaxConnectionsUnderAttack(t *testing.T) {
	t.Parallel()
	b := startWith(t, gateway.Config{MaxConnections: 1}, stageOf(mock("GET", "/", "root")))
	first := b.dial()
	fmt.Fprint(first, "GET /prod HTTP/1.1\r\nHost: "+apiHost+"\r\n\r\n")
	if resp, err := http.ReadResponse(bufio.NewReader(first), nil); err != nil || resp.StatusCode != 200 {
		t.Fatalf("%v %v", resp, err)
	}
	for range 200 {
		b.dial() // and says nothing
	}
	for deadline := time.Now().Add(10 * time.Second); b.gw.Metrics().ConnectionsRefused < 200; {
		if time.Now().After(deadline) {
			t.Fatalf("%d were refused", b.gw.Metrics().ConnectionsRefused)
		}
		time.Sleep(time.Millisecond)
	}
	fmt.Fprint(first, plainGet)
	if resp, err := http.ReadResponse(bufio.NewReader(first), nil); err != nil || resp.StatusCode != 200 {
		t.Errorf("who was there before: %v %v", resp, err)
	}
}
