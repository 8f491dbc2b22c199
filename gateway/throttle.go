package gateway

import (
	"math"
	"sync/atomic"
)

// errThrottled refuses a request for which a token bucket had nothing left.
var errThrottled = early(429, "THROTTLED", "TooManyRequestsException", "Too Many Requests")

// limit is a Throttle as buckets use it. Time counts in nanoseconds.
type limit struct {
	interval int64 // in which a token comes back
	depth    int64 // interval × tokens of a full bucket; less than interval: nothing passes
	throttle Throttle
}

// maxSpan bounds how long a bucket takes to fill, some 36 years, so that times do not overflow.
const maxSpan = math.MaxInt64 / 8

// compileLimit returns nil for no limit. A rate or burst of 0 lets nothing pass.
func compileLimit(t *Throttle) *limit {
	switch {
	case t == nil || t.Rate < 0 || t.Burst < 0:
		return nil
	case t.Rate == 0 || t.Burst == 0:
		return &limit{interval: 1, throttle: *t}
	}
	interval := min(max(math.Round(1e9/t.Rate), 1), maxSpan)
	depth := min(interval*float64(t.Burst), maxSpan)
	return &limit{interval: int64(interval), depth: int64(depth), throttle: *t}
}

// bucket is a token bucket in one word: the time at which it will be full again. Each token that is taken moves that time
// by the interval in which a token comes back; there is nothing to take if it would then lie further away than filling the
// whole bucket takes. (This is the generic cell rate algorithm.) The limit is not part of it, so a bucket lives on when its
// limit changes. The zero bucket is full. Safe for concurrent use.
type bucket struct{ full atomic.Int64 }

// take takes a token at a time, in nanoseconds since the gateway began. It reports false if there is none.
func (b *bucket) take(now int64, l *limit) bool {
	for {
		full := b.full.Load()
		if full > now+l.depth { // the limit was lowered: the bucket is empty, and begins to fill
			b.full.CompareAndSwap(full, now+l.depth)
			continue
		}
		next := max(full, now) + l.interval
		if next-now > l.depth {
			return false
		}
		if b.full.CompareAndSwap(full, next) {
			return true
		}
	}
}

// methodLimit is what a stage allows a method.
type methodLimit struct {
	limit
	bucket *bucket // shared with the tables before and after
}

func compileMethodLimit(t *Throttle) *methodLimit {
	l := compileLimit(t)
	if l == nil {
		return nil
	}
	return &methodLimit{*l, new(bucket)}
}

// throttle takes the request from the token bucket of its method. As at AWS, what a stage sets for all methods holds for
// each of them by itself.
func (x *exchange) throttle() *Error {
	l := x.route.limit
	if l == nil || l.bucket.take(x.now(), &l.limit) {
		return nil
	}
	if x.exec != nil {
		x.exec.Error("Method throttle limit exceeded for RestApi %s, Stage %s, Resource %s, HttpMethod %s. Limit: %.2f Burst: %d",
			x.table.values.APIID, x.table.values.Name, x.route.resourceID, x.method, l.limit.throttle.Rate, l.limit.throttle.Burst)
	}
	return errThrottled
}

// now is the time of the request's arrival as buckets count it.
func (x *exchange) now() int64 { return int64(x.start.Sub(x.g.began)) }

// keepBuckets lets methods go on with the buckets that they had in the stage's table before: a deployment grants nothing.
func (t *StageTable) keepBuckets(before *StageTable) {
	if before == nil || len(t.limited) == 0 {
		return
	}
	buckets := map[string]*bucket{}
	for _, rt := range before.limited {
		buckets[rt.key] = rt.limit.bucket
	}
	for _, rt := range t.limited {
		if b := buckets[rt.key]; b != nil {
			rt.limit.bucket = b
		}
	}
}
