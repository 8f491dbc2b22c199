package embedded_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/condition"
	"github.com/tollbook/tollbook/logs/embedded"
)

// entry is about as long and as varied as an access log entry.
func entry(i int) string {
	id := uint64(i+1) * 0x9E3779B97F4A7C15
	return fmt.Sprintf(`{"requestId":"%08x-%04x-4e5f-8a9b-%012x","ip":"203.0.113.%d","requestTime":"09/Apr/2026:12:%02d:%02d +0000",`+
		`"httpMethod":"GET","resourcePath":"/orders/{id}","path":"/orders/%d","status":"%d","protocol":"HTTP/1.1","responseLength":"%d",`+
		`"integrationLatency":"%d","userAgent":"Mozilla/5.0 (X11; Linux x86_64)"}`,
		uint32(id>>32), uint16(id), id>>13&0xffffffffffff, id>>7%250, i/60_000%60, i/1000%60, id>>11%100_000, 200+id>>9%5*100, id>>5%20_000, id>>3%700)
}

// variants is how many calls with different messages a benchmark goes through.
const variants = 40

// makeBatches makes the batches of one call: streams of the group 1, each with so many events. The messages of the
// variants differ.
func makeBatches(variant, streams, events int) (batches []logs.Batch, bytes int64) {
	for s := range streams {
		b := logs.Batch{Group: 1, Stream: logs.StreamID(s)}
		for e := range events {
			message := entry((variant*streams+s)*events + e)
			bytes += int64(len(message))
			b.Events = append(b.Events, logs.NewEvent{Message: message})
		}
		batches = append(batches, b)
	}
	return batches, bytes
}

func makeCalls(streams, events int) (calls [][]logs.Batch, bytes int64) {
	for v := range variants {
		batches, n := makeBatches(v, streams, events)
		calls, bytes = append(calls, batches), bytes+n
	}
	return calls, bytes / variants
}

// advance moves the timestamps of a call on.
func advance(batches []logs.Batch, at logs.Millis) {
	for _, b := range batches {
		for i := range b.Events {
			b.Events[i].Timestamp = at + logs.Millis(i)
		}
	}
}

// BenchmarkAppend includes the write-ahead log and the sealing that it causes. cpu-ns/event is the process's CPU time.
func BenchmarkAppend(b *testing.B) {
	for _, shape := range []struct{ streams, events int }{{1, 20}, {1, 3000}, {300, 10}} {
		b.Run(fmt.Sprintf("%dx%d", shape.streams, shape.events), func(b *testing.B) {
			s := open(b, b.TempDir(), embedded.Options{Logger: quiet()})
			defer s.Close()
			all, bytes := makeCalls(shape.streams, shape.events)
			b.SetBytes(bytes)
			b.ReportAllocs()
			calls := 0
			start := cpuTime()
			for b.Loop() {
				batches := all[calls%variants]
				advance(batches, logs.Millis(calls*shape.events))
				if _, err := s.Append(ctx, batches); err != nil {
					b.Fatal(err)
				}
				calls++
			}
			n := float64(calls * shape.streams * shape.events)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/n, "ns/event")
			b.ReportMetric(float64((cpuTime()-start).Nanoseconds())/n, "cpu-ns/event")
		})
	}
}

// BenchmarkAppendParallel has callers share syncs.
func BenchmarkAppendParallel(b *testing.B) {
	s := open(b, b.TempDir(), embedded.Options{Logger: quiet()})
	defer s.Close()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		batches, _ := makeBatches(0, 1, 20)
		for i := 0; pb.Next(); i++ {
			advance(batches, logs.Millis(i*20))
			if _, err := s.Append(ctx, batches); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(s.Metrics().Fsyncs)/float64(b.N), "fsyncs/op")
}

// filled makes a store of half a million events in 300 streams, most of them sealed.
func filled(b *testing.B, cacheBytes int64) *embedded.Store {
	b.Helper()
	s := open(b, b.TempDir(), embedded.Options{Logger: quiet(), CacheBytes: cacheBytes})
	for i := range 170 {
		batches, _ := makeBatches(i, 300, 10)
		advance(batches, logs.Millis(i*10))
		if _, err := s.Append(ctx, batches); err != nil {
			b.Fatal(err)
		}
	}
	s.Settle()
	m := s.Metrics()
	b.Logf("%d segments, %d events, %.1f bytes each", m.Segments, m.SegmentEvents, float64(m.SegmentBytes)/float64(m.SegmentEvents))
	return s
}

func readPage(b *testing.B, s *embedded.Store, q logs.ScanQuery, n int) {
	read := 0
	for e, err := range s.Scan(ctx, q) {
		if err != nil {
			b.Fatal(err)
		}
		if read++; read == n || strings.HasPrefix(e.Message, "x") {
			break
		}
	}
	if read != n {
		b.Fatalf("%d of %d events", read, n)
	}
}

// BenchmarkRead asks as the service does, with a cache that holds all, and with none.
func BenchmarkRead(b *testing.B) {
	one := whole(1)
	one.Streams = []logs.StreamID{123}
	latest := one
	latest.Descending = true
	needle := whole(1)
	id := entry(250_000)[14:50]
	needle.Filter = &logs.Filter{Match: func(m string) bool { return strings.Contains(m, id) }, Implied: condition.Contains(id)}
	scan := whole(1)
	scan.Filter = &logs.Filter{Match: func(m string) bool { return strings.Contains(m, id) }}
	for _, cached := range []bool{true, false} {
		cacheBytes := int64(-1)
		if cached {
			cacheBytes = 1 << 30
		}
		s := filled(b, cacheBytes)
		for _, c := range []struct {
			name  string
			query logs.ScanQuery
			n     int
		}{
			{"stream", one, 100}, {"stream-latest", latest, 100}, {"stream-all", one, 1700}, {"group", whole(1), 100},
			{"needle", needle, 1}, {"match-all", scan, 1}, {"group-all", whole(1), 510_000},
		} {
			b.Run(fmt.Sprintf("cached=%v/%s", cached, c.name), func(b *testing.B) {
				for b.Loop() {
					readPage(b, s, c.query, c.n)
				}
			})
		}
		b.Run(fmt.Sprintf("cached=%v/columns", cached), func(b *testing.B) {
			for b.Loop() {
				err := s.Columns(ctx, whole(1), func(_ int, c *logs.ColumnBlock) error {
					_, err := c.Block.Vector([]string{"status"})
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
		s.Close()
	}
}
