package columnar

import "strings"

// slotQuestion asks the column of one slot.
type slotQuestion struct {
	slot int
	question
}

// alignment is one way in which a text can lie over a message of a shape: it does if all questions hold.
type alignment []slotQuestion

const maxAlignments = 1024 // and steps to find them

// aligner finds all ways in which a text can occur in messages of a shape.
type aligner struct {
	shape  *shape
	found  []alignment
	always bool // it occurs in a literal, so in every message
	steps  int
}

// align returns the alignments of needle, which is not empty; ok is false if they are too many.
func (s *shape) align(needle string) (found []alignment, always, ok bool) {
	a := aligner{shape: s}
	for i, literal := range s.literals {
		if strings.Contains(literal, needle) {
			return nil, true, true
		}
		if i == len(s.slots) {
			break
		}
		for k := 1; k <= min(len(literal), len(needle)-1); k++ {
			if strings.HasSuffix(literal, needle[:k]) {
				a.value(i, needle[k:], nil)
			}
		}
		a.add(nil, i, askContains, needle)
		for k := 1; k < len(needle); k++ {
			if a.literalFits(i+1, needle[k:]) {
				a.after(i, askSuffix, needle[:k], needle[k:], nil)
			}
		}
	}
	return a.found, a.always, a.steps < maxAlignments
}

// literalFits says whether rest can go on at a literal.
func (a *aligner) literalFits(i int, rest string) bool {
	literal := a.shape.literals[i]
	if len(rest) <= len(literal) {
		return literal[:len(rest)] == rest
	}
	return rest[:len(literal)] == literal && i < len(a.shape.slots)
}

// value: rest begins where the value of slot i begins.
func (a *aligner) value(i int, rest string, so alignment) {
	a.steps++
	a.add(so, i, askPrefix, rest)
	for k := range len(rest) {
		if a.steps < maxAlignments && a.literalFits(i+1, rest[k:]) {
			a.after(i, askEquals, rest[:k], rest[k:], so)
		}
	}
}

// after: the value of slot i ends with, or is, head, and rest goes on behind it, where the literal fits.
func (a *aligner) after(i int, kind questionKind, head, rest string, so alignment) {
	q := question{kind: kind, text: head}
	if !q.canHold(a.shape.slots[i]) {
		return
	}
	so = append(so[:len(so):len(so)], slotQuestion{i, q})
	literal := a.shape.literals[i+1]
	if len(rest) <= len(literal) {
		a.emit(so)
	} else if a.steps < maxAlignments {
		a.value(i+1, rest[len(literal):], so)
	}
}

func (a *aligner) add(so alignment, slot int, kind questionKind, text string) {
	q := question{kind: kind, text: text}
	if q.canHold(a.shape.slots[slot]) {
		a.emit(append(so[:len(so):len(so)], slotQuestion{slot, q}))
	}
}

func (a *aligner) emit(so alignment) {
	if a.steps++; a.steps < maxAlignments {
		a.found = append(a.found, so)
	}
}
