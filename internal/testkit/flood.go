package testkit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Flood is load on a server of HTTP/1.1: one request, sent again and again on connections that are kept and on new ones,
// whether or not the server keeps up. Its own memory is bounded by the number of connections.
type Flood struct {
	Address string // host:port
	Request string // the whole of it, with the empty line at the end
	// Conns are kept open. Without PerSecond each asks again when it is answered; else that many requests are due on them in a
	// second, and are sent without waiting for answers as long as a connection waits for fewer than Depth.
	Conns, PerSecond, Depth int
	// NewPerSecond are due beside, each on a connection of its own, as long as fewer than NewConns of those are open.
	NewPerSecond, NewConns int
	// Every is how often there is a report. Default: a second.
	Every time.Duration
}

// FloodReport is what came of a Flood in a part of its time.
type FloodReport struct {
	At                     time.Duration // of its end, since the beginning
	OK, Unavailable, Other uint64        // answers 200, 503, and any other
	Logged                 uint64        // answers with a request ID: there should be an entry for each
	Withheld               uint64        // requests that were due and not sent, since too many waited
	Refused                uint64        // connections that could not be opened
	Broken                 uint64        // requests that got no answer
	P50, P99               time.Duration // of answers 200, from when they were due
}

// Answered is how many requests were.
func (r FloodReport) Answered() uint64 { return r.OK + r.Unavailable + r.Other }

const (
	floodDial   = 3 * time.Second
	floodAnswer = 30 * time.Second // until a connection is given up
	floodPause  = 20 * time.Millisecond
)

// Run sends until ctx ends, and waits then for the answers that are due. report gets each part, from one goroutine. It
// returns the whole.
func (f Flood) Run(ctx context.Context, report func(FloodReport)) FloodReport {
	if f.Every == 0 {
		f.Every = time.Second
	}
	if f.Depth == 0 {
		f.Depth = 1
	}
	run := &flood{Flood: f, ctx: ctx, begin: time.Now()}
	var all sync.WaitGroup
	for i := range f.Conns {
		all.Go(func() { run.keep(i) })
	}
	if f.NewPerSecond > 0 {
		all.Go(func() { run.open(&all) })
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		all.Wait()
	}()
	return run.reports(report, done)
}

// flood is one that runs.
type flood struct {
	Flood
	ctx   context.Context
	begin time.Time
	floodCounts
}

// reports hands out what was counted, and adds it up.
func (f *flood) reports(report func(FloodReport), done chan struct{}) FloodReport {
	ticker := time.NewTicker(f.Every)
	defer ticker.Stop()
	var total floodTotal
	for running := true; running; {
		select {
		case <-ticker.C:
		case <-done:
			running = false
		}
		part := f.take(&total.times)
		part.At = time.Since(f.begin)
		total.add(part)
		if report != nil && (running || part.Answered() > 0) {
			report(part)
		}
	}
	return total.report()
}

// keep holds one connection, and opens another when it ends.
func (f *flood) keep(i int) {
	interval := time.Duration(0)
	if f.PerSecond > 0 {
		interval = time.Second * time.Duration(f.Conns) / time.Duration(f.PerSecond)
	}
	due := f.begin.Add(interval * time.Duration(i) / time.Duration(f.Conns)) // they take turns
	for f.ctx.Err() == nil {
		conn, err := net.DialTimeout("tcp", f.Address, floodDial)
		if err != nil {
			f.refused.Add(1)
			f.pause(time.Now().Add(floodPause))
			continue
		}
		if interval == 0 {
			f.converse(conn)
		} else {
			due = f.pour(conn, due, interval)
		}
		hangUp(conn)
	}
}

// pause sleeps until a time, or until the end of ctx, which it reports by false.
func (f *flood) pause(until time.Time) bool {
	if left := time.Until(until); left > 0 {
		select {
		case <-time.After(left):
		case <-f.ctx.Done():
		}
	}
	return f.ctx.Err() == nil
}

// converse asks when it is answered.
func (f *flood) converse(conn net.Conn) {
	r := bufio.NewReaderSize(conn, 4<<10)
	for f.ctx.Err() == nil {
		begin := time.Now()
		if !f.send(conn) || !f.receive(conn, r, begin) {
			return
		}
	}
}

// pour sends what is due, and returns when the next is.
func (f *flood) pour(conn net.Conn, due time.Time, interval time.Duration) time.Time {
	waiting := make(chan time.Time, f.Depth)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f.drain(conn, waiting)
	}()
	for alive := true; alive && f.pause(due); due = due.Add(interval) {
		select {
		case waiting <- due:
			alive = f.send(conn)
		default:
			f.withheld.Add(1)
		}
	}
	close(waiting)
	<-ended
	return due
}

// drain reads the answer of each request that waits for one. After the first that does not come, none do.
func (f *flood) drain(conn net.Conn, waiting chan time.Time) {
	r := bufio.NewReaderSize(conn, 4<<10)
	alive := true
	for due := range waiting {
		if !alive {
			f.broken.Add(1)
		} else if alive = f.receive(conn, r, due); !alive {
			conn.Close()
		}
	}
}

// open sends requests on connections of their own.
func (f *flood) open(all *sync.WaitGroup) {
	places := make(chan struct{}, max(1, f.NewConns))
	interval := time.Second / time.Duration(f.NewPerSecond)
	for due := f.begin; f.pause(due); due = due.Add(interval) {
		select {
		case places <- struct{}{}:
			all.Go(func() {
				defer func() { <-places }()
				f.once(due)
			})
		default:
			f.withheld.Add(1)
		}
	}
}

func (f *flood) once(due time.Time) {
	conn, err := net.DialTimeout("tcp", f.Address, floodDial)
	if err != nil {
		f.refused.Add(1)
		return
	}
	defer hangUp(conn)
	if f.send(conn) {
		f.receive(conn, bufio.NewReaderSize(conn, 1<<10), due)
	}
}

// hangUp leaves no port behind that waits.
func hangUp(conn net.Conn) {
	_ = conn.(*net.TCPConn).SetLinger(0)
	conn.Close()
}

// send sends the request. A connection that was closed while it was silent has left a request without an answer, too.
func (f *flood) send(conn net.Conn) bool {
	if conn.SetWriteDeadline(time.Now().Add(floodAnswer)) != nil {
		return false
	}
	_, err := conn.Write([]byte(f.Request))
	return err == nil
}

// receive reads an answer and counts it. It reports whether another may follow.
func (f *flood) receive(conn net.Conn, r *bufio.Reader, due time.Time) bool {
	if conn.SetReadDeadline(time.Now().Add(floodAnswer)) != nil {
		f.broken.Add(1)
		return false
	}
	a, err := readFloodAnswer(r)
	if err != nil {
		f.broken.Add(1)
		return false
	}
	f.count(a, time.Since(due))
	return !a.last
}

// floodAnswerHead is what matters of an answer.
type floodAnswerHead struct {
	status           int
	length           int
	last, identified bool
}

var errFloodAnswer = errors.New("no answer of HTTP/1.1 with a length")

// readFloodAnswer reads an answer, the body too, and allocates nothing.
func readFloodAnswer(r *bufio.Reader) (a floodAnswerHead, err error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return a, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return a, errFloodAnswer
	}
	if a.status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return a, errFloodAnswer
	}
	a.length = -1
	for {
		if line, err = r.ReadSlice('\n'); err != nil {
			return a, err
		}
		if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 {
			break
		}
		a.readHeader(line)
	}
	if a.length < 0 {
		return a, errFloodAnswer
	}
	_, err = r.Discard(a.length)
	return a, err
}

func (a *floodAnswerHead) readHeader(line []byte) {
	name, value, _ := bytes.Cut(line, []byte(":"))
	switch value = bytes.TrimSpace(value); {
	case bytes.EqualFold(name, []byte("Content-Length")):
		if n, err := strconv.Atoi(string(value)); err == nil {
			a.length = n
		}
	case bytes.EqualFold(name, []byte("Connection")):
		a.last = bytes.EqualFold(value, []byte("close"))
	case bytes.EqualFold(name, []byte("x-amzn-RequestId")):
		a.identified = true
	}
}

// floodCounts are what was counted since the last report.
type floodCounts struct {
	ok, unavailable, other, logged, withheld, refused, broken atomic.Uint64
	times                                                     [floodBuckets]atomic.Uint32
}

func (c *floodCounts) count(a floodAnswerHead, took time.Duration) {
	if a.identified {
		c.logged.Add(1)
	}
	switch a.status {
	case 200:
		c.ok.Add(1)
		c.times[floodBucket(took)].Add(1)
	case 503:
		c.unavailable.Add(1)
	default:
		c.other.Add(1)
	}
}

// take takes what was counted, and adds the times to all.
func (c *floodCounts) take(all *[floodBuckets]uint64) FloodReport {
	var times [floodBuckets]uint64
	for i := range times {
		times[i] = uint64(c.times[i].Swap(0))
		all[i] += times[i]
	}
	return FloodReport{
		OK: c.ok.Swap(0), Unavailable: c.unavailable.Swap(0), Other: c.other.Swap(0), Logged: c.logged.Swap(0),
		Withheld: c.withheld.Swap(0), Refused: c.refused.Swap(0), Broken: c.broken.Swap(0),
		P50: floodQuantile(&times, 0.5), P99: floodQuantile(&times, 0.99),
	}
}

// floodTotal adds up reports.
type floodTotal struct {
	sum   FloodReport
	times [floodBuckets]uint64
}

func (t *floodTotal) add(r FloodReport) {
	t.sum.At = r.At
	t.sum.OK += r.OK
	t.sum.Unavailable += r.Unavailable
	t.sum.Other += r.Other
	t.sum.Logged += r.Logged
	t.sum.Withheld += r.Withheld
	t.sum.Refused += r.Refused
	t.sum.Broken += r.Broken
}

func (t *floodTotal) report() FloodReport {
	t.sum.P50, t.sum.P99 = floodQuantile(&t.times, 0.5), floodQuantile(&t.times, 0.99)
	return t.sum
}

// Times are kept in buckets that grow by 1/32 from 100 µs on, up to some 40 s.
const (
	floodBuckets = 420
	floodFirst   = 100 * time.Microsecond
)

func floodBucket(took time.Duration) int {
	i := 0
	for bound := floodFirst; took > bound && i < floodBuckets-1; i++ {
		bound += bound / 32
	}
	return i
}

func floodQuantile(times *[floodBuckets]uint64, share float64) time.Duration {
	var total, seen uint64
	for _, n := range times {
		total += n
	}
	bound := floodFirst
	for _, n := range times {
		if seen += n; total > 0 && float64(seen) >= share*float64(total) {
			return bound
		}
		bound += bound / 32
	}
	return 0
}
