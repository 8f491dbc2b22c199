package main

import (
	"context"
	"errors"
	"iter"
	"math"
	"strconv"

	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/embedded"
	"github.com/tollbook/tollbook/logs/insights"
	"github.com/tollbook/tollbook/logs/insights/syntax"
)

// storeColumns is benchGroup of a store as Logs Insights queries see it, for those that need columns alone.
type storeColumns struct{ store *embedded.Store }

func (d storeColumns) Groups() []string { return []string{"bench"} }

func (d storeColumns) Blocks(ctx context.Context, _ insights.TimeRange, visit func(worker int, b *insights.Block) error) error {
	return d.store.Columns(ctx, wholeGroup(), func(worker int, b *logs.ColumnBlock) error {
		return visit(worker, &insights.Block{Block: b.Block, Rows: b.Rows})
	})
}

func (d storeColumns) Events(context.Context, insights.TimeRange, bool, *insights.EventFilter) iter.Seq2[insights.Event, error] {
	return func(yield func(insights.Event, error) bool) {
		yield(insights.Event{}, errors.New("the benchmark asks for columns only"))
	}
}

// countsOf runs a stats query whose rows begin with a value and how often it comes.
func countsOf(ctx context.Context, store *embedded.Store, query string) (counts []count, err error) {
	parsed, err := syntax.ParseQuery(query)
	if err != nil {
		return nil, err
	}
	plan, err := insights.Compile(parsed, insights.Options{Within: insights.TimeRange{To: math.MaxInt64}, Limit: insights.MaxLimit})
	if err != nil {
		return nil, err
	}
	result, err := plan.Run(ctx, storeColumns{store}, nil, nil)
	if err != nil {
		return nil, err
	}
	for _, row := range result.Rows {
		n, err := strconv.ParseInt(row[1].String(), 10, 64)
		if err != nil {
			return nil, err
		}
		counts = append(counts, count{row[0].String(), n})
	}
	return counts, nil
}

func wholeGroup() logs.ScanQuery {
	return logs.ScanQuery{Group: benchGroup, From: math.MinInt64, To: math.MaxInt64}
}
