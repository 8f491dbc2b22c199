package accesslog

import (
	"sync"
	"sync/atomic"
	"time"
)

// UnroutedGroup is the log group of requests that reach no stage: an unknown host, API or stage, or no HTTP at all.
const UnroutedGroup = "/tollbook/unrouted"

const unroutedFormat = `{"requestId":"$context.requestId","extendedRequestId":"$context.extendedRequestId",` +
	`"requestTime":"$context.requestTime","ip":"$context.identity.sourceIp","httpMethod":"$context.httpMethod",` +
	`"domainName":"$context.domainName","path":"$context.path","protocol":"$context.protocol",` +
	`"status":"$context.status","responseLength":"$context.responseLength",` +
	`"userAgent":"$context.identity.userAgent","error":"$context.error.message"}`

// Unrouted logs the requests that reach no stage, in a JSON format of its own. Since anybody can send such requests, only
// so many of them are logged in a second; the others are counted.
type Unrouted struct {
	sink       *Sink
	format     *Format
	perSecond  float64
	suppressed atomic.Uint64

	mu     sync.Mutex
	tokens float64
	filled time.Time
}

// NewUnrouted logs to UnroutedGroup of the account and region, at most perSecond entries a second over time and as many
// at once.
func NewUnrouted(w *Writer, accountID, region string, perSecond int) (*Unrouted, error) {
	f, err := Compile(unroutedFormat)
	if err != nil {
		return nil, err
	}
	return &Unrouted{
		sink:      w.Sink(Destination{accountID, region, UnroutedGroup}),
		format:    f,
		perSecond: float64(perSecond),
		tokens:    float64(perSecond),
	}, nil
}

// Write logs e, or counts it if there were too many. now is the time of the response. It never waits: requests that reach
// no stage are counted too if the Writer's queue is full and would make them wait, and are not made Durable.
func (u *Unrouted) Write(e *Entry, now time.Time) {
	v := u.sink.w.look(u.sink)
	if v == wait || !u.allow(now) {
		u.suppressed.Add(1)
		return
	}
	u.sink.writeSoon(v, u.format, e)
}

// Suppressed is how many entries were not logged because there were too many, or no room without waiting.
func (u *Unrouted) Suppressed() uint64 { return u.suppressed.Load() }

func (u *Unrouted) allow(now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if gone := now.Sub(u.filled).Seconds(); gone > 0 {
		u.tokens = min(u.perSecond, u.tokens+gone*u.perSecond)
		u.filled = now
	}
	if u.tokens < 1 {
		return false
	}
	u.tokens--
	return true
}
