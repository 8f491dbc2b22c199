package insights

import (
	"cmp"
	"container/heap"
	"context"
	"slices"

	"github.com/tollbook/tollbook/logs/columnar"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// keptRow is a row that may be in the result.
type keptRow struct {
	keys   []value.Value
	at     place
	row    int // of its block
	kept   bool
	group  int   // of dedup
	worker int   // who keeps it
	bytes  int64 // that the budget knows of
	values []value.Value
}

// keptRows are the rows that one goroutine keeps: all, or those that come first by the order. Only their values are read.
type keptRows struct {
	plan   *scanRows
	memory *budget
	worker int
	rows   []*keptRow // if only some are kept, a heap with the last of them on top, unless there is dedup
	dedup  *dedupRows // nil without
	last   *keptRow   // of dedup: the last of the rows if there are enough
	held   int64      // bytes of groups that the budget knows of
	fresh  []*keptRow // of the block that is worked on
	keys   []*vector  // scratch
	probe  keptRow    // scratch
}

func newKeptRows(ctx context.Context, p *scanRows, memory *budget, worker int) *keptRows {
	k := &keptRows{plan: p, memory: memory, worker: worker}
	if len(p.dedup) > 0 {
		k.dedup = &dedupRows{groups: newGroups(ctx, len(p.dedup))}
	}
	return k
}

// compare orders rows.
func (p *scanRows) compare(a, b *keptRow) int {
	if order := p.compareKeys(a, b); order != 0 {
		return order
	}
	if p.newestFirst {
		return b.at.compare(a.at)
	}
	return a.at.compare(b.at)
}

func (p *scanRows) compareKeys(a, b *keptRow) int {
	for i := range p.order {
		order := 0
		if p.order[i].desc {
			order = value.CompareDescending(a.keys[i], b.keys[i])
		} else {
			order = value.Compare(a.keys[i], b.keys[i])
		}
		if order != 0 {
			return order
		}
	}
	return 0
}

// compareTime orders a time and a row's.
func (p *scanRows) compareTime(at int64, b *keptRow) int {
	if p.newestFirst {
		return cmp.Compare(b.at.timestamp, at)
	}
	return cmp.Compare(at, b.at.timestamp)
}

// Len, Less, Swap, Push and Pop make a heap.
func (k *keptRows) Len() int           { return len(k.rows) }
func (k *keptRows) Less(i, j int) bool { return k.plan.compare(k.rows[i], k.rows[j]) > 0 }
func (k *keptRows) Swap(i, j int)      { k.rows[i], k.rows[j] = k.rows[j], k.rows[i] }
func (k *keptRows) Push(x any)         { k.rows = append(k.rows, x.(*keptRow)) }
func (k *keptRows) Pop() any {
	last := k.rows[len(k.rows)-1]
	k.rows = k.rows[:len(k.rows)-1]
	return last
}

// add keeps selected rows of a block.
func (k *keptRows) add(b *batch) (err error) {
	k.keys = k.keys[:0]
	for _, key := range k.plan.order {
		v, err := b.eval(key.expr)
		if err != nil {
			return err
		}
		k.keys = append(k.keys, v)
	}
	times, err := b.timestamps()
	if err != nil {
		return err
	}
	k.fresh = k.fresh[:0]
	if k.dedup != nil {
		return k.addDistinct(b, times)
	}
	rows := b.selected()
	for i := range rows {
		if i%checkRows == 0 && b.ctx.Err() != nil {
			return context.Cause(b.ctx)
		}
		row := rows[k.plan.likely(i, len(rows))]
		if err := k.offer(b, int(row), times[row]); err != nil {
			return err
		}
	}
	return k.finish(b)
}

// likely is the i-th of n rows, those first that are likely to be in the result: a block has them about in the order of
// time.
func (p *scanRows) likely(i, n int) int {
	if p.newestFirst {
		return n - 1 - i
	}
	return i
}

// offer keeps a row unless enough come before it.
func (k *keptRows) offer(b *batch, row int, at int64) error {
	full := k.plan.keep > 0 && len(k.rows) == k.plan.keep
	if full && (len(k.keys) == 0 && k.plan.compareTime(at, k.rows[0]) > 0 || len(k.keys) > 0 && k.behindNumber(row)) {
		return nil
	}
	if full && len(k.keys) > 0 {
		key, err := k.keys[0].at(row)
		if err != nil || k.behind(key) {
			return err
		}
	}
	if err := k.fillProbe(b, row); err != nil {
		return err
	}
	if full && k.plan.compare(&k.probe, k.rows[0]) >= 0 {
		return nil
	}
	kept := k.keep(row)
	switch {
	case full:
		k.drop(k.rows[0])
		k.rows[0] = kept
		heap.Fix(k, 0)
	case k.plan.keep > 0:
		heap.Push(k, kept)
	default:
		k.rows = append(k.rows, kept)
	}
	return nil
}

// fillProbe reads what a row is compared by.
func (k *keptRows) fillProbe(b *batch, row int) error {
	k.probe.keys = k.probe.keys[:0]
	for _, v := range k.keys {
		key, err := v.at(row)
		if err != nil {
			return err
		}
		k.probe.keys = append(k.probe.keys, key)
	}
	places, err := b.places()
	if err == nil {
		k.probe.at = placeOf(places, row)
	}
	return err
}

// keep makes a row of the probe.
func (k *keptRows) keep(row int) *keptRow {
	kept := &keptRow{keys: slices.Clone(k.probe.keys), at: k.probe.at, row: row, kept: true, worker: k.worker}
	k.fresh = append(k.fresh, kept)
	return kept
}

// drop gives a row up.
func (k *keptRows) drop(r *keptRow) {
	r.kept = false
	k.memory.give(r.bytes)
	r.bytes, r.values = 0, nil
}

// behind says whether a row with a first key comes behind the last one that is kept.
func (k *keptRows) behind(key value.Value) bool {
	last := k.rows[0].keys[0]
	if k.plan.order[0].desc {
		return value.CompareDescending(key, last) > 0
	}
	return value.Compare(key, last) > 0
}

// behindNumber is behind of a row whose first key is a number, where that is known without making a value of it.
func (k *keptRows) behindNumber(row int) bool {
	n := 0.0
	switch v := k.keys[0]; {
	case v.form == vectorTimes:
		n = float64(v.times[row])
	case v.form == vectorField && len(v.field.Ints) > 0 && v.field.Form.Decimal() && v.field.Present == nil:
		n = float64(v.field.Ints[row])
	default:
		return false
	}
	last, ok := k.rows[0].keys[0].AsNumber()
	if k.plan.order[0].desc {
		return ok && n < last
	}
	return ok && n > last
}

// finish reads the values of the block's rows that are still kept.
func (k *keptRows) finish(b *batch) error {
	k.fresh = slices.DeleteFunc(k.fresh, func(r *keptRow) bool { return !r.kept })
	if len(k.fresh) == 0 {
		return nil
	}
	var wanted columnar.Bitmap
	for _, r := range k.fresh {
		wanted.Set(r.row)
	}
	b.rows = wanted
	b.changed()
	n := len(k.plan.slots)
	values := make([]value.Value, n*len(k.fresh))
	for i, r := range k.fresh {
		r.values = values[i*n : (i+1)*n : (i+1)*n]
	}
	for column, at := range k.plan.slots {
		if b.ctx.Err() != nil {
			return context.Cause(b.ctx)
		}
		v, err := b.vector(at)
		if err != nil {
			return err
		}
		for _, r := range k.fresh {
			if r.values[column], err = v.at(r.row); err != nil {
				return err
			}
		}
	}
	return k.account()
}

const keptRowBytes = 120 // beside its values

// account tells the budget of the rows that have come.
func (k *keptRows) account() error {
	total := int64(0)
	for _, r := range k.fresh {
		r.bytes = keptRowBytes + rowBytesOf(r.values) + int64(len(r.keys))*valueBytes
		total += r.bytes
	}
	if k.dedup != nil {
		held := k.dedup.groups.held() + 8*int64(cap(k.dedup.best))
		total += held - k.held
		k.held = held
	}
	return k.memory.take(total)
}

// rowBytesOf is about the memory of a row's values.
func rowBytesOf(values []value.Value) int64 {
	n := int64(len(values)) * valueBytes
	for i := range values {
		n += values[i].Held()
	}
	return n
}

// mergeRows puts the workers' rows in order.
func (s *scan) mergeRows(ctx context.Context) (*table, error) {
	p := s.plan.rows
	var all []*keptRow
	for i := range s.workers {
		all = append(all, s.workers[i].rows.rows...)
	}
	if err := sortUntil(ctx, all, p.compare); err != nil {
		return nil, err
	}
	if len(p.dedup) > 0 {
		all = s.distinct(ctx, all)
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if p.keep > 0 && len(all) > p.keep {
		all = all[:p.keep]
	}
	t := &table{columns: p.columns, rows: make([][]value.Value, len(all))}
	for i, r := range all {
		t.rows[i] = r.values
	}
	return t, nil
}
