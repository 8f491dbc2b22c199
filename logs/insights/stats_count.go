package insights

import "github.com/tollbook/tollbook/logs/insights/value"

// counting says that a stats only counts rows by the values of one field, which blocks can tell without a row being looked at.
func (p *scanStats) counting(slots []slot) (path string, ok bool) {
	if len(p.keys) != 1 || p.keys[0].form != formSlot {
		return "", false
	}
	for i := range p.calls {
		if p.calls[i].of >= 0 {
			return "", false
		}
	}
	s := &slots[p.keys[0].refs[0]]
	return s.path, s.kind == slotField
}

// count adds the rows of a block, all of which are selected, to a stats that only counts, if the block can count.
func (w *scanWorker) count(p *scanStats) (done bool, err error) {
	path, ok := p.counting(w.batch.slots)
	if !ok || !w.batch.whole() {
		return false, nil
	}
	values, err := w.batch.block.CountNamed(path)
	if err != nil || values == nil {
		return false, err
	}
	for _, v := range values {
		w.stats.addCount(fieldValue(v.Value), v.Rows)
	}
	return true, nil
}

// addCount counts a value of the only key several times.
func (g *groupedStats) addCount(v value.Value, rows int) {
	g.any = true
	id := g.keys[0].id(v)
	for _, call := range g.calls {
		call.grow(g.len())
		call.(*counter).counts[id] += int64(rows)
	}
}
