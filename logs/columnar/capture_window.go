package columnar

import "strings"

// Window is a slot of the messages of a block with what stands around it: the same texts in all messages.
type Window struct {
	Before, After string
	slot          int
}

// Window finds where in the messages of a block a text first occurs, if it does, or goes on in a value: in no message does
// it begin before the window. ok is false if the messages are not of one shape, or the text is surely in none.
func (b *Block) Window(text string) (w Window, ok bool, err error) {
	if b.texts != nil || b.shapeOf != nil || len(b.shapes) != 1 {
		return Window{}, false, nil
	}
	s := b.shapes[0]
	for i, literal := range s.literals[:len(s.slots)] {
		k := strings.Index(literal, text)
		could := k >= 0
		if k = max(k, 0); !could {
			if could, err = s.couldLieOver(text, i, 0); err != nil {
				return Window{}, false, err
			}
		}
		if could {
			return Window{literal[k:], s.literals[i+1], i}, true, nil
		}
	}
	return Window{}, false, nil
}

// ReadWindow reads the values in a window of the given rows: all are texts, as they stand in the message.
func (b *Block) ReadWindow(w Window, rows *Bitmap, c *Column) error {
	r := columnReader{b: b, rows: rows, out: c, raw: true, parts: []vectorPart{{b.shapes[0], w.slot}}}
	return r.read()
}
