package insights

import (
	"context"
	"sync/atomic"

	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// estimatedColumn is the column of estimate's result, whose name AWS does not document.
const estimatedColumn = "estimatedBytes"

// withoutEstimate takes an estimate away, which can only be the last command.
func withoutEstimate(cmds []syntax.Command) (rest []syntax.Command, estimate bool) {
	if n := len(cmds); n > 0 {
		if _, ok := cmds[n-1].(*syntax.Estimate); ok {
			return cmds[:n-1], true
		}
	}
	return cmds, false
}

// estimate says how many bytes of messages the query would look at, without a look at any: those of the blocks that may have
// what its filters want. A limit that would end the query early is not taken into account.
func (p *plan) estimate(ctx context.Context, e *env) (Result, error) {
	var bytes atomic.Int64
	err := e.data.Blocks(ctx, e.within, func(_ int, b *Block) error {
		for _, f := range p.scan.filter {
			if none, err := f.excluded(b.Block); none || err != nil {
				return err
			}
		}
		bytes.Add(b.MessageBytes() * int64(b.Rows.Count()) / int64(b.Len()))
		return nil
	})
	return Result{
		Columns: []string{estimatedColumn}, Rows: [][]value.Value{{value.OfNumber(float64(bytes.Load()))}},
		Statistics: Statistics{LogGroups: len(e.data.Groups())},
	}, err
}
