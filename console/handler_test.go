package console

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func packed(t *testing.T, text string) *fstest.MapFile {
	t.Helper()
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	if _, err := io.WriteString(zw, text); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: b.Bytes()}
}

func app(t *testing.T) fs.FS {
	return fstest.MapFS{
		"index.html.gz":            packed(t, "<title>page</title>"),
		"assets/index-abc.js.gz":   packed(t, "script"),
		"assets/sans-abc.woff2":    {Data: []byte("font")},
		"icon.svg.gz":              packed(t, "<svg/>"),
		"pages/unusual.unknownext": {Data: []byte("?")},
	}
}

func get(h http.Handler, path string, header ...string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	var from io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		zr, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		from = zr
	}
	b, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestHandler(t *testing.T) {
	t.Parallel()
	h := newHandler(Config{}, app(t))
	const forever = "public, max-age=31536000, immutable"
	for _, c := range []struct {
		name, path        string
		status            int
		body, mime, cache string
	}{
		{"home", "/console/", 200, "<title>page</title>", "text/html; charset=utf-8", "no-cache"},
		{"a page of the router", "/console/logs/group", 200, "<title>page</title>", "text/html; charset=utf-8", "no-cache"},
		{"a page whose name has a dot", "/console/iam/roles/my.role", 200, "<title>page</title>", "text/html; charset=utf-8", "no-cache"},
		{"script", "/console/assets/index-abc.js", 200, "script", "text/javascript; charset=utf-8", forever},
		{"font", "/console/assets/sans-abc.woff2", 200, "font", "font/woff2", forever},
		{"icon", "/console/icon.svg", 200, "<svg/>", "image/svg+xml", "no-cache"},
		{"script of another version", "/console/assets/index-old.js", 404, "404 page not found\n", "text/plain; charset=utf-8", ""},
		{"the packed form is no file", "/console/assets/index-abc.js.gz", 404, "404 page not found\n", "text/plain; charset=utf-8", ""},
		{"path of a parent", "/console/../embed.go", 200, "<title>page</title>", "text/html; charset=utf-8", "no-cache"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, accept := range []string{"", "gzip, deflate, br", "gzip;q=0", "identity"} {
				r := get(h, c.path, "Accept-Encoding", accept)
				if got := body(t, r); r.StatusCode != c.status || got != c.body {
					t.Errorf("%q: %d %q, want %d %q", accept, r.StatusCode, got, c.status, c.body)
				}
				if got := r.Header.Get("Content-Type"); got != c.mime {
					t.Errorf("Content-Type %q, want %q", got, c.mime)
				}
				if got := r.Header.Get("Cache-Control"); got != c.cache {
					t.Errorf("Cache-Control %q, want %q", got, c.cache)
				}
				if (accept == "" || accept == "gzip;q=0") && r.Header.Get("Content-Encoding") != "" {
					t.Errorf("packed for a client that does not take it")
				}
			}
		})
	}
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]http.Handler{"built": newHandler(Config{}, app(t)), "not built": newHandler(Config{}, fstest.MapFS{})} {
		for _, path := range []string{"/console/", "/console/config.json", "/console/assets/none.js"} {
			r := get(h, path)
			csp := r.Header.Get("Content-Security-Policy")
			for _, want := range []string{"default-src 'none'", "script-src 'self';", "connect-src 'self'", "frame-ancestors 'none'"} {
				if !strings.Contains(csp, want) {
					t.Errorf("%s: %s: policy %q has no %q", name, path, csp, want)
				}
			}
			if strings.Contains(csp, "unsafe-eval") || strings.Contains(csp, "script-src 'self' ") {
				t.Errorf("%s: %s: policy %q admits more script than the files", name, path, csp)
			}
			if r.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: %s: types may be sniffed", name, path)
			}
		}
	}
}

func TestRevalidation(t *testing.T) {
	t.Parallel()
	h := newHandler(Config{}, app(t))
	for _, accept := range []string{"gzip", "identity"} {
		tag := get(h, "/console/", "Accept-Encoding", accept).Header.Get("ETag")
		if r := get(h, "/console/logs/groups", "Accept-Encoding", accept, "If-None-Match", tag); r.StatusCode != http.StatusNotModified {
			t.Errorf("%s: status %d for the tag %s, want 304", accept, r.StatusCode, tag)
		}
	}
	if plain, gz := get(h, "/console/", "Accept-Encoding", "identity"), get(h, "/console/", "Accept-Encoding", "gzip"); plain.Header.Get("ETag") == gz.Header.Get("ETag") {
		t.Error("two encodings have one ETag")
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	address := ""
	h := newHandler(Config{Auth: "sigv4", Version: "1.2.3", Gateway: func() string { return address }}, fstest.MapFS{})
	address = "http://127.0.0.1:8080"
	r := get(h, "/console/config.json")
	if got, want := body(t, r), `{"auth":"sigv4","version":"1.2.3","gateway":"http://127.0.0.1:8080"}`+"\n"; got != want {
		t.Errorf("got %s want %s", got, want)
	}
	if r.Header.Get("Cache-Control") != "no-store" || r.Header.Get("Content-Type") != "application/json" {
		t.Errorf("headers %v", r.Header)
	}
	h = newHandler(Config{Auth: "none", GatewayTLS: func() string { return "https://127.0.0.1:8443" }}, fstest.MapFS{})
	if got, want := body(t, get(h, "/console/config.json")), `{"auth":"none","version":"","gateway":"","gatewayTls":"https://127.0.0.1:8443"}`+"\n"; got != want {
		t.Errorf("got %s want %s", got, want)
	}
}

func TestNotBuilt(t *testing.T) {
	t.Parallel()
	r := get(newHandler(Config{}, fstest.MapFS{}), "/console/logs/groups")
	if got := body(t, r); r.StatusCode != http.StatusNotImplemented || !strings.Contains(got, "make build") {
		t.Errorf("%d %s", r.StatusCode, got)
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	newHandler(Config{}, app(t)).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/console/", nil))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d %v", w.Code, w.Header())
	}
	w = httptest.NewRecorder()
	newHandler(Config{}, app(t)).ServeHTTP(w, httptest.NewRequest(http.MethodHead, "/console/", nil))
	if w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("HEAD: %d with %d bytes", w.Code, w.Body.Len())
	}
}

// What is embedded must be whole or absent: a page without its scripts would be a white screen.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	files := readFiles(built())
	if len(files) == 0 {
		t.Skip("the console is not built")
	}
	h := Handler(Config{})
	page := body(t, get(h, "/console/"))
	for _, part := range strings.Split(page, `"`) {
		if strings.HasPrefix(part, Prefix+assets) {
			if r := get(h, part); r.StatusCode != http.StatusOK {
				t.Errorf("the page names %s, which answers %d", part, r.StatusCode)
			}
		}
	}
}
