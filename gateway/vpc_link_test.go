package gateway_test

import (
	"strings"
	"testing"

	"github.com/tollbook/tollbook/gateway"
)

func TestVPCLink(t *testing.T) {
	t.Parallel()
	inner := echo(t)
	linked := func(path, link, uri string) gateway.Route {
		r := proxy("GET", path, uri, nil)
		r.Integration.VPCLink = link
		return r
	}
	s := stageOf(
		linked("/by-address", "abc123", "http://inner.test:81/x"),
		linked("/by-variable", "${stageVariables.link}", "http://inner.test/y"),
		linked("/by-uri", "def456", inner+"/z"),
		linked("/unknown", "gone00", inner+"/z"),
	)
	s.Variables = map[string]string{"link": "abc123"}
	s.VPCLinks = map[string]string{"abc123": strings.TrimPrefix(inner, "http://"), "def456": ""}
	b := start(t, s)
	for path, want := range map[string]string{
		"/by-address": "GET /x host=inner.test:81\n", "/by-variable": "GET /y host=inner.test\n",
		"/by-uri": "GET /z host=" + strings.TrimPrefix(inner, "http://") + "\n",
	} {
		if a := b.do("GET", "/prod"+path, ""); !strings.HasPrefix(a.body, want) {
			t.Errorf("%s: %d %q, want %q", path, a.status, a.body, want)
		}
	}
	if a := b.do("GET", "/prod/unknown", ""); a.status != 500 {
		t.Errorf("unknown link: %d", a.status)
	}
}
