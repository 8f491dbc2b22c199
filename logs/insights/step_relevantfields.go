package insights

import (
	"cmp"
	"context"
	"strings"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// relevantColumns are those of relevantfields (spec/cloudwatch-logs §6.5).
var relevantColumns = []string{
	"@fieldName", "@relevanceScore", "@topRelevanceContributors", "@conditionalMedian", "@baselineMedian",
}

// relevantStep compares the rows for which a condition holds with the others, field by field. The score of a field is
// how far its two distributions are apart, from 0 to 1: of numbers the distance of Kolmogorov and Smirnov, else the total
// variation. A field is one of numbers if all its values are, and more than maxCategories different ones. A missing
// value counts as a value of its own.
//
// It holds no rows but, of each field, how often each value comes; of one with more than maxValues different ones, only how
// often the frequent ones come, and all others together (step_relevantfields_field.go).
type relevantStep struct {
	holds  func(row []value.Value) bool
	names  []string
	fields []expression
	// message has the fields of JSON log events, if none are named.
	message expression
}

func (b *stepBuilder) relevantFields(cmd *syntax.RelevantFields) error {
	s := &relevantStep{}
	var err error
	if s.holds, err = compileCondition(cmd.Cond, b.schema.columns, b.compiling); err != nil {
		return err
	}
	if len(cmd.Fields) == 0 {
		s.message, err = b.systemField(cmd, "@message")
	} else {
		s.fields, err = b.fieldValues(cmd.Fields)
	}
	if err != nil {
		return err
	}
	for _, f := range cmd.Fields {
		s.names = append(s.names, f.Name)
	}
	b.replace(s, relevantColumns...)
	return nil
}

// side is 0 for rows for which the condition holds, 1 for the others.
type side int

// relevantSink is a relevantStep at work.
type relevantSink struct {
	step   *relevantStep
	memory *budget
	byName map[string]*relevantField
	rows   [2]int64
}

func (s *relevantStep) run(ctx context.Context, e *env, in *table) (*table, error) {
	return runSink(ctx, e, s, in)
}

func (s *relevantStep) newSink(_ context.Context, e *env) sink {
	w := &relevantSink{step: s, memory: e.memory, byName: map[string]*relevantField{}}
	for _, name := range s.names {
		w.field(name)
	}
	return w
}

func (w *relevantSink) add(ctx context.Context, in *table) error {
	return eachRow(ctx, in.rows, func(_ int, row []value.Value) error {
		of := side(1)
		if w.step.holds(row) {
			of = 0
		}
		w.rows[of]++
		if w.step.message != nil {
			return w.addMessage(w.step.message(row).Text(), of)
		}
		bytes := int64(0)
		for i, name := range w.step.names {
			f, fresh := w.field(name)
			bytes += fresh + f.add(w.step.fields[i](row), of)
		}
		return w.memory.take(bytes)
	})
}

func (w *relevantSink) addMessage(message string, of side) error {
	bytes := int64(0)
	for _, field := range DiscoverFields(message) {
		f, fresh := w.field(field.Name)
		bytes += fresh + f.add(value.OfText(field.Value), of)
	}
	return w.memory.take(bytes)
}

// field is what was seen of a field, and by how many bytes it is new.
func (w *relevantSink) field(name string) (f *relevantField, bytes int64) {
	if f = w.byName[name]; f == nil {
		f = &relevantField{name: strings.Clone(name), values: map[string]*relevantValue{}}
		w.byName[f.name] = f
		bytes = relevantFieldBytes + 2*int64(len(name))
	}
	return f, bytes
}

const relevantFieldBytes = 400 // about, without its values

func (w *relevantSink) merge(ctx context.Context, other sink) error {
	o := other.(*relevantSink)
	for of, n := range o.rows {
		w.rows[of] += n
	}
	for name, f := range o.byName {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		mine, fresh := w.field(name)
		if err := w.memory.take(fresh + mine.merge(f)); err != nil {
			return err
		}
	}
	return nil
}

// table returns the fields, the most relevant first.
func (w *relevantSink) table(ctx context.Context) (*table, error) {
	t := &table{columns: relevantColumns}
	if w.rows[0] == 0 || w.rows[1] == 0 {
		return t, nil // nothing to compare
	}
	for _, f := range w.byName {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		t.rows = append(t.rows, f.row(w.rows))
	}
	return t, sortUntil(ctx, t.rows, func(a, b []value.Value) int {
		return cmp.Or(value.CompareDescending(a[1], b[1]), strings.Compare(a[0].Text(), b[0].Text()))
	})
}
