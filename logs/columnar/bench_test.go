package columnar

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/tollbook/tollbook/logs/condition"
)

// The numbers that this package is measured by are of one thread, on blocks of 65,536 access log entries. ns/entry is the
// thread's CPU time, so that a busy machine does not count.

// meter measures from its making on.
type meter struct {
	b     *testing.B
	start int64
}

func startMeter(b *testing.B) meter {
	runtime.LockOSThread()
	b.Cleanup(runtime.UnlockOSThread)
	return meter{b, threadTime()}
}

func threadTime() int64 {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_THREAD, &usage); err != nil {
		return 0
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func (m meter) report(what string, n int) {
	m.b.ReportMetric(float64(threadTime()-m.start)/float64(m.b.N)/float64(n), what)
}

func BenchmarkEncode(b *testing.B) {
	rows := accessLog(7, MaxRows)
	e := NewEncoder()
	block := e.Append(nil, rows)
	m := startMeter(b)
	for b.Loop() {
		block = e.Append(block[:0], rows)
	}
	m.report("ns/entry", MaxRows)
	b.ReportMetric(float64(len(block))/MaxRows, "B/entry")
}

func BenchmarkDecode(b *testing.B) {
	block := encode(accessLog(7, MaxRows))
	var buf []byte
	m := startMeter(b)
	for b.Loop() {
		r := open(b, block)
		for row := range r.Len() {
			var err error
			if buf, err = r.AppendMessage(buf[:0], row); err != nil {
				b.Fatal(err)
			}
		}
	}
	m.report("ns/entry", MaxRows)
}

func BenchmarkPositions(b *testing.B) {
	block := encode(accessLog(7, MaxRows))
	m := startMeter(b)
	for b.Loop() {
		var p Positions
		if err := open(b, block).Positions(0, MaxRows, &p); err != nil {
			b.Fatal(err)
		}
	}
	m.report("ns/entry", MaxRows)
}

// BenchmarkCount counts, the block not loaded before.
func BenchmarkCount(b *testing.B) {
	block := encode(accessLog(7, MaxRows))
	m := startMeter(b)
	for b.Loop() {
		if _, err := open(b, block).CountNamed("status"); err != nil {
			b.Fatal(err)
		}
	}
	m.report("ns/entry", MaxRows)
}

// BenchmarkCountByStatus counts through a Vector, the block not loaded before.
func BenchmarkCountByStatus(b *testing.B) {
	block := encode(accessLog(7, MaxRows))
	m := startMeter(b)
	for b.Loop() {
		v, err := open(b, block).Vector([]string{"status"})
		if err != nil {
			b.Fatal(err)
		}
		counts := make([]int, len(v.Dict))
		for _, code := range v.Codes {
			counts[code]++
		}
	}
	m.report("ns/entry", MaxRows)
}

func BenchmarkVector(b *testing.B) {
	block := encode(accessLog(7, MaxRows))
	for _, field := range []string{"latency", "ip", "resourcePath", "_time", "requestId"} {
		b.Run(field, func(b *testing.B) {
			m := startMeter(b)
			for b.Loop() {
				if _, err := open(b, block).Vector([]string{field}); err != nil {
					b.Fatal(err)
				}
			}
			m.report("ns/entry", MaxRows)
		})
	}
}

func BenchmarkSelect(b *testing.B) {
	block := encode(accessLog(7, MaxRows))
	for _, needle := range []string{"8cf4e84000", `"status":"404"`, "00:12", "7f", `"latency":"9`} {
		b.Run(strings.ReplaceAll(needle, `"`, ""), func(b *testing.B) {
			m := startMeter(b)
			for b.Loop() {
				if err := open(b, block).Select(condition.Contains(needle), allRows(MaxRows)); err != nil {
					b.Fatal(err)
				}
			}
			m.report("ns/entry", MaxRows)
		})
	}
}

func BenchmarkExcludesIdentifier(b *testing.B) {
	r := open(b, encode(accessLog(7, MaxRows)))
	m := startMeter(b)
	n := 0
	for b.Loop() {
		n++
		c := condition.Contains(fmt.Sprintf("%08x-11bf-c844-3cf4-e84000cd61f5", n))
		if _, err := r.Excludes(c); err != nil {
			b.Fatal(err)
		}
	}
	m.report("ns/block", 1)
}

func BenchmarkOpen(b *testing.B) {
	block := encode(accessLog(7, MaxRows))
	m := startMeter(b)
	for b.Loop() {
		open(b, block)
	}
	m.report("ns/block", 1)
}
