package gateway

import (
	"strings"
	"sync"
)

// cache keeps what authorizers found out, by what the client sent. It holds at most about limit bytes, in two generations:
// when the young one has filled half of them it becomes the old one, and what nobody asks for until that happens again is
// forgotten. When an entry ends is for its reader to look at.
//
// A cache may be used concurrently.
type cache[V any] struct {
	limit int // bytes of keys and values

	mu         sync.RWMutex
	young, old map[string]cached[V]
	size       int // bytes in young
}

type cached[V any] struct {
	value V
	cost  int // bytes of key and value
}

// maxAuthorizerCache bounds the memory of one authorizer's results at one stage.
const maxAuthorizerCache = 32 << 20

func newCache[V any](limit int) *cache[V] {
	return &cache[V]{limit: limit, young: map[string]cached[V]{}}
}

// get returns the value of a key, which may point into a request's buffers.
func (c *cache[V]) get(key string) (V, bool) {
	c.mu.RLock()
	found, ok := c.young[key]
	if ok {
		c.mu.RUnlock()
		return found.value, true
	}
	found, ok = c.old[key]
	c.mu.RUnlock()
	if ok {
		c.put(key, found.value, found.cost-len(key))
	}
	return found.value, ok
}

// put stores a value whose own size is about cost bytes.
func (c *cache[V]) put(key string, value V, cost int) {
	const overhead = 128 // of an entry in a map
	key, cost = strings.Clone(key), len(key)+max(cost, overhead)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.size += cost; c.size > c.limit/2 {
		c.old, c.young, c.size = c.young, map[string]cached[V]{}, cost
	}
	c.young[key] = cached[V]{value, cost}
}

// flush forgets everything.
func (c *cache[V]) flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.young, c.old, c.size = map[string]cached[V]{}, nil, 0
}
