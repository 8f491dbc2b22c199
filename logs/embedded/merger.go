package embedded

// merger yields the events of many cursors in order. The cursors form a binary heap by key, the next one on top. Blocks
// join when their first event may be next.
type merger struct {
	heap       []*cursor
	blocks     *blockQueue
	descending bool
}

// nextRow returns the next event and the cursor that it is from; c is nil at the end.
func (m *merger) nextRow() (c *cursor, r row, err error) {
	for {
		if m.blocks.due(m) {
			cursors, err := m.blocks.take()
			if err != nil {
				return nil, row{}, err
			}
			for _, c := range cursors {
				m.push(c)
			}
			continue
		}
		if len(m.heap) == 0 {
			return nil, row{}, nil
		}
		c := m.heap[0]
		switch {
		case c.atEnd():
			c.src.done()
			m.pop()
		case len(c.rest) == 0:
			if err := c.fetch(); err != nil {
				return nil, row{}, err
			}
			c.setKey()
			m.down()
		default:
			r := c.take()
			c.setKey()
			m.down()
			return c, r, nil
		}
	}
}

// close gives up what has not been yielded.
func (m *merger) close() {
	for _, c := range m.heap {
		c.src.done()
	}
	m.heap = nil
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
