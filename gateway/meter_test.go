package gateway_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tollbook/tollbook/gateway"
)

// meterTotals adds up what drains hand over.
type meterTotals struct {
	mu  sync.Mutex
	all map[string]*gateway.StageMinute // by stage, method, resource
}

func (m *meterTotals) add(s gateway.StageMinute) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.all == nil {
		m.all = map[string]*gateway.StageMinute{}
	}
	key := strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s", s.Minute.Format("15:04"), s.APIName, s.Stage, s.Method, s.Resource))
	t := m.all[key]
	if t == nil {
		t = &gateway.StageMinute{}
		m.all[key] = t
	}
	t.Requests += s.Requests
	t.ClientErrors += s.ClientErrors
	t.ServerErrors += s.ServerErrors
	t.Latency.Count += s.Latency.Count
	t.Latency.Sum += s.Latency.Sum
	t.IntegrationLatency.Count += s.IntegrationLatency.Count
	t.IntegrationLatency.Sum += s.IntegrationLatency.Sum
}

// Whatever is drained while requests are served, each minute's sums are those of the access log's entries.
func TestMeterEqualsAccessLog(t *testing.T) {
	t.Parallel()
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/3" {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	t.Cleanup(upstream.Close)
	backend := upstream.URL
	items := proxy("GET", "/items/{id}", backend+"/{id}", map[string]string{"integration.request.path.id": "method.request.path.id"})
	items.DetailedMetrics = true
	stage := stageOf(items, mock("GET", "/plain", "x"))
	stage.APIName = "Nötes & more"
	stage.AccessLog.Format = `{"time":$context.requestTimeEpoch,"status":$context.status,"latency":$context.responseLatency,` +
		`"integration":"$context.integration.latency","resource":"$context.resourcePath"}`
	b := start(t, stage)

	var totals meterTotals
	done := make(chan struct{})
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for {
			b.gw.Drain(totals.add)
			select {
			case <-done:
				return
			default:
			}
		}
	}()
	paths := []string{"/prod/items/1", "/prod/items/3", "/prod/plain", "/prod/nothing"}
	var clients sync.WaitGroup
	for c := range 8 {
		clients.Go(func() {
			for i := range 50 {
				if i == 25 && c == 0 {
					b.set(stage) // a new table goes on counting where the old one did
				}
				resp, err := b.client.Get("http://" + b.addr + "/a1b2c3d4e5" + paths[(i+c)%len(paths)])
				if err != nil {
					t.Error(err)
					return
				}
				resp.Body.Close()
			}
		})
	}
	clients.Wait()
	lines := b.lines(group)
	close(done)
	<-drained
	b.gw.Drain(totals.add)

	want := fromEntries(t, lines)
	if len(lines) != 400 || len(want) == 0 {
		t.Fatalf("%d entries, %d sums", len(lines), len(want))
	}
	for key, w := range want {
		got := totals.all[key]
		if got == nil {
			t.Errorf("%s was not counted", key)
			continue
		}
		if g := fmt.Sprintf("%+v", *got); g != fmt.Sprintf("%+v", *w) {
			t.Errorf("%s: got\n%s, the access log says\n%+v", key, g, *w)
		}
	}
	if len(totals.all) != len(want) {
		t.Errorf("counted %d, want %d", len(totals.all), len(want))
	}
}

// fromEntries computes from the access log what the meter should say.
func fromEntries(t *testing.T, lines []string) map[string]*gateway.StageMinute {
	t.Helper()
	want := map[string]*gateway.StageMinute{}
	for _, line := range lines {
		var e struct {
			Time, Status, Latency int64
			Integration, Resource string
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(line, err)
		}
		keys := []string{time.UnixMilli(e.Time).UTC().Format("15:04") + " Ntes & more prod"}
		if e.Resource == "/items/{id}" {
			keys = append(keys, keys[0]+" GET /items/{id}")
		}
		for _, key := range keys {
			w := want[key]
			if w == nil {
				w = &gateway.StageMinute{}
				want[key] = w
			}
			w.Requests++
			w.Latency.Count++
			w.Latency.Sum += e.Latency
			if e.Status/100 == 4 {
				w.ClientErrors++
			}
			if e.Status/100 == 5 {
				w.ServerErrors++
			}
			if e.Integration != "-" {
				var ms int64
				if _, err := fmt.Sscan(e.Integration, &ms); err != nil {
					t.Fatal(line, err)
				}
				w.IntegrationLatency.Count++
				w.IntegrationLatency.Sum += ms
			}
		}
	}
	return want
}

func TestMeterSamples(t *testing.T) {
	t.Parallel()
	values := []int64{0, 0, 1, 63, 64, 127, 128, 129, 255, 256, 1000, 29_000, 29_001, 300_000, 1 << 40, -5}
	got := gateway.Samples(values...)
	clamped := slices.Clone(values)
	clamped[len(clamped)-1] = 0
	slices.Sort(clamped)
	var sum int64
	for _, v := range clamped {
		sum += v
	}
	if got.Count != int64(len(values)) || got.Sum != sum || got.Min != 0 || got.Max != 1<<40 {
		t.Errorf("got %+v", got)
	}
	i := 0
	for v, value := range got.Values {
		for range int(got.Counts[v]) {
			true := float64(clamped[i])
			i++
			if true < 128 && value != true || math.Abs(value-true) > 0.008*true && true < 1<<25 {
				t.Errorf("%v stands for %v", value, true)
			}
		}
	}
	if i != len(values) || !slices.IsSortedFunc(got.Values, cmp.Compare[float64]) {
		t.Errorf("%d samples in %v", i, got.Values)
	}
}

func TestMeterMinutes(t *testing.T) {
	t.Parallel()
	at := func(h, m, s int) time.Time { return time.Date(2026, 1, 1, h, m, s, 0, time.UTC) }
	m := gateway.NewTestMeter()
	m.Count(at(10, 0, 59), 200, 5)
	m.Count(at(10, 1, 0), 503, 7)
	m.Count(at(10, 0, 30), 404, 40_000) // ends long after it arrived
	want := []string{
		"10:00 2 requests 1 client 0 server, latency 2 40005 5 40000",
		"10:01 1 requests 0 client 1 server, latency 1 7 7 7",
	}
	if got := m.Drain(at(10, 1, 10)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := m.Drain(at(10, 1, 11)); len(got) != 0 {
		t.Errorf("drained twice: %q", got)
	}
	m.Drain(at(10, 30, 0)) // forgets both minutes
	m.Count(at(10, 0, 1), 200, 1)
	want = []string{"10:00 1 requests 0 client 0 server, latency 1 1 1 1"}
	if got := m.Drain(at(10, 30, 1)); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMetricName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"notes": "notes", "Nötes": "Ntes", "данные": "a1b2c3d4e5", "日本 api": " api", "": "a1b2c3d4e5", " é ": "a1b2c3d4e5",
	} {
		if got := gateway.MetricName(name, "a1b2c3d4e5"); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func BenchmarkMeter(b *testing.B) {
	m := gateway.NewTestMeter()
	at := time.Now()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		count := m.Counter(at, 200, 12, 11)
		for pb.Next() {
			count()
		}
	})
}
