package insights

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/logs/insights/syntax"
)

// holding are queries of the commands that hold rows, or values of them, until they have seen all: more than a small
// budget allows.
var holding = map[string][]string{
	"fields":        {"fields concat(id, id, id) as x | sort x | limit 20000", "stats count(*) as c by id | fields concat(id, id) as x"},
	"stats":         {"stats count(*) by id", "stats values(id)", "stats count_distinct(id) by n", "stats pct(n, 50) by n", "stats latest(id) by id"},
	"sort":          {"sort n", "stats count(*) as c by n | sort c, n"},
	"order":         {"order id desc"},
	"limit":         {"limit 100000"},
	"head":          {"head 100000"},
	"tail":          {"sort id | tail 100000"},
	"parse":         {`parse @message '"id":"*"' as x | sort x`},
	"dedup":         {"dedup id", "fields n | unnest n into x | dedup x"},
	"unnest":        {"fields jsonParse(@message) as j | sort n | unnest j.list into x", "fields jsonParse(@message) as j | sort j.n"},
	"expand":        {"sort n | expand list"},
	"join":          {"join type=left left=l right=r where l.id = r.id (SOURCE 'g' | limit 3)", "limit 3 | join type=inner left=l right=r where l.id = r.id (SOURCE 'g')", "limit 50 | join type=inner left=l right=r where l.g = r.g (SOURCE 'g' | limit 1000)"},
	"filter":        {"filter id in (SOURCE 'g' | fields id) | limit 1", "filter id not in (SOURCE 'g' | stats count(*) by id | fields id) | limit 1"},
	"lookup":        {"limit 1 | lookup t id OUTPUT x"},
	"cidrlookup":    {"limit 1 | cidrlookup t id as cidr OUTPUT x"},
	"pattern":       {"pattern words"},
	"diff":          {"pattern words | diff", "sort n | diff"},
	"logcompare":    {"filter n > 1 or ispresent(words) | pattern words | logcompare timeshift 1d"},
	"addtotals":     {"addtotals n, g", "stats count(*) as c by id | addtotals col=true c"},
	"accum":         {"accum n as s | sort s desc"},
	"autoregress":   {"stats count(*) by id | autoregress `count(*)` p=1-20", "autoregress n p=1-3 | limit 100000"},
	"appendcols":    {"limit 3 | appendcols ( SOURCE 'g' | fields id as other )"},
	"countfrequent": {"countFrequent id", "count_frequent id, n"},
	"filldown":      {"stats count(*) as c by id | filldown c", "filldown id | limit 100000"},
	"fillmissing":   {"filter n < 3000 | stats count(*) as c by bin(1s), id | fillmissing with 0 for c"},
	"outlier":       {"outlier mark=true n | sort n | limit 100000"},
	"relevantfields": {
		"relevantfields where g = 1",
	},
	"sessionize": {"sessionize id", "sort n | sessionize id"},
}

// holdNothing are the commands that make of each row another one or none, and those that need no rows.
var holdNothing = strings.Fields("source display where filterindex unmask anomaly estimate")

// TestEveryCommandKeepsToItsMemory gives queries less memory than they need: they must say so. With enough they must answer.
func TestEveryCommandKeepsToItsMemory(t *testing.T) {
	t.Parallel()
	for _, name := range syntax.Commands() {
		name = strings.TrimPrefix(strings.ToLower(name), "count_")
		if name != "frequent" && holding[name] == nil && !slices.Contains(holdNothing, name) {
			t.Errorf("nothing tells whether %s holds rows", name)
		}
	}
	d := newMemData(t, 2000, numberedEvents(12_000, func(i int) string {
		return fmt.Sprintf(`{"id":"%s","n":%d,"g":%d,"words":"%s","list":[1,2,3],"f%d":1}`, strings.Repeat("x", 20)+fmt.Sprint(i*7919), i, i%3, wordsOf(i), i)
	}))
	open := func(context.Context, *syntax.Source) (Data, error) { return d, nil }
	lookups := oneTable{&LookupTable{Columns: []string{"id", "x", "cidr"}}}
	for i := range 12_000 {
		lookups.Rows = append(lookups.Rows, []string{fmt.Sprint(i), "x", fmt.Sprintf("10.%d.%d.0/24", i/256, i%256)})
	}
	for name, queries := range holding {
		for _, query := range queries {
			t.Run(name+": "+query, func(t *testing.T) {
				t.Parallel()
				for bytes, want := range map[int64]error{300 << 10: ErrMemory, 256 << 20: nil} {
					q := mustCompile(t, query, Options{Within: TimeRange{0, 13_000}, MemoryBytes: bytes, Limit: MaxLimit, Lookups: lookups})
					_, err := q.Run(t.Context(), d, open, nil)
					if !errors.Is(err, want) {
						t.Errorf("with %d bytes: %v, want %v", bytes, err, want)
					}
					if want != nil && err != nil && !strings.Contains(err.Error(), "narrow its time range") {
						t.Errorf("does not say what to do: %v", err)
					}
				}
			})
		}
	}
}

// wordsOf is a text whose pattern is its own.
func wordsOf(i int) string {
	letters := func(n int) string {
		return string(rune('a'+n%26)) + string(rune('a'+n/26%26)) + string(rune('a'+n/676%26))
	}
	return letters(i) + strings.Repeat("-", i%40) + letters(i*7)
}

// oneTable has one lookup table, whatever its name.
type oneTable struct{ *LookupTable }

func (o oneTable) Columns(string) ([]string, error) { return o.LookupTable.Columns, nil }

func (o oneTable) Table(context.Context, string) (*LookupTable, error) { return o.LookupTable, nil }

// TestTextsAreBounded makes texts that double from one field to the next.
func TestTextsAreBounded(t *testing.T) {
	t.Parallel()
	d := newMemData(t, 2, numberedEvents(1, func(int) string { return fmt.Sprintf(`{"a0":"%s"}`, strings.Repeat("a", 10_000)) }))
	for _, of := range []string{"concat(%[1]s, %[1]s)", "replace(%[1]s, 'a', %[1]s)", `regexReplace(%[1]s, /a+/, '\0\0\0\0')`, "concat(%[1]s, base64encode(%[1]s))"} {
		var fields []string
		for i := range 9 {
			fields = append(fields, fmt.Sprintf(of+" as a%[2]d", fmt.Sprintf("a%d", i), i+1))
		}
		for _, query := range []string{
			"fields " + strings.Join(fields, ", ") + " | stats max(strlen(a9)) as n",
			"limit 10 | fields " + strings.Join(fields, ", ") + " | display strlen(a9) as n",
		} {
			r, err := mustCompile(t, query, Options{Within: wholeTime, MemoryBytes: 64 << 20}).Run(t.Context(), d, nil, nil)
			if err != nil && !errors.Is(err, ErrMemory) {
				t.Errorf("%s: %v", of, err)
			}
			for _, row := range r.Rows {
				if n, ok := row[0].AsNumber(); ok && n > 4<<20 {
					t.Errorf("%s makes a text of %v bytes", of, n)
				}
			}
		}
	}
}
