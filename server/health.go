package server

import (
	"io"
	"net/http"
	"sync/atomic"
)

// health answers /healthz as long as the process lives, and /readyz while it serves.
func health(mux *http.ServeMux, ready *atomic.Bool) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !ready.Load() {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		io.WriteString(w, "ready\n")
	})
}

// noConsole says what is at /console/ until there is a console.
func noConsole(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusNotImplemented)
	io.WriteString(w, "<!doctype html><title>Tollbook</title><p>The web console is not built yet. "+
		"The aws CLI, any AWS SDK and <code>tollbook access-logs</code> work against this address.</p>\n")
}
