package columnar

import (
	"slices"
	"strings"

	"github.com/tollbook/tollbook/logs/condition"
)

// Select clears the bits of rows that surely do not satisfy c, and reads only the columns that it needs for those that
// are set. A row that stays may still not satisfy c: of a message without a shape that may be JSON, fields are not read.
func (b *Block) Select(c condition.Condition, rows *Bitmap) error {
	rows.ClearRange(b.rows, MaxRows)
	switch c := c.(type) {
	case condition.All:
		for _, member := range c {
			if err := b.Select(member, rows); err != nil || !rows.Any() {
				return err
			}
		}
	case condition.Any:
		return b.selectAny(c, rows)
	case condition.Contains:
		if c != "" {
			return b.selectEach(rows, func(s *blockShape, ranks *Bitmap) error {
				return b.selectContains(string(c), s, ranks)
			})
		}
	case condition.Field:
		return b.selectEach(rows, func(s *blockShape, ranks *Bitmap) error {
			return b.selectField(c, s, ranks)
		})
	}
	return nil
}

func (b *Block) selectAny(members condition.Any, rows *Bitmap) error {
	var any Bitmap
	for _, member := range members {
		rest := *rows
		rest.AndNot(&any)
		if err := b.Select(member, &rest); err != nil {
			return err
		}
		any.Or(&rest)
	}
	*rows = any
	return nil
}

// selectEach narrows the ranks of each shape, nil for the rows without one, that has rows set.
func (b *Block) selectEach(rows *Bitmap, narrow func(s *blockShape, ranks *Bitmap) error) error {
	if b.shapeOf == nil {
		if !rows.Any() {
			return nil
		}
		if b.texts != nil {
			return narrow(nil, rows)
		}
		return narrow(b.shapes[0], rows)
	}
	l, err := b.locate()
	if err != nil {
		return err
	}
	for n, rowsOf := range l.rows {
		var s *blockShape
		if n > 0 {
			s = b.shapes[n-1]
		}
		if err := narrowShape(s, rowsOf, rows, narrow); err != nil {
			return err
		}
	}
	return nil
}

// narrowShape carries the bits of a shape's rows to ranks and back.
func narrowShape(s *blockShape, rowsOf []uint16, rows *Bitmap, narrow func(s *blockShape, ranks *Bitmap) error) error {
	var ranks Bitmap
	for rank, row := range rowsOf {
		if rows.Has(int(row)) {
			ranks.Set(rank)
		}
	}
	if !ranks.Any() {
		return nil
	}
	if err := narrow(s, &ranks); err != nil {
		return err
	}
	for rank, row := range rowsOf {
		if !ranks.Has(rank) {
			rows.Clear(int(row))
		}
	}
	return nil
}

func (b *Block) selectContains(needle string, s *blockShape, ranks *Bitmap) error {
	if s == nil {
		return b.narrowColumn(b.texts, &question{kind: askContains, text: needle}, ranks)
	}
	found, always, ok := s.align(needle)
	switch {
	case always:
		return nil
	case !ok:
		return s.narrowMessages(needle, ranks)
	}
	var hits Bitmap
	for _, a := range found {
		rest := *ranks
		rest.AndNot(&hits)
		if err := s.narrowAlignment(a, &rest); err != nil {
			return err
		}
		hits.Or(&rest)
	}
	*ranks = hits
	return nil
}

// narrowColumn asks what is quick first.
func (b *Block) narrowColumn(c column, q *question, ranks *Bitmap) error {
	could, err := c.could(b, q)
	if err != nil {
		return err
	}
	if !could {
		ranks.Reset()
		return nil
	}
	return c.narrow(b, q, ranks)
}

// narrowAlignment clears the ranks whose messages do not answer yes to all questions.
func (s *blockShape) narrowAlignment(a alignment, ranks *Bitmap) error {
	if could, err := s.could(a); err != nil || !could {
		ranks.Reset()
		return err
	}
	for i := range a {
		if !ranks.Any() {
			return nil
		}
		s.ask(a[i].slot)
		if err := s.columns[a[i].slot].narrow(s.block, &a[i].question, ranks); err != nil {
			return err
		}
	}
	return nil
}

func (s *blockShape) could(a alignment) (bool, error) {
	for i := range a {
		if could, err := s.columns[a[i].slot].could(s.block, &a[i].question); err != nil || !could {
			return false, err
		}
	}
	return true, nil
}

// narrowMessages builds the messages, for a text that can lie over them in too many ways.
func (s *blockShape) narrowMessages(needle string, ranks *Bitmap) error {
	rowOf, err := s.rowOf()
	if err != nil {
		return err
	}
	var buf []byte
	for rank := ranks.Next(0); rank >= 0; rank = ranks.Next(rank + 1) {
		if buf, err = s.block.AppendMessage(buf[:0], rowOf(rank)); err != nil {
			return err
		}
		if !contains(string(buf), needle) {
			ranks.Clear(rank)
		}
	}
	return nil
}

func contains(s, part string) bool { return strings.Contains(s, part) }

// rowOf returns the block's row for a rank.
func (s *blockShape) rowOf() (func(rank int) int, error) {
	if s.block.shapeOf == nil {
		return func(rank int) int { return rank }, nil
	}
	l, err := s.block.locate()
	if err != nil {
		return nil, err
	}
	rows := l.rows[s.number]
	return func(rank int) int { return int(rows[rank]) }, nil
}

func (b *Block) selectField(f condition.Field, s *blockShape, ranks *Bitmap) error {
	if s == nil {
		return b.selectUnshaped(f, ranks)
	}
	slot, err := s.slotAt(f.Path)
	if err != nil {
		return err
	}
	if slot < 0 {
		if !f.Test(condition.Value{}) {
			ranks.Reset()
		}
		return nil
	}
	s.ask(slot)
	return b.narrowColumn(s.columns[slot], s.fieldQuestion(slot, f), ranks)
}

// selectUnshaped keeps messages that may be JSON objects, and the others if the condition holds without the field.
func (b *Block) selectUnshaped(f condition.Field, ranks *Bitmap) error {
	if f.Test(condition.Value{}) {
		return nil
	}
	return b.texts.narrow(b, &question{kind: askTest, test: looksLikeObject}, ranks)
}

// slotAt is the slot of a JSON field, or -1.
func (s *blockShape) slotAt(path []string) (int, error) {
	if !s.json {
		return -1, nil
	}
	paths := s.paths()
	if paths == nil && len(s.slots) > 0 {
		return 0, corruptf("shape of no JSON object")
	}
	return slices.IndexFunc(paths, func(p []string) bool { return slices.Equal(p, path) }), nil
}

// fieldQuestion tests what a slot's text says.
func (s *blockShape) fieldQuestion(slot int, f condition.Field) *question {
	value := s.valueOf(slot)
	return &question{kind: askTest, test: func(text string) bool { return f.Test(value(text)) }, only: f.Only}
}

// valueOf turns a slot's texts into values.
func (s *blockShape) valueOf(slot int) func(text string) condition.Value {
	if s.slots[slot] == slotString {
		return func(text string) condition.Value {
			return condition.Value{Kind: condition.String, Text: unescape(text)}
		}
	}
	return func(text string) condition.Value { return condition.Value{Kind: condition.Literal, Text: text} }
}
