package insights

import (
	"context"
	"slices"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// table is rows in order under named columns. @ptr is a column like others, as long as there is one.
type table struct {
	columns []string
	rows    [][]value.Value // each of len(columns); a step may change them
}

// column returns the place of a column, or -1.
func (t *table) column(name string) int { return slices.Index(t.columns, name) }

// schema is what rows look like between two commands.
type schema struct {
	// columns are all that a following command can name. Those of the scan's rows have whatever field of log events a
	// following command names, so that a name which is missing here is one that does not exist: after a stats, an error.
	columns []string
	// shown are the columns that the result shows, in order, as far as commands have said it; nil: none has, and the result
	// shows @timestamp and @message. After a stats and its like it is all columns. @ptr is added at the end, if it is there.
	shown []string
	// displayed is set by display: a later fields adds columns but shows none.
	displayed bool
	// stats made the rows; nil without one. Of the commands behind it only fillmissing asks for it.
	stats *syntax.Stats
}

// step is a command that works on rows in memory. It may use its input's memory for its output.
type step interface {
	run(ctx context.Context, e *env, in *table) (*table, error)
}

// Of the other files: newSteps(cmds []syntax.Command, in schema, c *compiling) ([]step, schema, error) makes the steps of the
// commands behind the scan (step.go), and compileExpression(e syntax.Expr, columns []string, c *compiling) (expression, error)
// compiles for rows (expression.go). A field is the column of its whole name, or else what its last steps find in the
// column that its first steps name (a map or a list). Errors are *syntax.Error. newStatsStep(s *syntax.Stats, in schema, c
// *compiling) (step, schema, error) makes the step of a stats behind another one, with the same aggregates (stats_step.go).
// rowReferences(cmds []syntax.Command, visit func(*syntax.Field)) says which fields the scan's rows must have for the commands
// behind it: those behind a join name them ALIAS.FIELD (step.go). subqueries puts the values of sub-queries into commands
// before they are planned (step_subquery.go).

// expression computes a value from a row whose columns it was compiled for.
type expression func(row []value.Value) value.Value

// compiling is what is known of a query while it is compiled.
type compiling struct {
	text   string    // the query's
	within TimeRange // what queryStartTime() and its like say
	now    int64     // milliseconds since 1970
	// columnsOf returns what columns another query's result has. It may be nil: then no command can have one.
	columnsOf func(q *syntax.Query) ([]string, error)
	lookups   LookupTables // nil: there are none
	region    string       // what @aws.region says
}

// env is what a running query has at hand.
type env struct {
	data   Data
	within TimeRange
	now    int64 // milliseconds since 1970, the same for the whole query
	open   func(ctx context.Context, source *syntax.Source) (Data, error)
	memory *budget
	// scan runs the part of the query before its steps again, on another time range: what the first step gets.
	scan func(ctx context.Context, within TimeRange) (*table, error)
	// flow runs it again on another time range, where rows flow, into sinks of another step. It returns the sink that has all.
	flow func(ctx context.Context, within TimeRange, into sinkStep) (sink, error)
	// query runs another query (of a join, or a sub-query) whose Source says where its data is. The time range is that of
	// the Source, or else within. The table has the columns that the query shows, and all rows unless it has a limit.
	query   func(ctx context.Context, q *syntax.Query) (*table, error)
	lookups *lookupRun // the tables of lookup, for this query and those within it
}
