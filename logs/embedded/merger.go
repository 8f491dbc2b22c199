package embedded

import "github.com/tollbook/tollbook/logs"

// merger yields the events of many cursors in order. The cursors form a binary heap by key, the next one on top.
type merger struct {
	heap       []*cursor
	descending bool
}

func newMerger(descending bool, cursors []*cursor) *merger {
	m := &merger{descending: descending}
	for _, c := range cursors {
		m.push(c)
	}
	return m
}

// nextRow returns the next event and its stream; ok is false at the end.
func (m *merger) nextRow() (stream logs.StreamID, r row, ok bool, err error) {
	for len(m.heap) > 0 {
		c := m.heap[0]
		switch {
		case c.expand != nil:
			m.pop()
			for _, e := range c.expand() {
				m.push(e)
			}
		case c.done():
			m.pop()
		case len(c.rest) == 0:
			if err := c.fetch(); err != nil {
				return 0, row{}, false, err
			}
			c.setKey()
			m.down()
		default:
			r = c.take()
			c.setKey()
			m.down()
			return c.stream, r, true, nil
		}
	}
	return 0, row{}, false, nil
}

func (m *merger) before(i, j int) bool {
	if m.descending {
		i, j = j, i
	}
	return m.heap[i].key.Compare(m.heap[j].key) < 0
}

func (m *merger) push(c *cursor) {
	if c == nil {
		return
	}
	m.heap = append(m.heap, c)
	for i := len(m.heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if !m.before(i, parent) {
			return
		}
		m.heap[i], m.heap[parent] = m.heap[parent], m.heap[i]
		i = parent
	}
}

func (m *merger) pop() {
	last := len(m.heap) - 1
	m.heap[0] = m.heap[last]
	m.heap[last] = nil
	m.heap = m.heap[:last]
	m.down()
}

// down restores the order after the top's key has changed.
func (m *merger) down() {
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(m.heap); child++ {
			if m.before(child, least) {
				least = child
			}
		}
		if least == i {
			return
		}
		m.heap[i], m.heap[least] = m.heap[least], m.heap[i]
		i = least
	}
}
