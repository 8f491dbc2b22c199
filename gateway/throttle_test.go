package gateway_test

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tollbook/tollbook/gateway"
)

// slowBucket is a token bucket as one would explain it: tokens come back one by one, at their times.
type slowBucket struct {
	tokens   int
	returned time.Duration // when the last token came back, or the bucket was last full
}

func (b *slowBucket) take(now time.Duration, interval time.Duration, burst int) bool {
	for b.tokens < burst && b.returned+interval <= now {
		b.tokens++
		b.returned += interval
	}
	if b.tokens == burst {
		b.returned = now
	}
	if b.tokens == 0 {
		return false
	}
	b.tokens--
	return true
}

func TestBucketAgainstModel(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		interval := []time.Duration{time.Microsecond, 50 * time.Millisecond, time.Second, 10 * time.Second}[r.IntN(4)]
		limit := gateway.Throttle{Rate: float64(time.Second) / float64(interval), Burst: 1 + r.IntN(20)}
		var fast gateway.TestBucket
		slow := slowBucket{tokens: limit.Burst}
		now := time.Duration(r.Int64N(int64(time.Hour)))
		passed := 0
		for step := range 500 {
			if r.IntN(50) == 0 {
				now += time.Duration(r.Int64N(int64(interval) * 30))
			} else {
				now += time.Duration(r.Int64N(int64(interval)))
			}
			got, want := fast.Take(now, limit), slow.take(now, interval, limit.Burst)
			if got != want {
				t.Fatalf("%+v: request %d at %v: passes %v, by the model %v", limit, step, now, got, want)
			}
			if got {
				passed++
			}
		}
		if passed == 0 || passed == 500 {
			t.Errorf("%+v: %d of 500 passed", limit, passed)
		}
	}
}

func TestBucketLimits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		limit gateway.Throttle
		want  int // of 100 at once
	}{
		"no rate":    {gateway.Throttle{Rate: 0, Burst: 10}, 0},
		"no burst":   {gateway.Throttle{Rate: 10, Burst: 0}, 0},
		"ordinary":   {gateway.Throttle{Rate: 10, Burst: 7}, 7},
		"huge burst": {gateway.Throttle{Rate: 1e-9, Burst: 1<<31 - 1}, 1},
		"huge rate":  {gateway.Throttle{Rate: 1e12, Burst: 5}, 5},
	} {
		var b gateway.TestBucket
		got := 0
		for range 100 {
			if b.Take(0, c.limit) {
				got++
			}
		}
		if got != c.want {
			t.Errorf("%s: %d passed, want %d", name, got, c.want)
		}
	}
	var b gateway.TestBucket // a smaller bucket does not wait for the larger one to fill
	for b.Take(0, gateway.Throttle{Rate: 1, Burst: 1000}) {
	}
	lower := gateway.Throttle{Rate: 10, Burst: 5}
	if b.Take(time.Second, lower) || !b.Take(1100*time.Millisecond, lower) || b.Take(1100*time.Millisecond, lower) {
		t.Error("after its limit was lowered a bucket is not empty, or does not fill")
	}
}

func TestBucketConcurrently(t *testing.T) {
	t.Parallel()
	var b gateway.TestBucket
	var passed atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 1000 {
				if b.Take(time.Second, gateway.Throttle{Rate: 1, Burst: 500}) {
					passed.Add(1)
				}
			}
		})
	}
	all.Wait()
	if passed.Load() != 500 {
		t.Errorf("%d passed", passed.Load())
	}
}

// Each method of a stage has a bucket of its own, which outlives a deployment.
func TestMethodThrottle(t *testing.T) {
	t.Parallel()
	limited := func(method string) gateway.Route {
		r := mock(method, "/a", `{}`)
		r.Settings.Throttle = &gateway.Throttle{Rate: 0.001, Burst: 2}
		return r
	}
	free := mock("GET", "/b", `{}`)
	free.Settings.Throttle = &gateway.Throttle{Rate: -1, Burst: 5}
	stage := stageOf(limited("GET"), limited("POST"), free)
	b := start(t, stage)
	statuses := func(method, path string, n int) (got []int) {
		for range n {
			got = append(got, b.do(method, path, "").status)
		}
		return got
	}
	sameInts(t, statuses("GET", "/prod/a", 3), 200, 200, 429)
	sameInts(t, statuses("POST", "/prod/a", 1), 200)
	sameInts(t, statuses("GET", "/prod/b", 8), 200, 200, 200, 200, 200, 200, 200, 200)
	b.set(stage)
	sameInts(t, statuses("GET", "/prod/a", 1), 429)
	sameInts(t, statuses("POST", "/prod/a", 2), 200, 429)
	a := b.do("GET", "/prod/a", "")
	if a.body != `{"message":"Too Many Requests"}` || a.header.Get("x-amzn-ErrorType") != "TooManyRequestsException" {
		t.Errorf("%s %v", a.body, a.header)
	}
}

func sameInts(t *testing.T, got []int, want ...int) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}
