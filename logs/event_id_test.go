package logs_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/logs"
)

// reference computes the id the slow way.
func reference(p logs.Position) string {
	n := new(big.Int).SetUint64(uint64(p.Timestamp))
	n.Lsh(n, 64).Add(n, new(big.Int).SetUint64(uint64(p.Ingestion)))
	n.Lsh(n, 80).Add(n, new(big.Int).SetUint64(p.Arrival))
	return n.String()
}

func TestEventID(t *testing.T) {
	t.Parallel()
	positions := []logs.Position{
		{},
		{Arrival: 1},
		{Arrival: math.MaxUint64},
		{Ingestion: math.MaxInt64},
		{Timestamp: math.MaxInt64, Ingestion: math.MaxInt64, Arrival: math.MaxUint64},
		{Timestamp: -1, Ingestion: -1, Arrival: math.MaxUint64},
		{Timestamp: 1770153455123, Ingestion: 1770153455999, Arrival: 42},
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		positions = append(positions, logs.Position{
			Timestamp: logs.Millis(r.Uint64() >> r.IntN(64)),
			Ingestion: logs.Millis(r.Uint64() >> r.IntN(64)),
			Arrival:   r.Uint64() >> r.IntN(64),
		})
	}
	for _, p := range positions {
		id := logs.EventID(p)
		if want := reference(p); id != want {
			t.Fatalf("EventID(%+v) = %s, want %s", p, id, want)
		}
		if got, err := logs.ParseEventID(id); err != nil || got != p {
			t.Fatalf("ParseEventID(%s) = %+v, %v; want %+v", id, got, err, p)
		}
	}
}

func TestEventIDHas56Digits(t *testing.T) {
	t.Parallel()
	id := logs.EventID(logs.Position{Timestamp: 1770153455123, Ingestion: 1770153455999, Arrival: 42})
	if len(id) != 56 {
		t.Errorf("%s has %d digits", id, len(id))
	}
}

func TestParseEventIDErrors(t *testing.T) {
	t.Parallel()
	for name, id := range map[string]string{
		"empty":            "",
		"letters":          "12x4",
		"sign":             "-1",
		"plus":             "+1",
		"plus inside":      "1+" + strings.Repeat("1", 18),
		"space":            " 1",
		"underscore":       "1_0",
		"too long":         strings.Repeat("1", 64),
		"too large":        strings.Repeat("9", 63),
		"random part":      new(big.Int).Lsh(big.NewInt(1), 64).String(),
		"above 208 bits":   new(big.Int).Lsh(big.NewInt(1), 208).String(),
		"digits elsewhere": "١",
	} {
		if p, err := logs.ParseEventID(id); err == nil {
			t.Errorf("%s: ParseEventID(%q) = %+v, want an error", name, id, p)
		}
	}
	if p, err := logs.ParseEventID("0007"); err != nil || p.Arrival != 7 {
		t.Errorf("leading zeros: %+v, %v", p, err)
	}
}

func BenchmarkEventID(b *testing.B) {
	p := logs.Position{Timestamp: 1770153455123, Ingestion: 1770153455999, Arrival: 42}
	b.ReportAllocs()
	for b.Loop() {
		p.Arrival++
		if logs.EventID(p) == "" {
			b.Fatal("no id")
		}
	}
}
