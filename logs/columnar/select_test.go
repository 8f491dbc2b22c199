package columnar

import (
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/logs/condition"
)

// holds evaluates a condition on a message from its words, without a block.
func holds(c condition.Condition, m string) bool {
	switch c := c.(type) {
	case condition.All:
		for _, member := range c {
			if !holds(member, m) {
				return false
			}
		}
	case condition.Any:
		for _, member := range c {
			if holds(member, m) {
				return true
			}
		}
		return false
	case condition.Contains:
		return strings.Contains(m, string(c))
	case condition.Field:
		if !looksLikeObject(m) {
			return c.Test(condition.Value{})
		}
		return c.Test(lookup([]byte(m), c.Path))
	}
	return true
}

// requireSelects checks that no row is lost, and returns how many rows stay that need not.
func requireSelects(t testing.TB, b *Block, rows *Rows, c condition.Condition, start *Bitmap, what string) (extra int) {
	t.Helper()
	selected := *start
	if err := b.Select(c, &selected); err != nil {
		t.Fatal(err)
	}
	any := false
	for row, m := range rows.Messages {
		want := holds(c, m)
		any = any || want
		if want && start.Has(row) && !selected.Has(row) {
			t.Fatalf("%s: row %d is lost: %q", what, row, m)
		}
		if !start.Has(row) && selected.Has(row) {
			t.Fatalf("%s: row %d appeared", what, row)
		}
		if selected.Has(row) && !want {
			extra++
		}
	}
	if next := selected.Next(b.Len()); next >= 0 {
		t.Fatalf("%s: row %d is beyond the block", what, next)
	}
	excluded, err := b.Excludes(c)
	if err != nil {
		t.Fatal(err)
	}
	if excluded && any {
		t.Fatalf("%s: excluded, but a row satisfies it", what)
	}
	return extra
}

func allRows(n int) *Bitmap {
	var all Bitmap
	all.SetRange(0, n)
	return &all
}

// needle is a part of some message, or almost one.
func needle(r *rand.Rand, rows *Rows) string {
	m := rows.Messages[r.Intn(len(rows.Messages))]
	if m == "" {
		return "x"
	}
	from := r.Intn(len(m))
	s := m[from:min(len(m), from+1+r.Intn(1<<r.Intn(7)))]
	if r.Intn(4) == 0 {
		b := []byte(s)
		b[r.Intn(len(b))] = pickFrom[byte](r, '0', 'a', '"', ' ', '.', ',')
		s = string(b)
	}
	return s
}

func TestSelectContains(t *testing.T) {
	t.Parallel()
	mixes := [][]string{lookNames()}
	for _, name := range lookNames() {
		mixes = append(mixes, []string{name})
	}
	for i, names := range mixes {
		t.Run(strings.Join(names, "+"), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewSource(int64(i)))
			rows := lookRows(int64(i), 700, names...)
			b := open(t, encode(rows))
			for range 400 {
				c := condition.Contains(needle(r, rows))
				if extra := requireSelects(t, b, rows, c, allRows(b.Len()), fmt.Sprintf("%q", string(c))); extra > 0 {
					t.Fatalf("%q: %d rows stay that do not have it", string(c), extra)
				}
			}
		})
	}
}

func TestSelectField(t *testing.T) {
	t.Parallel()
	rows := lookRows(3, 900, lookNames()...)
	b := open(t, encode(rows))
	paths := [][]string{{"status"}, {"requestId"}, {"ip"}, {"requestTime"}, {"responseLength"}, {"at"}, {"msec"}, {"bytes"}, {"ok"},
		{"tags", "0"}, {"tags", "1", "x"}, {"tags"}, {"s"}, {"a"}, {"nothing"}, {"extendedRequestId"}, {}}
	tests := map[string]func(condition.Value) bool{
		"missing":  func(v condition.Value) bool { return v.Kind == condition.Missing },
		"string":   func(v condition.Value) bool { return v.Kind == condition.String },
		"7 inside": func(v condition.Value) bool { return strings.Contains(v.Text, "7") },
		"200":      func(v condition.Value) bool { return v == condition.Value{Kind: condition.String, Text: "200"} },
		"é":        func(v condition.Value) bool { return strings.Contains(v.Text, "é") },
		"null":     func(v condition.Value) bool { return v == condition.Value{Kind: condition.Literal, Text: "null"} },
	}
	r := rand.New(rand.NewSource(1))
	for _, path := range paths {
		for name, test := range tests {
			f := condition.Field{Path: path, Test: test}
			what := fmt.Sprint(path, " ", name)
			requireSelects(t, b, rows, f, allRows(b.Len()), what)
			some := allRows(b.Len())
			some.ClearRange(100, 500)
			n := condition.Contains(needle(r, rows))
			requireSelects(t, b, rows, condition.All{f, n}, some, what+" and "+string(n))
			requireSelects(t, b, rows, condition.Any{f, n}, some, what+" or "+string(n))
		}
	}
}

func TestFieldsAreExactWithShapes(t *testing.T) {
	t.Parallel()
	rows := lookRows(3, 3000, "json", "numbers", "clf", "text")
	b := open(t, encode(rows))
	for _, path := range [][]string{{"status"}, {"requestTime"}, {"bytes"}, {"tags", "1", "x"}, {"s"}} {
		f := condition.Field{Path: path, Test: func(v condition.Value) bool { return strings.Contains(v.Text, "2") }}
		if extra := requireSelects(t, b, rows, f, allRows(b.Len()), fmt.Sprint(path)); extra > 0 {
			t.Errorf("%v: %d rows stay that do not satisfy it", path, extra)
		}
	}
}

// TestFieldsWithOneText asks for values that some rows have, in every column, by the one text that the test accepts.
func TestFieldsWithOneText(t *testing.T) {
	t.Parallel()
	rows := lookRows(4, 3000, "json", "numbers", "clf", "text")
	b := open(t, encode(rows))
	paths := [][]string{{"requestId"}, {"extendedRequestId"}, {"ip"}, {"status"}, {"requestTime"}, {"s"}, {"tags", "0"}}
	for _, path := range paths {
		asked := 0
		for row := 0; row < len(rows.Messages); row += 7 {
			if !looksLikeObject(rows.Messages[row]) {
				continue
			}
			v := lookup([]byte(rows.Messages[row]), path)
			if v.Text == "" {
				continue
			}
			asked++
			f := condition.Field{Path: path, Test: func(o condition.Value) bool { return o.Text == v.Text }, Only: v.Text}
			if excluded, err := b.Excludes(f); err != nil || excluded {
				t.Fatalf("%v %q is excluded (%v), though row %d has it", path, v.Text, err, row)
			}
			requireSelects(t, b, rows, f, allRows(b.Len()), fmt.Sprint(path, " = ", v.Text))
		}
		if asked == 0 {
			t.Errorf("no row has %v", path)
		}
	}
	absent := "00000000-0000-4000-8000-000000000000"
	f := condition.Field{Path: []string{"requestId"}, Test: func(v condition.Value) bool { return v.Text == absent }, Only: absent}
	json := open(t, encode(lookRows(4, 3000, "json")))
	if excluded, err := json.Excludes(f); err != nil || !excluded {
		t.Errorf("a request ID that no row has is not excluded, %v", err)
	}
}

func TestAnyReaches(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(2))
	for limit := 1; limit < 256; limit++ {
		for range 40 {
			bytes := make([]uint8, 1+r.Intn(30))
			for i := range bytes {
				bytes[i] = uint8(r.Intn(min(256, limit+r.Intn(2))))
			}
			if got, want := anyReaches(bytes, uint8(limit)), slices.Max(bytes) >= uint8(limit); got != want {
				t.Fatalf("%v reaches %d: %v", bytes, limit, got)
			}
		}
	}
}

// TestCount compares with what vectors say.
func TestCount(t *testing.T) {
	t.Parallel()
	counted := 0
	for _, names := range [][]string{{"json"}, {"numbers"}, {"json", "clf"}, lookNames()} {
		b := open(t, encode(lookRows(5, 9000, names...)))
		for _, path := range [][]string{{"status"}, {"httpMethod"}, {"requestId"}, {"ip"}, {"responseLength"}, {"bytes"}, {"tags", "0"}, {"nothing"}} {
			v, err := b.Vector(path)
			if err != nil {
				t.Fatal(err)
			}
			counts, err := b.CountNamed(strings.Join(path, "."))
			if err != nil {
				t.Fatal(err)
			}
			if counts == nil {
				continue
			}
			counted++
			want := map[condition.Value]int{}
			for row := range b.Len() {
				switch {
				case v.Ints != nil && (v.Present == nil || v.Present.Has(row)):
					want[condition.Value{Kind: v.IntKind, Text: fmt.Sprint(v.Ints[row])}]++
				case v.Ints == nil && v.Codes[row] != MissingCode:
					want[v.Dict[v.Codes[row]]]++
				}
			}
			got := map[condition.Value]int{}
			for _, c := range counts {
				if got[c.Value] != 0 || c.Rows == 0 {
					t.Errorf("%v %v: %v comes twice, or with no rows", names, path, c)
				}
				got[c.Value] = c.Rows
			}
			if !maps.Equal(got, want) {
				t.Errorf("%v %v: %d values, want %d", names, path, len(got), len(want))
			}
		}
	}
	if counted == 0 {
		t.Error("nothing was counted")
	}
}

func TestVector(t *testing.T) {
	t.Parallel()
	for _, names := range [][]string{{"json"}, {"numbers"}, {"json", "clf"}, {"json", "numbers", "text"}, lookNames()} {
		rows := lookRows(9, 900, names...)
		b := open(t, encode(rows))
		for _, path := range [][]string{{"status"}, {"requestId"}, {"ip"}, {"requestTime"}, {"responseLength"}, {"at"}, {"msec"}, {"took"}, {"bytes"},
			{"ok"}, {"tags", "0"}, {"tags", "1", "x"}, {"s"}, {"a"}, {"a\"b"}, {"nothing"}} {
			v, err := b.Vector(path)
			if err != nil {
				t.Fatal(err)
			}
			for row, m := range rows.Messages {
				want := condition.Value{}
				if looksLikeObject(m) {
					want = lookup([]byte(m), path)
				}
				if got := v.at(row); got != want {
					t.Fatalf("%v %v: row %d is %+v, not %+v: %s", names, path, row, got, want, m)
				}
			}
		}
	}
}

func (v *Vector) at(row int) condition.Value {
	if v.Codes != nil {
		if v.Codes[row] == MissingCode {
			return condition.Value{}
		}
		return v.Dict[v.Codes[row]]
	}
	if v.Present != nil && !v.Present.Has(row) {
		return condition.Value{}
	}
	return condition.Value{Kind: v.IntKind, Text: fmt.Sprint(v.Ints[row])}
}

func TestExcludes(t *testing.T) {
	t.Parallel()
	rows := accessLog(7, 20000)
	b := open(t, encode(rows))
	r := rand.New(rand.NewSource(1))
	wrong := 0
	for range 300 {
		id := uuid(r)
		for _, c := range []condition.Contains{condition.Contains(id), condition.Contains(`"requestId":"` + id + `"`)} {
			excluded, err := b.Excludes(c)
			if err != nil {
				t.Fatal(err)
			}
			if !excluded {
				wrong++
			}
		}
	}
	if wrong > 600/6 {
		t.Errorf("%d of 600 absent identifiers are not excluded", wrong)
	}
	for _, c := range []condition.Contains{`"status":"299"`, `"latency":"99999"`, "PATCH", "20/Nov/2025"} {
		if excluded, err := b.Excludes(c); err != nil || excluded == (c == "20/Nov/2025") {
			t.Errorf("%s: excluded %v, %v", c, excluded, err)
		}
	}
}
