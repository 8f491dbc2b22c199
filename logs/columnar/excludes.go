package columnar

import "github.com/tollbook/tollbook/logs/condition"

// Excludes says whether surely no row satisfies c. It knows that from the header, dictionaries and filters alone: no
// column's values are read.
func (b *Block) Excludes(c condition.Condition) (bool, error) {
	could, err := b.could(c)
	return err == nil && !could, err
}

func (b *Block) could(c condition.Condition) (bool, error) {
	switch c := c.(type) {
	case condition.All:
		for _, member := range c {
			if could, err := b.could(member); err != nil || !could {
				return false, err
			}
		}
	case condition.Any:
		for _, member := range c {
			if could, err := b.could(member); err != nil || could {
				return could, err
			}
		}
		return false, nil
	case condition.Contains:
		if c != "" {
			return b.couldContain(string(c))
		}
	case condition.Field:
		return b.couldHave(c)
	}
	return true, nil
}

func (b *Block) couldContain(needle string) (bool, error) {
	if b.texts != nil {
		if could, err := b.texts.could(b, &question{kind: askContains, text: needle}); could || err != nil {
			return could, err
		}
	}
	for _, s := range b.shapes {
		found, always, ok := s.align(needle)
		if always || !ok {
			return true, nil
		}
		for _, a := range found {
			if could, err := s.could(a); could || err != nil {
				return could, err
			}
		}
	}
	return false, nil
}

func (b *Block) couldHave(f condition.Field) (bool, error) {
	if b.texts != nil {
		return true, nil // it may hold JSON
	}
	for _, s := range b.shapes {
		slot, err := s.slotAt(f.Path)
		if err != nil {
			return false, err
		}
		could := false
		if slot < 0 {
			could = f.Test(condition.Value{})
		} else {
			could, err = s.columns[slot].could(b, s.fieldQuestion(slot, f))
		}
		if could || err != nil {
			return could, err
		}
	}
	return false, nil
}
