package console

import (
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// Prefix is the path that everything of the console begins with.
const Prefix = "/console/"

// Config is what the page has to know before it can call an API. It is public: whoever reaches the listener can read it.
type Config struct {
	// Auth is "none" or "sigv4", as in the server's configuration. Under "sigv4" the page asks for an access key.
	Auth string
	// Version of Tollbook, for people to read.
	Version string
	// Gateway returns the base URL of the gateway listener, such as http://127.0.0.1:8080. It is asked at each request,
	// since a listener knows its port only once it is open. Nil is an unknown address.
	Gateway func() string
	// GatewayTLS returns that of its TLS listener, likewise; empty without one.
	GatewayTLS func() string
}

// Handler answers every path below Prefix: the files of the built console; config.json; and, for any other path, the
// page itself, whose router knows what to show there. It is safe for concurrent use.
func Handler(cfg Config) http.Handler { return newHandler(cfg, built()) }

func newHandler(cfg Config, app fs.FS) http.Handler {
	return &handler{cfg: cfg, files: readFiles(app)}
}

type handler struct {
	cfg   Config
	files map[string]*file // by name below Prefix; empty where the console is not built
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "the console is read with GET", http.StatusMethodNotAllowed)
		return
	}
	secure(w.Header())
	name := strings.TrimPrefix(r.URL.Path, Prefix)
	f := h.files[name]
	switch {
	case name == "config.json":
		h.config(w)
	case h.files[indexName] == nil:
		notBuilt(w)
	case f != nil:
		f.serve(w, r)
	case strings.HasPrefix(name, assets) || path.Ext(name) == ".js" || path.Ext(name) == ".css":
		http.NotFound(w, r) // of another version: a page in place of a script would only confuse
	default:
		h.files[indexName].serve(w, r)
	}
}

// secure sets what keeps the page to its own origin. style-src admits style attributes because Cloudscape's charts and
// tables place things with them; no style element and no script can be written into the page.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "style-src-attr 'unsafe-inline'", "img-src 'self' data:",
		"font-src 'self'", "connect-src 'self'", "form-action 'none'", "base-uri 'none'", "frame-ancestors 'none'",
	}, "; "))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
}

func (h *handler) config(w http.ResponseWriter) {
	c := struct {
		Auth    string `json:"auth"`
		Version string `json:"version"`
		Gateway string `json:"gateway"`
		TLS     string `json:"gatewayTls,omitempty"`
	}{Auth: h.cfg.Auth, Version: h.cfg.Version}
	if h.cfg.Gateway != nil {
		c.Gateway = h.cfg.Gateway()
	}
	if h.cfg.GatewayTLS != nil {
		c.TLS = h.cfg.GatewayTLS()
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(c) // an error is the reader's, who is gone
}

func notBuilt(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNotImplemented)
	_, _ = io.WriteString(w, "<!doctype html><html lang=en><title>Tollbook</title><h1>This binary has no console</h1>"+
		"<p>It was built without it. <code>make build</code> builds the console first; that needs Node and npm."+
		"<p>The aws CLI, any AWS SDK and <code>tollbook access-logs</code> work against this address.\n")
}
