package logs

import (
	"context"
	"errors"
	"sync"

	"github.com/tollbook/tollbook/state"
)

// maxCachedStreams is how many streams memory may hold, at about 300 bytes each. Those without unwritten times go first.
const maxCachedStreams = 100_000

// groupCache holds the groups that were used since the start. What is not in it is looked up in the database each time.
type groupCache struct {
	db *state.DB
	// loading is held by whoever adds a group. A deletion finds its group here first, so nobody can add it meanwhile.
	loading sync.Mutex
	mu      sync.RWMutex
	byKey   map[groupKey]*group
}

// group is a log group in memory.
type group struct {
	key groupKey
	id  GroupID

	// mu guards what follows up to streams. Appends hold it for reading until the store has acknowledged them, so whoever
	// holds it for writing knows that no append is under way.
	mu   sync.RWMutex
	gone bool // deleted; whoever waited for mu has to look the name up again
	rec  state.LogGroup

	streams streamCache

	news   news   // of appends
	intake intake // what has come in since the start
}

func newGroupCache(db *state.DB) *groupCache {
	return &groupCache{db: db, byKey: map[groupKey]*group{}}
}

// use calls f with the group of that name, which cannot be changed or deleted before f returns.
func (c *groupCache) use(ctx context.Context, key groupKey, f func(*group) error) error {
	for {
		g, err := c.find(ctx, key)
		if err != nil {
			return err
		}
		if done, err := g.shared(f); done {
			return err
		}
	}
}

// change calls f with the group of that name while nobody else uses it.
func (c *groupCache) change(ctx context.Context, key groupKey, f func(*group) error) error {
	for {
		g, err := c.find(ctx, key)
		if err != nil {
			return err
		}
		if done, err := g.alone(f); done {
			return err
		}
	}
}

func (g *group) shared(f func(*group) error) (done bool, err error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.gone {
		return false, nil
	}
	return true, f(g)
}

func (g *group) alone(f func(*group) error) (done bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.gone {
		return false, nil
	}
	return true, f(g)
}

// find returns the group of that name, or the error that a client gets when there is none.
func (c *groupCache) find(ctx context.Context, key groupKey) (*group, error) {
	if g := c.cached(key); g != nil {
		return g, nil
	}
	c.loading.Lock()
	defer c.loading.Unlock()
	if g := c.cached(key); g != nil {
		return g, nil
	}
	var rec state.LogGroup
	err := c.db.Read(ctx, func(tx *state.Tx) (err error) {
		rec, err = tx.FindLogGroup(key.account, key.region, key.name)
		return err
	})
	if err != nil {
		return nil, missing(err, groupMissing())
	}
	g := &group{key: key, id: GroupID(rec.ID), rec: rec}
	g.streams.group = rec.ID
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byKey[key] = g
	return g, nil
}

func (c *groupCache) cached(key groupKey) *group {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.byKey[key]
}

// remove forgets a deleted group. The caller holds g.mu for writing.
func (c *groupCache) remove(g *group) {
	g.gone = true
	g.news.tell()
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.byKey, g.key)
}

// shrink forgets streams that can be read again when memory holds more than limit.
func (c *groupCache) shrink(limit int) {
	c.mu.RLock()
	groups := make([]*group, 0, len(c.byKey))
	for _, g := range c.byKey {
		groups = append(groups, g)
	}
	c.mu.RUnlock()
	total := 0
	for _, g := range groups {
		total += g.streams.size()
	}
	for i := 0; i < len(groups) && total > limit; i++ {
		// A group whose appends are under way is left to the next time.
		if groups[i].mu.TryLock() {
			total -= groups[i].streams.forgetClean()
			groups[i].mu.Unlock()
		}
	}
}

// streamCache holds the streams of one group that were used. It is filled while the group's mu is held for reading, and
// streams are taken out while it is held for writing; so a stream found in it exists until the mu is let go.
type streamCache struct {
	group  int64
	mu     sync.RWMutex
	byName map[string]*stream
	byID   map[StreamID]*stream
	access []*stream // of the gateway's access log, by index; nil until needed
}

// stream is a log stream in memory.
type stream struct {
	id   StreamID
	name string

	mu    sync.Mutex
	times state.StreamTimes
	dirty bool // times are newer than the record
}

// find returns the stream of that name, or the error that a client gets when there is none.
func (c *streamCache) find(ctx context.Context, db *state.DB, name string) (*stream, error) {
	c.mu.RLock()
	st := c.byName[name]
	c.mu.RUnlock()
	if st != nil {
		return st, nil
	}
	var rec state.LogStream
	err := db.Read(ctx, func(tx *state.Tx) (err error) {
		rec, err = tx.FindLogStream(c.group, name)
		return err
	})
	if err != nil {
		return nil, missing(err, streamMissing())
	}
	return c.add(rec)[0], nil
}

// name returns the name of a stream by its ID; "" if there is none.
func (c *streamCache) name(tx *state.Tx, id StreamID) (string, error) {
	c.mu.RLock()
	st := c.byID[id]
	c.mu.RUnlock()
	if st != nil {
		return st.name, nil
	}
	rec, err := tx.LogStreamByID(int64(id))
	if errors.Is(err, state.ErrNotFound) {
		return "", nil
	}
	return rec.Name, err
}

// add takes records into the cache and returns their streams; those known already stay as they are.
func (c *streamCache) add(recs ...state.LogStream) []*stream {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byName == nil {
		c.byName, c.byID = map[string]*stream{}, map[StreamID]*stream{}
	}
	streams := make([]*stream, len(recs))
	for i, rec := range recs {
		st := c.byName[rec.Name]
		if st == nil {
			st = &stream{id: StreamID(rec.ID), name: rec.Name, times: rec.StreamTimes}
			c.byName[st.name], c.byID[st.id] = st, st
		}
		streams[i] = st
	}
	return streams
}

// remove forgets a deleted stream. The caller holds the group's mu for writing.
func (c *streamCache) remove(st *stream) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.byName, st.name)
	delete(c.byID, st.id)
	c.access = nil
}

func (c *streamCache) size() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.byName)
}

// forgetClean forgets the streams whose records are up to date and returns how many. The caller holds the group's mu for
// writing.
func (c *streamCache) forgetClean() (forgotten int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.access = nil
	for name, st := range c.byName {
		st.mu.Lock()
		if !st.dirty {
			delete(c.byName, name)
			delete(c.byID, st.id)
			forgotten++
		}
		st.mu.Unlock()
	}
	return forgotten
}
