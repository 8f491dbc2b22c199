package columnar

import (
	"bytes"
	"fmt"
	"math"
	"math/rand"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tollbook/tollbook/logs/condition"
)

// encoders are used again and again, so that what one block leaves in them would be seen in another.
var encoders = sync.Pool{New: func() any { return NewEncoder() }}

func encode(rows *Rows) []byte {
	e := encoders.Get().(*Encoder)
	defer encoders.Put(e)
	return e.Append(nil, rows)
}

func open(t testing.TB, block []byte) *Block {
	t.Helper()
	b, err := Open(bytes.NewReader(block), int64(len(block)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// requireRows checks that a block holds exactly rows.
func requireRows(t testing.TB, block []byte, rows *Rows) {
	t.Helper()
	b := open(t, block)
	if b.Len() != len(rows.Messages) || b.MessageBytes() != int64(messageBytes(rows.Messages)) {
		t.Fatalf("%d rows, %d bytes", b.Len(), b.MessageBytes())
	}
	var p Positions
	if err := b.Positions(0, b.Len(), &p); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(p.Timestamps, rows.Timestamps) || !slices.Equal(p.Ingestions, rows.Ingestions) || !slices.Equal(p.Arrivals, rows.Arrivals) {
		t.Fatal("positions differ")
	}
	var buf []byte
	for row, want := range rows.Messages {
		var err error
		if buf, err = b.AppendMessage(buf[:0], row); err != nil {
			t.Fatal(err)
		}
		if string(buf) != want {
			t.Fatalf("row %d is\n%q, not\n%q", row, buf, want)
		}
	}
	if err := b.Verify(); err != nil {
		t.Fatal(err)
	}
}

func TestAccessLogComesBack(t *testing.T) {
	t.Parallel()
	rows := accessLog(7, 20000)
	block := encode(rows)
	t.Logf("%.2f bytes an entry", float64(len(block))/20000)
	requireRows(t, block, rows)
}

func TestLooksComeBack(t *testing.T) {
	t.Parallel()
	for i, name := range lookNames() {
		for _, n := range []int{1, 7, 8, 9, 100, 1500} {
			rows := lookRows(int64(i), n, name)
			block := encode(rows)
			requireRows(t, block, rows)
			if n == 1500 {
				b := open(t, block)
				t.Logf("%-10s %6.2f of %6.2f bytes a message, %d shapes, %d rows without", name, float64(len(block))/float64(n),
					float64(messageBytes(rows.Messages))/float64(n), len(b.shapes), b.textRows)
			}
		}
	}
	rows := lookRows(99, 20000, lookNames()...)
	requireRows(t, encode(rows), rows)
}

func TestRealLogsComeBack(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"apache_combined_10k.log.gz", "nginxplus_json.log.gz"} {
		t.Run(name, func(t *testing.T) {
			rows := &Rows{}
			for i, m := range sharedLog(t, name) {
				rows.add(1431857103000+int64(i)*400, 1431857103000, uint64(i), m)
			}
			block := encode(rows)
			requireRows(t, block, rows)
			b := open(t, block)
			t.Logf("%d bytes for %d rows of %d bytes, %d shapes, %d rows without", len(block), b.Len(), b.MessageBytes(), len(b.shapes), b.textRows)
		})
	}
}

func TestEdges(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(1))
	random := make([]byte, 1<<20)
	r.Read(random)
	tests := map[string]func(rows *Rows){
		"one row":          func(rows *Rows) { rows.add(1, 2, 3, "x") },
		"one empty row":    func(rows *Rows) { rows.add(0, 0, 0, "") },
		"large messages":   func(rows *Rows) { rows.add(1, 2, 3, strings.Repeat("a", 1<<20)); rows.add(1, 2, 4, string(random)) },
		"extreme numbers":  func(rows *Rows) { addExtremes(rows) },
		"all rows one":     func(rows *Rows) { addMany(rows, MaxRows, func(int) string { return "same" }) },
		"all rows empty":   func(rows *Rows) { addMany(rows, MaxRows, func(int) string { return "" }) },
		"all rows numbers": func(rows *Rows) { addMany(rows, MaxRows, func(i int) string { return fmt.Sprint("n ", i*i) }) },
		"late exception": func(rows *Rows) {
			addMany(rows, 3*ChunkRows+1, func(i int) string { return `{"n":"` + strings.Repeat("x", i/(3*ChunkRows)) + fmt.Sprint(i) + `"}` })
		},
		"type changes": func(rows *Rows) {
			addMany(rows, 3*ChunkRows, func(i int) string {
				return `{"n":"` + []string{uuid(r), fmt.Sprint(i), "word", base64Text(r)}[i/(ChunkRows*3/4)] + `"}`
			})
		},
		"too many slots": func(rows *Rows) { addMany(rows, 20, func(i int) string { return strings.Repeat("1 ", 400+i*10) }) },
		"deep JSON": func(rows *Rows) {
			addMany(rows, 20, func(i int) string { return strings.Repeat(`{"a":`, 20+i) + "1" + strings.Repeat("}", 20+i) })
		},
		"many shapes": func(rows *Rows) {
			addMany(rows, 20000, func(i int) string { return strings.Repeat("k ", i%200) + fmt.Sprint(i) })
		},
		"shapes every time": func(rows *Rows) {
			addMany(rows, 9000, func(i int) string { return hexText(r, 9) + strings.Repeat("a", i%7) + " b c" })
		},
		"CRLF": func(rows *Rows) { addMany(rows, 100, func(i int) string { return fmt.Sprintf("GET /%d\r\n", i) }) },
	}
	for name, add := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows := &Rows{}
			add(rows)
			block := encode(rows)
			t.Logf("%d bytes for %d rows of %d bytes", len(block), len(rows.Messages), messageBytes(rows.Messages))
			requireRows(t, block, rows)
		})
	}
}

func addMany(rows *Rows, n int, message func(i int) string) {
	for i := range n {
		rows.add(int64(i), int64(i), uint64(i), message(i))
	}
}

func addExtremes(rows *Rows) {
	times := []int64{math.MinInt64, math.MaxInt64, 0, -1, 1}
	arrivals := []uint64{0, math.MaxUint64, 1 << 63, 7}
	for i := range 200 {
		rows.add(times[i%5], times[i/5%5], arrivals[i%4], fmt.Sprintf(`{"n":%d,"at":"2026-11-20T00:00:00.%03dZ"}`, times[i%5], i))
	}
}

func TestReadsAtTheSameTime(t *testing.T) {
	t.Parallel()
	rows := lookRows(4, 9000, lookNames()...)
	b := open(t, encode(rows))
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			var buf []byte
			var err error
			for row, want := range rows.Messages {
				if buf, err = b.AppendMessage(buf[:0], row); err != nil || string(buf) != want {
					t.Errorf("row %d is %q: %v", row, buf, err)
					return
				}
			}
		})
		wait.Go(func() { requireSelects(t, b, rows, condition.Contains("404"), allRows(b.Len()), "404") })
		wait.Go(func() {
			if v, err := b.Vector([]string{"requestId"}); err != nil || len(v.Codes) != b.Len() {
				t.Error(err)
			}
		})
	}
	wait.Wait()
}

func TestLoadedRowsDoNotAllocate(t *testing.T) {
	rows := accessLog(7, 3000)
	b := open(t, encode(rows))
	buf := make([]byte, 0, 1024)
	row := 0
	held := b.Held()
	allocations := testing.AllocsPerRun(1000, func() {
		row = (row + 17) % 3000
		buf, _ = b.AppendMessage(buf[:0], row)
	})
	if allocations != 0 {
		t.Errorf("%v allocations a message", allocations)
	}
	if b.Held() < held+3000*16 {
		t.Errorf("holds %d bytes, %d before", b.Held(), held)
	}
}
