package insights

import (
	"context"
	"fmt"
	"testing"

	"github.com/tollbook/tollbook/logs/columnar"
	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// TestStretchesAreCancelled runs what works on very many groups, rows or values in one go. It must ask at least once for
// so many of them whether the query was stopped, and must not go on for long once it was.
func TestStretchesAreCancelled(t *testing.T) {
	t.Parallel()
	const n = 20_000
	for _, c := range []struct {
		name  string
		asked int64 // at least
		work  func(ctx context.Context) error
	}{
		{"numbers become values", n / checkRows, func(ctx context.Context) error {
			k := manyInts(ctx, n)
			k.spell()
			return ctx.Err()
		}},
		{"a table of integers grows", n / checkSlots, func(ctx context.Context) error {
			manyInts(ctx, n)
			return ctx.Err()
		}},
		{"groups are merged", n / checkRows, func(ctx context.Context) error {
			into := newGroups(ctx, 2)
			into.merge(ctx, manyGroups(n))
			return ctx.Err()
		}},
		{"stats are merged", 4 * n / mergedGroups, func(ctx context.Context) error {
			into := newGroupedStats(ctx, manyStats(t, n).shape)
			into.merge(ctx, manyStats(t, n))
			return ctx.Err()
		}},
		{"rows are made of stats", n, func(ctx context.Context) error {
			s := manyStats(t, n)
			for _, call := range s.calls {
				if d, ok := call.(*distributions); ok {
					d.stopped = func() bool { return ctx.Err() != nil }
				}
			}
			_, err := s.table(ctx, nil)
			return err
		}},
		{"groups are put in order", 100, func(ctx context.Context) error {
			manyStats(t, maxSorted).order(ctx)
			return ctx.Err()
		}},
		{"patterns are clustered", 1500 / checkClustered, func(ctx context.Context) error {
			_, err := manyPatterns(t, 1500).patterns(ctx)
			return err
		}},
		{"patterns are merged", 1500 / checkRows, func(ctx context.Context) error {
			return newPatternMiner(nil).merge(ctx, manyPatterns(t, 1500))
		}},
		{"a sub-query's values become a set", n / checkSteps, func(ctx context.Context) error {
			s := &subqueries{ctx: ctx, ask: func(*syntax.Query) (*table, error) { return manyRows(n, "id"), nil }}
			_, err := s.resolve(parsedCommands(t, "filter a in (SOURCE 'g' | fields id)"))
			return err
		}},
		{"columns are chosen", n / checkSteps, func(ctx context.Context) error {
			return manyRows(n, "a", "b").narrow(ctx, &env{}, []string{"b"})
		}},
		{"a result is cut out", n / checkSteps, func(ctx context.Context) error {
			p := &plan{out: schema{columns: []string{"a", "b"}, shown: []string{"b"}}, limit: n}
			_, err := p.result(ctx, nil, manyRows(n, "a", "b"), Statistics{})
			return err
		}},
		{"a row is joined with many", n / checkRows, func(ctx context.Context) error {
			matching := make([]int32, n)
			s := &joinStep{columns: []string{"l.a", "r.b"}}
			return s.emit(ctx, &env{}, &table{}, []value.Value{value.OfNumber(1)}, manyRows(1, "key", "b"), matching)
		}},
		{"one list is unnested", n / checkRows, func(ctx context.Context) error {
			list := make([]value.Value, n)
			in := &table{columns: []string{"a"}, rows: [][]value.Value{{value.OfList(list)}}}
			_, err := manySteps(t, "unnest a into b", in.columns)[0].run(ctx, &env{}, in)
			return err
		}},
		{"rows of dedup are cut", 100, func(ctx context.Context) error {
			k := &keptRows{plan: &scanRows{keep: 10}, dedup: &dedupRows{}}
			for i := range n {
				k.rows = append(k.rows, &keptRow{kept: true, group: noGroup, at: place{timestamp: int64(i * 7919 % n)}})
			}
			return k.cut(ctx)
		}},
		{"a lookup table is indexed", n / checkRows, func(ctx context.Context) error {
			x, cmd := LookupTable{Columns: []string{"a", "b"}}, parsedCommands(t, "lookup x a OUTPUT b")[0].(*syntax.Lookup)
			for i := range n {
				x.Rows = append(x.Rows, []string{fmt.Sprint(i), ""})
			}
			_, err := newLookupIndex(ctx, cmd, &x)
			return err
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			whole := watch(t.Context(), 0)
			defer whole.cancel()
			if err := c.work(whole); err != nil {
				t.Fatal(err)
			}
			asked := whole.asked.Load()
			if asked < c.asked {
				t.Errorf("asked %d times whether it was stopped, want %d", asked, c.asked)
			}
			stopped := watch(t.Context(), 1)
			defer stopped.cancel()
			if err := c.work(stopped); err == nil {
				t.Error("went on to its end")
			}
			if late := stopped.asked.Load(); late > asked/4+10 {
				t.Errorf("asked %d times more when it was stopped, of %d", late, asked)
			}
		})
	}
}

func parsedCommands(t *testing.T, query string) []syntax.Command {
	t.Helper()
	q, err := syntax.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	return q.Commands
}

func manySteps(t *testing.T, query string, columns []string) []step {
	t.Helper()
	steps, _, err := newSteps(parsedCommands(t, query), schema{columns: columns}, &compiling{text: query})
	if err != nil {
		t.Fatal(err)
	}
	return steps
}

// manyInts numbers integers that are far apart.
func manyInts(ctx context.Context, n int) *keyTable {
	k := &keyTable{ctx: ctx}
	x := k.table(intForm{times: true})
	for i := range n {
		k.intID(x, int64(i)*1_000_003)
	}
	return k
}

func manyGroups(n int) *groups {
	g := newGroups(context.Background(), 2)
	for i := range n {
		a := g.keys[0].id(value.OfText(fmt.Sprint(i)))
		b := g.keys[1].id(value.OfText(fmt.Sprint(i % 7)))
		g.pairs[0].id(a, b)
	}
	return g
}

// manyStats has a value in each of its groups.
func manyStats(t *testing.T, n int) *groupedStats {
	t.Helper()
	cmd := parsedCommands(t, "stats count(*), avg(a), pct(a, 50), max(a) by b")[0].(*syntax.Stats)
	shape, err := newStatsShape(cmd, &compiling{})
	if err != nil {
		t.Fatal(err)
	}
	s := newGroupedStats(context.Background(), shape)
	rows := make([][]value.Value, n)
	for i := range rows {
		rows[i] = []value.Value{value.OfNumber(float64(i)), value.OfText(fmt.Sprint(i * 7919 % n))}
	}
	column := func(at int) *vector {
		v := &vector{form: vectorRows}
		for _, row := range rows {
			v.rows = append(v.rows, row[at])
		}
		return v
	}
	args := make([]*vector, len(shape.args))
	for i := range args {
		args[i] = column(0)
	}
	if err := s.add(numbered(n), []*vector{column(1)}, args, func() (*columnar.Positions, error) { return nil, nil }); err != nil {
		t.Fatal(err)
	}
	return s
}

func manyPatterns(t *testing.T, n int) *patternMiner {
	t.Helper()
	m := newPatternMiner(nil)
	for i := range n {
		a, b := string(rune('a'+i%26))+string(rune('a'+i/26%26)), string(rune('a'+i/676%26))
		if err := m.add("one "+a+" two "+b+" "+a+a+" "+b+b+b, 0); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func manyRows(n int, columns ...string) *table {
	in := &table{columns: columns, rows: make([][]value.Value, n)}
	for i := range in.rows {
		for range columns {
			in.rows[i] = append(in.rows[i], value.OfText(fmt.Sprint(i)))
		}
	}
	return in
}
