package embedded

import (
	"container/list"
	"sync"

	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/columnar"
)

// cache keeps blocks and pages up to a number of bytes. Blocks grow while they are read: who has read one has it measured
// again. It is safe for concurrent use.
//
// What was used last stays longest, but not all of a block is alike. Reading whole messages, such as a search through all of
// them, loads far more than questions about single fields, and must not drive out what these need: it shares a part of the
// cache, and blocks that were read so become lean. Where that is not enough, blocks become bare before they go altogether,
// since opening one costs a read and remembers no counts.
type cache struct {
	mu      sync.Mutex
	limit   int64
	bytes   int64
	byKey   map[cacheKey]*cacheEntry
	recent  *list.List // of the entries that are not bare, the last used in front
	bare    cacheShare // of the bare blocks
	passing cacheShare // of the blocks that hold what a lean block does not
}

// cacheShare is entries, the last used in front, and the bytes of them that count.
type cacheShare struct {
	list  *list.List
	bytes int64
}

// What passing bytes and bare blocks may take of the limit where others need the room.
const (
	passingShare = 8
	bareShare    = 4
)

// cached is what the cache keeps.
type cached interface {
	// Held is the memory that it takes now, in bytes.
	Held() int64
}

var _ cached = (*columnar.Block)(nil)

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
	key       cacheKey
	value     cached
	weight    int64
	passing   int64 // bytes
	isBare    bool
	at        *list.Element // in recent or bare
	passingAt *list.Element // nil without passing bytes
}

func newCache(limit int64) *cache {
	return &cache{
		limit: limit, byKey: map[cacheKey]*cacheEntry{}, recent: list.New(), bare: cacheShare{list: list.New()},
		passing: cacheShare{list: list.New()},
	}
}

// get returns nil if the cache does not have it.
func (c *cache) get(key cacheKey) cached {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.byKey[key]
	if e == nil {
		return nil
	}
	if e.isBare {
		c.bare.list.MoveToFront(e.at)
	} else {
		c.recent.MoveToFront(e.at)
	}
	return e.value
}

// put keeps value, unless there is one, and returns what is there.
func (c *cache) put(key cacheKey, value cached) cached {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.byKey[key]; e != nil {
		return e.value
	}
	e := &cacheEntry{key: key, value: value}
	e.at = c.recent.PushFront(e)
	c.byKey[key] = e
	c.weigh(e)
	c.shrink()
	return value
}

// measure takes note of how large a value has become.
func (c *cache) measure(key cacheKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.byKey[key]; e != nil {
		c.weigh(e)
		c.shrink()
	}
}

// weigh counts an entry as it is now.
func (c *cache) weigh(e *cacheEntry) {
	held, passing := e.value.Held(), int64(0)
	if held == e.weight {
		return
	}
	if b, ok := e.value.(*columnar.Block); ok {
		passing = b.Passing()
	}
	if e.isBare { // it has grown
		c.leave(&c.bare, &e.at, e.weight)
		e.isBare, e.at = false, c.recent.PushFront(e)
	}
	c.leave(&c.passing, &e.passingAt, e.passing)
	c.bytes += held - e.weight
	e.weight, e.passing = held, passing
	if passing > 0 {
		c.passing.bytes += passing
		e.passingAt = c.passing.list.PushFront(e)
	}
}

// leave takes an entry out of a share, if it is there.
func (c *cache) leave(s *cacheShare, at **list.Element, bytes int64) {
	if *at != nil {
		s.list.Remove(*at)
		s.bytes -= bytes
		*at = nil
	}
}

func (c *cache) shrink() {
	for c.bytes > c.limit && len(c.byKey) > 0 {
		if e := last(c.passing.list); e != nil && c.passing.bytes > c.limit/passingShare {
			e.value = e.value.(*columnar.Block).Lean()
			c.weigh(e)
			c.leave(&c.passing, &e.passingAt, e.passing) // whatever it says
			continue
		}
		if e := last(c.bare.list); e != nil && (c.bare.bytes > c.limit/bareShare || c.recent.Len() == 0) {
			c.remove(e)
			continue
		}
		e := last(c.recent)
		if b, ok := e.value.(*columnar.Block); ok {
			c.strip(e, b)
		} else {
			c.remove(e)
		}
	}
}

func last(l *list.List) *cacheEntry {
	if e := l.Back(); e != nil {
		return e.Value.(*cacheEntry)
	}
	return nil
}

// strip makes a block bare.
func (c *cache) strip(e *cacheEntry, b *columnar.Block) {
	e.value = b.Bare()
	c.weigh(e)
	c.leave(&c.passing, &e.passingAt, e.passing)
	c.recent.Remove(e.at)
	e.isBare, e.at = true, c.bare.list.PushFront(e)
	c.bare.bytes += e.weight
}

func (c *cache) remove(e *cacheEntry) {
	if e.isBare {
		c.leave(&c.bare, &e.at, e.weight)
	} else {
		c.recent.Remove(e.at)
	}
	c.leave(&c.passing, &e.passingAt, e.passing)
	delete(c.byKey, e.key)
	c.bytes -= e.weight
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
