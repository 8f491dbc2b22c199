package insights

import (
	"slices"

	"github.com/tollbook/tollbook/logs/columnar"
)

// windowParse matches a glob on a part of the messages of a block: one value and what stands around it. What matches there
// matches there in the message too, since no literal of the glob is found earlier. So each value is matched once, and only
// the messages are looked at whose value the glob does not match within the part.
type windowParse struct {
	window columnar.Window
	column columnar.Column
	codes  []uint32
	dense  []uint32 // code + 1 of integers that are close together
	text   []byte   // scratch
}

// parseWindow matches within a part of the messages, if there is one; done is false if not.
func (b *batch) parseWindow(x *parseExpr, p *parsed) (done bool, err error) {
	literals := x.glob.literals
	if len(p.captures) == 0 || b.count == 0 || literals[len(literals)-1] == "" {
		return false, nil // the last star goes on to the message's end
	}
	w := &p.window
	var ok bool
	if w.window, ok, err = b.block.Window(literals[0]); !ok || err != nil {
		return false, err
	}
	if err := b.block.ReadWindow(w.window, &b.rows, &w.column); err != nil {
		return false, err
	}
	p.form = vectorDict
	for i := range p.captures {
		p.captures[i] = p.captures[i][:0]
	}
	p.arena = arena{} // what it had may still be read
	w.codes = slices.Grow(w.codes[:0], b.block.Len())[:b.block.Len()]
	p.codes = w.codes
	if len(w.column.Codes) > 0 {
		return true, b.parseWindowCodes(p)
	}
	return true, b.parseWindowInts(p)
}

// inWindow is code + 1 of what the glob captures where a value stands in the window, or unmatched.
func (p *parsed) inWindow(value []byte) uint32 {
	w := &p.window
	w.text = append(append(append(w.text[:0], w.window.Before...), value...), w.window.After...)
	if !p.matcher.match(view(w.text)) {
		return unmatched
	}
	return p.captured() + 1
}

const unmatched = ^uint32(0)

// captured keeps what was captured last under a new code.
func (p *parsed) captured() uint32 {
	code := uint32(len(p.captures[0]))
	for i := range p.captures {
		p.captures[i] = append(p.captures[i], p.matcher.value(i, p.arena.keep))
	}
	return code
}

// setWindow sets a row's code; unmatched, its whole message is looked at.
func (b *batch) setWindow(p *parsed, row int32, code uint32) error {
	if code != unmatched {
		p.codes[row] = code - 1
		return nil
	}
	text, err := b.messageOf(int(row))
	if err != nil {
		return err
	}
	p.codes[row] = columnar.MissingCode
	if p.matcher.match(view(text)) {
		p.codes[row] = p.captured()
	}
	return nil
}

func (b *batch) parseWindowCodes(p *parsed) error {
	c := &p.window.column
	known := make([]uint32, max(len(c.Dict), len(c.DictInts)))
	var text []byte
	for i, row := range b.selected() {
		if b.stopped(i) {
			return b.ctx.Err()
		}
		code := c.Codes[row]
		if known[code] == 0 {
			if len(c.DictInts) > 0 {
				text = c.Form.Append(text[:0], c.DictInts[code])
			} else {
				text = append(text[:0], c.Dict[code].Text...)
			}
			known[code] = p.inWindow(text)
		}
		if err := b.setWindow(p, row, known[code]); err != nil {
			return err
		}
	}
	return nil
}

// maxDense is how far apart integers may be for a table of them rather than a map.
const maxDense = 1 << 17

func (b *batch) parseWindowInts(p *parsed) error {
	c, rows := &p.window.column, b.selected()
	var text []byte
	known := p.window.knownInts(rows)
	for i, row := range rows {
		if b.stopped(i) {
			return b.ctx.Err()
		}
		n := c.Ints[row]
		code := known.get(n)
		if code == 0 {
			text = c.Form.Append(text[:0], n)
			code = p.inWindow(text)
			known.set(n, code)
		}
		if err := b.setWindow(p, row, code); err != nil {
			return err
		}
	}
	return nil
}

// knownInts is code + 1 of integers.
type knownInts struct {
	low   int64
	dense []uint32
	rest  map[int64]uint32
}

func (w *windowParse) knownInts(rows []int32) knownInts {
	k := knownInts{}
	low, high := w.column.Ints[rows[0]], w.column.Ints[rows[0]]
	for _, row := range rows {
		low, high = min(low, w.column.Ints[row]), max(high, w.column.Ints[row])
	}
	if span := uint64(high) - uint64(low); span < maxDense {
		w.dense = slices.Grow(w.dense[:0], int(span)+1)[:span+1]
		clear(w.dense)
		k.low, k.dense = low, w.dense
		return k
	}
	k.rest = map[int64]uint32{}
	return k
}

func (k *knownInts) get(n int64) uint32 {
	if k.rest != nil {
		return k.rest[n]
	}
	return k.dense[n-k.low]
}

func (k *knownInts) set(n int64, code uint32) {
	if k.rest != nil {
		k.rest[n] = code
		return
	}
	k.dense[n-k.low] = code
}
