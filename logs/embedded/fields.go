package embedded

import (
	"context"
	"encoding/json"
	"runtime"
	"strconv"
	"strings"

	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/columnar"
)

// parsedRows is the size of a block up to which Fields reads its messages one by one: in a small block, messages with few
// of their shape, which columnar.Block.Fields does not count, may be all that there is.
const parsedRows = 1024

// Fields implements logs.Store. It reads what blocks know of their messages' shapes, and columns only of blocks that are
// selected in part. Of large blocks, messages count only where they have a shape (see columnar.Block.Fields).
func (s *Store) Fields(ctx context.Context, q logs.ScanQuery) ([]logs.FieldCount, int64, error) {
	counters := make([]fieldCounter, runtime.GOMAXPROCS(0))
	err := s.Columns(ctx, q, func(worker int, b *logs.ColumnBlock) error { return counters[worker].add(b, q.Filter) })
	if err != nil {
		return nil, 0, err
	}
	total, sums := int64(0), map[string]int64{}
	for _, c := range counters {
		total += c.total
		for name, n := range c.counts {
			sums[name] += n
		}
	}
	fields := make([]logs.FieldCount, 0, len(sums))
	for name, n := range sums {
		fields = append(fields, logs.FieldCount{Name: name, Events: n})
	}
	return fields, total, nil
}

// fieldCounter counts on behalf of one goroutine.
type fieldCounter struct {
	total   int64
	counts  map[string]int64
	message []byte // scratch
}

func (c *fieldCounter) add(b *logs.ColumnBlock, f *logs.Filter) error {
	if err := c.match(b, f); err != nil {
		return err
	}
	selected := b.Rows.Count()
	if selected == 0 {
		return nil
	}
	c.total += int64(selected)
	if b.Block.Len() <= parsedRows {
		return c.parse(b)
	}
	fields, err := b.Block.Fields()
	if err != nil {
		return err
	}
	for _, f := range fields {
		n := f.Rows
		if selected < b.Block.Len() {
			if n, err = countSelected(b, &f, selected); err != nil {
				return err
			}
		}
		if n > 0 {
			c.count(strings.Join(f.Path, "."), n)
		}
	}
	return nil
}

func (c *fieldCounter) count(name string, n int) {
	if c.counts == nil {
		c.counts = map[string]int64{}
	}
	c.counts[name] += int64(n)
}

// parse counts the fields of each selected message.
func (c *fieldCounter) parse(b *logs.ColumnBlock) (err error) {
	for row := b.Rows.Next(0); row >= 0; row = b.Rows.Next(row + 1) {
		if c.message, err = b.Block.AppendMessage(c.message[:0], row); err != nil {
			return err
		}
		var object map[string]any
		if json.Unmarshal(c.message, &object) == nil {
			c.walk("", object)
		}
	}
	return nil
}

// walk counts the scalars in a JSON value, under whose path it stands.
func (c *fieldCounter) walk(path string, value any) {
	if path != "" {
		path += "."
	}
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			c.walk(path+name, member)
		}
	case []any:
		for i, member := range v {
			c.walk(path+strconv.Itoa(i), member)
		}
	default:
		c.count(strings.TrimSuffix(path, "."), 1)
	}
}

// match clears the rows that the filter does not accept.
func (c *fieldCounter) match(b *logs.ColumnBlock, f *logs.Filter) (err error) {
	if f == nil {
		return nil
	}
	for row := b.Rows.Next(0); row >= 0; row = b.Rows.Next(row + 1) {
		if c.message, err = b.Block.AppendMessage(c.message[:0], row); err != nil {
			return err
		}
		if !f.Match(view(c.message)) {
			b.Rows.Clear(row)
		}
	}
	return nil
}

// countSelected counts the selected rows that have a field.
func countSelected(b *logs.ColumnBlock, f *columnar.FieldCount, selected int) (n int, err error) {
	if f.Rows == b.Block.Len() {
		return selected, nil
	}
	v, err := b.Block.Vector(f.Path)
	if err != nil {
		return 0, err
	}
	for row := b.Rows.Next(0); row >= 0; row = b.Rows.Next(row + 1) {
		switch {
		case v.Codes != nil && v.Codes[row] != columnar.MissingCode,
			v.Codes == nil && (v.Present == nil || v.Present.Has(row)):
			n++
		}
	}
	return n, nil
}
