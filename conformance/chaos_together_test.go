package conformance_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// briefActs are acts that end by themselves, soon and without much data. extra-later is not among them: if its bytes come when
// the next request has just been sent, nobody can tell them from its answer.
func briefActs() (names []string) {
	for name, verdict := range chaosVerdicts {
		if !strings.Contains(verdict, "timeout") && !strings.HasPrefix(name, "endless") && name != "large" {
			names = append(names, name)
		}
	}
	return append(names, "fin-later", "reset-next")
}

// TestChaosTogether: everything at once, at the same back end and so on the same pool of its connections. The healthy requests
// in between get their own answers.
func TestChaosTogether(t *testing.T) {
	t.Parallel()
	h := startHostile(t)
	c := startChaos(t, h.url, "--gateway-tls-addr", "127.0.0.1:0")
	var all sync.WaitGroup
	for n := range 8 {
		by := caller(c.onWire(t))
		if n%4 == 3 {
			by = c.onHTTP2(t)
		}
		all.Go(func() { c.callHealthy(t, by, n, 60) })
		all.Go(func() { c.callHostile(t, c.onWire(t), n, 40) })
	}
	for name, do := range chaosClients {
		all.Go(func() { do(t, c, h, strings.ReplaceAll(name, " ", "-")) })
	}
	all.Wait()
	c.requireIdle(t)
	c.check(t)
}

// callHealthy sends healthy requests of all kinds. One that may not be sent twice could meet a connection that its back end
// closes at that moment; such are left out here.
func (c *chaos) callHealthy(t *testing.T, by caller, n, count int) {
	methods := []string{"GET", "HEAD", "PUT", "DELETE"}
	for i := range count {
		method, body := methods[i%len(methods)], ""
		if method == "PUT" {
			body = strings.Repeat("b", i*1000)
		}
		requireHealthy(t, by, method, "/p", fmt.Sprintf("healthy-%d-%d", n, i), body)
	}
}

// callHostile asks for one act after the other. What comes of them is known from TestChaosBackEnds; here only the books count.
func (c *chaos) callHostile(t *testing.T, by caller, n, count int) {
	names := briefActs()
	for i := range count {
		act := names[rand.IntN(len(names))]
		if seen, err := by.call("GET", fmt.Sprintf("/p/%s/hostile-%d-%d", act, n, i), ""); err != nil {
			t.Errorf("%s: %d %v", act, seen.status, err)
		}
	}
}

// TestChaosKilled kills the product in the midst of all that, several times. With --access-log-durable an answer says that its
// entry is durable: after the last start all are there, once, as their clients saw them.
func TestChaosKilled(t *testing.T) {
	t.Parallel()
	h, dir := startHostile(t), t.TempDir()
	c := &chaos{book: newLedger()}
	for round := range 4 {
		c.product = start(t, dir, "--access-log-durable")
		if round == 0 {
			c.api = chaosAPI(t, c.product, h.url)
		}
		c.killUnderLoad(t, round, 50+rand.IntN(300))
	}
	c.product = start(t, dir)
	requireHealthy(t, c.onWire(t), "GET", "/p", "after-all", "")
	c.check(t)
}

// killUnderLoad has clients call until so many more answers have come, and kills the product under them.
func (c *chaos) killUnderLoad(t *testing.T, round, answers int) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var answered atomic.Int64
	var clients sync.WaitGroup
	names := briefActs()
	for n := range 6 {
		by := c.onWire(t)
		by.unanswered = oneAtMost
		clients.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				act := "healthy"
				if n%2 == 1 {
					act = names[rand.IntN(len(names))]
				}
				if _, err := by.call("GET", fmt.Sprintf("/p/%s/killed-%d-%d-%d", act, round, n, i), ""); err == nil {
					answered.Add(1)
				}
			}
		})
	}
	eventually(t, func() bool { return answered.Load() >= int64(answers) })
	c.Kill()
	cancel()
	clients.Wait()
}
