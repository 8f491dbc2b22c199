package insights

import (
	"context"
	"math/bits"
	"slices"

	"github.com/tollbook/tollbook/logs/insights/value"
)

// groups numbers the combinations of values of the columns of a by. It is for one goroutine.
type groups struct {
	keys  []keyTable
	pairs []pairTable // of what the columns before made, and the next column
	ids   [2][]uint32 // scratch
}

// newGroups makes groups of as many keys. Once ctx has ended, they are of no use.
func newGroups(ctx context.Context, keys int) *groups {
	g := &groups{keys: make([]keyTable, keys), pairs: make([]pairTable, max(keys-1, 0))}
	for k := range g.keys {
		g.keys[k].ctx = ctx
	}
	for k := range g.pairs {
		g.pairs[k].table.ctx = ctx
	}
	return g
}

// len is how many groups there are: one, if there is nothing to group by.
func (g *groups) len() int {
	switch {
	case len(g.pairs) > 0:
		return len(g.pairs[len(g.pairs)-1].pairs)
	case len(g.keys) > 0:
		return g.keys[0].n
	}
	return 1
}

// number returns the group of each row, until it is called again.
func (g *groups) number(rows []int32, keys []*vector) ([]uint32, error) {
	for k := range g.ids {
		g.ids[k] = slices.Grow(g.ids[k][:0], len(rows))[:len(rows)]
	}
	if len(keys) == 0 {
		clear(g.ids[0])
		return g.ids[0], nil
	}
	if err := g.keys[0].number(rows, keys[0], g.ids[0]); err != nil {
		return nil, err
	}
	for k, v := range keys[1:] {
		if err := g.keys[k+1].number(rows, v, g.ids[1]); err != nil {
			return nil, err
		}
		g.pairs[k].number(g.ids[0], g.ids[1])
	}
	return g.ids[0], nil
}

// row appends the values of a group.
func (g *groups) row(dst []value.Value, group int) []value.Value {
	at := len(dst)
	dst = append(dst, make([]value.Value, len(g.keys))...)
	id := uint32(group)
	for k := len(g.pairs) - 1; k >= 0; k-- {
		pair := g.pairs[k].pairs[id]
		dst[at+k+1] = g.keys[k+1].value(uint32(pair))
		id = uint32(pair >> 32)
	}
	if len(g.keys) > 0 {
		dst[at] = g.keys[0].value(id)
	}
	return dst
}

// merge returns for each group of o the same group of g, which it adds if it is not there. Once ctx has ended it returns
// anything.
func (g *groups) merge(ctx context.Context, o *groups) []uint32 {
	if len(g.keys) == 0 {
		return []uint32{0}
	}
	ids := g.keys[0].merge(ctx, &o.keys[0])
	for k := range g.pairs {
		if ctx.Err() != nil {
			return nil
		}
		next := g.keys[k+1].merge(ctx, &o.keys[k+1])
		joined := make([]uint32, len(o.pairs[k].pairs))
		for i, pair := range o.pairs[k].pairs {
			if i%checkRows == 0 && ctx.Err() != nil {
				return nil
			}
			joined[i] = g.pairs[k].id(ids[pair>>32], next[uint32(pair)])
		}
		ids = joined
	}
	return ids
}

// held is about how many bytes the groups hold.
func (g *groups) held() (n int64) {
	for i := range g.keys {
		n += g.keys[i].held()
	}
	for i := range g.pairs {
		n += g.pairs[i].table.held() + 8*int64(cap(g.pairs[i].pairs))
	}
	return n
}

// pairTable numbers pairs of numbers.
type pairTable struct {
	table intTable
	pairs []uint64
}

// number writes into a the numbers of the pairs of a and b.
func (t *pairTable) number(a, b []uint32) {
	for i := range a {
		a[i] = t.id(a[i], b[i])
	}
}

func (t *pairTable) id(a, b uint32) uint32 {
	pair := uint64(a)<<32 | uint64(b)
	place := t.table.place(pair)
	if *place == 0 {
		t.pairs = append(t.pairs, pair)
		*place = uint32(len(t.pairs))
	}
	return *place - 1
}

// intTable maps integers to numbers above 0, by open addressing. Once its context has ended, it may have lost some.
type intTable struct {
	ctx    context.Context
	keys   []uint64
	values []uint32 // 0: no key here
	used   int
	shift  uint8

	dense []uint32 // of the keys from base on, if there are many close together
	base  uint64
}

func (t *intTable) held() int64 { return 12*int64(cap(t.keys)) + 4*int64(cap(t.dense)) }

const (
	minTable  = 64
	denseFrom = 1 << 11 // keys
	denseSpan = 1 << 17 // keys that dense has room for
)

// place is where the number of a key stands, 0 if it has none yet: the caller must write one. It is valid until the next
// call.
func (t *intTable) place(key uint64) *uint32 {
	if at := key - t.base; at < uint64(len(t.dense)) {
		return &t.dense[at]
	}
	if 2*t.used >= len(t.keys) {
		if t.double(); t.dense != nil {
			return t.place(key) // which may have room there now
		}
	}
	mask := len(t.keys) - 1
	for i := int(key * 0x9E3779B97F4A7C15 >> t.shift); ; i++ {
		i &= mask
		if t.values[i] == 0 {
			t.keys[i] = key
			t.used++
			return &t.values[i]
		}
		if t.keys[i] == key {
			return &t.values[i]
		}
	}
}

// spread makes room for keys that lie close together, such as addresses of one network.
func (t *intTable) spread(keys []uint64, values []uint32) {
	low, high := ^uint64(0), uint64(0)
	for i, v := range values {
		if v != 0 {
			low, high = min(low, keys[i]), max(high, keys[i])
		}
	}
	if high-low < denseSpan {
		t.dense, t.base = make([]uint32, denseSpan), low-(denseSpan-(high-low))/2
	}
}

func (t *intTable) double() {
	n := max(2*len(t.keys), minTable)
	old := *t
	*t = intTable{
		keys: make([]uint64, n), values: make([]uint32, n), shift: uint8(64 - bits.TrailingZeros(uint(n))),
		dense: old.dense, base: old.base, ctx: old.ctx,
	}
	if t.dense == nil && old.used >= denseFrom {
		t.spread(old.keys, old.values)
	}
	for i, v := range old.values {
		if i%checkSlots == 0 && t.ctx.Err() != nil {
			return
		}
		if v != 0 {
			*t.place(old.keys[i]) = v
		}
	}
}

// checkSlots is how many slots of a table are gone through before it looks whether the query was stopped.
const checkSlots = 1 << 14
