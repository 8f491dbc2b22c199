package gateway_test

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/gateway"
)

const clientKey = "0123456789abcdefghij"

func closed(method, path string) gateway.Route {
	r := mock(method, path, `{}`)
	r.APIKeyRequired = true
	return r
}

// keys are a change that gives the key of clientKey a plan for the stage of stageOf.
func keys(plan gateway.UsagePlan) gateway.KeyChange {
	plan.ID = "plan01"
	plan.Stages = append(plan.Stages, gateway.PlanStage{APIID: "a1b2c3d4e5", Stage: "prod"})
	return gateway.KeyChange{
		AccountID: "123456789012", Region: "us-east-1", Plans: []gateway.UsagePlan{plan},
		Keys: []gateway.APIKey{{ID: "key0000001", Value: clientKey, Enabled: true,
			Plans: []gateway.PlanMember{{PlanID: "plan01", Day: today()}}}},
	}
}

func today() int32 { return int32(time.Now().Unix() / 86400) }

func (b *bench) key(key string) int {
	b.t.Helper()
	return b.do("GET", "/prod/a", "", "x-aPi-kEy", key).status
}

func TestAPIKeys(t *testing.T) {
	t.Parallel()
	stage := stageOf(closed("GET", "/a"), mock("GET", "/open", "{}"))
	stage.AccessLog.Format = `$context.requestId $context.status $context.identity.apiKey $context.identity.apiKeyId $context.error.responseType`
	b := start(t, stage)
	refused := b.do("GET", "/prod/a", "")
	if refused.status != 403 || refused.body != `{"message":"Forbidden"}` || refused.header.Get("x-amzn-ErrorType") != "ForbiddenException" {
		t.Errorf("without a key: %+v", refused)
	}
	change := keys(gateway.UsagePlan{})
	b.gw.UpdateKeys(change)
	sameInts(t, []int{b.key(clientKey), b.key("0123456789abcdefghiX"), b.key(""), b.do("GET", "/prod/open", "").status}, 200, 403, 403, 200)

	change.Keys[0].Enabled = false
	b.gw.UpdateKeys(change)
	sameInts(t, []int{b.key(clientKey)}, 403)
	change.Keys[0].Enabled, change.Keys[0].Value = true, "another-value-0123456789"
	b.gw.UpdateKeys(change)
	sameInts(t, []int{b.key(clientKey), b.key("another-value-0123456789")}, 403, 200)
	b.gw.UpdateKeys(gateway.KeyChange{AccountID: "123456789012", Region: "us-east-1", RemovedPlans: []string{"plan01"}})
	sameInts(t, []int{b.key("another-value-0123456789")}, 403)
	b.gw.UpdateKeys(change)
	b.gw.UpdateKeys(gateway.KeyChange{AccountID: "123456789012", Region: "eu-west-1", RemovedKeys: []string{"key0000001"}})
	sameInts(t, []int{b.key("another-value-0123456789")}, 200) // another region's keys are others
	b.gw.UpdateKeys(gateway.KeyChange{AccountID: "123456789012", Region: "us-east-1", RemovedKeys: []string{"key0000001"}})
	sameInts(t, []int{b.key("another-value-0123456789")}, 403)

	b.wantLines(
		"403 - - INVALID_API_KEY", "200 **************efghij key0000001 -", "403 **************efghiX - INVALID_API_KEY",
		"403 - - INVALID_API_KEY", "200 - - -", "403 **************efghij key0000001 INVALID_API_KEY",
		"403 **************efghij - INVALID_API_KEY", "200 ******************456789 key0000001 -",
		"403 ******************456789 key0000001 INVALID_API_KEY", "200 ******************456789 key0000001 -",
		"403 ******************456789 - INVALID_API_KEY")
}

// wantLines ends the log and looks for lines, which are in no order; the request ID that each begins with is left out.
func (b *bench) wantLines(want ...string) {
	b.t.Helper()
	var got []string
	for _, line := range b.lines(group) {
		got = append(got, line[37:])
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		b.t.Errorf("log (-want +got):\n%s", diff)
	}
}

// A plan's throttle is one bucket for a key over all stages and methods, but for methods with one of their own.
func TestPlanThrottle(t *testing.T) {
	t.Parallel()
	b := start(t, stageOf(closed("GET", "/a"), closed("POST", "/a"), closed("GET", "/pets/{id}"), closed("GET", "/")))
	plan := gateway.UsagePlan{Throttle: &gateway.Throttle{Rate: 0.001, Burst: 2}}
	change := keys(plan)
	change.Plans[0].Stages[0].Throttles = map[string]gateway.Throttle{"pets/{id}/GET": {Rate: 0.001, Burst: 1}, "/GET": {Rate: 0, Burst: 0}}
	other := gateway.APIKey{ID: "key0000002", Value: "second-key-0123456789", Enabled: true, Plans: []gateway.PlanMember{{PlanID: "plan01"}}}
	change.Keys = append(change.Keys, other)
	b.gw.UpdateKeys(change)
	do := func(method, path, key string) int { return b.do(method, path, "", "X-API-Key", key).status }
	sameInts(t, []int{do("GET", "/prod/a", clientKey), do("POST", "/prod/a", clientKey), do("GET", "/prod/a", clientKey)}, 200, 200, 429)
	sameInts(t, []int{do("GET", "/prod/pets/1", clientKey), do("GET", "/prod/pets/2", clientKey), do("GET", "/prod/", clientKey)}, 200, 429, 429)
	sameInts(t, []int{do("GET", "/prod/a", other.Value)}, 200)
	b.gw.UpdateKeys(change) // a change grants nothing
	sameInts(t, []int{do("GET", "/prod/a", clientKey), do("GET", "/prod/pets/1", clientKey)}, 429, 429)
	change.Plans[0].Throttle = nil
	b.gw.UpdateKeys(change)
	sameInts(t, []int{do("GET", "/prod/a", clientKey)}, 200)
}

func TestQuota(t *testing.T) {
	t.Parallel()
	b := start(t, stageOf(closed("GET", "/a")))
	change := keys(gateway.UsagePlan{Quota: &gateway.Quota{Limit: 10, Period: "MONTH", Offset: 3, OffsetDay: today()}})
	change.Keys[0].Plans[0].Used = 5
	b.gw.UpdateKeys(change)
	sameInts(t, []int{b.key(clientKey), b.key(clientKey), b.key(clientKey)}, 200, 200, 429)
	a := b.do("GET", "/prod/a", "", "X-API-Key", clientKey)
	if a.body != `{"message":"Limit Exceeded"}` || a.header.Get("x-amzn-ErrorType") != "LimitExceededException" || a.header.Get("Retry-After") != "" {
		t.Errorf("%s %v", a.body, a.header)
	}
	change.Keys[0].Plans[0].Granted, change.Keys[0].Plans[0].GrantedDay = 1, today()
	b.gw.UpdateKeys(change)
	sameInts(t, []int{b.key(clientKey), b.key(clientKey)}, 200, 429)

	used := b.gw.DrainUsage()
	if len(used) != 1 || used[0].Requests != 3 || used[0].KeyID != "key0000001" || used[0].PlanID != "plan01" {
		t.Fatalf("used: %+v", used)
	}
	if again := b.gw.DrainUsage(); len(again) != 0 {
		t.Errorf("drained twice: %+v", again)
	}
	b.gw.ReturnUsage(used)
	if again := b.gw.DrainUsage(); len(again) != 1 || again[0] != used[0] {
		t.Errorf("returned: %+v", again)
	}
	// With another period the control plane says what was used.
	change.Plans[0].Quota.Period, change.Keys[0].Plans[0].Used = "DAY", 7
	b.gw.UpdateKeys(change)
	sameInts(t, []int{b.key(clientKey), b.key(clientKey)}, 200, 429)
}

// Of requests at the same time no more pass than are left.
func TestQuotaIsExact(t *testing.T) {
	t.Parallel()
	var m gateway.TestKeyMeter
	quota := &gateway.Quota{Limit: 1000, Period: "WEEK"}
	m.Begin("WEEK", 20516, 100)
	var passed atomic.Int64
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := range 500 {
				if m.Count(20516+int32(i/250)+int32(worker%2), quota, 0, 0) {
					passed.Add(1)
				}
			}
		})
	}
	all.Wait()
	sum := int64(0)
	for _, n := range m.Drain() {
		sum += n
	}
	if passed.Load() != 900 || sum != 900 {
		t.Errorf("%d passed, %d drained", passed.Load(), sum)
	}
}

func TestQuotaPeriods(t *testing.T) {
	t.Parallel()
	day := func(date string) int32 {
		at, err := time.Parse("2006-01-02", date)
		if err != nil {
			t.Fatal(err)
		}
		return int32(at.Unix() / 86400)
	}
	for _, c := range []struct{ period, day, start string }{
		{"DAY", "2026-03-04", "2026-03-04"}, {"", "2026-03-04", "2026-03-04"},
		{"WEEK", "2026-03-04", "2026-03-02"}, {"WEEK", "2026-03-08", "2026-03-02"}, {"WEEK", "2026-03-09", "2026-03-09"},
		{"MONTH", "2026-02-28", "2026-02-01"}, {"MONTH", "2024-02-29", "2024-02-01"}, {"MONTH", "2026-03-01", "2026-03-01"},
	} {
		if got := gateway.PeriodStart(c.period, day(c.day)); got != day(c.start) {
			t.Errorf("%s of %s begins on day %d, want %d", c.period, c.day, got, day(c.start))
		}
	}
	var m gateway.TestKeyMeter
	quota := &gateway.Quota{Limit: 2, Period: "MONTH", Offset: 1, OffsetDay: day("2026-03-15")}
	m.Begin("MONTH", day("2026-03-30"), 0)
	var got []bool
	for _, date := range []string{"2026-03-30", "2026-03-31", "2026-04-01", "2026-04-30", "2026-04-30", "2026-05-02", "2026-04-30"} {
		got = append(got, m.Count(day(date), quota, 1, day("2026-04-02")))
	}
	for i, want := range []bool{true, false, true, true, true, true, true} { // the last came late, and counts for May
		if got[i] != want {
			t.Errorf("request %d: %v", i, got[i])
		}
	}
	want := map[int32]int64{day("2026-03-30"): 1, day("2026-04-01"): 1, day("2026-04-30"): 2, day("2026-05-02"): 2}
	if drained := m.Drain(); !maps.Equal(drained, want) {
		t.Errorf("drained %v", drained)
	}
}

// Requests while keys change are answered by one table or the other.
func TestKeysChangeUnderLoad(t *testing.T) {
	t.Parallel()
	b := start(t, stageOf(closed("GET", "/a")))
	change := keys(gateway.UsagePlan{Throttle: &gateway.Throttle{Rate: 1e6, Burst: 1e6}, Quota: &gateway.Quota{Limit: 1e9, Period: "DAY"}})
	b.gw.UpdateKeys(change)
	stop := make(chan struct{})
	var changes sync.WaitGroup
	changes.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				b.gw.UpdateKeys(change)
				b.gw.DrainUsage()
			}
		}
	})
	for range 200 {
		if status := b.key(clientKey); status != 200 {
			t.Errorf("status %d", status)
		}
	}
	close(stop)
	changes.Wait()
}
