package columnar

import (
	"encoding/binary"
	"strings"
	"unsafe"

	"github.com/tollbook/tollbook/logs/condition"
)

// ValueCount is a value of a field and the number of rows that have it.
type ValueCount struct {
	Value condition.Value
	Rows  int
}

// maxNamedCount is how many values CountNamed returns at most, and maxKeptCounts of how many a block keeps the counts.
const (
	maxNamedCount = 1 << 12
	maxKeptCounts = 1 << 8
)

// CountNamed counts the values of a field, as Named has it, over all rows. Values come in no order, each once, and those that
// no row has are left out. It is for fields of few values: without counts it says that the rows are of several shapes, or
// that the field's column is of another kind. A caller must not change what it returns.
func (b *Block) CountNamed(name string) ([]ValueCount, error) {
	if b.texts != nil || len(b.shapes) != 1 || b.shapeOf != nil {
		return nil, nil
	}
	s := b.shapes[0]
	slot, ok := s.names()[name]
	if !ok {
		return nil, nil
	}
	c, ok := s.columns[slot].(*dictColumn)
	if !ok || c.entries > maxNamedCount {
		return nil, nil
	}
	if counts := c.counts.Load(); counts != nil {
		return *counts, nil
	}
	s.ask(slot)
	counts, err := b.countCodes(c, s.valueOf(slot))
	if err == nil && len(counts) > 0 && len(counts) <= maxKeptCounts && c.counts.CompareAndSwap(nil, &counts) {
		b.held.Add(heldByCounts(counts))
	}
	return counts, err
}

func heldByCounts(counts []ValueCount) int64 {
	n := int64(0)
	for i := range counts {
		n += int64(unsafe.Sizeof(counts[i])) + int64(len(counts[i].Value.Text))
	}
	return n
}

// countCodes counts the codes of all rows. It returns nil if two of them could stand for one value, written in two ways.
func (b *Block) countCodes(c *dictColumn, value func(string) condition.Value) ([]ValueCount, error) {
	d, err := c.loadDict(b)
	if err != nil || strings.IndexByte(d.all, '\\') >= 0 {
		return nil, err
	}
	b.mu.Lock()
	err = c.load(b, 0, chunkCount(c.codes.rows))
	b.mu.Unlock()
	if err != nil {
		return nil, err
	}
	counts := make([]int, len(d.ends))
	for k := range c.codes.loaded {
		c.codes.loaded[k].Load().count(counts, c.codes.chunkRows(k))
	}
	// The texts are copies: the dictionary may go before the counts.
	return valueCounts(counts, func(code int) condition.Value { return value(strings.Clone(d.text(code))) }), nil
}

// count adds the numbers of a chunk, each of which is below len(counts).
func (v *vector) count(counts []int, rows int) {
	if v.w8 == nil {
		for i := range rows {
			counts[v.at(i)]++
		}
		return
	}
	// Four tables, so that an addition seldom waits for the one before it.
	var tables [4][256]uint32
	from := v.w8[:rows]
	for ; len(from) >= 8; from = from[8:] {
		w := binary.LittleEndian.Uint64(from)
		tables[0][w&0xff]++
		tables[1][w>>8&0xff]++
		tables[2][w>>16&0xff]++
		tables[3][w>>24&0xff]++
		tables[0][w>>32&0xff]++
		tables[1][w>>40&0xff]++
		tables[2][w>>48&0xff]++
		tables[3][w>>56]++
	}
	for _, n := range from {
		tables[0][n]++
	}
	for n := range 256 {
		if sum := tables[0][n] + tables[1][n] + tables[2][n] + tables[3][n]; sum > 0 {
			counts[int(v.base)+n] += int(sum)
		}
	}
}

func valueCounts(counts []int, value func(code int) condition.Value) (all []ValueCount) {
	for code, rows := range counts {
		if rows > 0 {
			all = append(all, ValueCount{value(code), rows})
		}
	}
	return all
}
