package columnar

import (
	"strings"

	"github.com/tollbook/tollbook/logs/condition"
)

// Capture is a part of a message that is the same part in all messages of a block: some literals and slots of their shape,
// one after the other.
type Capture struct {
	first, last shapePlace
}

// shapePlace is a place in a literal of a shape.
type shapePlace struct{ literal, offset int }

// Captures finds what stands between texts that follow one another in each message: of each text the first occurrence
// behind the one before, where an empty text at the end stands for the end of the message. It returns one part for each two
// neighbours, or none if no message has all texts. ok is false if that is not the same for all messages of the block, as far
// as dictionaries and filters can tell.
func (b *Block) Captures(texts []string) (parts []Capture, ok bool, err error) {
	if b.texts != nil || b.shapeOf != nil || len(b.shapes) != 1 {
		return nil, false, nil
	}
	s := b.shapes[0]
	end := shapePlace{len(s.slots), len(s.literals[len(s.slots)])}
	at := shapePlace{}
	for i, text := range texts {
		found, fixed := at, true
		switch {
		case text == "" && i > 0 && i == len(texts)-1:
			found = end
		case text != "":
			found, fixed, err = s.find(text, at)
		}
		if err != nil || !fixed {
			return nil, false, err
		}
		if found.literal < 0 {
			return nil, true, nil
		}
		if i > 0 {
			parts = append(parts, Capture{at, found})
		}
		at = shapePlace{found.literal, found.offset + len(text)}
		if text == "" {
			at = found
		}
	}
	return parts, true, nil
}

// find is the first occurrence of a text at or behind a place, if that is the same in each message: then it lies in a
// literal, and no value before has a part of the text. Its literal is -1 if there is none.
func (s *blockShape) find(text string, from shapePlace) (at shapePlace, fixed bool, err error) {
	for i := from.literal; i < len(s.literals); i++ {
		offset := 0
		if i == from.literal {
			offset = from.offset
		}
		if k := strings.Index(s.literals[i][offset:], text); k >= 0 {
			return shapePlace{i, offset + k}, true, nil
		}
		if i == len(s.slots) {
			break
		}
		if could, err := s.couldLieOver(text, i, offset); could || err != nil {
			return shapePlace{}, false, err
		}
	}
	return shapePlace{literal: -1}, true, nil
}

// couldLieOver says whether the text may begin in a literal, from an offset on, and go on in the slot behind it, or begin in
// that slot.
func (s *blockShape) couldLieOver(text string, i, offset int) (bool, error) {
	a := aligner{shape: &s.shape}
	literal := s.literals[i]
	for k := 1; k <= min(len(literal)-offset, len(text)-1); k++ {
		if strings.HasSuffix(literal, text[:k]) {
			a.value(i, text[k:], nil)
		}
	}
	a.add(nil, i, askContains, text)
	for k := 1; k < len(text); k++ {
		if a.literalFits(i+1, text[k:]) {
			a.after(i, askSuffix, text[:k], text[k:], nil)
		}
	}
	for _, found := range a.found {
		if could, err := s.could(found); could || err != nil {
			return could, err
		}
	}
	return a.steps >= maxAlignments, nil
}

// Constant returns the text of a part that is the same in all messages.
func (b *Block) Constant(c Capture) (text string, ok bool) {
	if c.first.literal != c.last.literal {
		return "", false
	}
	return b.shapes[0].literals[c.first.literal][c.first.offset:c.last.offset], true
}

// ReadCapture reads a part of the messages of the given rows: all values are texts, as they stand in the message.
func (b *Block) ReadCapture(part Capture, rows *Bitmap, c *Column) error {
	s := b.shapes[0]
	r := columnReader{b: b, rows: rows, out: c, raw: true}
	single := part.last.literal == part.first.literal+1 && part.first.offset == len(s.literals[part.first.literal]) && part.last.offset == 0
	if single {
		r.parts = []vectorPart{{s, part.first.literal}}
		return r.read()
	}
	return r.join(s, part)
}

// join makes texts of several pieces.
func (r *columnReader) join(s *blockShape, part Capture) error {
	r.clear()
	r.out.Codes = grow(r.out.Codes, r.b.rows)
	for k := range chunkCount(r.b.rows) {
		from, to := k<<chunkBits, min((k+1)<<chunkBits, r.b.rows)
		if !r.rows.AnyIn(from, to) {
			continue
		}
		if err := s.loadSlots(k, part.first.literal, part.last.literal); err != nil {
			return err
		}
		for row := r.rows.Next(from); row >= 0 && row < to; row = r.rows.Next(row + 1) {
			r.text = s.appendPart(r.text[:0], row, part)
			r.out.Codes[row] = uint32(len(r.out.Dict))
			r.out.Dict = append(r.out.Dict, condition.Value{Kind: condition.String, Text: string(r.text)})
		}
	}
	return nil
}

// loadSlots loads a chunk of the columns of some slots.
func (s *blockShape) loadSlots(k, from, to int) error {
	s.block.mu.Lock()
	defer s.block.mu.Unlock()
	for _, c := range s.columns[from:to] {
		if err := c.load(s.block, k, k+1); err != nil {
			return err
		}
	}
	return nil
}

func (s *blockShape) appendPart(dst []byte, row int, part Capture) []byte {
	dst = append(dst, s.literals[part.first.literal][part.first.offset:]...)
	for i := part.first.literal; i < part.last.literal; i++ {
		dst = s.columns[i].append(dst, row, row)
		literal := s.literals[i+1]
		if i+1 == part.last.literal {
			literal = literal[:part.last.offset]
		}
		dst = append(dst, literal...)
	}
	return dst
}
