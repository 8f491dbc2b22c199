package embedded_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/embedded"
)

// entry is about as long and as varied as an access log entry.
func entry(i int) string {
	return fmt.Sprintf(`{"requestId":"%08x-1c2d-4e5f-8a9b-%012x","ip":"203.0.113.%d","requestTime":"09/Apr/2026:12:34:%02d +0000",`+
		`"httpMethod":"GET","resourcePath":"/orders/{id}","path":"/orders/%d","status":"%d","protocol":"HTTP/1.1","responseLength":"%d",`+
		`"integrationLatency":"%d","userAgent":"Mozilla/5.0 (X11; Linux x86_64)"}`,
		uint32(i*2654435761), i, i%250, i%60, i*7919%100_000, 200+i%5*100, i*31%20_000, i%700)
}

// makeBatches makes the batches of one call: streams of the group 1, each with so many events.
func makeBatches(streams, events int) (batches []logs.Batch, bytes int64) {
	for s := range streams {
		b := logs.Batch{Group: 1, Stream: logs.StreamID(s)}
		for e := range events {
			message := entry(s*events + e)
			bytes += int64(len(message))
			b.Events = append(b.Events, logs.NewEvent{Message: message})
		}
		batches = append(batches, b)
	}
	return batches, bytes
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
			batches, bytes := makeBatches(shape.streams, shape.events)
			b.SetBytes(bytes)
			b.ReportAllocs()
			calls := 0
			start := cpuTime()
			for b.Loop() {
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
		batches, _ := makeBatches(1, 20)
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
func filled(b *testing.B) *embedded.Store {
	b.Helper()
	s := open(b, b.TempDir(), embedded.Options{Logger: quiet(), CacheBytes: -1})
	batches, bytes := makeBatches(300, 10)
	for i := range 170 {
		advance(batches, logs.Millis(i*10))
		if _, err := s.Append(ctx, batches); err != nil {
			b.Fatal(err)
		}
	}
	s.Settle()
	m := s.Metrics()
	b.ReportMetric(float64(m.SegmentBytes)/float64(m.SegmentEvents), "B/event")
	b.Logf("%d segments, %d events of %d bytes on average", m.Segments, m.SegmentEvents, bytes/3000)
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

// BenchmarkReadStreamPage reads 100 events of one of 300 streams, with no cache.
func BenchmarkReadStreamPage(b *testing.B) {
	s := filled(b)
	defer s.Close()
	for _, descending := range []bool{false, true} {
		b.Run(fmt.Sprintf("descending=%v", descending), func(b *testing.B) {
			q := whole(1)
			q.Streams, q.Descending = []logs.StreamID{123}, descending
			for b.Loop() {
				readPage(b, s, q, 100)
			}
		})
	}
}

// BenchmarkGroupFirstPage reads 100 events of a group of 300 streams, with no cache.
func BenchmarkGroupFirstPage(b *testing.B) {
	s := filled(b)
	defer s.Close()
	for b.Loop() {
		readPage(b, s, whole(1), 100)
	}
}

// BenchmarkScanGroup reads a group of half a million events.
func BenchmarkScanGroup(b *testing.B) {
	s := filled(b)
	defer s.Close()
	for b.Loop() {
		readPage(b, s, whole(1), 510_000)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/510_000, "ns/event")
}
