package conformance_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/gateway"
	"github.com/tollbook/tollbook/internal/testkit"
	"github.com/tollbook/tollbook/internal/vfs"
	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/embedded"
	"github.com/tollbook/tollbook/state"
)

// stallFS is a disk that hangs: while it is stalled whoever writes or syncs waits, and no error comes.
type stallFS struct {
	vfs.FS
	gate    sync.RWMutex // held by stall
	hanging atomic.Int64 // operations
}

func (s *stallFS) stall() (end func()) { s.gate.Lock(); return s.gate.Unlock }

func (s *stallFS) pass() {
	s.hanging.Add(1)
	defer s.hanging.Add(-1)
	s.gate.RLock()
	defer s.gate.RUnlock()
}

func (s *stallFS) Create(name string) (vfs.File, error) {
	s.pass()
	f, err := s.FS.Create(name)
	return stallFile{f, s}, err
}

type stallFile struct {
	vfs.File
	s *stallFS
}

func (f stallFile) Write(p []byte) (int, error) { f.s.pass(); return f.File.Write(p) }
func (f stallFile) Sync() error                 { f.s.pass(); return f.File.Sync() }

// plane is the data plane and the log service of the product in this process, on a disk and with a clock of the test's.
type plane struct {
	disk    *stallFS
	access  *accesslog.Writer
	service *logs.Service
	addr    string
	stop    func() // ends the data plane, and leaves the log service for reading
}

// startPlane serves GET /prod/ping of one API. The log service's clock is now.
func startPlane(t *testing.T, opt accesslog.Options, now func() time.Time) *plane {
	t.Helper()
	dir, quiet := t.TempDir(), slog.New(slog.DiscardHandler)
	p := &plane{disk: &stallFS{FS: vfs.OS{}}}
	records := must(state.Open(t.Context(), filepath.Join(dir, "state.db")))(t)
	store := must(embedded.Open(filepath.Join(dir, "logs"), embedded.Options{FS: p.disk, Logger: quiet, Now: now}))(t)
	p.service = must(logs.New(records, store, logs.Options{Log: quiet, Now: now}))(t)
	p.access = accesslog.NewWriter(p.service, opt)
	gw := must(gateway.New(gateway.Config{UpstreamConns: 8, Logger: quiet}, p.access))(t)
	table := must(gateway.Compile(gateway.Stage{
		APIID: "a1b2c3d4e5", Name: "prod", AccountID: "000000000000", Region: "us-east-1",
		Routes: []gateway.Route{{ResourceID: "r", ResourcePath: "/ping", Method: "GET", AuthorizationType: "NONE", Integration: gateway.Integration{
			Type: "MOCK", RequestTemplates: map[string]string{"application/json": `{"statusCode": 200}`},
			Responses: []gateway.IntegrationResponse{{StatusCode: "200", Templates: map[string]string{"application/json": "pong"}}},
		}, MethodResponses: map[string]gateway.MethodResponse{"200": {}}}},
		AccessLog: &gateway.AccessLog{Group: planeGroup, Region: "us-east-1", Format: chaosFormat},
	}))(t)
	gw.SetStage("a1b2c3d4e5", "prod", table)
	listener := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	p.addr = listener.Addr().String()
	server := gateway.NewServer(gw)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	p.stop = sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		noError(t, server.Shutdown(ctx))
		noError(t, <-served)
		noError(t, gw.Close())
		noError(t, p.access.Close(ctx))
	})
	t.Cleanup(func() {
		p.stop()
		noError(t, p.service.Close())
		noError(t, store.Close())
		noError(t, records.Close())
	})
	return p
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("stop: %v", err)
	}
}

const planeGroup = "API-Gateway-Access-Logs_a1b2c3d4e5/prod"

// entries are those that FilterLogEvents has.
func (p *plane) entries(t *testing.T) (all []chaosEntry) {
	t.Helper()
	ctx := awsapi.WithCaller(t.Context(), awsapi.Caller{AccountID: "000000000000", Region: "us-east-1"})
	for ask := (awslogs.FilterLogEventsRequest{LogGroupName: new(planeGroup)}); ; {
		page := must(p.service.FilterLogEvents(ctx, &ask))(t)
		for _, e := range page.Events {
			var entry chaosEntry
			if err := json.Unmarshal([]byte(*e.Message), &entry); err != nil {
				t.Fatal(err)
			}
			all = append(all, entry)
		}
		if page.NextToken == nil || *page.NextToken == "" {
			return all
		}
		ask.NextToken = page.NextToken
	}
}

// caller is a client of the plane, whose requests go into the book.
func (p *plane) caller(t *testing.T, book *ledger) *wireCaller {
	c := &chaos{product: &product{Server: &testkit.Server{Gateway: "http://" + p.addr}}, api: "a1b2c3d4e5", book: book}
	return c.onWire(t)
}

// calls has clients send requests, each of which must be answered 200.
func (p *plane) calls(t *testing.T, book *ledger, clients, each int, answered *atomic.Int64) (wait func()) {
	t.Helper()
	var all sync.WaitGroup
	for range clients {
		by := p.caller(t, book)
		all.Go(func() {
			for range each {
				if got, err := by.call("GET", "/ping", ""); err != nil || got.status != 200 || got.body != "pong" {
					t.Errorf("%d %q %v", got.status, got.body, err)
				}
				answered.Add(1)
			}
		})
	}
	return all.Wait
}

// TestStalledDisk: while the disk hangs, and says nothing, requests wait or lose their entries as the policy is; when it goes on
// they do, and every entry that was taken is there once.
func TestStalledDisk(t *testing.T) {
	t.Parallel()
	const clients, each, queue = 8, 60, 64 << 10 // entries have 200 bytes, so half of the queue holds a third of them
	for name, c := range map[string]struct {
		opt   accesslog.Options
		stuck func(m accesslog.Metrics, answered int64) bool // what it comes to while the disk hangs
	}{
		"block":   {accesslog.Options{MaxQueueBytes: queue}, func(m accesslog.Metrics, n int64) bool { return m.Waits >= clients && n > 0 && n < clients*each }},
		"drop":    {accesslog.Options{MaxQueueBytes: queue, Overflow: accesslog.Drop}, func(m accesslog.Metrics, n int64) bool { return n == clients*each && m.Dropped > 0 && m.Waits == 0 }},
		"durable": {accesslog.Options{Durable: true}, func(m accesslog.Metrics, n int64) bool { return n == 0 && m.QueueBytes > 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, book := startPlane(t, c.opt, time.Now), newLedger()
			var before, answered atomic.Int64
			p.calls(t, book, 1, 1, &before)() // the group is there
			goOn := p.disk.stall()
			wait := p.calls(t, book, clients, each, &answered)
			eventually(t, func() bool { return p.disk.hanging.Load() > 0 && c.stuck(p.access.Metrics(), answered.Load()) })
			goOn()
			wait()
			p.stop()
			book.mayLose = c.opt.Overflow == accesslog.Drop
			got := book.compare(t, p.entries(t))
			if want := clients*each + 1 - int(p.access.Metrics().Dropped); len(got) != want {
				t.Errorf("%d entries, want %d", len(got), want)
			}
		})
	}
}

// TestClockSteps has the log service's clock jump, by hours and to and fro, while requests come, some of them with their entries
// on the way. None of them waits for the clock, and none is lost or there twice.
func TestClockSteps(t *testing.T) {
	t.Parallel()
	var step atomic.Int64
	p, book := startPlane(t, accesslog.Options{FlushInterval: time.Millisecond}, func() time.Time { return time.Now().Add(time.Duration(step.Load())) }), newLedger()
	var answered atomic.Int64
	begin := time.Now()
	for _, by := range []time.Duration{0, 3 * time.Hour, -20 * 24 * time.Hour, time.Minute, -time.Hour, 365 * 24 * time.Hour, 0} {
		wait := p.calls(t, book, 4, 25, &answered)
		step.Store(int64(by))
		wait()
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	p.stop()
	if got := book.compare(t, p.entries(t)); len(got) != int(answered.Load()) {
		t.Errorf("%d entries for %d answers", len(got), answered.Load())
	}
}
