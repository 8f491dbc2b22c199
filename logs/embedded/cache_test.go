package embedded

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/tollbook/tollbook/logs/columnar"
)

// cachedBlocks puts blocks of entries into a cache that has room for all.
func cachedBlocks(t *testing.T, n int) *cache {
	t.Helper()
	c := newCache(1 << 30)
	encoder := columnar.NewEncoder()
	for k := range n {
		var rows columnar.Rows
		for i := range 2000 {
			rows.Messages = append(rows.Messages, fmt.Sprintf(`{"id":"%016x","status":"%d"}`, uint64(i+k)*0x9E3779B97F4A7C15, 200+i%5))
			rows.Timestamps, rows.Ingestions = append(rows.Timestamps, int64(i)), append(rows.Ingestions, int64(i))
			rows.Arrivals = append(rows.Arrivals, uint64(i))
		}
		encoded := encoder.Append(nil, &rows)
		b, err := columnar.Open(bytes.NewReader(encoded), int64(len(encoded)))
		if err != nil {
			t.Fatal(err)
		}
		c.put(cacheKey{index: k}, b)
	}
	return c
}

func (c *cache) block(k int) *columnar.Block {
	b, _ := c.get(cacheKey{index: k}).(*columnar.Block)
	return b
}

// check compares the sums with the entries.
func (c *cache) check(t *testing.T) {
	t.Helper()
	var bytes, bare, passing int64
	for _, e := range c.byKey {
		bytes += e.weight
		if e.weight != e.value.Held() {
			t.Errorf("an entry of %d bytes counts as %d", e.value.Held(), e.weight)
		}
		if e.isBare {
			bare += e.weight
		}
		if e.passingAt != nil {
			passing += e.passing
		}
	}
	if bytes != c.bytes || bare != c.bare.bytes || passing != c.passing.bytes {
		t.Errorf("%d bytes, %d of them bare, %d passing; counted are %d, %d, %d", bytes, bare, passing, c.bytes, c.bare.bytes, c.passing.bytes)
	}
	if c.bytes > c.limit {
		t.Errorf("%d bytes where %d are allowed", c.bytes, c.limit)
	}
	if got := c.recent.Len() + c.bare.list.Len(); got != len(c.byKey) {
		t.Errorf("%d entries in lists, %d by key", got, len(c.byKey))
	}
}

// TestMessagesLeaveFieldsCached reads all messages of more blocks than there is room for: what was counted stays.
func TestMessagesLeaveFieldsCached(t *testing.T) {
	t.Parallel()
	const blocks = 40
	c := cachedBlocks(t, blocks)
	var rows columnar.Bitmap
	rows.SetRange(0, 2000)
	var column columnar.Column
	for k := range blocks {
		if err := c.block(k).Named("status", &rows, &column); err != nil {
			t.Fatal(err)
		}
		c.measure(cacheKey{index: k})
	}
	fields := c.held()
	c.limit = fields * 3 / 2
	for k := range blocks {
		b := c.block(k)
		if _, err := b.AppendMessage(nil, 0); err != nil {
			t.Fatal(err)
		}
		c.measure(cacheKey{index: k})
		c.check(t)
	}
	if c.passing.bytes == 0 || c.bare.list.Len() > 0 || len(c.byKey) != blocks {
		t.Errorf("%d passing bytes, %d bare of %d blocks", c.passing.bytes, c.bare.list.Len(), len(c.byKey))
	}
	for k := range blocks {
		held := c.block(k).Held()
		if err := c.block(k).Named("status", &rows, &column); err != nil || c.block(k).Held() != held {
			t.Errorf("block %d has lost its fields (%v)", k, err)
		}
	}
}

// TestCacheShrinks makes blocks bare, and then drops them.
func TestCacheShrinks(t *testing.T) {
	t.Parallel()
	const blocks = 40
	c := cachedBlocks(t, blocks)
	opened := c.held()
	for k := range blocks {
		if counts, err := c.block(k).CountNamed("status"); err != nil || len(counts) != 5 {
			t.Fatal(counts, err)
		}
		c.measure(cacheKey{index: k})
	}
	counted := c.held()
	for _, limit := range []int64{opened + (counted-opened)/2, opened / 2, 1, -1} {
		c.limit = limit
		c.measure(cacheKey{index: blocks - 1})
		if limit > 1 {
			c.check(t)
		}
		t.Logf("%d of %d bytes: %d blocks, %d bare", c.held(), limit, len(c.byKey), c.bare.list.Len())
		if limit > opened && c.bare.list.Len() == 0 || limit < 10 && len(c.byKey) > 0 {
			t.Errorf("%d bytes where %d are allowed: %d blocks, %d bare", c.held(), limit, len(c.byKey), c.bare.list.Len())
		}
	}
}
