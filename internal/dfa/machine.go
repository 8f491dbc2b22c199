package dfa

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// machine is the automaton of a program as far as it has been needed. It is for one goroutine.
type machine struct {
	*program
	// next has a row for each state: for each class, the text's end included, where the row begins of the state that
	// follows, or one of the values below.
	next   []uint32
	states []state           // by row
	known  map[string]uint32 // rows by key
	start  uint32
	home   uint32 // where nothing was found that a match could begin with; 0 if it is of no use to look for a prefix

	limit  int // of what it holds
	holds  int // about, in elements of next
	resets int // that came too soon
	read   int // bytes of texts since it was begun anew, before the present text
	from   int // in the present text

	now, then set
	scratch   []uint32
	key       []byte
}

// What stands in next instead of a row.
const (
	unknown  uint32 = iota
	matching        // the expression matches
	dead            // it cannot match any more
	firstRow
)

const (
	// maxMachine bounds a machine's memory, in numbers of 4 bytes. What would be more is begun anew.
	maxMachine = 1 << 17
	// A machine gives up when it was begun anew more than maxResets times before it had read minRead bytes for each state:
	// then it builds more than it reads.
	maxResets = 8
	minRead   = 10
	// minPrefix is the length in bytes below which a literal with which all matches begin is too common to be looked for.
	minPrefix = 2
)

// state is what is known at a place of a text.
type state struct {
	insts  []uint32 // that read a character, or look at what stands on both sides
	looks  bool     // some look
	before rune     // what stands before the place, if some look; -1 at the text's begin
}

func newMachine(p *program, limit int) *machine {
	m := &machine{program: p, limit: limit}
	m.now.seen, m.then.seen = make([]bool, len(p.insts)), make([]bool, len(p.insts))
	m.reset()
	return m
}

func (m *machine) reset() {
	first := (int(firstRow) + len(m.classes) - 1) / len(m.classes) // no row begins at a value below firstRow
	m.next, m.states = make([]uint32, first*len(m.classes)), make([]state, first)
	m.known, m.holds, m.read, m.start, m.home = map[string]uint32{}, 0, 0, unknown, 0
}

// begin is the state at the text's begin.
func (m *machine) begin() uint32 {
	m.then.clear()
	switch {
	case m.reach(&m.then, m.program.start, nil):
		return matching
	case len(m.then.members) == 0:
		return dead
	}
	row := m.row(-1)
	if len(m.prefix) >= minPrefix {
		m.home = row
	}
	return row
}

// match says whether the expression matches somewhere; ok is false if the machine gives up.
func (m *machine) match(s string) (matched, ok bool) {
	m.from = 0
	if m.start == unknown {
		m.start = m.begin()
	}
	at := m.start
	if at < firstRow {
		return at == matching, true
	}
	for i := 0; ; {
		if at, i = m.run(at, s, i); i == len(s) {
			break
		}
		class, size := uint32(m.ascii[s[i]&(utf8.RuneSelf-1)]), 1
		if s[i] >= utf8.RuneSelf {
			var r rune
			r, size = utf8.DecodeRuneInString(s[i:])
			class = m.classOf(r)
		}
		to := m.next[at+class]
		if to == unknown {
			to = m.step(at, class, i)
		}
		if to < firstRow {
			m.read += i - m.from
			return to == matching, to != unknown
		}
		at = to
		i += size
	}
	m.read += len(s) - m.from
	to := m.next[at+m.end]
	if to == unknown {
		to = m.step(at, m.end, len(s))
	}
	return to == matching, to != unknown
}

// run goes on from place i of the text as far as characters are ASCII and lead to states that are known, or to its end if
// the expression cannot match any more.
func (m *machine) run(at uint32, s string, i int) (uint32, int) {
	next, ascii, home, prefix := m.next, &m.ascii, m.home, m.prefix
	for i < len(s) {
		if at == home {
			k := strings.Index(s[i:], prefix)
			if k < 0 {
				return at, len(s)
			}
			i += k
		}
		c := s[i]
		if c >= utf8.RuneSelf {
			break
		}
		to := next[at+uint32(ascii[c])]
		if to < firstRow {
			break
		}
		at = to
		i++
	}
	return at, i
}

// step finds where a state leads at place i of the text. It returns unknown if the machine gives up.
func (m *machine) step(row, class uint32, i int) uint32 {
	to := m.lead(&m.states[row/uint32(len(m.classes))], class)
	if to == unknown {
		if m.holds > m.limit {
			if !m.renew(i) {
				return unknown
			}
			return m.row(m.classes[class].before) // row is gone
		}
		to = m.row(m.classes[class].before)
	}
	m.next[row+class] = to
	return to
}

// renew forgets all states, unless that happened too often.
func (m *machine) renew(i int) bool {
	if m.read+i-m.from < minRead*len(m.states) {
		m.resets++
	}
	m.reset()
	m.from = i
	return m.resets <= maxResets
}

// lead returns matching or dead, or unknown: then m.then has what the state that follows is made of.
func (m *machine) lead(from *state, class uint32) uint32 {
	insts := from.insts
	if from.looks {
		looks := syntax.EmptyOpContext(from.before, m.classes[class].sample)
		m.now.clear()
		for _, inst := range insts {
			if m.reach(&m.now, inst, &looks) {
				return matching
			}
		}
		insts = m.now.members
	}
	if class == m.end {
		return dead
	}
	m.then.clear()
	for _, inst := range insts {
		if m.reads(inst, class) && m.reach(&m.then, m.insts[inst].Out, nil) {
			return matching
		}
	}
	if !m.anchored && m.reach(&m.then, m.program.start, nil) {
		return matching
	}
	if len(m.then.members) == 0 {
		return dead
	}
	return unknown
}

// reach adds the instructions to which an instruction leads without a character, and says whether the end of the program is
// one of them. Without looks, instructions that look at both sides are added; else it goes on behind those that are content.
func (m *machine) reach(s *set, inst uint32, looks *syntax.EmptyOp) (matches bool) {
	stack := append(m.scratch[:0], inst)
	for len(stack) > 0 {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if s.seen[at] {
			continue
		}
		s.see(at)
		switch i := &m.insts[at]; i.Op {
		case syntax.InstMatch:
			matches = true
		case syntax.InstAlt, syntax.InstAltMatch:
			stack = append(stack, i.Arg, i.Out)
		case syntax.InstCapture, syntax.InstNop:
			stack = append(stack, i.Out)
		case syntax.InstEmptyWidth:
			if looks == nil {
				s.members = append(s.members, at)
			} else if syntax.EmptyOp(i.Arg)&^*looks == 0 {
				stack = append(stack, i.Out)
			}
		case syntax.InstFail:
		default:
			s.members = append(s.members, at)
		}
	}
	m.scratch = stack
	return matches
}

// row returns the row of the state that m.then makes, behind a character that before stands for.
func (m *machine) row(before rune) uint32 {
	slices.Sort(m.then.members)
	looks := slices.ContainsFunc(m.then.members, func(inst uint32) bool { return m.insts[inst].Op == syntax.InstEmptyWidth })
	if !looks {
		before = 0
	}
	m.key = append(m.key[:0], byte(before))
	for _, inst := range m.then.members {
		m.key = append(m.key, byte(inst), byte(inst>>8))
	}
	if row, ok := m.known[string(m.key)]; ok {
		return row
	}
	row := uint32(len(m.next))
	m.known[string(m.key)] = row
	m.states = append(m.states, state{slices.Clone(m.then.members), looks, before})
	m.next = append(m.next, make([]uint32, len(m.classes))...)
	m.holds += len(m.classes) + 2*len(m.then.members) + 32
	return row
}

// set is a set of instructions.
type set struct {
	members []uint32
	seen    []bool   // by instruction, members and those on the way to them
	trail   []uint32 // those seen
}

func (s *set) see(inst uint32) {
	s.seen[inst] = true
	s.trail = append(s.trail, inst)
}

func (s *set) clear() {
	for _, inst := range s.trail {
		s.seen[inst] = false
	}
	s.members, s.trail = s.members[:0], s.trail[:0]
}
