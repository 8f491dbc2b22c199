package columnar

import "slices"

// smallSet is the distinct integers of a column while they are at most 256.
type smallSet struct {
	table  [1024]int64
	ranks  [1024]uint16 // and 1; zero is a free place
	values []int64
}

// fill is false if there are more than 256 values.
func (s *smallSet) fill(ints []int64) bool {
	s.ranks = [1024]uint16{}
	s.values = s.values[:0]
	for _, v := range ints {
		if i := s.place(v); s.ranks[i] == 0 {
			if len(s.values) == 256 {
				return false
			}
			s.table[i], s.ranks[i] = v, 1
			s.values = append(s.values, v)
		}
	}
	return true
}

func (s *smallSet) place(v int64) uint64 {
	i := uint64(v) * 0x9e3779b97f4a7c15 >> 54
	for s.ranks[i] != 0 && s.table[i] != v {
		i = (i + 1) & 1023
	}
	return i
}

// sorted are the values; from then on rank knows their order.
func (s *smallSet) sorted() []int64 {
	slices.Sort(s.values)
	for rank, v := range s.values {
		s.ranks[s.place(v)] = uint16(rank + 1)
	}
	return s.values
}

func (s *smallSet) rank(v int64) uint32 { return uint32(s.ranks[s.place(v)] - 1) }

const (
	minWord       = 3
	maxWords      = 1 << 17
	minWordedText = 1 << 15 // bytes of a column; less is read as quickly as its filter

	minTextPerFilter = 12 // bytes of text a byte of filter
)

// wordSet is the hashes of the distinct words of a column of texts.
type wordSet struct {
	table []uint64 // zero is a free place
	n     int
}

func (w *wordSet) reset() {
	clear(w.table)
	w.n = 0
}

func (w *wordSet) add(h uint64) {
	if h == 0 {
		h = 1
	}
	if 2*w.n >= len(w.table) {
		w.enlarge()
	}
	mask := uint64(len(w.table) - 1)
	i := h >> 7 & mask
	for w.table[i] != 0 {
		if w.table[i] == h {
			return
		}
		i = (i + 1) & mask
	}
	w.table[i] = h
	w.n++
}

func (w *wordSet) enlarge() {
	old := w.table
	w.table, w.n = make([]uint64, max(1024, 2*len(old))), 0
	for _, h := range old {
		if h != 0 {
			w.add(h)
		}
	}
}

// isWordByte says what words are made of: digits, letters, and all bytes beyond ASCII.
func isWordByte(c byte) bool {
	return c-'0' <= 9 || c|0x20-'a' <= 25 || c >= 0x80
}

// eachWord calls do with the words of text that have minWord bytes or more, and whether they touch its borders; it ends
// when do is false.
func eachWord(text []byte, do func(word []byte, first, last bool) bool) {
	for at := 0; at < len(text); at++ {
		if !isWordByte(text[at]) {
			continue
		}
		from := at
		for at < len(text) && isWordByte(text[at]) {
			at++
		}
		if at-from >= minWord && !do(text[from:at], from == 0, at == len(text)) {
			return
		}
	}
}

// putWordFilter writes a filter of the texts' words; an empty one if they are too few or too many.
func (e *Encoder) putWordFilter(text []byte, lengths []uint32) {
	if len(text) < minWordedText {
		e.head = append(e.head, 0)
		return
	}
	e.words.reset()
	textBytes := len(text)
	for _, n := range lengths {
		eachWord(text[:n], func(word []byte, _, _ bool) bool {
			e.words.add(hashBytes(word))
			return e.words.n < maxWords
		})
		if e.words.n >= maxWords {
			e.head = append(e.head, 0)
			return
		}
		text = text[n:]
	}
	f := newFilter(e.words.n)
	if len(f) > textBytes/minTextPerFilter {
		e.head = append(e.head, 0)
		return
	}
	for _, h := range e.words.table {
		if h != 0 {
			f.add(h)
		}
	}
	e.putFilter(f)
}
