package cloudwatch_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	cw "github.com/tollbook/tollbook/awsapi/awscloudwatch"
	"github.com/tollbook/tollbook/cloudwatch"
)

// What a call has stored is there after a sudden end, before and after it went into chunks, and once only.
func TestStoreCrash(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	all := []cw.MetricDataQuery{stat("s", "m", "Sum", 60), stat("n", "m", "SampleCount", 3600), stat("p", "m", "p90", 3600)}
	const want = "s m: 3@-30 4@-10 100@-1\nn m: 103@-60\np m: 1@-60"
	f.put(-30, 1)
	f.put(-10, 4)
	if err := f.Flush(f.ctx); err != nil {
		t.Fatal(err)
	}
	f.put(-30, 2) // for a minute that is in a chunk already
	f.putDatum(cw.MetricDatum{MetricName: "m", Timestamp: new(noon.Add(-time.Minute)), Values: []float64{1}, Counts: []float64{100}})
	check := func(when string, svc *cloudwatch.Service) {
		if got := data(t, svc, f.ctx, -60, 0, all...); got != want {
			t.Errorf("%s:\n%s", when, got)
		}
	}
	check("alive", f.Service)
	check("crashed", f.crashed())
	if err := f.Flush(f.ctx); err != nil {
		t.Fatal(err)
	}
	check("flushed", f.Service)
	check("flushed and crashed", f.crashed())
	if got := f.Chunks(); got != "1:0 60:1 300:0 3600:0 arrived:0 head:0" {
		t.Error(got)
	}
}

// A flush that a crash cuts short leaves each series either in the chunks or in what has arrived.
func TestStoreCrashInFlush(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const want = "m m: 1@-5\ne e: 3@-5"
	at := noon.Add(-5 * time.Minute)
	f.putDatum(cw.MetricDatum{MetricName: "m", Value: new(1.0), Timestamp: &at}, cw.MetricDatum{MetricName: "e", Value: new(1.0), Timestamp: &at})
	f.putDatum(cw.MetricDatum{MetricName: "e", Value: new(2.0), Timestamp: &at})
	queries := []cw.MetricDataQuery{stat("m", "m", "Sum", 60), stat("e", "e", "Sum", 60)}
	if err := f.FlushOne(); err != nil {
		t.Fatal(err)
	}
	if got := f.Chunks(); got != "1:0 60:1 300:0 3600:0 arrived:2 head:1" {
		t.Error(got)
	}
	for name, svc := range map[string]*cloudwatch.Service{"alive": f.Service, "crashed": f.crashed()} {
		if got := data(t, svc, f.ctx, -60, 0, queries...); got != want {
			t.Errorf("%s:\n%s", name, got)
		}
		if err := svc.Flush(f.ctx); err != nil {
			t.Fatal(err)
		}
		if got := data(t, svc, f.ctx, -60, 0, queries...); got != want {
			t.Errorf("%s and flushed:\n%s", name, got)
		}
	}
}

// Readers and writers beside flushes never see a sum too small or too large.
func TestStoreConcurrent(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const writers, each = 4, 25
	done := make(chan struct{})
	var wg, flusher sync.WaitGroup
	flusher.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			if err := f.Flush(f.ctx); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range writers {
		wg.Go(func() {
			for range each {
				f.put(-5, 1)
			}
		})
	}
	last := 0.0
	for last < writers*each {
		out, err := f.GetMetricData(f.ctx, &cw.GetMetricDataInput{
			MetricDataQueries: []cw.MetricDataQuery{stat("a", "m", "Sum", 60)}, StartTime: noon.Add(-time.Hour), EndTime: noon})
		if err != nil {
			t.Fatal(err)
		}
		if v := out.MetricDataResults[0].Values; len(v) == 1 {
			if v[0] < last || v[0] > writers*each {
				t.Fatalf("the sum went from %v to %v", last, v[0])
			}
			last = v[0]
		}
	}
	wg.Wait()
	close(done)
	flusher.Wait()
}

// Data ages: what can be read coarsens at AWS' times, rolled up or not, and is gone in the end.
func TestStoreRollUp(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i := range 120 { // two minutes of seconds, from 11:00
		f.putDatum(cw.MetricDatum{MetricName: "m", Timestamp: new(noon.Add(time.Duration(i-3600) * time.Second)), Value: new(float64(i % 60)), StorageResolution: new(int32(1))})
	}
	for i := range 12 { // and a minute each from 11:10
		f.put(float64(i-50), float64(1000+i))
	}
	count := func(age time.Duration, period int32) string {
		f.set(noon.Add(age))
		lines := f.data(-60, 0, stat("n", "m", "SampleCount", period), stat("s", "m", "Sum", 3600), stat("p", "m", "p50", 3600))
		first, rest, _ := strings.Cut(lines, "\n")
		return fmt.Sprint(len(strings.Fields(first))-2, " ", strings.ReplaceAll(rest, "\n", " "))
	}
	const total = "s m: 15606@-60 p m: 32@-60"
	for _, c := range []struct {
		age    time.Duration
		period int32
		want   string
	}{
		{0, 1, "132 " + total},
		{0, 60, "14 " + total},
		{4 * time.Hour, 1, "14 " + total}, // one each minute
		{4 * time.Hour, 10, "14 " + total},
		{14 * 24 * time.Hour, 60, "14 " + total},
		{16 * 24 * time.Hour, 60, "4 " + total}, // 11:00, 11:10, 11:15, 11:20
		{62 * 24 * time.Hour, 300, "4 " + total},
		{64 * 24 * time.Hour, 60, "1 " + total},
		{454 * 24 * time.Hour, 3600, "1 " + total},
		{456 * 24 * time.Hour, 3600, "0 s m: p m:"},
	} {
		if got := count(c.age, c.period); got != c.want {
			t.Errorf("after %v: got %s, want %s", c.age, got, c.want)
		}
	}
	for _, c := range []struct {
		age    time.Duration
		period int32
		want   string
		chunks string
	}{
		{0, 1, "132 " + total, "1:1 60:1 300:0 3600:0 arrived:0 head:0"},
		{4 * time.Hour, 1, "14 " + total, "1:0 60:1 300:0 3600:0 arrived:0 head:0"},
		{16 * 24 * time.Hour, 60, "4 " + total, "1:0 60:0 300:1 3600:0 arrived:0 head:0"},
		{65 * 24 * time.Hour, 60, "1 " + total, "1:0 60:0 300:0 3600:1 arrived:0 head:0"},
		{500 * 24 * time.Hour, 3600, "0 s m: p m:", "1:0 60:0 300:0 3600:0 arrived:0 head:0"},
	} {
		f.set(noon.Add(c.age))
		if err := f.Flush(f.ctx); err != nil {
			t.Fatal(err)
		}
		if err := f.RollUp(f.ctx); err != nil {
			t.Fatal(err)
		}
		if got := f.Chunks(); got != c.chunks {
			t.Errorf("after %v: %s, want %s", c.age, got, c.chunks)
		}
		if got := count(c.age, c.period); got != c.want {
			t.Errorf("rolled up after %v: got %s, want %s", c.age, got, c.want)
		}
	}
	f.set(noon.Add(600 * 24 * time.Hour))
	if err := f.RollUp(f.ctx); err != nil {
		t.Fatal(err)
	}
	f.putDatum(cw.MetricDatum{MetricName: "m", Value: new(1.0)}) // after the series was forgotten
}

func TestStoreDamage(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.put(-30, 1)
	if err := f.Flush(f.ctx); err != nil {
		t.Fatal(err)
	}
	f.put(-20, 2)
	if err := f.Damage(f.ctx); err != nil {
		t.Fatal(err)
	}
	crashed := f.crashed()
	if got := data(t, crashed, f.ctx, -60, 0, stat("s", "m", "Sum", 60)); got != "s m:" {
		t.Errorf("read %s from damaged bytes", got)
	}
	for _, message := range []string{"a batch of metric data is unreadable", "a chunk of metric data is unreadable"} {
		if !strings.Contains(f.log.String(), message) {
			t.Errorf("the log does not say %q: %s", message, f.log)
		}
	}
	f.put(-30, 5) // goes into the damaged chunk
	if err := f.Flush(f.ctx); err != nil {
		t.Fatal(err)
	}
	if got := f.data(-60, 0, stat("s", "m", "Sum", 60)); got != "s m: 5@-30 2@-20" {
		t.Errorf("after the damage: %s", got)
	}
	path := filepath.Join(t.TempDir(), "metrics.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := cloudwatch.New(cloudwatch.Options{DB: f.db, Path: path}); err == nil || !strings.Contains(err.Error(), "open metric store "+path) {
		t.Errorf("opened what is no database: %v", err)
	}
}

func TestStatistics(t *testing.T) {
	t.Parallel()
	ten := []float64{10, 1, 9, 2, 8, 3, 7, 4, 6, 5}
	for name, want := range map[string]float64{
		"SampleCount": 10, "Sum": 55, "Average": 5.5, "Minimum": 1, "Maximum": 10,
		"p0": 1, "p50": 5, "p90": 9, "p95": 10, "p100": 10, "p99.9": 10, "p10": 1, "p11": 2,
		"tm90": 5, "tc90": 9, "ts90": 45, "wm90": 5.4, "TM(10%:90%)": 5.5, "TC(10%:90%)": 8, "TM(2:5)": 4, "TC(:0.5)": 0, "TC(2:5)": 3,
		"TS(80%:)": 19, "PR(:3)": 30, "PR(3:5)": 20, "PR(5:)": 50, "WM(10%:90%)": 5.5, "WM(3:8)": 5.5, "IQM": 5.5, "TM(150:1000)": math.NaN(),
	} {
		got, err := cloudwatch.Statistic(name, ten, repeat(1, 10))
		if err != nil || math.Abs(got-want) > 1e-9 || math.IsNaN(got) != math.IsNaN(want) {
			t.Errorf("%s: got %v %v, want %v", name, got, err, want)
		}
	}
	for _, name := range []string{"", "p", "p101", "P90", "tm(1:2)", "TM(:)", "TM(5%:3%)", "TM(1:5%)", "PR(5%:)", "TM(%:5%)", "sum", "p1.12345678901"} {
		if v, err := cloudwatch.Statistic(name, ten, repeat(1, 10)); err == nil {
			t.Errorf("%q is a statistic: %v", name, v)
		}
	}
}

// Percentiles are exact for few different values, and within 1 % for many, the ends aside; on disk they stay what they are.
func TestPercentileError(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for _, distinct := range []int{1, 100, 128, 5000} {
		values := make([]float64, 20_000)
		for i := range values {
			values[i] = math.Round(1 + math.Exp(random.NormFloat64()+4))
			if distinct <= 128 {
				values[i] = float64(random.IntN(distinct)) - 20
			}
		}
		sorted := slices.Sorted(slices.Values(values))
		for _, p := range []float64{0, 1, 50, 90, 99, 99.9, 100} {
			before, after, err := cloudwatch.Encoded(values, fmt.Sprintf("p%v", p))
			if err != nil {
				t.Fatal(err)
			}
			want := sorted[max(0, int(math.Ceil(p*200-1e-6))-1)]
			tolerance := 0.0
			if distinct > 128 && p > 0 && p < 100 {
				tolerance = 0.0101 * want
			}
			if math.Abs(before-want) > tolerance || before != after {
				t.Errorf("%d values, p%v: got %v, and %v after a round trip, want %v", distinct, p, before, after, want)
			}
		}
	}
}

func TestOpaqueStatistics(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	set := func(minute int, n, sum, least, most float64) {
		f.putDatum(cw.MetricDatum{MetricName: "m", Timestamp: new(noon.Add(time.Duration(minute) * time.Minute)),
			StatisticValues: &cw.StatisticSet{SampleCount: n, Sum: sum, Minimum: least, Maximum: most}})
	}
	set(-5, 10, 50, 5, 5) // all the same, so their distribution is known
	set(-4, 10, 50, 1, 9)
	set(-3, 0, 0, 0, 0)
	f.put(-2, 7)
	for range 2 {
		want := "p m: 5@-5 7@-2\na m: 5@-5 5@-4 7@-2"
		if got := f.data(-10, 0, stat("p", "m", "p50", 60), stat("a", "m", "Average", 60)); got != want {
			t.Errorf("got %s", got)
		}
		if err := f.Flush(f.ctx); err != nil {
			t.Fatal(err)
		}
	}
	if got := f.data(-10, 0, stat("p", "m", "p50", 600), stat("n", "m", "SampleCount", 600)); got != "p m:\nn m: 21@-10" {
		t.Errorf("got %s", got)
	}
}

func TestRecord(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	err := f.Record(f.ctx, account, region, []cloudwatch.Datum{
		{Namespace: "N", MetricName: "m", Time: noon.Add(-90 * time.Second), Unit: "Milliseconds", Values: []float64{1.5, 200}, Counts: []float64{9, 1},
			Statistics: &cw.StatisticSet{SampleCount: 10, Sum: 210, Minimum: 1, Maximum: 201}},
		{Namespace: "N", MetricName: "m", Time: noon.Add(-61 * time.Second), Unit: "Milliseconds", Values: []float64{3}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "s m: 213@-2\nx m: 201@-2\np m: 3@-2"
	if got := f.data(-10, 0, stat("s", "m", "Sum", 60), stat("x", "m", "Maximum", 60), stat("p", "m", "p90", 60)); got != want {
		t.Errorf("got %s", got)
	}
	for name, d := range map[string]cloudwatch.Datum{
		"unit":   {Unit: "x", Values: []float64{1}},
		"counts": {Values: []float64{1}, Counts: []float64{1, 2}},
		"value":  {Values: []float64{math.Inf(1)}},
		"zero":   {Values: []float64{1}, Dimensions: []cloudwatch.Dimension{{Name: "a\x00", Value: "b"}}},
	} {
		if err := f.Record(f.ctx, account, region, []cloudwatch.Datum{d}); err == nil {
			t.Errorf("%s: recorded", name)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte{1, 5, 60, 120, 0, 1, 1, 1})
	f.Add([]byte{1, 0, 27, 3, 1, 1, 1, 1, 0, 1, 2, 3, 0})
	f.Add([]byte{1, 0, 0, 2, 1, 1, 1, 1, 2, 1, 1, 1, 1})
	f.Fuzz(func(_ *testing.T, data []byte) { cloudwatch.DecodeAny(data) })
}

// BenchmarkRecord records a minute of 2,000 series, each with 20 different latencies, in one call.
func BenchmarkRecord(b *testing.B) {
	f := newFixture(b)
	data := make([]cloudwatch.Datum, 2000)
	for i := range data {
		d := &data[i]
		d.Namespace, d.MetricName, d.Dimensions = "AWS/ApiGateway", "Latency", []cloudwatch.Dimension{{Name: "n", Value: fmt.Sprint(i)}}
		for v := range 20 {
			d.Values, d.Counts = append(d.Values, float64(v*v)), append(d.Counts, float64(v+1))
		}
	}
	minute := 0
	for b.Loop() {
		for i := range data {
			data[i].Time = noon.Add(time.Duration(minute%600-700) * time.Minute)
		}
		minute++
		if err := f.Record(f.ctx, account, region, data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPutMetricData(b *testing.B) {
	f := newFixture(b)
	for b.Loop() {
		f.putDatum(cw.MetricDatum{MetricName: "m", Value: new(1.0)})
	}
}

// BenchmarkGetMetricData reads a day of minutes of one series, of 100.
func BenchmarkGetMetricData(b *testing.B) {
	f := newFixture(b)
	data := make([]cloudwatch.Datum, 100)
	for minute := range 1440 {
		for i := range data {
			data[i] = cloudwatch.Datum{Namespace: "N", MetricName: "m", Dimensions: []cloudwatch.Dimension{{Name: "n", Value: fmt.Sprint(i)}},
				Time: noon.Add(time.Duration(minute-1440) * time.Minute), Values: []float64{1, 2, 3, 5, 8}}
		}
		if err := f.Record(f.ctx, account, region, data); err != nil {
			b.Fatal(err)
		}
	}
	if err := f.Flush(f.ctx); err != nil {
		b.Fatal(err)
	}
	q := stat("a", "m", "p99", 300)
	q.MetricStat.Metric.Dimensions = []cw.Dimension{{Name: "n", Value: "7"}}
	for b.Loop() {
		f.data(-1440, 0, q)
	}
}
