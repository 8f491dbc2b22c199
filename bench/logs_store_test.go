package main

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/tollbook/tollbook/accesslog"
)

const testEntries = 2500 // not a multiple of what a call takes

func TestFeedHandsOverEveryEntryOnce(t *testing.T) {
	t.Parallel()
	src, want := newSource(testEntries, 5), newSource(testEntries, 5)
	left := map[string]int64{} // timestamps by message
	for {
		message, e, ok := want.append(nil)
		if !ok {
			break
		}
		left[string(message)] = e.Time.UnixMilli()
	}
	f := startFeed(src)
	for c := range f.full {
		for _, b := range c.batches {
			for _, e := range b.Events {
				if left[e.Message] != int64(e.Timestamp) {
					t.Errorf("%s at %d: unknown, a second time, or with another timestamp", e.Message, e.Timestamp)
				}
				delete(left, e.Message)
				if stream := accesslog.StreamOf(fieldOf(t, e.Message, "requestId")); stream != int(b.Stream) {
					t.Errorf("%s is in stream %d, want %d", e.Message, b.Stream, stream)
				}
			}
		}
		f.free <- c
	}
	if len(left) > 0 || len(src.requestIDs) != 5 {
		t.Errorf("%d entries are missing; %d request IDs were kept, want 5", len(left), len(src.requestIDs))
	}
}

// What the tables time must be the right answer.
func TestTollbookAnswers(t *testing.T) {
	t.Parallel()
	store, want := filledStore(t)
	for kind := range questionKinds {
		answer, _, err := store.ask(context.Background(), question{kind, kind.needle(want.requestIDs[1])})
		if errors.Is(err, errNotBuilt) {
			continue
		} else if err != nil {
			t.Fatalf("%s: %v", questionTitles[kind], err)
		}
		if wanted := wantedAnswer(t, kind); answer != wanted {
			t.Errorf("%s:\n%s\nwant\n%s", questionTitles[kind], answer, wanted)
		}
	}
	for _, read := range pageReads {
		if took, err := store.readPage(context.Background(), read, 0); err != nil || took <= 0 {
			t.Errorf("%s: %v, %v", read.title, took, err)
		}
	}
}

func filledStore(t *testing.T) (*tollbookStore, *source) {
	t.Helper()
	store, src := &tollbookStore{dir: t.TempDir()}, newSource(testEntries, 3)
	if err := store.open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.stop)
	f := startFeed(src)
	for c := range f.full {
		if _, err := store.store.Append(context.Background(), c.batches); err != nil {
			t.Error(err)
		}
		f.free <- c
	}
	return store, src
}

// wantedAnswer counts in the entries themselves.
func wantedAnswer(t *testing.T, kind questionKind) string {
	field, counted := map[questionKind]string{countByStatus: "status", latencyByPath: "resourcePath", countByClient: "ip"}[kind]
	if !counted {
		return eventsAnswer(1)
	}
	numbers := map[string]int64{}
	for src := newSource(testEntries, 0); ; {
		message, _, ok := src.append(nil)
		if !ok {
			break
		}
		numbers[fieldOf(t, string(message), field)]++
	}
	var counts []count
	for value, n := range numbers {
		counts = append(counts, count{value, n})
	}
	return countsAnswer(counts, kind.answerLimit())
}

func fieldOf(t *testing.T, message, name string) string {
	t.Helper()
	var fields map[string]string
	if err := json.Unmarshal([]byte(message), &fields); err != nil {
		t.Fatal(err)
	}
	return fields[name]
}

func TestCountsAnswer(t *testing.T) {
	t.Parallel()
	counts := []count{{"c", 1}, {"b", 2}, {"a", 2}, {"d", 5}}
	if got, want := countsAnswer(counts, 3), "d\t5\na\t2\nb\t2\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestThousands(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 5_000_000: "5,000,000", 12_345: "12,345"} {
		if got := thousands(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestFormatTime(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{4567 * time.Microsecond: "4.57 ms", 12_345 * time.Microsecond: "12 ms"} {
		if got := formatTime(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
