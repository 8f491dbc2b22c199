package mapping

type foreachNode struct {
	slot int
	over expression
	body []node
}

// loop is $foreach.
type loop struct {
	index  int // from 0
	last   bool
	ended  bool // by $foreach.stop()
	parent *loop
}

func (n *foreachNode) render(r *run) {
	items := r.iterate(n.over.eval(r))
	if len(items) == 0 || r.state != running {
		return
	}
	before, count := r.vars[n.slot], r.vars[slotVelocityCount]
	l := &loop{parent: r.loop}
	r.loop = l
	r.vars[slotForeach] = l
	n.rounds(r, l, items)
	r.loop = l.parent
	r.vars[n.slot], r.vars[slotVelocityCount], r.vars[slotForeach] = before, count, nil
	if r.loop != nil {
		r.vars[slotForeach] = r.loop
	}
}

func (n *foreachNode) rounds(r *run, l *loop, items []any) {
	for i, v := range items {
		if i == maxIterations {
			r.fail("#foreach with more than %d iterations: %w", maxIterations, errLimit)
		}
		if !r.step() {
			return
		}
		l.index, l.last = i, i == len(items)-1
		r.vars[n.slot], r.vars[slotVelocityCount] = v, int64(i+1)
		r.block(n.body)
		if r.state == breaking {
			r.state = running
			return
		}
		if r.state != running || l.ended {
			return
		}
	}
}

// iterate returns what #foreach goes over: the items of a list, the values of a map, what an iterator has left.
func (r *run) iterate(v any) []any {
	switch v := v.(type) {
	case *List:
		return v.items
	case *Map:
		return v.values
	case *iterator:
		rest := v.items
		v.items = nil
		return rest
	}
	return nil
}

func (l *loop) property(_ *run, name string) any {
	switch name {
	case "index":
		return int64(l.index)
	case "count":
		return int64(l.index + 1)
	case "hasNext":
		return !l.last
	case "first":
		return l.index == 0
	case "last":
		return l.last
	case "parent":
		if l.parent != nil {
			return l.parent
		}
	case "topmost":
		top := l
		for top.parent != nil {
			top = top.parent
		}
		return top
	}
	return nil
}

func (l *loop) invoke(r *run, name string, _ []any) any {
	switch name {
	case "hasNext", "isFirst", "isLast", "getIndex", "getCount", "getParent", "getTopmost":
		return l.property(r, beanName(name))
	case "stop":
		l.ended = true
		r.state = breaking
	}
	return nil
}

// beanName is the property behind a getter: index for getIndex, first for isFirst.
func beanName(method string) string {
	for _, prefix := range [...]string{"get", "is"} {
		if len(method) > len(prefix) && method[:len(prefix)] == prefix && method[len(prefix)] < 'a' {
			return string(method[len(prefix)]|0x20) + method[len(prefix)+1:]
		}
	}
	return method
}

func (l *loop) print(r *run) { r.write("foreach") }

// iterator is what list.iterator() returns.
type iterator struct{ items []any }

func (it *iterator) property(*run, string) any { return nil }

func (it *iterator) invoke(r *run, name string, _ []any) any {
	switch name {
	case "hasNext":
		return len(it.items) > 0
	case "next":
		if len(it.items) == 0 {
			r.fail("next() of an iterator without further items")
			return nil
		}
		v := it.items[0]
		it.items = it.items[1:]
		return v
	}
	return nil
}

func (it *iterator) print(r *run) { r.write("iterator") }
