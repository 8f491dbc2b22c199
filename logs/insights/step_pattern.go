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
	b.replace(stepFunc(func(ctx context.Context, e *env, in *table) (*table, error) {
		m := newPatternMiner(e.memory)
		if err := m.addRows(ctx, in, text, 0); err != nil {
			return nil, err
		}
		return m.table(), nil
	}), patternColumns...)
	return nil
}

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
func (m *patternMiner) table() *table {
	patterns := m.patterns()
	total := int64(0)
	for _, p := range patterns {
		total += p.counts[0]
	}
	t := &table{columns: patternColumns}
	for _, p := range patterns {
		t.rows = append(t.rows, p.row(total))
	}
	return t
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
