package cloudwatch_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi"
	cw "github.com/tollbook/tollbook/awsapi/awscloudwatch"
	"github.com/tollbook/tollbook/cloudwatch"
	"github.com/tollbook/tollbook/state"
)

// noon is when tests begin.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

const (
	account = "123456789012"
	region  = "eu-west-1"
)

// fixture is a service with a clock that the test sets, and no alarms evaluated but by the test.
type fixture struct {
	*cloudwatch.Service
	t   testing.TB
	ctx context.Context
	dir string
	db  *state.DB
	log *strings.Builder

	mu   sync.Mutex
	time time.Time
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := &fixture{t: t, dir: t.TempDir(), time: noon, log: &strings.Builder{}}
	f.ctx = awsapi.WithCaller(t.Context(), awsapi.Caller{AccountID: account, Region: region})
	db, err := state.Open(t.Context(), filepath.Join(f.dir, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	f.db = db
	t.Cleanup(func() { db.Close() })
	f.Service = f.open(filepath.Join(f.dir, "metrics.db"))
	return f
}

func (f *fixture) open(path string) *cloudwatch.Service {
	f.t.Helper()
	svc, err := cloudwatch.New(cloudwatch.Options{
		DB: f.db, Path: path, Now: f.now, Log: slog.New(slog.NewTextHandler(f.log, nil)), EvaluateEvery: -1, RetryAfter: time.Millisecond,
	})
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { svc.Close() })
	return svc
}

// crashed opens the service on copies of the files as they are now, as after a sudden end.
func (f *fixture) crashed() *cloudwatch.Service {
	f.t.Helper()
	dir := f.t.TempDir()
	for _, name := range []string{"metrics.db", "metrics.db-wal"} {
		in, err := os.Open(filepath.Join(f.dir, name))
		if err != nil {
			f.t.Fatal(err)
		}
		out, err := os.Create(filepath.Join(dir, name))
		if err == nil {
			_, err = io.Copy(out, in)
		}
		if err := errors.Join(err, in.Close(), out.Close()); err != nil {
			f.t.Fatal(err)
		}
	}
	return f.open(filepath.Join(dir, "metrics.db"))
}

func (f *fixture) now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.time
}

func (f *fixture) set(t time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.time = t
}

// put stores a value of metric N/m at minutes from noon.
func (f *fixture) put(minute float64, values ...float64) {
	f.t.Helper()
	at := noon.Add(time.Duration(minute * float64(time.Minute)))
	f.putDatum(cw.MetricDatum{MetricName: "m", Timestamp: &at, Values: values})
}

func (f *fixture) putDatum(data ...cw.MetricDatum) {
	f.t.Helper()
	if err := f.PutMetricData(f.ctx, &cw.PutMetricDataInput{Namespace: "N", MetricData: data}); err != nil {
		f.t.Fatal(err)
	}
}

// stat asks for a statistic of N/m.
func stat(id, name, statistic string, period int32) cw.MetricDataQuery {
	return cw.MetricDataQuery{Id: id, MetricStat: &cw.MetricStat{
		Metric: &cw.Metric{Namespace: new("N"), MetricName: &name}, Period: period, Stat: statistic}}
}

func expr(id, expression string) cw.MetricDataQuery {
	return cw.MetricDataQuery{Id: id, Expression: &expression}
}

func hidden(q cw.MetricDataQuery) cw.MetricDataQuery {
	q.ReturnData = new(false)
	return q
}

// data answers queries from minute to minute, one line a result: its label, then value@minute, oldest first.
func data(t testing.TB, svc *cloudwatch.Service, ctx context.Context, from, to float64, queries ...cw.MetricDataQuery) string {
	t.Helper()
	out, err := svc.GetMetricData(ctx, &cw.GetMetricDataInput{
		MetricDataQueries: queries, StartTime: noon.Add(time.Duration(from * float64(time.Minute))),
		EndTime: noon.Add(time.Duration(to * float64(time.Minute))), ScanBy: new("TimestampAscending"),
	})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, r := range out.MetricDataResults {
		line := *r.Id + " " + *r.Label + ":"
		for i, at := range r.Timestamps {
			line += fmt.Sprintf(" %s@%v", strconv.FormatFloat(r.Values[i], 'g', 5, 64), at.Sub(noon).Minutes())
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func (f *fixture) data(from, to float64, queries ...cw.MetricDataQuery) string {
	f.t.Helper()
	return data(f.t, f.Service, f.ctx, from, to, queries...)
}

func same[T any](t testing.TB, got, want T) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("mismatch (-want +got):\n%s", d)
	}
}

// wantError checks code, status and message.
func wantError(t *testing.T, err error, status int, code, message string) {
	t.Helper()
	var wire *awsapi.Error
	if !errors.As(err, &wire) {
		t.Errorf("got %v, want %s: %s", err, code, message)
		return
	}
	if wire.Status != status || wire.Code != code || wire.Message != message {
		t.Errorf("got\n%d %s: %s\nwant\n%d %s: %s", wire.Status, wire.Code, wire.Message, status, code, message)
	}
	if code == "ValidationError" && wire.Shape != "com.amazon.coral.validate#ValidationException" {
		t.Errorf("%s: the shape is %q", code, wire.Shape)
	}
}

// repeat makes n times a value.
func repeat(v float64, n int) []float64 { return slices.Repeat([]float64{v}, n) }
