package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/columnar"
	"github.com/tollbook/tollbook/logs/condition"
)

// containing accepts the messages with a text in them.
func containing(text string) *logs.Filter {
	return &logs.Filter{
		Match:   func(m string) bool { return strings.Contains(m, text) },
		Implied: condition.Contains(text),
	}
}

// having accepts the JSON objects with a member that is a given string or literal.
func having(member, text string) *logs.Filter {
	return &logs.Filter{
		Match: func(m string) bool {
			return strings.Contains(m, fmt.Sprintf("%q:%q", member, text)) || strings.Contains(m, fmt.Sprintf("%q:%s", member, text))
		},
		Implied: condition.Field{Path: []string{member}, Test: func(v condition.Value) bool { return v.Text == text }},
	}
}

func testFilter(t *testing.T, f *fixture) {
	var all1, status, odd []string
	for i := range 200 {
		m := fmt.Sprintf(`{"id":"%d","status":%d,"path":"/a/%d"}`, i*7919, 200+i%5*100, i%3)
		if i%17 == 0 {
			m = fmt.Sprintf("not JSON: %d", i)
		}
		all1 = append(all1, m)
		if strings.Contains(m, `"status":400`) {
			status = append(status, m)
		}
		if len(m)%2 == 1 {
			odd = append(odd, m)
		}
		f.put(1, logs.StreamID(i%4), event(logs.Millis(i), m))
	}
	q := all(1)
	for name, c := range map[string]struct {
		filter *logs.Filter
		want   []string
	}{
		"rare":       {containing(`"791900"`), []string{all1[100]}},
		"none":       {containing("nowhere"), nil},
		"text":       {containing("not JSON: 34"), []string{all1[34]}},
		"member":     {having("status", "400"), status},
		"match only": {&logs.Filter{Match: func(m string) bool { return len(m)%2 == 1 }}, odd},
		"both": {&logs.Filter{
			Match:   func(m string) bool { return m == all1[7] },
			Implied: condition.All{condition.Any{condition.Contains(`"/a/1"`), condition.Contains("x")}, condition.Contains("id")},
		}, []string{all1[7]}},
	} {
		q.Filter = c.filter
		if diff := gocmp.Diff(c.want, texts(f.scan(q))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	q.Filter = having("status", "400")
	if got := texts(f.pages(q, 7)); !slices.Equal(got, status) {
		t.Errorf("in pages: %q, want %q", got, status)
	}
	q.Descending = true
	slices.Reverse(status)
	f.want(q, status...)
	q.Streams, q.From, q.To = []logs.StreamID{1}, 80, 101
	f.want(q, all1[97])
}

// testFilterStopped ends scans with a filter early, by the reader and by its context.
func testFilterStopped(t *testing.T, f *fixture) {
	for i := range 300 {
		f.put(1, logs.StreamID(i%3), event(logs.Millis(i), fmt.Sprint("message ", i)))
	}
	q := all(1)
	q.Filter = containing("message")
	for n := 1; n < 300; n += 50 {
		events, err := collect(f.store, q, n)
		f.must(err)
		if len(events) != n || events[n-1].Timestamp != logs.Millis(n-1) {
			t.Errorf("%d events asked for, %d read", n, len(events))
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	q.Filter = &logs.Filter{Match: func(string) bool {
		cancel()
		return false
	}}
	for e, err := range f.store.Scan(ctx, q) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("read %+v, %v", e, err)
		}
	}
}

// testFilterTold counts what scans say that they look at: all that they select, whatever the filter lets them pass over.
func testFilterTold(t *testing.T, f *fixture) {
	for i := range 400 {
		f.put(1, logs.StreamID(i%4), event(logs.Millis(i), fmt.Sprintf(`{"id":"%d","status":%d}`, i*7919, 200+i%5*100)))
	}
	f.must(f.store.DeleteStreams(context.Background(), 1, []logs.StreamID{3}))
	f.must(f.store.ExpireBefore(context.Background(), 1, 50))
	for name, q := range map[string]logs.ScanQuery{
		"all": all(1), "stream": all(1, 2), "time": {Group: 1, From: 71, To: 333},
		"arrivals": {Group: 1, To: 1000, ArrivedFrom: 20, ArrivedTo: 300}, "descending": {Group: 1, From: 60, To: 390, Descending: true},
	} {
		selected := f.scan(q)
		bytes := int64(0)
		for _, e := range selected {
			bytes += int64(len(e.Message))
		}
		for _, q.Filter = range []*logs.Filter{having("status", "400"), containing(`"791900"`), containing("nowhere"), {Match: func(string) bool { return true }}} {
			var told, toldBytes, blocks atomic.Int64
			q.Filter.Block = func(b *columnar.Block, selected int) (bool, error) {
				told.Add(int64(selected))
				blocks.Add(1)
				return false, nil
			}
			q.Filter.Loose = func(messages int, bytes int64) {
				told.Add(int64(messages))
				toldBytes.Add(bytes)
			}
			f.scan(q)
			if int(told.Load()) != len(selected) || blocks.Load() == 0 && toldBytes.Load() != bytes {
				t.Errorf("%s: told of %d events, %d bytes in none of %d blocks; want %d, %d", name, told.Load(), toldBytes.Load(), blocks.Load(), len(selected), bytes)
			}
		}
	}
}

func testFields(t *testing.T, f *fixture) {
	for i := range 60 {
		at := logs.Millis(i)
		f.put(1, 1, event(at, fmt.Sprintf(`{"n":%d,"name":"x%d","in":{"deep":true}}`, i, i%4)))
		f.put(1, 2, event(at, fmt.Sprintf(`{"n":%d,"list":["a",%d]}`, i, i)), event(at, "no JSON"))
		f.put(2, 3, event(at, `{"other":1}`))
	}
	check := func(what string, q logs.ScanQuery, wantTotal int64, want map[string]int64) {
		t.Helper()
		fields, total, err := f.store.Fields(context.Background(), q)
		f.must(err)
		got := map[string]int64{}
		for _, c := range fields {
			got[c.Name] += c.Events
		}
		if diff := gocmp.Diff(want, got); diff != "" || total != wantTotal {
			t.Errorf("%s: %d events, want %d; fields (-want +got):\n%s", what, total, wantTotal, diff)
		}
	}
	check("all", all(1), 180, map[string]int64{"n": 120, "name": 60, "in.deep": 60, "list.0": 60, "list.1": 60})
	check("one stream", all(1, 2), 120, map[string]int64{"n": 60, "list.0": 60, "list.1": 60})
	check("a time", logs.ScanQuery{Group: 1, From: 10, To: 20}, 30,
		map[string]int64{"n": 20, "name": 10, "in.deep": 10, "list.0": 10, "list.1": 10})
	filtered := all(1)
	filtered.Filter = containing(`"x3"`)
	check("filtered", filtered, 15, map[string]int64{"n": 15, "name": 15, "in.deep": 15})
	check("nothing", all(9), 0, map[string]int64{})
	f.must(f.store.DeleteStreams(context.Background(), 1, []logs.StreamID{1}))
	check("after a deletion", all(1), 120, map[string]int64{"n": 60, "list.0": 60, "list.1": 60})
}
