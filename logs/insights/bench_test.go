package insights

import (
	"sync"
	"testing"

	"github.com/tollbook/tollbook/bench/entries"
)

const benchEntries = 16 << 16

var benchData = sync.OnceValue(func() []memEvent {
	g := entries.New(entries.Seed)
	events := make([]memEvent, benchEntries)
	var buf []byte
	for i := range events {
		var e entries.Entry
		buf, e = g.Append(buf[:0])
		ms := e.Time.UnixMilli()
		events[i] = memEvent{timestamp: ms, ingestion: ms + 100, arrival: uint64(i), stream: "s", message: string(buf)}
	}
	return events
})

// BenchmarkQuery runs queries over a million entries of an access log whose columns are loaded.
func BenchmarkQuery(b *testing.B) {
	d := newMemData(b, 1<<16, benchData())
	for _, c := range []struct{ name, query string }{
		{"count by status", "stats count(*) by status"},
		{"count and p99 by path", "stats count(*), pct(latency, 99) by resourcePath"},
		{"top addresses", "stats count(*) as n by ip | sort n desc | limit 10"},
		{"bins of a status", `filter status = "500" | stats count(*) by bin(5m)`},
		{"like regex", `filter @message like /GET.*"status":"50[0-9]"/ | stats count(*)`},
		{"like regex in any case", `filter @message like /(?i)delete/ | stats count(*)`},
		{"parse", `parse @message '"resourcePath":"*","status":"*"' as p, s | stats count(*) by p, s`},
		{"newest", "fields @timestamp, @message | limit 1000"},
		{"sort", "fields @timestamp, ip | sort latency desc | limit 20"},
		{"two keys", "stats count(*), avg(responseLength), max(latency) by status, httpMethod"},
		{"expression", "stats sum(latency * 2 + responseLength) by status"},
		{"distinct", "stats count_distinct(ip)"},
		{"dedup", "dedup ip | limit 10"},
	} {
		b.Run(c.name, func(b *testing.B) {
			q := mustCompile(b, c.query, Options{Within: wholeTime})
			if _, err := q.Run(b.Context(), d, nil, nil); err != nil { // loads the columns
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := q.Run(b.Context(), d, nil, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchEntries, "ns/entry")
		})
	}
}
