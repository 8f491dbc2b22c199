package conformance_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"golang.org/x/sync/errgroup"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/internal/smuggling"
)

// The data file of smuggling cases end to end: what the gateway says that it has passed on and what nginx says that it has
// got must be the same requests, whoever of them stands in front. Both are asked for their logs when both have stopped.

const smugglingFormat = `{"requestId":"$context.requestId","httpMethod":"$context.httpMethod","path":"$context.path",` +
	`"status":"$context.status","integrationStatus":"$context.integrationStatus"}`

// gatewayEntry is an entry of an access log in that format, or of that of unrouted requests.
type gatewayEntry struct{ HTTPMethod, Path, Status, IntegrationStatus string }

func (e gatewayEntry) forwarded() bool {
	return e.IntegrationStatus != "" && e.IntegrationStatus != "-"
}

// String names the request as the back end sees it: without the stage, and without a slash at the end, which is not passed on.
func (e gatewayEntry) String() string { return e.HTTPMethod + " " + backPath(e.Path) }

func backPath(path string) string {
	path, _, _ = strings.Cut(strings.TrimPrefix(path, "/prod"), "?")
	return strings.TrimRight(path, "/")
}

func (s nginxSeen) String() string { return s.Method + " " + backPath(s.Target) }

// line has the body too, as the data file tells of requests.
func (s nginxSeen) line() string {
	name, line := smuggling.Line(s.Method, strings.TrimPrefix(s.Target, "/prod"), []byte(s.Body))
	return "/" + name + " " + strings.TrimSuffix(line, "/")
}

// consistent reports whether a request is for a host, and has as much body as its length says.
func (s nginxSeen) consistent(host string) bool {
	length := ""
	if len(s.Body) > 0 || s.Length != "" {
		length = strconv.Itoa(len(s.Body))
	}
	return s.Host == host && s.Coding == "" && s.Length == length
}

// smugglingSetup is a gateway whose back end is an nginx, and which may have that nginx before it.
type smugglingSetup struct {
	p     *product
	n     *nginx
	api   string
	dir   string
	cases []smuggling.Case
}

func setUpSmuggling(t *testing.T) *smugglingSetup {
	t.Helper()
	s := &smugglingSetup{dir: t.TempDir()}
	s.cases = must(smuggling.Read("../gateway/testdata/smuggling.yaml"))(t)
	s.p = start(t, s.dir)
	s.n = startNginx(t, hostOf(t, s.p.Gateway))
	enableAccountRole(t, s.p)
	ctx, gw := t.Context(), s.p.apigateway()
	api := must(gw.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String("smuggling")}))(t)
	s.api = *api.Id
	all := must(gw.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: api.Id, ParentId: api.RootResourceId, PathPart: aws.String("{proxy+}")}))(t)
	proxyTo(t, s.p, api.Id, all.Id, "ANY", "http://"+s.n.addr+"/{proxy}", []string{"proxy"})
	deploy(t, s.p, s.api, "prod")
	if err := setAccessLogs(ctx, s.p, s.api, "prod", groupARN(s.api, "prod"), smugglingFormat); err != nil {
		t.Fatal(err)
	}
	return s
}

func hostOf(t *testing.T, base string) string {
	t.Helper()
	return must(url.Parse(base))(t).Host
}

// send sends all cases to a listener, each on a connection of its own, some at a time.
func (s *smugglingSetup) send(t *testing.T, network, addr, prefix string) {
	t.Helper()
	var group errgroup.Group
	group.SetLimit(16)
	for i, c := range s.cases {
		group.Go(func() error {
			// What is answered is judged by package gateway's tests, and nginx answers in its own way.
			_, _ = c.Exchange(network, addr, c.Bytes(fmt.Sprintf("/prod/%s%d", prefix, i), s.api+".execute-api.us-east-1.amazonaws.com"))
			return nil
		})
	}
	_ = group.Wait()
}

// stop stops both, and returns what the gateway has logged: of the stage, and of requests that found none.
func (s *smugglingSetup) stop(t *testing.T) []gatewayEntry {
	t.Helper()
	s.n.stop()
	if err := s.p.Stop(); err != nil {
		t.Fatal(err)
	}
	again := start(t, s.dir)
	var all []gatewayEntry
	for _, group := range []string{accessLogGroup(s.api, "prod"), accesslog.UnroutedGroup} {
		for _, e := range events(t, again, group) {
			var entry gatewayEntry
			if err := json.Unmarshal([]byte(*e.Message), &entry); err != nil {
				t.Fatalf("read %s: %v", *e.Message, err)
			}
			all = append(all, entry)
		}
	}
	return all
}

// TestSmugglingToNginx has nginx as the back end, and attackers before the gateway's listeners.
func TestSmugglingToNginx(t *testing.T) {
	t.Parallel()
	s := setUpSmuggling(t)
	s.send(t, "tcp", hostOf(t, s.p.Gateway), "g")
	s.send(t, "tcp", hostOf(t, s.p.API), "a")
	entries, got := s.stop(t), s.n.seen(t, "back")

	counted, told := sides{}, sides{}
	for _, e := range entries {
		if e.forwarded() {
			counted.left = append(counted.left, e.String())
		}
	}
	for _, r := range got {
		counted.right = append(counted.right, r.String())
		told.right = append(told.right, r.line())
		if !r.Disliked && !r.consistent(s.n.addr) {
			t.Errorf("nginx got a request that says of itself %q", []string{r.Line, r.Host, r.Coding, r.Length, r.Body})
		}
	}
	for i, c := range s.cases {
		for prefix, api := range map[string]bool{"g": false, "a": true} {
			for _, o := range must(c.Outcomes(api))(t) {
				if o.Seen != "" {
					told.left = append(told.left, strings.ToValidUTF8(fmt.Sprintf("/%s%d %s", prefix, i, o.Seen), "\ufffd"))
				}
			}
		}
	}
	counted.compare(t, "the gateway passed on", "nginx got")
	told.compare(t, "expected", "nginx got")
}

// TestSmugglingFromNginx has nginx before the gateway, which it reaches by connections that many clients share, and behind it.
func TestSmugglingFromNginx(t *testing.T) {
	t.Parallel()
	s := setUpSmuggling(t)
	s.send(t, "unix", s.n.socket("first"), "f")
	s.send(t, "unix", s.n.socket("asitcomes"), "c")
	entries, got := s.stop(t), s.n.seen(t, "back")

	in, out, bodies, statuses, gaveUp := sides{}, sides{}, sides{}, sides{}, false
	for _, e := range entries {
		statuses.right = append(statuses.right, e.Status)
		if e.Status != "400" { // of which the gateway may not know more
			in.right = append(in.right, e.String()+" "+e.Status)
		}
		if e.forwarded() {
			out.left = append(out.left, e.String())
		}
	}
	for _, r := range got {
		out.right = append(out.right, r.String())
		if strings.HasPrefix(r.Target, "/f") { // of the others nginx does not know the body
			bodies.right = append(bodies.right, r.line())
		}
	}
	for _, front := range []string{"first", "asitcomes"} {
		for _, r := range s.n.seen(t, front) {
			if r.Upstream == "-" { // it gave the request up, of which the gateway may have seen a part or nothing
				gaveUp = true
				continue
			}
			if r.Upstream != "" {
				statuses.left = append(statuses.left, r.Upstream)
			}
			if r.Upstream != "" && r.Upstream != "400" {
				in.left = append(in.left, r.String()+" "+r.Upstream)
			}
			if r.Upstream == "200" && front == "first" {
				bodies.left = append(bodies.left, r.line())
			}
		}
	}
	if gaveUp { // a part is a 400
		is400 := func(status string) bool { return status == "400" }
		statuses.left, statuses.right = slices.DeleteFunc(statuses.left, is400), slices.DeleteFunc(statuses.right, is400)
	}
	in.compare(t, "nginx asked the gateway", "the gateway was asked")
	statuses.compare(t, "nginx was answered", "the gateway answered")
	out.compare(t, "the gateway passed on", "nginx got")
	bodies.compare(t, "nginx asked the gateway", "nginx got")
}

// sides are what two servers say of the same requests, a line each.
type sides struct{ left, right []string }

var caseName = regexp.MustCompile(`/[gafc][0-9]+\b`)

// compare fails the test for each case of which the sides say different things, and shows both.
func (s *sides) compare(t *testing.T, left, right string) {
	t.Helper()
	if len(s.left) < 100 {
		t.Errorf("%s only %d requests", left, len(s.left))
	}
	byCase := map[string]*sides{}
	of := func(line string) *sides {
		name := caseName.FindString(line)
		if byCase[name] == nil {
			byCase[name] = &sides{}
		}
		return byCase[name]
	}
	for _, line := range s.left {
		of(line).left = append(of(line).left, line)
	}
	for _, line := range s.right {
		of(line).right = append(of(line).right, line)
	}
	for name, c := range byCase {
		slices.Sort(c.left)
		slices.Sort(c.right)
		if !slices.Equal(c.left, c.right) {
			t.Errorf("%s: %s %q, %s %q", name, left, c.left, right, c.right)
		}
	}
}
