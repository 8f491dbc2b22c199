package embedded

import (
	"container/list"
	"sync"

	"github.com/tollbook/tollbook/logs"
)

// cache keeps blocks and pages, those used last, up to a number of bytes. Blocks grow while they are read: who has read
// one has it measured again. It is safe for concurrent use.
type cache struct {
	mu     sync.Mutex
	limit  int64
	bytes  int64
	recent *list.List // of *cacheEntry, the last used in front
	byKey  map[cacheKey]*list.Element
}

// cached is what the cache keeps.
type cached interface {
	// Held is the memory that it takes now, in bytes.
	Held() int64
}

// cacheKey names a block or a page of a segment, or a block of a head's group.
type cacheKey struct {
	owner uint64 // segment or head
	kind  cacheKind
	group logs.GroupID // of a head's block
	index int          // of a block or page; of a head's range, how often the group's streams were dropped before
	end   uint64       // of a head's range: the arrival that it ends before
}

type cacheKind uint8

const (
	kindBlock cacheKind = iota
	kindPage
	kindHeadBlock
)

type cacheEntry struct {
	key    cacheKey
	value  cached
	weight int64
}

func newCache(limit int64) *cache {
	return &cache{limit: limit, recent: list.New(), byKey: map[cacheKey]*list.Element{}}
}

// get returns nil if the cache does not have it.
func (c *cache) get(key cacheKey) cached {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.byKey[key]
	if e == nil {
		return nil
	}
	c.recent.MoveToFront(e)
	return e.Value.(*cacheEntry).value
}

// put keeps value, unless there is one, and returns what is there.
func (c *cache) put(key cacheKey, value cached) cached {
	weight := value.Held()
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.byKey[key]; e != nil {
		return e.Value.(*cacheEntry).value
	}
	c.byKey[key] = c.recent.PushFront(&cacheEntry{key, value, weight})
	c.bytes += weight
	c.shrink()
	return value
}

// measure takes note of how large a value has become.
func (c *cache) measure(key cacheKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.byKey[key]; e != nil {
		entry := e.Value.(*cacheEntry)
		before := entry.weight
		entry.weight = entry.value.Held()
		c.bytes += entry.weight - before
		c.shrink()
	}
}

func (c *cache) shrink() {
	for c.bytes > c.limit && c.recent.Len() > 0 {
		c.remove(c.recent.Back())
	}
}

func (c *cache) remove(e *list.Element) {
	entry := c.recent.Remove(e).(*cacheEntry)
	delete(c.byKey, entry.key)
	c.bytes -= entry.weight
}

// held is the memory that all together take.
func (c *cache) held() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bytes
}

// forget drops all that belongs to an owner that is gone.
func (c *cache) forget(owner uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, e := range c.byKey {
		if key.owner == owner {
			c.remove(e)
		}
	}
}
