package entries_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/tollbook/tollbook/bench/entries"
)

// The numbers in docs/performance.md were measured on these very lines.
func TestSameLinesForever(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		seed int64
		want string // SHA-256 of the first 1,000 lines, each with its end
	}{
		{entries.Seed, "00be9f6bb6cf5de1c7208b1d2eb49d3ba3e79674f17567a5f2869fed82b25e52"},
		{8, "70c4ad3fd44ab5d2405dabf889dae1b613af4026009453fc5d8d5ac1acafd986"},
	} {
		g, hash := entries.New(test.seed), sha256.New()
		var line []byte
		for range 1000 {
			line, _ = g.Append(line[:0])
			hash.Write(append(line, '\n'))
		}
		if got := hex.EncodeToString(hash.Sum(nil)); got != test.want {
			t.Errorf("seed %d: other lines than before: %s, want %s", test.seed, got, test.want)
		}
	}
}

func TestEntryTellsItsPlaces(t *testing.T) {
	t.Parallel()
	buf, e := entries.New(entries.Seed).Append([]byte("before"))
	if got, want := string(buf[e.RequestID:][:entries.RequestIDLen]), "3dcb935a-11bf-c844-3cf4-e84000cd61f5"; got != want {
		t.Errorf("request ID %q, want %q", got, want)
	}
	if got, want := e.Time.UnixMilli(), int64(1_795_132_800_014); got != want {
		t.Errorf("time %d, want %d", got, want)
	}
}

func BenchmarkAppend(b *testing.B) {
	g := entries.New(entries.Seed)
	var line []byte
	for b.Loop() {
		line, _ = g.Append(line[:0])
	}
}
