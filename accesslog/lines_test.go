package accesslog_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tollbook/tollbook/accesslog"
)

// TestLinesStayTogether: the lines of a request reach its stream next to each other and in their order, whatever other
// requests write at the same time.
func TestLinesStayTogether(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	w := accesslog.NewWriter(r, accesslog.Options{FlushInterval: time.Millisecond})
	sink, f := w.Sink(group), mustCompile(t, "$context.requestId")
	const writers, requests, lines = 8, 200, 5
	var wg sync.WaitGroup
	for g := range writers {
		wg.Go(func() {
			var l accesslog.Lines
			for i := range requests {
				id := fmt.Sprintf("%d-%d", g, i)
				for n := range lines {
					l.Add(int64(1000+n), fmt.Appendf(nil, "%s line %d", id, n))
				}
				sink.WriteLines(id, &l)
				l.Reset(1 << 10)
				sink.Write(f, entryWithID(id))
			}
		})
	}
	wg.Wait()
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	byStream := map[int][]accesslog.RenderedEntry{}
	for _, e := range r.got[group] {
		byStream[e.Stream] = append(byStream[e.Stream], e)
	}
	whole := 0
	for stream, events := range byStream {
		for i := 0; i < len(events); i++ {
			id, _, isLine := strings.Cut(events[i].Message, " line ")
			if !isLine {
				continue
			}
			for n := range lines {
				if e := events[i+n]; e.Message != fmt.Sprintf("%s line %d", id, n) || e.Timestamp != int64(1000+n) {
					t.Fatalf("stream %d: %q at %d in place of line %d of %s", stream, e.Message, e.Timestamp, n, id)
				}
			}
			if stream != accesslog.StreamOf(id) {
				t.Fatalf("%s is in stream %d", id, stream)
			}
			i += lines - 1
			whole++
		}
	}
	if m := w.Metrics(); whole != writers*requests || m.Written != writers*requests*(lines+1) || m.QueueBytes != 0 {
		t.Errorf("%d requests, %+v", whole, m)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"clf", "json", "xml", "csv"} {
		e := ordinary()
		format := accesslog.Predefined(name)
		got, ok := accesslog.Read(format, render(t, format, e))
		if !ok || got["requestId"] != e.RequestID || got["status"] != "200" || got["identity.sourceIp"] != e.SourceIP ||
			got["requestTime"] != "18/Apr/2024:23:05:24 +0000" || got["responseLength"] != "26" {
			t.Errorf("%s: %v %v", name, got, ok)
		}
		if _, there := got["identity.caller"]; there {
			t.Errorf("%s: a missing value is there", name)
		}
		if _, ok := accesslog.Read(format, "something else"); ok {
			t.Errorf("%s: anything is read", name)
		}
	}
	format := `{"p":"$context.path","ua":"$context.identity.userAgent","s":$context.status}`
	e := ordinary()
	e.Path, e.UserAgent = `/a"b\`, `x","s":1`
	if got, ok := accesslog.Read(format, render(t, format, e)); !ok || got["path"] != e.Path || got["identity.userAgent"] != e.UserAgent || got["status"] != "200" {
		t.Errorf("%v %v", got, ok)
	}
}
