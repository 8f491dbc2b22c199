package filterpattern

import (
	"slices"
	"strconv"

	"github.com/tollbook/tollbook/logs/condition"
)

// spacePattern is a list of slots for the fields of a line. Where the pattern has "...", the slots behind it are for the
// line's last fields; otherwise the last slot takes all that is left of the line.
type spacePattern struct {
	slots    []slot // none: the pattern matches every message
	ellipsis int    // how many slots stand before "...", or -1
}

// slot is one field of the pattern.
type slot struct {
	name string // empty if the pattern gives none
	// tests is a disjunction of conjunctions; empty if the slot takes anything.
	tests [][]slotTest
}

type slotTest struct {
	op    operator
	value value
}

func (p *Pattern) parseSpaceDelimited(body string, base int) *Error {
	if len(body) < 2 || body[len(body)-1] != ']' {
		return invalidPattern(base)
	}
	tokens, err := lex(body[1:len(body)-1], base+1)
	if err != nil {
		return err
	}
	in := &parser{tokens: tokens}
	sp := &spacePattern{ellipsis: -1}
	if in.peek().kind != endToken {
		err = sp.parse(in)
	}
	p.kind, p.regexps, p.shape = SpaceDelimited, in.regexps, sp
	return err
}

func (sp *spacePattern) parse(in *parser) *Error {
	for {
		tok := in.peek()
		if in.accept(bareToken, "...") {
			if sp.ellipsis >= 0 {
				return invalidPattern(tok.offset)
			}
			sp.ellipsis = len(sp.slots)
		} else {
			s, err := parseSlot(in)
			if err != nil {
				return err
			}
			sp.slots = append(sp.slots, s)
		}
		if tok = in.next(); tok.kind == endToken {
			return nil
		}
		if tok.kind != symbolToken || tok.text != "," {
			return invalidPattern(tok.offset)
		}
	}
}

// parseSlot reads "" or name [ op value *( ("&&" / "||") name op value ) ], where the name must be repeated.
func parseSlot(in *parser) (s slot, err *Error) {
	if in.peek().kind != bareToken {
		return s, nil
	}
	tok := in.next()
	if s.name = tok.text; !isFieldName(s.name) {
		return s, invalidTerm(tok.text, tok.offset)
	}
	if next := in.peek(); next.kind == endToken || next.text == "," && next.kind == symbolToken {
		return s, nil
	}
	s.tests = make([][]slotTest, 1)
	for {
		op, v, err := in.comparison()
		if err != nil {
			return s, err
		}
		last := &s.tests[len(s.tests)-1]
		*last = append(*last, slotTest{op, v})
		if in.accept(symbolToken, "||") {
			s.tests = append(s.tests, nil)
		} else if !in.accept(symbolToken, "&&") {
			return s, nil
		}
		if tok := in.next(); tok.kind != bareToken || tok.text != s.name {
			return s, invalidPattern(tok.offset)
		}
	}
}

func isFieldName(s string) bool {
	for i := range len(s) {
		if !isNameByte(s[i]) {
			return false
		}
	}
	return true
}

func (sp *spacePattern) matchesAll() bool { return len(sp.slots) == 0 }

// match tests fields as it finds them, as far as it can.
func (sp *spacePattern) match(message string) bool {
	if sp.ellipsis < 0 {
		return sp.matchInTurn(message)
	}
	var buf [32]field
	fields := appendFields(buf[:0], message)
	skipped := len(fields) - len(sp.slots)
	if skipped < 0 {
		return false
	}
	for i := range sp.slots {
		at := i
		if i >= sp.ellipsis {
			at += skipped
		}
		if !sp.slots[i].matches(fields[at].of(message)) {
			return false
		}
	}
	return true
}

func (sp *spacePattern) matchInTurn(message string) bool {
	at := 0
	for i := range sp.slots {
		f, ok := nextField(message, at)
		if !ok {
			return false
		}
		text := f.of(message)
		if i == len(sp.slots)-1 {
			text = f.withRest(message)
		}
		if !sp.slots[i].matches(text) {
			return false
		}
		at = f.next
	}
	return true
}

func (s *slot) matches(text string) bool {
	return len(s.tests) == 0 || slices.ContainsFunc(s.tests, func(and []slotTest) bool {
		for i := range and {
			if !and[i].holds(text) {
				return false
			}
		}
		return true
	})
}

// holds compares texts for "=" and "!=", even if they look like numbers, and numbers for an ordering.
func (t *slotTest) holds(text string) bool {
	switch t.op {
	case equal:
		return t.value.matchText(text)
	case notEqual:
		return !t.value.matchText(text)
	}
	return t.value.compare(t.op, text)
}

func (sp *spacePattern) condition() condition.Condition {
	var all []condition.Condition
	for _, s := range sp.slots {
		all = append(all, s.condition())
	}
	return allOf(all)
}

// condition follows from the "=" tests: a field's text occurs in the message as it is.
func (s *slot) condition() condition.Condition {
	var ors []condition.Condition
	for _, and := range s.tests {
		var ands []condition.Condition
		for i := range and {
			if and[i].op == equal {
				ands = append(ands, and[i].value.condition())
			}
		}
		ors = append(ors, allOf(ands))
	}
	if len(ors) == 0 {
		return nil
	}
	return anyOf(ors)
}

func (sp *spacePattern) names() []string {
	var names []string
	for _, s := range sp.slots {
		if s.name != "" && !slices.Contains(names, "$"+s.name) {
			names = append(names, "$"+s.name)
		}
	}
	return names
}

// extract names each field after its slot, or after its place in the line, counted from 1. Of fields with the same name the
// first stays.
func (sp *spacePattern) extract(message string) map[string]string {
	fields := appendFields(nil, message)
	values := make(map[string]string, len(fields))
	for i, f := range fields {
		s, last := sp.slotOf(i, len(fields))
		name := "$" + strconv.Itoa(i+1)
		if s != nil && s.name != "" {
			name = "$" + s.name
		}
		text := f.of(message)
		if last {
			text = f.withRest(message)
		}
		if _, taken := values[name]; !taken {
			values[name] = text
		}
		if last {
			break
		}
	}
	return values
}

// slotOf returns the slot of the i-th of count fields, nil if "..." stands for it; last says that it takes all that is
// left.
func (sp *spacePattern) slotOf(i, count int) (s *slot, last bool) {
	if sp.ellipsis >= 0 && i >= sp.ellipsis {
		if i -= count - len(sp.slots); i < sp.ellipsis {
			return nil, false
		}
	}
	if i >= len(sp.slots) {
		return nil, false
	}
	return &sp.slots[i], sp.ellipsis < 0 && i == len(sp.slots)-1
}

func (sp *spacePattern) value(message, selector string) (string, bool) {
	text, ok := sp.extract(message)[selector]
	return text, ok
}
