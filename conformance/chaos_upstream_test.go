package conformance_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// chaosVerdicts are what the gateway makes of each act: the status, and the body for a response that it takes, or for one
// that it does not what $context.integration.error says at least. Where the protocol leaves a choice there are several. Acts
// that may end by a timeout are called with chaosTimeout, others with AWS' 29 s: an answer that has to wait for those fails.
var chaosVerdicts = map[string]string{
	"reset-first":        "504 reset by peer",
	"reset-unread":       "504 reset by peer",
	"reset-in-line":      "504 reset by peer",
	"reset-in-head":      "504 reset by peer",
	"reset-in-length":    "504 reset by peer",
	"reset-in-chunk":     "504 reset by peer",
	"reset-until-close":  "504 reset by peer",
	"fin-first":          "504 closed",
	"fin-in-line":        "504 closed",
	"fin-in-head":        "504 closed",
	"fin-in-length":      "504 closed",
	"fin-in-chunk":       "504 closed",
	"fin-before-last":    "504 closed",
	"fin-in-trailer":     "504 closed",
	"half-closed-first":  "504 closed",
	"until-close":        "200 hello",
	"half-closed":        "200 ok",
	"deaf":               "200 ok",
	"answers-unread":     "413 big",
	"answers-and-closes": "413 big",

	"mute":              "504 timeout",
	"never-reads":       "504 timeout",
	"slow-head":         "504 timeout",
	"slow-length":       "504 timeout",
	"slow-chunks":       "504 timeout",
	"slow-trailers":     "504 timeout",
	"longer-than-body":  "504 timeout",
	"no-end":            "504 timeout",
	"interim-for-ever":  "504 timeout|502 Malformed", // some are too many
	"endless-line":      "502 Malformed",
	"endless-head":      "502 Malformed",
	"endless-header":    "502 Malformed",
	"endless-body":      "502 larger than 10485760 bytes",
	"endless-length":    "502 larger than 10485760 bytes|502 Malformed",
	"endless-chunks":    "502 larger than 10485760 bytes",
	"endless-chunk":     "502 larger than 10485760 bytes|502 Malformed",
	"endless-extension": "502 Malformed",
	"endless-trailers":  "502 Malformed",
	"endless-interim":   "502 Malformed",
	"endless-empty":     "502 Malformed|504 closed",

	"shorter-than-body":     "200 ok",
	"same-length-twice":     "200 ok|502 Malformed", // RFC 9110 §8.6: as one, or refused
	"lengths-differ":        "502 Malformed",
	"lengths-in-a-list":     "502 Malformed",
	"length-negative":       "502 Malformed",
	"length-signed":         "502 Malformed",
	"length-hex":            "502 Malformed",
	"length-empty":          "502 Malformed",
	"length-text":           "502 Malformed",
	"length-overflows":      "502 Malformed|502 larger than",
	"length-with-space":     "200 ok|502 Malformed",    // RFC 9112 §5.1: the space is to be removed
	"length-folded":         "200 ok|502 Malformed",    // §5.2
	"length-and-chunks":     "200 hello|502 Malformed", // §6.3: chunked counts, and "ought to be handled as an error"
	"chunks-and-length":     "200 hello|502 Malformed",
	"chunked-twice":         "502 Malformed",
	"coding-unknown":        "502 Malformed",
	"coding-before-chunked": "502 Malformed",
	"chunked-not-last":      "502 Malformed",
	"chunked-http10":        "504 timeout|502 Malformed|200 hello",
	"chunk-garbage":         "502 Malformed",
	"chunk-negative":        "502 Malformed",
	"chunk-empty-size":      "502 Malformed",
	"chunk-overflows":       "502 Malformed|502 larger than",
	"chunk-too-long":        "502 Malformed",
	"chunk-without-end":     "502 Malformed",

	"no-http":           "502 Malformed",
	"status-text":       "502 Malformed",
	"status-99":         "502 Malformed",
	"status-999":        "502 Malformed",
	"status-1000":       "502 Malformed",
	"status-missing":    "502 Malformed",
	"version-2":         "200 ok|502 Malformed",
	"switching":         "502 Malformed",
	"interim-few":       "200 ok",
	"interim-length":    "200 ok|502 Malformed",
	"header-no-colon":   "502 Malformed",
	"header-no-name":    "502 Malformed",
	"header-nul":        "502 Malformed",
	"header-bare-cr":    "200 ok|502 Malformed", // never passed on as it is: see odd
	"header-bare-lf":    "200 ok|502 Malformed", // RFC 9112 §2.2: LF alone may end a line
	"header-name-space": "200 ok|502 Malformed",
	"header-folded":     "200 ok|502 Malformed",
	"204-with-body":     "204 ",
	"304-with-body":     "304 ",
	"large":             "200 " + strings.Repeat("x", 8<<20),
}

// chaosAsked is a request whose verdict is known and whose entry is still to be looked at.
type chaosAsked struct {
	act, verdict string
	translated   bool // by an HTTP integration, which answers 200 for what the back end says
	seen         seenAnswer
}

// TestChaosBackEnds has back ends do all that, to requests of either version of HTTP, by either kind of integration. After each
// the same client is served as if nothing had been.
func TestChaosBackEnds(t *testing.T) {
	t.Parallel()
	h := startHostile(t)
	c := startChaos(t, h.url, "--gateway-tls-addr", "127.0.0.1:0")
	asked := make(chan chaosAsked, 8*len(chaosVerdicts))
	t.Run("acts", func(t *testing.T) {
		for name, verdict := range chaosVerdicts {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				if chaosActs[name] == nil {
					t.Fatal("there is no such act")
				}
				c.sufferAct(t, name, verdict, asked)
			})
		}
	})
	close(asked)
	entries := c.check(t)
	for a := range asked {
		a.check(t, entries[a.seen.id])
	}
	c.requireIdle(t)
}

// sufferAct has an act done to a client of each kind, and sees that it has cost nobody else anything.
func (c *chaos) sufferAct(t *testing.T, name, verdict string, asked chan<- chaosAsked) {
	prefix := "/"
	if strings.Contains(verdict, "timeout") || name == "endless-trailers" || name == "endless-extension" { // no body that could be too large
		prefix = "/quick-"
	}
	var all sync.WaitGroup
	for i, by := range []caller{c.onWire(t), c.onHTTP2(t)} {
		all.Go(func() {
			for _, how := range []struct{ method, kind, body string }{
				{"GET", "p", ""}, {"POST", "p", "a body"}, {"POST", "h", strings.Repeat("large ", 20_000)},
			} {
				token := fmt.Sprint(name, i, how.method, how.kind)
				seen, err := by.call(how.method, prefix+how.kind+"/"+name+"/"+token, how.body)
				if err != nil {
					t.Errorf("%s: %v", token, err)
					continue
				}
				asked <- chaosAsked{name, verdict, how.kind == "h", seen}
				requireHealthy(t, by, "GET", "/p", token, "")
			}
		})
	}
	all.Wait()
}

// check compares an answer and its entry with the verdict.
func (a chaosAsked) check(t *testing.T, e chaosEntry) {
	t.Helper()
	fits := func(verdict string) bool {
		status, rest, _ := strings.Cut(verdict, " ")
		if status[0] == '5' {
			return strconv.Itoa(a.seen.status) == status && e.Integration == "-" && strings.Contains(e.Cause, rest)
		}
		want := status
		if a.translated {
			want = "200"
		}
		return strconv.Itoa(a.seen.status) == want && e.Integration == status && a.seen.body == rest && e.Cause == "-"
	}
	if !slices.ContainsFunc(strings.Split(a.verdict, "|"), fits) {
		t.Errorf("%s: %d %.100q, the entry says %+v; want %.100s", a.act, a.seen.status, a.seen.body, e, a.verdict)
	}
	if latency, _ := strconv.Atoi(e.Latency); strings.Contains(e.Cause, "timeout") && latency < int(chaosTimeout.Milliseconds()) {
		t.Errorf("%s: timeout after %d ms", a.act, latency)
	} else if latency > 15_000 { // a byte every so often moves no deadline
		t.Errorf("%s: answered after %d ms", a.act, latency)
	}
}

// requireIdle waits until the gateway has nothing under way.
func (c *chaos) requireIdle(t *testing.T) {
	t.Helper()
	eventually(t, func() bool {
		return strings.Contains(request(t, "GET", c.API+"/metrics", "").body, "\ntollbook_gateway_requests_in_flight 0\n")
	})
}

// TestChaosKeptAlive: what a back end does on a connection behind a complete response is no part of the next request's.
// Requests come one after the other, so each takes the connection of the one before.
func TestChaosKeptAlive(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		act, method string
		status      int
		calls       int // of the request behind it, as far as the back end has read them
	}{
		{"extra-later", "GET", 200, 1},
		{"extra-later", "POST", 200, 1},
		{"extra-later", "HEAD", 200, 1},
		{"fin-later", "GET", 200, 1},
		{"fin-later", "POST", 200, 1}, // may not be sent twice: the connection is looked at before
		{"reset-next", "GET", 200, 1},
		{"reset-next", "PUT", 200, 1},
		{"reset-next", "POST", 504, 0}, // nobody can know whether it was carried out
		{"reset-next", "PATCH", 504, 0},
	} {
		t.Run(c.act+" "+c.method, func(t *testing.T) { t.Parallel(); behindAct(t, c.act, c.method, c.status, c.calls) })
	}
}

func behindAct(t *testing.T, act, method string, status, calls int) {
	h := startHostile(t)
	c := startChaos(t, h.url)
	by, body := c.onWire(t), ""
	if method == "POST" || method == "PATCH" || method == "PUT" {
		body = "to be written once"
	}
	first, err := by.call("GET", "/p/"+act+"/first", "")
	if err != nil || first.body != healthyBody("first", "") {
		t.Fatalf("first: %d %.200q %v", first.status, first.body, err)
	}
	if act != "reset-next" {
		h.await(t, h.acted, "first")
	}
	if status == 200 {
		requireHealthy(t, by, method, "/p", "second", body)
	} else if got, err := by.call(method, "/p/healthy/second", body); err != nil || got.status != status {
		t.Errorf("second: %d %.200q %v", got.status, got.body, err)
	}
	if n := h.callsOf("second"); n != calls {
		t.Errorf("the back end was called %d times", n)
	}
	requireHealthy(t, by, "POST", "/p", "third", "fine")
	c.check(t)
}
