package embedded

import (
	"container/list"
	"sync"
)

// blockCache keeps unpacked blocks, those used last, up to a number of bytes. It is safe for concurrent use.
type blockCache struct {
	mu     sync.Mutex
	limit  int64
	bytes  int64
	recent *list.List // of *cachedBlock, the last used in front
	blocks map[blockKey]*list.Element
}

type blockKey struct {
	segment uint64
	block   uint32
}

type cachedBlock struct {
	key blockKey
	raw []byte
}

func newBlockCache(limit int64) *blockCache {
	return &blockCache{limit: limit, recent: list.New(), blocks: map[blockKey]*list.Element{}}
}

func (c *blockCache) get(key blockKey) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.blocks[key]
	if e == nil {
		return nil
	}
	c.recent.MoveToFront(e)
	return e.Value.(*cachedBlock).raw
}

func (c *blockCache) put(key blockKey, raw []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.blocks[key] != nil || int64(cap(raw)) > c.limit {
		return
	}
	c.blocks[key] = c.recent.PushFront(&cachedBlock{key, raw})
	c.bytes += int64(cap(raw))
	for c.bytes > c.limit {
		last := c.recent.Back()
		old := c.recent.Remove(last).(*cachedBlock)
		delete(c.blocks, old.key)
		c.bytes -= int64(cap(old.raw))
	}
}
