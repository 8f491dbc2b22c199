package server

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// hostGuard answers only requests whose Host header names this server: a page of another site that has its name resolve
// to this machine (DNS rebinding) carries the site's name. It also refuses what a browser sends on behalf of another
// origin; the console's own origin is this listener.
type hostGuard struct {
	allowed []string
	next    http.Handler
}

// suffixes are names that resolve to the local machine or that AWS tools use for its endpoints.
var suffixes = []string{".localhost", ".localhost.localstack.cloud", ".amazonaws.com"}

func (g hostGuard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case !g.known(r.Host):
		http.Error(w, "this host name is not served here; see --allowed-hosts", http.StatusMisdirectedRequest)
	case foreignOrigin(r):
		http.Error(w, "requests from other origins are not served", http.StatusForbidden)
	default:
		g.next.ServeHTTP(w, r)
	}
}

func (g hostGuard) known(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, prefix := range []string{"stream-", "streaming-"} { // SDKs put these before any endpoint for StartLiveTail
		host = strings.TrimPrefix(host, prefix)
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return true // an address cannot be rebound
	}
	return host == "localhost" || slices.Contains(g.allowed, host) || slices.ContainsFunc(suffixes, func(s string) bool {
		return strings.HasSuffix("."+host, s)
	})
}

func foreignOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	return err != nil || u.Host != r.Host
}
