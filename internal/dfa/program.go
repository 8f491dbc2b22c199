package dfa

import (
	"cmp"
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// program is an expression's program with characters in classes: those that it cannot tell apart are one. Characters rather
// than bytes, since package regexp takes each byte that is not UTF-8 for U+FFFD.
type program struct {
	insts    []syntax.Inst
	start    uint32
	anchored bool   // matches begin with the text
	prefix   string // all matches begin with it
	classes  []class
	end      uint32 // the class of the text's end, behind those of characters
	ascii    [utf8.RuneSelf]uint8
	from     []rune // where the ranges of characters begin, ascending
	of       []uint8
}

// class is characters that lead to the same places.
type class struct {
	sample rune     // one of them; -1 of the text's end
	before rune     // what stands for them before a place
	read   []uint64 // the instructions that read them, a bit each
}

// Bounds of a program: instructions, and work to find its classes.
const (
	maxInsts   = 4096
	maxClasses = 250
	maxWork    = 1 << 22
)

// newProgram returns nil for a program that is too large.
func newProgram(prog *syntax.Prog) *program {
	p := &program{insts: prog.Inst, start: uint32(prog.Start), anchored: prog.StartCond()&syntax.EmptyBeginText != 0}
	p.prefix, _ = prog.Prefix()
	p.from = p.ranges()
	if len(p.insts) > maxInsts || len(p.insts)*len(p.from) > maxWork || !p.classify() {
		return nil
	}
	p.end = uint32(len(p.classes))
	p.classes = append(p.classes, class{sample: -1})
	for c := range p.ascii {
		p.ascii[c] = uint8(p.classOf(rune(c)))
	}
	return p
}

// ranges returns where characters begin that some instruction takes for others than those before.
func (p *program) ranges() []rune {
	from := []rune{0}
	add := func(low, high rune) { from = append(from, low, high+1) }
	for i := range p.insts {
		switch inst := &p.insts[i]; inst.Op {
		case syntax.InstEmptyWidth:
			add('\n', '\n')
			add('0', '9')
			add('A', 'Z')
			add('_', '_')
			add('a', 'z')
		case syntax.InstRuneAnyNotNL:
			add('\n', '\n')
		case syntax.InstRune, syntax.InstRune1:
			addRunes(inst, add)
		}
	}
	slices.Sort(from)
	return slices.Compact(from)
}

func addRunes(inst *syntax.Inst, add func(low, high rune)) {
	if len(inst.Rune) != 1 {
		for k := 0; k < len(inst.Rune); k += 2 {
			add(inst.Rune[k], inst.Rune[k+1])
		}
		return
	}
	first := inst.Rune[0]
	add(first, first)
	if syntax.Flags(inst.Arg)&syntax.FoldCase != 0 {
		for r := unicode.SimpleFold(first); r != first; r = unicode.SimpleFold(r) {
			add(r, r)
		}
	}
}

// classify finds the classes of the ranges. It returns false if they are too many.
func (p *program) classify() bool {
	known := map[string]int{}
	looks := slices.ContainsFunc(p.insts, func(inst syntax.Inst) bool { return inst.Op == syntax.InstEmptyWidth })
	for _, r := range p.from {
		c := class{sample: r, read: make([]uint64, len(p.insts)/64+1)}
		for i := range p.insts {
			if inst := &p.insts[i]; readsRune(inst) && inst.MatchRune(r) {
				c.read[i/64] |= 1 << (i % 64)
			}
		}
		if looks {
			c.before = standIn(r)
		}
		key := keyOf(&c)
		at, ok := known[key]
		if !ok {
			at = len(p.classes)
			known[key] = at
			p.classes = append(p.classes, c)
		}
		if at > maxClasses {
			return false
		}
		p.of = append(p.of, uint8(at))
	}
	return true
}

// standIn is a character that looks like r to what stands behind it.
func standIn(r rune) rune {
	switch {
	case r == '\n':
		return '\n'
	case syntax.IsWordChar(r):
		return 'w'
	}
	return ' '
}

func keyOf(c *class) string {
	var key []byte
	for _, word := range c.read {
		key = binary.AppendUvarint(key, word)
	}
	return string(append(key, byte(c.before)))
}

func readsRune(inst *syntax.Inst) bool {
	switch inst.Op {
	case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		return true
	}
	return false
}

func (p *program) classOf(r rune) uint32 {
	i, found := slices.BinarySearchFunc(p.from, r, cmp.Compare[rune])
	if !found {
		i--
	}
	return uint32(p.of[i])
}

// reads says whether an instruction reads the characters of a class.
func (p *program) reads(inst, class uint32) bool {
	return p.classes[class].read[inst/64]>>(inst%64)&1 != 0
}
