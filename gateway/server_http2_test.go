package gateway_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/tollbook/tollbook/gateway"
)

const apiHost = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"

// A secureBench is a bench with a TLS listener, too.
type secureBench struct {
	*bench
	tlsAddr string
	roots   *x509.CertPool
}

// secure opens a TLS listener for the names. The certificate is asked for at each handshake.
func (b *bench) secure(cert func() *tls.Certificate, roots *x509.CertPool) *secureBench {
	b.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.t.Fatal(err)
	}
	conf := b.gw.TLSConfig(func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return cert(), nil })
	served := make(chan error, 1)
	go func() { served <- b.server.ServeTLS(l, conf) }()
	b.t.Cleanup(func() { // before the server of start is stopped
		l.Close()
		if err := <-served; err != nil {
			b.t.Errorf("serve TLS: %v", err)
		}
	})
	return &secureBench{bench: b, tlsAddr: l.Addr().String(), roots: roots}
}

func startTLS(t *testing.T, cfg gateway.Config, stages ...gateway.Stage) *secureBench {
	t.Helper()
	authority := issue(t, "authority", nil)
	roots := x509.NewCertPool()
	roots.AddCert(authority.Leaf)
	cert := issue(t, apiHost, authority)
	return startWith(t, cfg, stages...).secure(func() *tls.Certificate { return cert }, roots)
}

// clientOf is a client that connects to the listener whatever the URL says.
func (b *secureBench) clientOf(conf *tls.Config) *http.Client {
	conf.RootCAs = b.roots
	return b.clientBy(&http.Transport{TLSClientConfig: conf, ForceAttemptHTTP2: true, DisableCompression: true})
}

func (b *secureBench) clientBy(transport *http.Transport) *http.Client {
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, b.tlsAddr)
	}
	b.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func call(t testing.TB, c *http.Client, method, url, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

func TestHTTP2(t *testing.T) {
	t.Parallel()
	stage := stageOf(mock("GET", "/", "root"), proxy("ANY", "/p/{proxy+}", echo(t)+"/{proxy}", passProxy))
	stage.AccessLog.Format = `$context.requestId $context.protocol $context.httpMethod $context.path $context.status $context.responseLength $context.domainName $context.identity.sourceIp $context.tlsVersion`
	b := startTLS(t, gateway.Config{}, stage)
	c := b.clientOf(&tls.Config{})
	large := strings.Repeat("0123456789", 30_000)
	for _, tt := range []struct {
		method, path, body string
		headers            []string
		status             int
		want               string // is in the body
	}{
		{"GET", "/prod", "", nil, 200, "root"},
		{"GET", "/prod/p/a%2Fb/c?q=%20", "", []string{"X-Some", "1", "X-Some", "2"}, 200, "X-Some: 1\nX-Some: 2\n"},
		{"POST", "/prod/p/x", large, nil, 200, large},
		{"HEAD", "/prod/p/x", "", nil, 200, ""},
		{"GET", "/prod/nowhere", "", nil, 403, `{"message":"Missing Authentication Token"}`},
		{"GET", "/prod/p/x?" + strings.Repeat("y", 11_000), "", nil, 414, "Request URI too long"},
		{"GET", "/prod/p/x", "", []string{"X-Long", strings.Repeat("y", 11_000)}, 431, "Request Header Fields Too Large"},
		{"GET", "/prod/p/x", "", []string{"X-Longer", strings.Repeat("y", 40_000)}, 431, "Request Header Fields Too Large"},
		{"POST", "/prod/p/x", strings.Repeat("x", 10<<20+1), nil, 413, "HTTP content length exceeded"},
		{"GET", "/prod/p/again", "", nil, 200, "GET /again"},
	} {
		resp, body := call(t, c, tt.method, "https://"+apiHost+tt.path, tt.body, tt.headers...)
		if resp.ProtoMajor != 2 || resp.StatusCode != tt.status || !strings.Contains(body, tt.want) || resp.Header.Get("x-amzn-RequestId") == "" || resp.Header.Get("Connection") != "" {
			t.Errorf("%s %.30s: %s %d %.100s", tt.method, tt.path, resp.Proto, resp.StatusCode, body)
		}
	}
	resp, body := call(t, b.clientBy(&http.Transport{TLSClientConfig: &tls.Config{RootCAs: b.roots}}), "GET", "https://"+apiHost+"/prod", "")
	if resp.ProtoMajor != 1 || body != "root" {
		t.Errorf("without ALPN: %s %s", resp.Proto, body)
	}
	lines := b.lines(group)
	if len(lines) != 11 || strings.Count(strings.Join(lines, "\n"), " HTTP/1.1 GET /prod 200 4 "+apiHost+" 127.0.0.1 TLSv1.3") != 2 {
		t.Errorf("%d entries, %q", len(lines), lines)
	}
}

// TestHTTP2WithCurl: another implementation than Go's.
func TestHTTP2WithCurl(t *testing.T) {
	t.Parallel()
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("there is no curl")
	}
	if version, _ := exec.Command(curl, "--version").Output(); !bytes.Contains(version, []byte("HTTP2")) {
		t.Skip("curl has no HTTP/2")
	}
	b := startTLS(t, gateway.Config{}, stageOf(proxy("ANY", "/p/{proxy+}", echo(t)+"/{proxy}", passProxy)))
	_, port, _ := net.SplitHostPort(b.tlsAddr)
	url := "https://" + apiHost + ":" + port + "/prod/p/x"
	out, err := exec.Command(curl, "-sk", "--noproxy", "*", "--http2", "--resolve", apiHost+":"+port+":127.0.0.1", "--max-time", "10",
		"-d", "some text", "-w", "%{http_version} %{http_code}\n", url, url).CombinedOutput()
	if err != nil || strings.Count(string(out), "some text2 200\n") != 2 {
		t.Errorf("%v: %s", err, out)
	}
}

// TestHTTP2Domains: custom domains by :authority, client certificates, both protocols at one listener.
func TestHTTP2Domains(t *testing.T) {
	t.Parallel()
	stage := stageOf(mock("GET", "/", "root"))
	stage.AccessLog.Format = `$context.requestId $context.domainName $context.status $context.identity.clientCert.subjectDN`
	b := startTLS(t, gateway.Config{}, stage)
	authority := issue(t, "clients", nil)
	pool := x509.NewCertPool()
	pool.AddCert(authority.Leaf)
	mappings := []gateway.BasePathMapping{{APIID: "a1b2c3d4e5", Stage: "prod"}}
	own := func(name string) *tls.Certificate {
		cert := issue(t, name, nil)
		b.roots.AddCert(cert.Leaf)
		return cert
	}
	b.gw.SetDomain(gateway.Domain{Name: "open.example.com", Mappings: mappings, Certificate: own("open.example.com")})
	b.gw.SetDomain(gateway.Domain{Name: "mutual.example.com", Mappings: mappings, Certificate: own("mutual.example.com"), ClientCAs: pool})
	for _, tt := range []struct {
		host   string
		cert   *tls.Certificate
		status int
	}{
		{"open.example.com", nil, 200}, {"mutual.example.com", nil, 403}, {"mutual.example.com", issue(t, "client", authority), 200},
		{"mutual.example.com", issue(t, "stranger", nil), 403},
	} {
		conf := &tls.Config{}
		if tt.cert != nil {
			conf.Certificates = []tls.Certificate{*tt.cert}
		}
		resp, _ := call(t, b.clientOf(conf), "GET", "https://"+tt.host+"/", "")
		if resp.ProtoMajor != 2 || resp.StatusCode != tt.status {
			t.Errorf("%s: %s %d, want %d", tt.host, resp.Proto, resp.StatusCode, tt.status)
		}
	}
	if lines := strings.Join(b.lines(group), "\n"); !strings.Contains(lines, "mutual.example.com 200 CN=client") || !strings.Contains(lines, "open.example.com 200 -") {
		t.Errorf("entries %s", lines)
	}
}

// frames is an HTTP/2 client that sends what it wants.
type frames struct {
	*http2.Framer
	conn *tls.Conn
	text bytes.Buffer
	enc  *hpack.Encoder
}

func (b *secureBench) frames() *frames {
	b.t.Helper()
	conn, err := tls.Dial("tcp", b.tlsAddr, &tls.Config{RootCAs: b.roots, ServerName: apiHost, NextProtos: []string{"h2"}})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		b.t.Fatal(err)
	}
	f := &frames{Framer: http2.NewFramer(conn, conn), conn: conn}
	f.enc = hpack.NewEncoder(&f.text)
	f.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		b.t.Fatal(err)
	}
	if err := f.WriteSettings(); err != nil {
		b.t.Fatal(err)
	}
	return f
}

func (f *frames) request(id uint32, fields ...string) error {
	f.text.Reset()
	for i := 0; i < len(fields); i += 2 {
		if err := f.enc.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]}); err != nil {
			return err
		}
	}
	return f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: f.text.Bytes(), EndStream: true, EndHeaders: true})
}

// status is how a stream was answered: a status, or the name of an error.
func (f *frames) status(id uint32) string {
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return err.Error()
		}
		switch frame := frame.(type) {
		case *http2.MetaHeadersFrame:
			if frame.StreamID == id {
				return frame.PseudoValue("status")
			}
		case *http2.RSTStreamFrame:
			if frame.StreamID == id {
				return frame.ErrCode.String()
			}
		case *http2.GoAwayFrame:
			return "GOAWAY " + frame.ErrCode.String()
		}
	}
}

// TestHTTP2Smuggling: what HTTP/2 can carry and HTTP/1.1 cannot reaches no back end.
func TestHTTP2Smuggling(t *testing.T) {
	t.Parallel()
	w := &witness{seen: map[string][]string{}}
	up := httptest.NewServer(w)
	defer up.Close()
	b := startTLS(t, gateway.Config{}, stageOf(proxy("ANY", "/{proxy+}", up.URL+"/up/{proxy}", passProxy)))
	for _, tt := range []struct {
		name, want string
		fields     []string
	}{
		{"plain", "200", []string{":method", "GET", ":path", "/prod/fine", ":authority", apiHost}},
		{"host alone", "200", []string{":method", "GET", ":path", "/prod/fine", "host", apiHost}},
		{"both hosts", "200", []string{":method", "GET", ":path", "/prod/fine", ":authority", apiHost, "host", apiHost}},
		{"space in the path", "400", []string{":method", "GET", ":path", "/prod/x HTTP/1.1", ":authority", apiHost}},
		{"fragment", "400", []string{":method", "GET", ":path", "/prod/x#y", ":authority", apiHost}},
		{"line in the path", "PROTOCOL_ERROR", []string{":method", "GET", ":path", "/prod/x\r\nA: b", ":authority", apiHost}},
		{"absolute path", "400", []string{":method", "GET", ":path", "http://other.example.com/prod/x", ":authority", apiHost}},
		{"method of two words", "400", []string{":method", "GET /prod/x", ":path", "/prod/x", ":authority", apiHost}},
		{"line in a value", "PROTOCOL_ERROR", []string{":method", "GET", ":path", "/prod/x", ":authority", apiHost, "x-a", "b\r\nc: d"}},
		{"capital letters", "PROTOCOL_ERROR", []string{":method", "GET", ":path", "/prod/x", ":authority", apiHost, "X-A", "b"}},
		{"colon in a name", "PROTOCOL_ERROR", []string{":method", "GET", ":path", "/prod/x", ":authority", apiHost, "x-a: b", "c"}},
		{"chunks", "400", []string{":method", "GET", ":path", "/prod/x", ":authority", apiHost, "transfer-encoding", "chunked"}},
		{"connection", "400", []string{":method", "GET", ":path", "/prod/x", ":authority", apiHost, "connection", "close"}},
		{"two hosts", "400", []string{":method", "GET", ":path", "/prod/x", ":authority", apiHost, "host", "other.example.com"}},
		{"no host", "400", []string{":method", "GET", ":path", "/prod/x"}},
		{"no path", "PROTOCOL_ERROR", []string{":method", "GET", ":authority", apiHost}},
		{"tunnel", "400", []string{":method", "CONNECT", ":authority", apiHost + ":80"}},
	} {
		f := b.frames()
		fields := append([]string{":scheme", "https"}, tt.fields...)
		if tt.name == "tunnel" {
			fields = tt.fields
		}
		if err := f.request(1, fields...); err != nil {
			t.Fatal(err)
		}
		if got := f.status(1); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	if seen := w.of("up"); fmt.Sprint(seen) != "[GET fine GET fine GET fine]" {
		t.Errorf("the back end saw %q", seen)
	}
}

// TestRapidReset: a client that begins requests and resets them at once is sent away, and others are served.
func TestRapidReset(t *testing.T) {
	t.Parallel()
	end := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-end }))
	defer slow.Close()
	defer close(end)
	b := startTLS(t, gateway.Config{}, stageOf(proxy("GET", "/slow", slow.URL, nil), mock("GET", "/", "root")))
	f := b.frames()
	go func() { // until the connection is closed
		for id := uint32(1); id < 1<<20; id += 2 {
			if f.request(id, ":method", "GET", ":scheme", "https", ":path", "/prod/slow", ":authority", apiHost) != nil ||
				f.WriteRSTStream(id, http2.ErrCodeCancel) != nil {
				return
			}
		}
	}()
	if got := f.status(0); got != "GOAWAY ENHANCE_YOUR_CALM" {
		t.Errorf("the client was told %s", got)
	}
	if resp, body := call(t, b.clientOf(&tls.Config{}), "GET", "https://"+apiHost+"/prod", ""); resp.StatusCode != 200 || body != "root" {
		t.Errorf("another client: %d %s", resp.StatusCode, body)
	}
	if n := b.gw.Metrics().InFlight; n > 128 {
		t.Errorf("%d requests under way", n)
	}
	b.gw.Abort()
}

// TestHTTP2Settings: clients are told the limits.
func TestHTTP2Settings(t *testing.T) {
	t.Parallel()
	f := startTLS(t, gateway.Config{}).frames()
	frame, err := f.ReadFrame()
	settings, ok := frame.(*http2.SettingsFrame)
	if !ok {
		t.Fatalf("%v, %v", frame, err)
	}
	if n, _ := settings.Value(http2.SettingMaxConcurrentStreams); n != 128 {
		t.Errorf("%d streams", n)
	}
	if n, _ := settings.Value(http2.SettingMaxHeaderListSize); n < 64<<10 || n > 80<<10 {
		t.Errorf("%d bytes of headers", n)
	}
}

// TestHTTP2Shutdown: requests under way end, clients are told to go away, nobody new is served.
func TestHTTP2Shutdown(t *testing.T) {
	t.Parallel()
	called, end := make(chan struct{}, 2), make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		called <- struct{}{}
		<-end
		fmt.Fprint(w, "done")
	}))
	defer slow.Close()
	b := startTLS(t, gateway.Config{}, stageOf(proxy("GET", "/slow", slow.URL, nil)))
	f := b.frames()
	if err := f.request(1, ":method", "GET", ":scheme", "https", ":path", "/prod/slow", ":authority", apiHost); err != nil {
		t.Fatal(err)
	}
	<-called
	stopped := make(chan error, 1)
	go func() { stopped <- b.server.Shutdown(t.Context()) }()
	if got := f.status(0); got != "GOAWAY NO_ERROR" {
		t.Errorf("the client was told %s", got)
	}
	close(end)
	if got := f.status(1); got != "200" {
		t.Errorf("the request under way: %s", got)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if conn, err := net.Dial("tcp", b.tlsAddr); err == nil {
		conn.Close()
		t.Error("the listener is still open")
	}
	if lines := b.lines(group); len(lines) != 1 {
		t.Errorf("%q", lines)
	}
}

// TestHTTP2ShutdownInTime: who does not come to an end is cut off.
func TestHTTP2ShutdownInTime(t *testing.T) {
	t.Parallel()
	called, end := make(chan struct{}, 1), make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		called <- struct{}{}
		<-end
	}))
	defer silent.Close()
	defer close(end)
	b := startTLS(t, gateway.Config{}, stageOf(proxy("GET", "/slow", silent.URL, nil)))
	answers := make(chan int, 1)
	go func() {
		resp, _ := call(t, b.clientOf(&tls.Config{}), "GET", "https://"+apiHost+"/prod/slow", "")
		answers <- resp.StatusCode
	}()
	<-called
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	abort := time.AfterFunc(100*time.Millisecond, func() { b.gw.Abort() })
	defer abort.Stop()
	if err := b.server.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if got := <-answers; got != 504 {
		t.Errorf("answered %d", got)
	}
}

// TestManyStreams: requests on one connection pass each other.
func TestManyStreams(t *testing.T) {
	t.Parallel()
	b := startTLS(t, gateway.Config{}, stageOf(proxy("ANY", "/p/{proxy+}", echo(t)+"/{proxy}", passProxy)))
	c := b.clientOf(&tls.Config{})
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			path := fmt.Sprintf("/n%d", i)
			resp, body := call(t, c, "POST", "https://"+apiHost+"/prod/p"+path, strings.Repeat("x", i*1000))
			if resp.ProtoMajor != 2 || !strings.HasPrefix(body, "POST "+path+" ") || strings.Count(body, "x") < i*1000 {
				t.Errorf("%s: %s %.50s", path, resp.Proto, body)
			}
		})
	}
	all.Wait()
	if lines := b.lines(group); len(lines) != 100 {
		t.Errorf("%d entries", len(lines))
	}
}
