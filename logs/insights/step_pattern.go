package insights

import (
	"context"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// patternColumns are those of pattern (spec/cloudwatch-logs §6.4).
var patternColumns = []string{"@pattern", "@ratio", "@sampleCount", "@severityLabel", "@regexString", "@PatternId"}

// pattern clusters the texts of a field. Rows without the field do not count.
func (b *stepBuilder) pattern(cmd *syntax.Pattern) error {
	text, err := b.compile(cmd.Field)
	if err != nil {
		return err
	}
	b.replace(&patternStep{text}, patternColumns...)
	return nil
}

// patternStep is pattern.
type patternStep struct{ text expression }

func (s *patternStep) run(ctx context.Context, e *env, in *table) (*table, error) {
	return runSink(ctx, e, s, in)
}

func (s *patternStep) newSink(_ context.Context, e *env) sink {
	return &patternSink{miner: newPatternMiner(e.memory), text: s.text, finish: finishPatterns}
}

func finishPatterns(ctx context.Context, m *patternMiner) (*table, error) { return m.table(ctx) }

// patternSink counts the texts of rows.
type patternSink struct {
	miner  *patternMiner
	text   expression
	side   int
	finish func(ctx context.Context, m *patternMiner) (*table, error)
}

func (s *patternSink) add(ctx context.Context, in *table) error {
	return s.miner.addRows(ctx, in, s.text, s.side)
}

func (s *patternSink) merge(ctx context.Context, other sink) error {
	return s.miner.merge(ctx, other.(*patternSink).miner)
}

func (s *patternSink) table(ctx context.Context) (*table, error) { return s.finish(ctx, s.miner) }

// addRows counts the texts of rows.
func (m *patternMiner) addRows(ctx context.Context, in *table, text expression, side int) error {
	return eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
		if v := text(row); v.IsScalar() {
			return m.add(v.Text(), side)
		}
		return nil
	})
}

// table returns the patterns as pattern shows them, the most frequent first.
func (m *patternMiner) table(ctx context.Context) (*table, error) {
	patterns, err := m.patterns(ctx)
	total := int64(0)
	for _, p := range patterns {
		total += p.counts[0]
	}
	t := &table{columns: patternColumns}
	for _, p := range patterns {
		t.rows = append(t.rows, p.row(total))
	}
	return t, err
}

func (p *pattern) row(total int64) []value.Value {
	severity := value.Value{}
	if p.severity != "" {
		severity = value.OfText(p.severity)
	}
	return []value.Value{
		value.OfText(p.text), value.OfNumber(float64(p.counts[0]) / float64(total)), value.OfNumber(float64(p.counts[0])),
		severity, value.OfText(p.regex), value.OfText(p.id()),
	}
}
