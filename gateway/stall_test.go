package gateway_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/gateway"
)

// The stages of the tests of a log service that stalls: two with groups of their own, one without a log.
const otherGroup = "API-Gateway-Access-Logs_a1b2c3d4e5/other"

func stallingStages() []gateway.Stage {
	other, silent := stageOf(mock("GET", "/x", "ok")), stageOf(mock("GET", "/x", "ok"))
	other.Name, other.AccessLog.Group = "other", otherGroup
	silent.Name, silent.AccessLog = "silent", nil
	return []gateway.Stage{stageOf(mock("GET", "/x", "ok")), other, silent}
}

const (
	stallQueue   = 64 << 10 // of which one group may use half
	stallClients = 16
	stallEach    = 20 // entries have some 400 bytes, so that half of the queue holds a quarter of them
	stallTotal   = stallClients * stallEach
)

// burden sends stallTotal requests to a stage by many clients, and counts the answers.
func (b *bench) burden(stage string, answered *atomic.Int64) (wait func()) {
	var all sync.WaitGroup
	for range stallClients {
		conn := newTeller(b.dial())
		all.Go(func() {
			for range stallEach {
				if got := conn.tell(b.t.(*testing.T), "GET /"+stage+"/x", ""); got.status != 200 {
					b.t.Errorf("%s: %+v", stage, got)
					return
				}
				answered.Add(1)
			}
		})
	}
	return all.Wait
}

// requireEntries wants as many entries with different IDs.
func requireEntries(t *testing.T, lines []string, n int) {
	t.Helper()
	ids := map[string]bool{}
	for _, line := range lines {
		var e struct{ ID string }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		ids[e.ID] = true
	}
	if len(lines) != n || len(ids) != n {
		t.Errorf("%d entries with %d IDs, want %d", len(lines), len(ids), n)
	}
}

// TestStalledLogBlocks: while the log service takes nothing, and the policy is to wait, requests of a stage whose part of the
// queue is full wait, and no others: neither those of a stage without a log, nor, as long as there is room, of another with one,
// nor those of no stage. Nothing is lost.
func TestStalledLogBlocks(t *testing.T) {
	t.Parallel()
	log := &memoryLog{gate: make(chan struct{})}
	b := startLogging(t, gateway.Config{}, log, accesslog.Options{FlushInterval: time.Millisecond, MaxQueueBytes: stallQueue}, stallingStages()...)
	var answered atomic.Int64
	wait := b.burden("prod", &answered)
	b.awaitLog("all clients wait", func(m accesslog.Metrics) bool { return m.Waits == stallClients })
	if n, m := answered.Load(), b.access.Metrics(); n == 0 || n >= stallTotal/2 || m.QueueBytes < stallQueue/2 || m.QueueBytes > stallQueue/2+stallClients*1000 {
		t.Errorf("%d answers, %+v", n, m)
	}
	for _, path := range []string{"/other/x", "/silent/x", "/nostage/x"} {
		for range stallClients + 1 { // more than anything that serves them could set aside
			if got := b.do("GET", path, ""); got.status != 200 && path != "/nostage/x" || got.status == 503 {
				t.Errorf("%s, meanwhile: %+v", path, got)
			}
		}
	}
	b.await("those that wait are under way", func(m gateway.Metrics) bool { return m.InFlight == stallClients })
	close(log.gate)
	wait()
	requireEntries(t, b.lines(group), stallTotal)
	requireEntries(t, b.lines(otherGroup), stallClients+1)
	if m := b.access.Metrics(); m.Dropped != 0 || m.QueueBytes != 0 {
		t.Errorf("%+v", m)
	}
}

// TestStalledLogDrops: likewise, where the policy is to drop: requests go on, what is lost is counted exactly, and afterwards
// entries flow again.
func TestStalledLogDrops(t *testing.T) {
	t.Parallel()
	log := &memoryLog{gate: make(chan struct{})}
	b := startLogging(t, gateway.Config{}, log,
		accesslog.Options{FlushInterval: time.Millisecond, MaxQueueBytes: stallQueue, Overflow: accesslog.Drop}, stallingStages()...)
	var answered atomic.Int64
	b.burden("prod", &answered)()
	m := b.access.Metrics()
	if answered.Load() != stallTotal || m.Dropped < stallTotal/2 || m.Dropped >= stallTotal || m.QueueBytes > stallQueue/2+stallClients*1000 || m.Waits != 0 {
		t.Errorf("%d answers, %+v", answered.Load(), m)
	}
	close(log.gate)
	b.awaitLog("the queue is empty", func(m accesslog.Metrics) bool { return m.QueueBytes == 0 })
	last := b.do("GET", "/prod/x", "").header.Get("x-amzn-RequestId")
	lines := b.lines(group)
	requireEntries(t, lines, stallTotal-int(m.Dropped)+1)
	if !strings.Contains(lines[len(lines)-1], last) {
		t.Error("the entry of a request after the stall is missing")
	}
	if after := b.access.Metrics(); after.Dropped != m.Dropped || after.Written != uint64(len(lines)) {
		t.Errorf("%+v", after)
	}
}

// TestStalledLogSheds: requests that wait for the log count as under way. What is beyond Config.MaxRequests is shed, and its
// entries are not lost either.
func TestStalledLogSheds(t *testing.T) {
	t.Parallel()
	log := &memoryLog{gate: make(chan struct{})}
	b := startLogging(t, gateway.Config{MaxRequests: stallClients}, log,
		accesslog.Options{FlushInterval: time.Millisecond, MaxQueueBytes: stallQueue}, stallingStages()...)
	var answered atomic.Int64
	wait := b.burden("prod", &answered)
	b.awaitLog("all clients wait", func(m accesslog.Metrics) bool { return m.Waits == stallClients })
	if got := b.do("GET", "/other/x", ""); got.status != 503 {
		t.Errorf("beyond the limit: %+v", got)
	}
	close(log.gate)
	wait()
	requireEntries(t, b.lines(group), stallTotal)
	if lines := fmt.Sprint(b.lines(otherGroup)); !strings.Contains(lines, `"status":503`) {
		t.Errorf("the entry of the request that was shed: %s", lines)
	}
}

// awaitLog waits until the access log's metrics are as they should become. There is nothing else to wait on.
func (b *bench) awaitLog(what string, ok func(accesslog.Metrics) bool) {
	b.t.Helper()
	for begin := time.Now(); !ok(b.access.Metrics()); time.Sleep(time.Millisecond) {
		if time.Since(begin) > 10*time.Second {
			b.t.Fatalf("not so: %s: %+v", what, b.access.Metrics())
		}
	}
}
