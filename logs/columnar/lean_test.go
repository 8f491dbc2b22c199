package columnar

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// variety is rows of several shapes, with columns of every kind.
func variety(n int, mixed bool) *Rows {
	r := &Rows{}
	for i := range n {
		m := fmt.Sprintf(`{"id":"%08x-%04x","status":"%d","ip":"10.0.%d.%d","took":%d,"path":"/p%d","text":"some words %d here"}`,
			i*2654435761, i%65536, 200+i%5, i%7, i*31%251, i*i%5000, i%300, i*7919)
		switch {
		case mixed && i%11 == 0:
			m = fmt.Sprintf("GET /x/%d 200", i)
		case mixed && i%97 == 0:
			m = fmt.Sprintf("{ no object %d", i)
		case i%501 == 0:
			m = strings.Replace(m, `"took":`, `"took":1e`, 1)
		}
		r.Messages = append(r.Messages, m)
		r.Timestamps = append(r.Timestamps, int64(1_000_000+i*13))
		r.Ingestions = append(r.Ingestions, int64(2_000_000+i/100))
		r.Arrivals = append(r.Arrivals, uint64(i))
	}
	return r
}

// TestLean reads blocks in all ways before and after they were made lean or bare, while the original is still there.
func TestLean(t *testing.T) {
	t.Parallel()
	for _, mixed := range []bool{false, true} {
		rows := variety(5000, mixed)
		encoded := NewEncoder().Append(nil, rows)
		block, err := Open(bytes.NewReader(encoded), int64(len(encoded)))
		if err != nil {
			t.Fatal(err)
		}
		header := block.Held()
		want := columnsOf(t, block)
		asked := block.Held()
		checkMessages(t, block, rows)
		full := block.Held()
		if block.Passing() <= 0 || block.Passing() >= full-header {
			t.Errorf("%d of %d bytes are passing", block.Passing(), full)
		}
		lean := block.Lean()
		if lean.Held() != full-block.Passing() || lean.Passing() != 0 || lean.Held() <= header || lean.Held() > asked {
			t.Errorf("lean, %d bytes are left of %d, and %d pass; with the columns asked for it was %d", lean.Held(), full, lean.Passing(), asked)
		}
		again := lean.Held()
		if got := columnsOf(t, lean); !cmp.Equal(got, want) {
			t.Error("a lean block has other values")
		}
		if lean.Held() != again && !mixed { // identifiers and texts are asked for, and pass
			t.Logf("a lean block grew from %d to %d bytes", again, lean.Held())
		}
		bare := lean.Bare()
		if bare.Held() >= again || bare.Held() < header {
			t.Errorf("bare, %d bytes are left of %d", bare.Held(), again)
		}
		checkMessages(t, bare, rows)
		checkMessages(t, lean, rows)
		for _, b := range []*Block{block, bare, bare.Lean(), bare.Bare().Lean()} {
			if got := columnsOf(t, b); !cmp.Equal(got, want) {
				t.Error("a block has other values")
			}
			checkMessages(t, b, rows)
			if err := b.Verify(); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestBareBlockKeepsCounts counts once, and then without reading anything.
func TestBareBlockKeepsCounts(t *testing.T) {
	t.Parallel()
	encoded := NewEncoder().Append(nil, variety(400, false))
	src := &countedReader{Reader: bytes.NewReader(encoded)}
	block, err := Open(src, int64(len(encoded)))
	if err != nil {
		t.Fatal(err)
	}
	want, err := block.CountNamed("status")
	if err != nil || len(want) != 5 {
		t.Fatalf("%v, %v", want, err)
	}
	bare, reads := block.Bare(), src.reads
	got, err := bare.CountNamed("status")
	if err != nil || !cmp.Equal(got, want) || src.reads != reads {
		t.Errorf("%v after %d reads (%v), want %v", got, src.reads-reads, err, want)
	}
}

type countedReader struct {
	*bytes.Reader
	reads int
}

func (r *countedReader) ReadAt(p []byte, at int64) (int, error) {
	r.reads++
	return r.Reader.ReadAt(p, at)
}

// columnsOf is what a block tells of single fields.
func columnsOf(t *testing.T, b *Block) (all []string) {
	t.Helper()
	var rows Bitmap
	rows.SetRange(0, b.Len())
	var c Column
	for _, name := range []string{"status", "ip", "took", "path"} {
		if err := b.Named(name, &rows, &c); err != nil {
			t.Fatal(err)
		}
		for row := range b.Len() {
			switch {
			case len(c.Codes) == 0 && (c.Present == nil || c.Present.Has(row)):
				all = append(all, c.Form.Value(c.Ints[row]).Text)
			case len(c.Codes) > 0 && c.Codes[row] != MissingCode && len(c.DictInts) > 0:
				all = append(all, c.Form.Value(c.DictInts[c.Codes[row]]).Text)
			case len(c.Codes) > 0 && c.Codes[row] != MissingCode:
				all = append(all, c.Dict[c.Codes[row]].Text)
			default:
				all = append(all, "-")
			}
		}
	}
	times, err := b.Timestamps(&rows, nil)
	if err != nil {
		t.Fatal(err)
	}
	return append(all, fmt.Sprint(times))
}

func checkMessages(t *testing.T, b *Block, rows *Rows) {
	t.Helper()
	var p Positions
	if err := b.Positions(0, b.Len(), &p); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(p.Timestamps, rows.Timestamps) || !slices.Equal(p.Ingestions, rows.Ingestions) || !slices.Equal(p.Arrivals, rows.Arrivals) {
		t.Error("other positions")
	}
	var message []byte
	for row, want := range rows.Messages {
		var err error
		if message, err = b.AppendMessage(message[:0], row); err != nil || string(message) != want {
			t.Fatalf("row %d: %s (%v), want %s", row, message, err, want)
		}
	}
}
