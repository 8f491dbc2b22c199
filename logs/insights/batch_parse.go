package insights

import (
	"slices"
	"strings"

	"github.com/tollbook/tollbook/logs/columnar"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// parsed is what a parse has captured in the rows of a block.
type parsed struct {
	done     bool
	form     vectorForm
	one      []value.Value      // of vectorConstant, and of vectorDict in rows with MissingCode; a value for each capture
	codes    []uint32           // of vectorDict
	captures [][]value.Value    // of each capture: by code, or by row
	cut      []columnar.Capture // of vectorField: the parts of the block's messages
	matcher  *capturer
	window   windowParse
	arena    arena
	held     int64 // bytes of the arena that the budget knows of
}

// capturer matches texts. It is for one goroutine.
type capturer struct {
	of    *parseExpr
	texts []string // what was captured last
	found []bool
}

func newCapturer(p *parseExpr) *capturer {
	return &capturer{of: p, texts: make([]string, len(p.names)), found: make([]bool, len(p.names))}
}

// match captures parts of text, which the captures share memory with.
func (m *capturer) match(text string) bool {
	if m.of.glob != nil {
		return m.of.glob.match(text, m.texts)
	}
	at := m.of.regex.FindStringSubmatchIndex(text)
	if at == nil {
		return false
	}
	for i, group := range m.of.groups {
		m.texts[i] = ""
		if m.found[i] = at[2*group] >= 0; m.found[i] {
			m.texts[i] = text[at[2*group]:at[2*group+1]]
		}
	}
	return true
}

// value is a capture of the last text, which must have matched; keep copies it.
func (m *capturer) value(i int, keep func(string) string) value.Value {
	if m.of.glob == nil && !m.found[i] {
		return value.Value{}
	}
	return value.OfText(keep(m.texts[i]))
}

// arena copies many short texts with few allocations.
type arena struct {
	buf  []byte
	held int64
}

const arenaBytes = 64 << 10

func (a *arena) keep(s string) string {
	if len(s) > cap(a.buf)-len(a.buf) {
		a.buf = make([]byte, 0, max(arenaBytes, len(s)))
		a.held += int64(cap(a.buf))
	}
	at := len(a.buf)
	a.buf = append(a.buf, s...)
	return view(a.buf[at:])
}

func (b *batch) fillCapture(at int, s *slot, v *vector) error {
	p := &b.parses[s.parse.number]
	if !p.done {
		if err := b.parse(s.parse, p); err != nil {
			return err
		}
		p.done = true
		grown := p.arena.held - p.held
		p.held = p.arena.held
		if err := b.memory.take(grown); err != nil {
			return err
		}
	}
	v.form = p.form
	switch p.form {
	case vectorField:
		return b.fillCut(at, p.cut[s.capture], v)
	case vectorConstant:
		v.one = p.one[s.capture]
	case vectorDict:
		v.one, v.codes, v.dict = p.one[s.capture], p.codes, p.captures[s.capture]
	default:
		v.rows = p.captures[s.capture]
	}
	return nil
}

// fillCut reads what is the same part of all messages of the block.
func (b *batch) fillCut(at int, part columnar.Capture, v *vector) error {
	if text, ok := b.block.Constant(part); ok {
		v.form, v.one = vectorConstant, value.OfText(text)
		return nil
	}
	v.field = &b.columns[at]
	return b.block.ReadCapture(part, &b.rows, v.field)
}

func (b *batch) parse(x *parseExpr, p *parsed) error {
	if p.matcher == nil {
		p.matcher, p.captures = newCapturer(x), make([][]value.Value, len(x.names))
	}
	if x.glob != nil && x.from.form == formSlot && b.slots[x.from.refs[0]].kind == slotMessage {
		cut, ok, err := b.block.Captures(x.glob.literals)
		if err != nil {
			return err
		}
		if ok {
			p.form, p.cut = vectorField, cut
			if len(cut) == 0 {
				p.form, p.one = vectorConstant, make([]value.Value, len(x.names))
			}
			return nil
		}
		p.one = make([]value.Value, len(x.names))
		if done, err := b.parseWindow(x, p); done || err != nil {
			return err
		}
	}
	from, err := b.eval(x.from)
	if err != nil {
		return err
	}
	p.one = p.ofValue(from.one)
	if from.form == vectorConstant {
		p.form = vectorConstant
		return nil
	}
	if codes, ok := from.coded(); ok {
		return b.parseCodes(p, from, codes)
	}
	return b.parseRows(p, from)
}

// ofValue are the captures in one value.
func (p *parsed) ofValue(v value.Value) []value.Value {
	out := make([]value.Value, len(p.captures))
	if v.IsScalar() && p.matcher.match(v.Text()) {
		for i := range out {
			out[i] = p.matcher.value(i, strings.Clone)
		}
	}
	return out
}

// parseCodes matches each entry that selected rows have.
func (b *batch) parseCodes(p *parsed, from *vector, codes []uint32) error {
	p.form, p.codes = vectorDict, codes
	n := from.entries()
	for i := range p.captures {
		p.captures[i] = slices.Grow(p.captures[i][:0], n)[:n]
	}
	done := make([]bool, n)
	for i, row := range b.selected() {
		code := codes[row]
		if b.stopped(i) {
			return b.ctx.Err()
		}
		if code == columnar.MissingCode || done[code] {
			continue
		}
		for i, v := range p.ofValue(from.entry(code)) {
			p.captures[i][code] = v
		}
		done[code] = true
	}
	return nil
}

// parseRows matches each row.
func (b *batch) parseRows(p *parsed, from *vector) error {
	p.form = vectorRows
	for i := range p.captures {
		p.captures[i] = slices.Grow(p.captures[i][:0], b.block.Len())[:b.block.Len()]
	}
	p.arena = arena{} // what it had may still be read
	return b.eachText(from, func(row int, text string, ok bool) {
		ok = ok && p.matcher.match(text)
		for i := range p.captures {
			if p.captures[i][row] = (value.Value{}); ok {
				p.captures[i][row] = p.matcher.value(i, p.arena.keep)
			}
		}
	})
}
