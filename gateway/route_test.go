package gateway_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/gateway"
)

// quick serves a stage without a listener.
func quick(t testing.TB, s gateway.Stage) func(method, path string) (int, string) {
	t.Helper()
	access := accesslog.NewWriter(discard{}, accesslog.Options{})
	gw, err := gateway.New(gateway.Config{}, access)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { gw.Close(); access.Close(t.Context()) })
	table, err := gateway.Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	gw.SetStage(s.APIID, s.Name, table)
	return func(method, path string) (int, string) {
		w := &writer{header: http.Header{}}
		gw.HTTPHandler().ServeHTTP(w, &http.Request{
			Method: method, RequestURI: "/" + s.Name + path, Host: s.APIID + ".execute-api.localhost", Body: http.NoBody,
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, RemoteAddr: "192.0.2.1:1234",
		})
		return w.status, w.body.String()
	}
}

type writer struct {
	header http.Header
	status int
	body   strings.Builder
}

func (w *writer) Header() http.Header         { return w.header }
func (w *writer) WriteHeader(status int)      { w.status = status }
func (w *writer) Write(p []byte) (int, error) { return w.body.Write(p) }

func TestRouting(t *testing.T) {
	t.Parallel()
	var routes []gateway.Route
	for _, r := range []string{
		"GET /", "GET /a", "POST /a", "ANY /a/b", "GET /a/b", "GET /a/{x}", "GET /a/{x}/c", "ANY /a/{proxy+}",
		"GET /b/{x}/c", "GET /b/{x}/{y}", "GET /b/c/d", "ANY /{proxy+}", "HEAD /h", "GET /h",
	} {
		method, path, _ := strings.Cut(r, " ")
		routes = append(routes, mock(method, path, r))
	}
	do := quick(t, stageOf(routes...))
	for _, tt := range []struct{ method, path, want string }{
		{"GET", "", "GET /"},
		{"GET", "/", "GET /"},
		{"GET", "/a", "GET /a"},
		{"GET", "/a/", "GET /a"},
		{"POST", "/a", "POST /a"},
		{"PUT", "/a", ""}, // the resource is there, the method is not
		{"GET", "/a/b", "GET /a/b"},
		{"PUT", "/a/b", "ANY /a/b"},
		{"TRACE", "/a/b", ""}, // not one of the seven
		{"GET", "/a/q", "GET /a/{x}"},
		{"POST", "/a/q", ""},
		{"GET", "/a/q/c", "GET /a/{x}/c"},
		{"GET", "/a/b/c", "GET /a/{x}/c"}, // back from the static b
		{"GET", "/a/b/d", "ANY /a/{proxy+}"},
		{"GET", "/a//b", "ANY /a/{proxy+}"},
		{"GET", "//a", "GET /a"},
		{"GET", "/b/1/c", "GET /b/{x}/c"},
		{"GET", "/b/c/c", "GET /b/{x}/c"},
		{"GET", "/b/1/2", "GET /b/{x}/{y}"},
		{"GET", "/b/c/d", "GET /b/c/d"},
		{"GET", "/b", "ANY /{proxy+}"}, // a resource without methods is none
		{"GET", "/z/1/2/3", "ANY /{proxy+}"},
		{"HEAD", "/h", "HEAD /h"},
		{"HEAD", "/z", "ANY /{proxy+}"},
		{"GET", "/%61", "ANY /{proxy+}"}, // segments are compared as they were sent
	} {
		status, body := do(tt.method, tt.path)
		if tt.want == "" {
			if status != 403 || body != `{"message":"Missing Authentication Token"}` {
				t.Errorf("%s %s: %d %s", tt.method, tt.path, status, body)
			}
			continue
		}
		if tt.method == "HEAD" {
			tt.want = ""
		}
		if status != 200 || body != tt.want {
			t.Errorf("%s %s: %d %q, want %q", tt.method, tt.path, status, body, tt.want)
		}
	}
}

// naive finds the route as the words say it, over all methods of all resources. Of the resources that match the whole path
// the one with the more special segment, at the first place where two differ, goes before: so the search goes back where a
// better segment leads nowhere. That AWS does so is not documented. The method is looked for in that resource alone.
func naive(routes []gateway.Route, method, path string) string {
	var best []string
	var params string
	for _, r := range routes {
		pattern := split(r.ResourcePath)
		if values, ok := fits(pattern, split(path)); ok && (best == nil || better(pattern, best)) {
			best, params = pattern, values
		}
	}
	any := ""
	for _, r := range routes {
		if best == nil || !slices.Equal(split(r.ResourcePath), best) {
			continue
		}
		if r.Method == method {
			return method + " " + r.ResourcePath + params
		}
		if r.Method == "ANY" && slices.Contains([]string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}, method) {
			any = "ANY " + r.ResourcePath + params
		}
	}
	return any
}

// split makes segments of a path. Slashes at its beginning count as one, one at its end does not count.
func split(path string) []string {
	path = strings.TrimSuffix("/"+strings.TrimLeft(path, "/"), "/")
	if path == "" {
		return []string{}
	}
	return strings.Split(path[1:], "/")
}

func rank(segment string) int {
	switch {
	case strings.HasSuffix(segment, "+}"):
		return 2
	case strings.HasPrefix(segment, "{"):
		return 1
	}
	return 0
}

// fits reports whether a resource matches a path, and with which values of its parameters.
func fits(pattern, path []string) (params string, ok bool) {
	for i, p := range pattern {
		switch {
		case i >= len(path):
			return "", false
		case rank(p) == 2:
			return params + " [" + strings.Join(path[i:], "/") + "]", true
		case rank(p) == 1 && path[i] != "":
			params += " [" + path[i] + "]"
		case p != path[i]:
			return "", false
		}
	}
	return params, len(pattern) == len(path)
}

func better(a, b []string) bool {
	for i := range min(len(a), len(b)) {
		if rank(a[i]) != rank(b[i]) {
			return rank(a[i]) < rank(b[i])
		}
	}
	return len(a) > len(b)
}

// TestRoutingAgainstNaive holds the tree against naive, on random resources and paths: resource, method and parameters.
func TestRoutingAgainstNaive(t *testing.T) {
	t.Parallel()
	for seed := range uint64(80) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		routes := randomRoutes(rnd)
		do := quick(t, stageOf(routes...))
		for range 60 {
			method, path := pick(rnd, "GET", "POST", "PATCH", "OPTIONS", "TRACE"), randomPath(rnd)
			want := naive(routes, method, path)
			if status, body := do(method, path); (want != "" && body != want) || (want == "" && status != 403) {
				t.Fatalf("seed %d: %s %s: %d %q, want %q of %q", seed, method, path, status, body, want, names(routes))
			}
		}
	}
}

func pick(rnd *rand.Rand, from ...string) string { return from[rnd.IntN(len(from))] }

// randomRoutes are methods of resources as AWS lets them be: one parameter below a parent, and nothing below a greedy one.
func randomRoutes(rnd *rand.Rand) (routes []gateway.Route) {
	for range 1 + rnd.IntN(15) {
		path, values := "", ""
		for depth := range rnd.IntN(5) {
			if k := rnd.IntN(10); k == 0 {
				path, values = path+"/{proxy+}", values+" [$input.params().path.proxy]"
				break
			} else if k < 4 {
				path, values = fmt.Sprintf("%s/{p%d}", path, depth), fmt.Sprintf("%s [$input.params().path.p%d]", values, depth)
			} else {
				path += "/" + pick(rnd, "a", "b", "c")
			}
		}
		if path == "" {
			path = "/"
		}
		method := pick(rnd, "ANY", "ANY", "GET", "POST")
		if !slices.Contains(names(routes), method+" "+path) {
			routes = append(routes, mock(method, path, method+" "+path+values))
		}
	}
	return routes
}

func names(routes []gateway.Route) (all []string) {
	for _, r := range routes {
		all = append(all, r.Method+" "+r.ResourcePath)
	}
	return all
}

func randomPath(rnd *rand.Rand) string {
	path := pick(rnd, "/", "/", "/", "//")
	for range rnd.IntN(6) {
		path += pick(rnd, "a", "b", "c", "a", "b", "c", "") + "/"
	}
	if rnd.IntN(3) > 0 {
		path = strings.TrimSuffix(path, "/")
	}
	return path
}

func TestCompileErrors(t *testing.T) {
	t.Parallel()
	for want, stage := range map[string]gateway.Stage{
		"compile stage prod of a1b2c3d4e5: resource /{proxy+}/x: nothing can follow a greedy parameter": stageOf(mock("GET", "/{proxy+}/x", "")),
		"compile stage prod of a1b2c3d4e5: GET /x: the method is there already":                         stageOf(mock("GET", "/x", ""), mock("get", "/x", "")),
		"compile access log format of stage prod of a1b2c3d4e5: Access Log value must not be empty": {
			APIID: "a1b2c3d4e5", Name: "prod", AccessLog: &gateway.AccessLog{Group: "g"},
		},
	} {
		if _, err := gateway.Compile(stage); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// BenchmarkRoutes: 10,000 routes cost like one.
func BenchmarkRoutes(b *testing.B) {
	for _, n := range []int{1, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var routes []gateway.Route
			for i := range n {
				routes = append(routes, mock("GET", fmt.Sprintf("/r%d/{id}", i), "{}"))
			}
			benchmarkStage(b, stageOf(routes...), fmt.Sprintf("GET /prod/r%d/7 HTTP/1.1\r\nHost: a1b2c3d4e5.execute-api.x\r\n\r\n", n-1))
		})
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	off := stageOf(mock("GET", "/x", "off"))
	off.APIID, off.DisableExecuteAPIEndpoint = "offoffoff0", true
	b := start(t, stageOf(mock("GET", "/x", "here")), off)
	forbidden := `{"message":"Forbidden"}`
	for _, tt := range []struct{ host, path, want string }{
		{"a1b2c3d4e5.execute-api.us-east-1.amazonaws.com", "/prod/x", "here"},
		{"A1B2C3D4E5.Execute-Api.localhost:4566", "/prod/x", "here"},
		{"a1b2c3d4e5-vpce-0123.execute-api.us-east-1.amazonaws.com", "/prod/x", "here"},
		{"a1b2c3d4e5.execute-api.localhost", "/Prod/x", forbidden},
		{"a1b2c3d4e5.execute-api.localhost", "/", forbidden},
		{"nosuchapi0.execute-api.localhost", "/prod/x", forbidden},
		{"offoffoff0.execute-api.localhost", "/prod/x", forbidden},
		{"localhost", "/a1b2c3d4e5/prod/x", "here"},
		{"127.0.0.1:8080", "/a1b2c3d4e5/prod/x?a=b", "here"},
		{"localhost", "/nosuchapi0/prod/x", forbidden},
		{"localhost", "/a1b2c3d4e5/nosuch/x", forbidden},
		{"localhost", "/", forbidden},
		{"execute-api.localhost", "/a1b2c3d4e5/prod/x", "here"},
		{"localhost", "/_aws/execute-api/a1b2c3d4e5/prod/x", forbidden}, // a form of the other listener
	} {
		got := b.do("GET", tt.path, "", "Host", tt.host)
		if got.body != tt.want {
			t.Errorf("%s%s: %d %s, want %s", tt.host, tt.path, got.status, got.body, tt.want)
		}
		if tt.want == forbidden && (got.status != 403 || got.header.Get("x-amzn-ErrorType") != "ForbiddenException") {
			t.Errorf("%s%s: %d %v", tt.host, tt.path, got.status, got.header)
		}
	}
	if got := len(b.lines(group)); got != 7 { // 6 times here, once disabled
		t.Errorf("%d entries of the stages", got)
	}
	unrouted := b.lines(accesslog.UnroutedGroup)
	if len(unrouted) != 7 {
		t.Errorf("%d unrouted entries: %q", len(unrouted), unrouted)
	}
	for _, line := range unrouted {
		var e struct{ Status, Path, Error string }
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Status != "403" || e.Error != "Forbidden" || e.Path == "-" {
			t.Errorf("%v: %s", err, line)
		}
	}
}

// A private API is found by a header, too; others are not.
func TestPrivateAPIByHeader(t *testing.T) {
	t.Parallel()
	private := stageOf(mock("GET", "/x", "private"))
	private.APIID, private.EndpointType = "private000", "PRIVATE"
	private.ResourcePolicy = statement("Allow", "execute-api:/*", `,"Principal":"*"`)
	b := start(t, stageOf(mock("GET", "/x", "here")), private)
	for _, tt := range []struct {
		host, path, header string
		status             int
		body               string
	}{
		{"vpce-0123.execute-api.internal", "/prod/x", "private000", 200, "private"},
		{"localhost", "/prod/x", "private000", 200, "private"},
		{"localhost", "/private000/prod/x", "private000", 200, "private"},
		{"a1b2c3d4e5.execute-api.localhost", "/prod/x", "private000", 200, "here"},
		{"localhost", "/prod/x", "a1b2c3d4e5", 403, `{"message":"Forbidden"}`},
		{"localhost", "/none/x", "private000", 403, `{"message":"Forbidden"}`},
	} {
		got := b.do("GET", tt.path, "", "Host", tt.host, "x-apigw-api-id", tt.header)
		if got.status != tt.status || got.body != tt.body {
			t.Errorf("%s%s for %s: %d %s", tt.host, tt.path, tt.header, got.status, got.body)
		}
	}
}
