package columnar

import "slices"

const (
	maxShapes       = 64 // live in a block at once
	triedShapes     = 16 // of those used last, before a message is read in full
	minShapeRows    = 8  // a shape with fewer rows goes into the text column
	slotsPerRow     = 16 // and one with more slots than so many a row
	stagedRows      = 128
	stagedValues    = 1 << 13
	keptColumns     = 32  // builders that an encoder keeps for the next block
	maxUselessReads = 512 // new shapes before the encoder doubts that messages have shapes at all
)

// shapeRows are the rows of one shape while a block is made.
type shapeRows struct {
	shape   *shape
	rows    []uint32
	staged  [][]string // values of the last rows, a slice a slot: columns take them in batches
	waiting int        // rows staged
	columns []*columnBuilder
	guesses []string // see shape.match: of columns that had one value so far
	number  int      // in the block, from 1, once it is settled
}

// shapeSet finds the shapes of a block's messages.
type shapeSet struct {
	list        []*shapeRows // the one used last first
	bySignature map[string]*shapeRows
	signature   []byte
	seen        int // messages
	useless     int // messages read in full whose shape was new, or that have none
	free        []*columnBuilder
}

func newShapeSet() shapeSet { return shapeSet{bySignature: map[string]*shapeRows{}} }

// reset forgets all shapes, and the strings that they keep, for the next block.
func (s *shapeSet) reset() {
	for _, r := range s.list {
		s.recycle(r)
	}
	clear(s.list)
	clear(s.bySignature)
	s.list, s.seen, s.useless = s.list[:0], 0, 0
}

func (s *shapeSet) recycle(r *shapeRows) {
	for _, c := range r.columns {
		if c != nil && len(s.free) < keptColumns {
			c.reset()
			s.free = append(s.free, c)
		}
	}
	r.columns = nil
}

// add puts a message into the columns of its shape; false says that it has none.
func (s *shapeSet) add(m string, row int) bool {
	s.seen++
	object := looksLikeObject(m)
	for i, r := range s.list[:min(len(s.list), triedShapes)] {
		if r.shape.json == object && r.match(m) {
			s.touch(i)
			s.take(r, row)
			return true
		}
	}
	r := s.find(m)
	if r == nil || !r.match(m) {
		return false
	}
	s.take(r, row)
	return true
}

func (s *shapeSet) touch(i int) {
	if i > 0 {
		r := s.list[i]
		copy(s.list[1:i+1], s.list[:i])
		s.list[0] = r
	}
}

// find reads m in full and returns the rows of its shape, now first in the list; nil if it has none.
func (s *shapeSet) find(m string) *shapeRows {
	if s.useless > maxUselessReads && s.useless*2 > s.seen && s.seen%16 != 0 {
		return nil
	}
	sh := shapeOf(m)
	if sh == nil {
		s.useless++
		return nil
	}
	s.signature = sh.appendSignature(s.signature[:0])
	if r := s.bySignature[string(s.signature)]; r != nil {
		s.touch(slices.Index(s.list, r))
		return r
	}
	s.useless++
	if len(s.list) >= maxShapes && !s.evict() {
		return nil
	}
	return s.insert(sh)
}

func (s *shapeSet) insert(sh *shape) *shapeRows {
	r := &shapeRows{shape: sh, columns: make([]*columnBuilder, len(sh.slots)), staged: make([][]string, len(sh.slots)),
		guesses: make([]string, len(sh.slots))}
	batch := stagedRows
	if len(sh.slots) > 0 {
		batch = min(max(stagedValues/len(sh.slots), minShapeRows), stagedRows)
	}
	for k := range r.columns {
		r.staged[k] = make([]string, batch)
	}
	s.bySignature[string(s.signature)] = r
	s.list = append(s.list, r)
	s.touch(len(s.list) - 1)
	return r
}

// evict drops the shape with few rows that was not used for longest; its rows have no shape then.
func (s *shapeSet) evict() bool {
	for i := len(s.list) - 1; i >= 0; i-- {
		if r := s.list[i]; len(r.rows) < minShapeRows {
			delete(s.bySignature, string(r.shape.appendSignature(nil)))
			s.recycle(r)
			s.list = slices.Delete(s.list, i, i+1)
			return true
		}
	}
	return false
}

func (r *shapeRows) match(m string) bool { return r.shape.match(m, r.guesses, r.staged, r.waiting) }

// take adds the row whose values were just staged.
func (s *shapeSet) take(r *shapeRows, row int) {
	r.rows = append(r.rows, uint32(row))
	r.waiting++
	if len(r.staged) == 0 {
		r.waiting = 0
	} else if r.waiting == len(r.staged[0]) {
		s.flush(r)
	}
}

// flush hands the staged values to the columns.
func (s *shapeSet) flush(r *shapeRows) {
	for k, values := range r.staged {
		if r.columns[k] == nil {
			r.columns[k] = s.newColumn()
		}
		r.columns[k].add(values[:r.waiting])
		r.guess(k)
	}
	r.waiting = 0
}

// guess sets the guess of a slot, if its column is constant so far. It needs a literal behind it to end the value.
func (r *shapeRows) guess(k int) {
	c, literal := r.columns[k], r.shape.literals[k+1]
	if c.mode != columnDict || len(c.dict.texts) != 1 || literal == "" {
		r.guesses[k] = ""
	} else if r.guesses[k] == "" {
		r.guesses[k] = c.dict.texts[0] + literal
	}
}

func (s *shapeSet) newColumn() *columnBuilder {
	n := len(s.free)
	if n == 0 {
		return new(columnBuilder)
	}
	c := s.free[n-1]
	s.free = s.free[:n-1]
	return c
}

// settle ends the block: it returns the shapes with enough rows, in order of their first one, and numbers them.
func (s *shapeSet) settle() []*shapeRows {
	var kept []*shapeRows
	for _, r := range s.list {
		if len(r.rows) >= minShapeRows && len(r.rows)*slotsPerRow >= len(r.shape.slots) {
			if r.waiting > 0 {
				s.flush(r)
			}
			kept = append(kept, r)
		}
	}
	slices.SortFunc(kept, func(a, b *shapeRows) int { return int(a.rows[0]) - int(b.rows[0]) })
	for i, r := range kept {
		r.number = i + 1
	}
	return kept
}
