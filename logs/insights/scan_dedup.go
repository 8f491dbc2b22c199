package insights

import (
	"context"
	"slices"
)

// dedupRows are the first rows of each combination of values, as far as one goroutine has seen them. Rows that lack one of
// the values are all kept.
type dedupRows struct {
	groups *groups
	best   []*keptRow // of groups; nil where it has none or is behind enough others
	keys   []*vector  // scratch
	lacks  []bool     // scratch
}

// noGroup is the group of a row that lacks a value.
const noGroup = -1

// addDistinct keeps selected rows of a block.
func (k *keptRows) addDistinct(b *batch, times []int64) (err error) {
	d := k.dedup
	if d.keys, err = b.evalAll(d.keys[:0], k.plan.dedup); err != nil {
		return err
	}
	rows := b.selected()
	ids, err := d.groups.number(rows, d.keys)
	if err != nil {
		return err
	}
	if err := d.findLacks(rows); err != nil {
		return err
	}
	d.best = grown(d.best, d.groups.len())
	for n := range rows {
		if n%checkRows == 0 && b.ctx.Err() != nil {
			return context.Cause(b.ctx)
		}
		i := k.plan.likely(n, len(rows))
		row, group := rows[i], int(ids[i])
		if d.lacks[i] {
			group = noGroup
		}
		if err := k.offerDistinct(b, int(row), times[row], group); err != nil {
			return err
		}
	}
	if err := k.cut(b.ctx); err != nil {
		return err
	}
	return k.finish(b)
}

// findLacks says of each row whether it lacks a value.
func (d *dedupRows) findLacks(rows []int32) error {
	d.lacks = slices.Grow(d.lacks[:0], len(rows))[:len(rows)]
	clear(d.lacks)
	var in input
	for _, v := range d.keys {
		in.reset(rows, v, nil)
		present := make([]bool, len(rows))
		if err := in.present(func(i int) { present[i] = true }); err != nil {
			return err
		}
		for i, is := range present {
			d.lacks[i] = d.lacks[i] || !is
		}
	}
	return nil
}

// offerDistinct keeps a row if it is the first of its group so far, and not behind enough others.
func (k *keptRows) offerDistinct(b *batch, row int, at int64, group int) error {
	byTime := len(k.keys) == 0
	var before *keptRow
	if group >= 0 {
		before = k.dedup.best[group]
	}
	for _, than := range []*keptRow{before, k.last} {
		if than != nil && byTime && k.plan.compareTime(at, than) > 0 {
			return nil
		}
	}
	if err := k.fillProbe(b, row); err != nil {
		return err
	}
	for _, than := range []*keptRow{before, k.last} {
		if than != nil && k.plan.compare(&k.probe, than) >= 0 {
			return nil
		}
	}
	kept := k.keep(row)
	kept.group = group
	k.rows = append(k.rows, kept)
	if group >= 0 {
		k.dedup.best[group] = kept
	}
	if before != nil {
		k.drop(before)
	}
	return nil
}

// cut drops rows that others have replaced, and those behind enough others.
func (k *keptRows) cut(ctx context.Context) error {
	k.rows = slices.DeleteFunc(k.rows, func(r *keptRow) bool { return !r.kept })
	if k.plan.keep == 0 || len(k.rows) < k.plan.keep {
		return nil
	}
	if err := sortUntil(ctx, k.rows, k.plan.compare); err != nil {
		return err
	}
	for _, r := range k.rows[k.plan.keep:] {
		k.drop(r)
		if r.group >= 0 {
			k.dedup.best[r.group] = nil
		}
	}
	clear(k.rows[k.plan.keep:])
	k.rows = k.rows[:k.plan.keep]
	k.last = k.rows[len(k.rows)-1]
	return nil
}

// distinct drops all but the first of the rows of a group, which are in order; workers have numbered groups for themselves.
func (s *scan) distinct(ctx context.Context, all []*keptRow) []*keptRow {
	sum := newGroups(ctx, len(s.plan.rows.dedup))
	ids := make([][]uint32, len(s.workers))
	for i := range s.workers {
		ids[i] = sum.merge(ctx, s.workers[i].rows.dedup.groups)
	}
	if ctx.Err() != nil {
		return nil
	}
	seen := make([]bool, sum.len())
	return slices.DeleteFunc(all, func(r *keptRow) bool {
		if r.group < 0 {
			return false
		}
		id := ids[r.worker][r.group]
		again := seen[id]
		seen[id] = true
		return again
	})
}
