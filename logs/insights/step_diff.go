package insights

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// diffColumns are those of diff: pattern's and, since AWS names them in its console only, two of our own:
// @differenceCount is how many more texts there are than in the period compared with, @differenceDescription says it.
var diffColumns = append(slices.Clip(patternColumns), "@differenceCount", "@differenceDescription")

// diffStep compares the patterns of a text with those of another period of the same length.
type diffStep struct {
	cmd    *syntax.Diff
	text   expression
	before []step // what makes the rows out of the scan's
}

// diff compares patterns of a field; nil stands for @message.
func (b *stepBuilder) diff(cmd *syntax.Diff, field *syntax.Field) error {
	if b.schema.stats != nil {
		return errorAt(cmd, "diff compares log events: it cannot follow stats")
	}
	var text expression
	var err error
	if field == nil {
		text, err = b.systemField(cmd, "@message")
	} else {
		text, err = b.compile(field)
	}
	if err != nil {
		return err
	}
	b.replace(&diffStep{cmd: cmd, text: text, before: slices.Clone(b.steps)}, diffColumns...)
	return nil
}

func (s *diffStep) run(ctx context.Context, e *env, in *table) (*table, error) {
	m := newPatternMiner(e.memory)
	if err := m.addRows(ctx, in, s.text, 0); err != nil {
		return nil, err
	}
	in.rows = nil
	compared, err := s.compared(ctx, e)
	if err != nil {
		return nil, err
	}
	if err := m.addRows(ctx, compared, s.text, 1); err != nil {
		return nil, err
	}
	return m.diffTable(ctx)
}

// newSink takes the rows of the query's period. At the end those of the other one flow into a sink of their own.
func (s *diffStep) newSink(_ context.Context, e *env) sink {
	return &patternSink{miner: newPatternMiner(e.memory), text: s.text, finish: func(ctx context.Context, m *patternMiner) (*table, error) {
		compared, err := e.flow(ctx, comparedRange(s.cmd, e.within), &diffSide{s})
		if err != nil {
			return nil, err
		}
		if err := m.merge(ctx, compared.(*patternSink).miner); err != nil {
			return nil, err
		}
		return m.diffTable(ctx)
	}}
}

// diffSide takes the rows of the period that is compared with.
type diffSide struct{ *diffStep }

func (s *diffSide) newSink(_ context.Context, e *env) sink {
	return &patternSink{miner: newPatternMiner(e.memory), text: s.text, side: 1}
}

// compared returns the rows of the period that is compared with.
func (s *diffStep) compared(ctx context.Context, e *env) (*table, error) {
	other := *e
	other.within = comparedRange(s.cmd, e.within)
	rows, err := e.scan(ctx, other.within)
	for _, step := range s.before {
		if err != nil {
			break
		}
		rows, err = step.run(ctx, &other, rows)
	}
	return rows, err
}

// comparedRange returns the range that a diff compares with: always as long as the query's.
func comparedRange(cmd *syntax.Diff, within TimeRange) TimeRange {
	length := within.To - within.From
	from := within.From
	switch {
	case cmd.Shift != nil:
		from = shiftBack(from, cmd.Shift)
	case cmd.Against == "":
		from -= length
	case cmd.Against == "previousDay":
		from -= 24 * time.Hour.Milliseconds()
	case cmd.Against == "previousWeek":
		from -= 7 * 24 * time.Hour.Milliseconds()
	case cmd.Against == "previousMonth":
		from = shiftBack(from, &syntax.Period{N: 1, Unit: syntax.Month})
	}
	return TimeRange{from, from + length}
}

// shiftBack returns a time before another. Unlike those of bins (spec §6.7), its values have no caps.
func shiftBack(ms int64, p *syntax.Period) int64 {
	n := min(p.N, 1_000_000)
	t := time.UnixMilli(ms).UTC()
	switch p.Unit {
	case syntax.Month:
		return t.AddDate(0, -int(n), 0).UnixMilli()
	case syntax.Quarter:
		return t.AddDate(0, -3*int(n), 0).UnixMilli()
	case syntax.Year:
		return t.AddDate(-int(n), 0, 0).UnixMilli()
	}
	return ms - periodMillis(p)
}

// periodMillis is the length of a period whose unit is no longer than a week. It has no caps.
func periodMillis(p *syntax.Period) int64 {
	unit := map[syntax.Unit]time.Duration{
		syntax.Millisecond: time.Millisecond, syntax.Second: time.Second, syntax.Minute: time.Minute, syntax.Hour: time.Hour,
		syntax.Day: 24 * time.Hour, syntax.Week: 7 * 24 * time.Hour,
	}[p.Unit]
	return min(p.N, math.MaxInt64/(8*24*time.Hour.Milliseconds())) * unit.Milliseconds()
}

// diffTable returns patterns as diff shows them, those that have changed most first.
func (m *patternMiner) diffTable(ctx context.Context) (*table, error) {
	patterns, err := m.patterns(ctx)
	if err != nil {
		return nil, err
	}
	total := int64(0)
	for _, p := range patterns {
		total += p.counts[0]
	}
	err = sortUntil(ctx, patterns, func(a, b pattern) int {
		return cmp.Or(cmp.Compare(b.changed(), a.changed()), strings.Compare(a.text, b.text))
	})
	t := &table{columns: diffColumns}
	for _, p := range patterns {
		difference := value.OfNumber(float64(p.counts[0] - p.counts[1]))
		t.rows = append(t.rows, append(p.row(max(total, 1)), difference, value.OfText(p.difference())))
	}
	return t, err
}

// changed is by how much the counts differ.
func (p *pattern) changed() int64 { return max(p.counts[0]-p.counts[1], p.counts[1]-p.counts[0]) }

func (p *pattern) difference() string {
	now, before := p.counts[0], p.counts[1]
	switch {
	case before == 0:
		return "New pattern"
	case now == 0:
		return "No longer seen"
	case now == before:
		return "No change"
	}
	percent := strconv.FormatInt(int64(math.Round(100*float64(p.changed())/float64(before))), 10)
	if now > before {
		return percent + "% more"
	}
	return percent + "% less"
}
