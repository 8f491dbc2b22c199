package columnar

import (
	"fmt"
	"math/rand"
	"regexp"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/logs/condition"
)

// at is the value of a row.
func (c *Column) at(row int) condition.Value {
	switch {
	case len(c.Codes) == 0:
		if c.Present != nil && !c.Present.Has(row) {
			return condition.Value{}
		}
		return c.Form.Value(c.Ints[row])
	case c.Codes[row] == MissingCode:
		return condition.Value{}
	case len(c.DictInts) > 0:
		return c.Form.Value(c.DictInts[c.Codes[row]])
	}
	return c.Dict[c.Codes[row]]
}

// someRows are random runs of rows.
func someRows(r *rand.Rand, n int) *Bitmap {
	var some Bitmap
	for range 1 + r.Intn(4) {
		from := r.Intn(n)
		some.SetRange(from, min(n, from+1+r.Intn(n)/3))
	}
	return &some
}

// TestNamed compares with the messages: a row has the value that its message has, or is not of a plain shape.
func TestNamed(t *testing.T) {
	t.Parallel()
	var c Column // used again for all blocks
	for seed, names := range [][]string{{"json"}, {"numbers"}, {"json", "clf"}, {"json", "numbers", "text"}, lookNames()} {
		r := rand.New(rand.NewSource(int64(seed)))
		rows := lookRows(int64(seed), 5000, names...)
		b := open(t, encode(rows))
		unplain := allRows(b.Len())
		if err := b.Unplain(unplain); err != nil {
			t.Fatal(err)
		}
		if b.Plain() && unplain.Any() {
			t.Errorf("%v: plain, but some rows are not", names)
		}
		for _, path := range [][]string{{"status"}, {"requestId"}, {"ip"}, {"requestTime"}, {"responseLength"}, {"at"}, {"msec"}, {"took"}, {"bytes"},
			{"ok"}, {"tags", "0"}, {"tags", "1", "x"}, {"s"}, {"a"}, {"nothing"}} {
			name := strings.Join(path, ".")
			some := someRows(r, b.Len())
			if err := b.Named(name, some, &c); err != nil {
				t.Fatal(err)
			}
			test := &NamedTest{Name: name, Test: func(v condition.Value) bool { return strings.Contains(v.Text, "2") }}
			selected := *some
			if err := b.SelectNamed(test, &selected); err != nil {
				t.Fatal(err)
			}
			excluded, err := b.ExcludesNamed(test)
			if err != nil {
				t.Fatal(err)
			}
			for row := some.Next(0); row >= 0; row = some.Next(row + 1) {
				if unplain.Has(row) {
					continue
				}
				want := condition.Value{}
				if looksLikeObject(rows.Messages[row]) {
					want = lookup([]byte(rows.Messages[row]), path)
				}
				if got := c.at(row); got != want {
					t.Fatalf("%v %s: row %d is %+v, not %+v: %s", names, name, row, got, want, rows.Messages[row])
				}
				if b.Plain() && selected.Has(row) != test.Test(want) || test.Test(want) && (excluded || !selected.Has(row)) {
					t.Fatalf("%v %s: row %d with %+v is selected %v, excluded %v", names, name, row, want, selected.Has(row), excluded)
				}
			}
		}
	}
}

// TestUnplain has shapes that are none of plain objects.
func TestUnplain(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range MaxNamedFields + 1 {
		fmt.Fprintf(&many, `"f%d":%d,`, i, i)
	}
	for message, want := range map[string]bool{
		`{"a":%d}`: false, "plain %d": false, `text {"a":%d}`: true, `{"a":{"b":%d},"a.b":1}`: true, `{"a":%d`: true,
		"{" + many.String() + `"z":%d}`: true, `[%d]`: false,
	} {
		rows := &Rows{}
		for i := range 300 {
			rows.Timestamps, rows.Ingestions, rows.Arrivals = append(rows.Timestamps, 1), append(rows.Ingestions, 1), append(rows.Arrivals, uint64(i))
			rows.Messages = append(rows.Messages, fmt.Sprintf(message, i))
		}
		left := allRows(300)
		if err := open(t, encode(rows)).Unplain(left); err != nil {
			t.Fatal(err)
		}
		if got := left.Count(); got != map[bool]int{true: 300, false: 0}[want] {
			t.Errorf("%.60s: %d rows stay", message, got)
		}
	}
}

// TestCaptures compares with a regular expression on each message.
func TestCaptures(t *testing.T) {
	t.Parallel()
	fixed := 0
	for seed, name := range append(lookNames(), "json", "clf", "text") {
		r := rand.New(rand.NewSource(int64(seed)))
		rows := lookRows(int64(seed), 600, name)
		b := open(t, encode(rows))
		for range 900 {
			texts := randomTexts(r, rows)
			parts, ok, err := b.Captures(texts)
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				continue
			}
			fixed++
			requireCaptures(t, b, rows, texts, parts)
		}
	}
	if fixed < 100 {
		t.Errorf("only %d captures are the same part of each message", fixed)
	}
}

// randomTexts are parts of a message that follow one another, with something between.
func randomTexts(r *rand.Rand, rows *Rows) (texts []string) {
	m := rows.Messages[r.Intn(len(rows.Messages))]
	at := 0
	for range 2 + r.Intn(2) {
		from := min(len(m), at+r.Intn(40))
		at = min(len(m), from+r.Intn(12))
		texts = append(texts, m[from:at])
	}
	return texts
}

func requireCaptures(t *testing.T, b *Block, rows *Rows, texts []string, parts []Capture) {
	t.Helper()
	pattern := ""
	for i, text := range texts {
		if i > 0 {
			pattern += "(.*?)"
		}
		pattern += regexp.QuoteMeta(text)
	}
	if texts[len(texts)-1] == "" {
		pattern += "$"
	}
	re := regexp.MustCompile("(?s)" + pattern)
	columns := make([]Column, len(parts))
	for i, part := range parts {
		if _, constant := b.Constant(part); constant {
			continue
		}
		if err := b.ReadCapture(part, allRows(b.Len()), &columns[i]); err != nil {
			t.Fatal(err)
		}
	}
	for row, m := range rows.Messages {
		found := re.FindStringSubmatch(m)
		if (found == nil) != (len(parts) == 0) {
			t.Fatalf("%q: %d parts, but %q in %q", texts, len(parts), found, m)
		}
		for i, part := range parts {
			got, constant := b.Constant(part)
			if !constant {
				got = columns[i].at(row).Text
			}
			if got != found[i+1] {
				t.Fatalf("%q: part %d is %q, not %q: %s", texts, i, got, found[i+1], m)
			}
		}
	}
}

func TestTimestamps(t *testing.T) {
	t.Parallel()
	rows := lookRows(1, 6000, "json")
	b := open(t, encode(rows))
	some := &Bitmap{}
	some.SetRange(3000, 5000)
	times, err := b.Timestamps(some, nil)
	if err != nil {
		t.Fatal(err)
	}
	for row := 3000; row < 5000; row++ {
		if times[row] != rows.Timestamps[row] {
			t.Fatalf("row %d: %d, not %d", row, times[row], rows.Timestamps[row])
		}
	}
}
