package insights

import (
	"context"
	"slices"

	"github.com/tollbook/tollbook/logs/columnar"
	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// statsStep is a stats that works on rows in memory: one behind another stats.
type statsStep struct {
	shape *statsShape
	by    []expression
	args  []expression
	time  int // column of @timestamp, by which earliest and its like go; -1 if there is none: then the order of rows
}

// newStatsStep makes the step of a stats that works on rows.
func newStatsStep(cmd *syntax.Stats, in schema, c *compiling) (step, schema, error) {
	shape, err := newStatsShape(cmd, c)
	if err != nil {
		return nil, schema{}, err
	}
	s := &statsStep{shape: shape, time: slices.Index(in.columns, timestampField)}
	if s.by, err = compileAll(shape.by, in.columns, c); err != nil {
		return nil, schema{}, err
	}
	for i, e := range shape.by {
		if call, ok := e.(*syntax.Call); ok && call.Name == "bin" && shape.shift != 0 {
			s.by[i] = shifted(s.by[i], shape.shift)
		}
	}
	if s.args, err = compileAll(shape.args, in.columns, c); err != nil {
		return nil, schema{}, err
	}
	return s, schema{columns: shape.columns, shown: shape.columns, stats: cmd}, nil
}

func compileAll(exprs []syntax.Expr, columns []string, c *compiling) ([]expression, error) {
	all := make([]expression, len(exprs))
	for i, e := range exprs {
		var err error
		if all[i], err = compileExpression(e, columns, c); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// shifted is a time that is shown later.
func shifted(x expression, by int64) expression {
	return func(row []value.Value) value.Value {
		v := x(row)
		if at, ok := v.AsTime(); ok {
			return value.OfTime(at + by)
		}
		return v
	}
}

// statsRows is how many rows are aggregated at a time.
const statsRows = 4096

func (s *statsStep) run(ctx context.Context, e *env, in *table) (*table, error) {
	return runSink(ctx, e, s, in)
}

func (s *statsStep) newSink(ctx context.Context, e *env) sink {
	return &statsSink{step: s, memory: e.memory, stats: newGroupedStats(ctx, s.shape)}
}

// statsSink is a statsStep at work.
type statsSink struct {
	step   *statsStep
	memory *budget
	stats  *groupedStats
	rows   int   // that have come
	held   int64 // bytes that the budget knows of
}

func (s *statsSink) add(ctx context.Context, in *table) error {
	for rows := range slices.Chunk(in.rows, statsRows) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		places := func() (*columnar.Positions, error) { return s.step.places(rows, s.rows), nil }
		if err := s.stats.add(numbered(len(rows)), vectorsOf(s.step.by, rows), vectorsOf(s.step.args, rows), places); err != nil {
			return err
		}
		s.rows += len(rows)
		if err := s.account(); err != nil {
			return err
		}
	}
	return nil
}

// account tells the budget by how much the stats have grown.
func (s *statsSink) account() error {
	grown := s.stats.held() - s.held
	s.held += grown
	return s.memory.take(grown)
}

func (s *statsSink) merge(ctx context.Context, other sink) error {
	o := other.(*statsSink)
	s.stats.merge(ctx, o.stats)
	o.stats = nil
	s.memory.give(o.held)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return s.account()
}

func (s *statsSink) table(ctx context.Context) (*table, error) {
	t, err := s.stats.table(ctx, s.memory)
	s.memory.give(s.held)
	return t, err
}

func numbered(n int) []int32 {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}

func vectorsOf(exprs []expression, rows [][]value.Value) []*vector {
	all := make([]*vector, len(exprs))
	for i, x := range exprs {
		v := &vector{form: vectorRows, rows: make([]value.Value, len(rows))}
		for k, row := range rows {
			v.rows[k] = x(row)
		}
		all[i] = v
	}
	return all
}

// places are where rows stand: by their time, and then as they come.
func (s *statsStep) places(rows [][]value.Value, from int) *columnar.Positions {
	if !s.shape.timed {
		return nil
	}
	p := &columnar.Positions{
		Timestamps: make([]int64, len(rows)), Ingestions: make([]int64, len(rows)), Arrivals: make([]uint64, len(rows)),
	}
	for i, row := range rows {
		if s.time >= 0 {
			p.Timestamps[i], _ = row[s.time].AsTime()
		}
		p.Arrivals[i] = uint64(from + i)
	}
	return p
}
