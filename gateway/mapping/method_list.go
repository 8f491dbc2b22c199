package mapping

import "slices"

// listMethod calls a method of java.util.List. Sets and collections, such as a map's keys, are lists, too.
func (r *run) listMethod(l *List, name string, args []any) any {
	if !r.step() {
		return nil
	}
	switch len(args) {
	case 0:
		return r.listMethod0(l, name)
	case 1:
		return r.listMethod1(l, name, args[0])
	case 2:
		return r.listMethod2(l, name, args)
	}
	return nil
}

func (r *run) listMethod0(l *List, name string) any {
	switch name {
	case "size", "length":
		return int64(len(l.items))
	case "isEmpty":
		return len(l.items) == 0
	case "iterator", "listIterator":
		return &iterator{l.items}
	case "clear":
		l.items = nil
	case "toString":
		return r.text(l)
	case "toArray":
		return l
	case "getFirst":
		return r.index(l, int64(0))
	case "getLast":
		return r.index(l, int64(-1))
	}
	return nil
}

func (r *run) listMethod1(l *List, name string, arg any) any {
	switch name {
	case "get":
		return r.item(l, arg)
	case "add":
		if r.spend(valueBytes) {
			l.items = append(l.items, arg)
		}
		return true
	case "addAll":
		more := r.iterate(arg)
		if r.spend(valueBytes * len(more)) {
			l.items = append(l.items, more...)
		}
		return len(more) > 0
	case "remove":
		return r.removeItem(l, arg)
	case "contains":
		return r.indexOf(l, arg) >= 0
	case "containsAll":
		for _, v := range r.iterate(arg) {
			if r.indexOf(l, v) < 0 {
				return false
			}
		}
		return true
	case "removeAll", "retainAll":
		return r.filterItems(l, arg, name == "retainAll")
	case "indexOf":
		return int64(r.indexOf(l, arg))
	case "lastIndexOf":
		return int64(r.lastIndexOf(l, arg))
	case "equals":
		return r.equal(l, arg)
	}
	return nil
}

// item is get(i), which unlike [i] takes no negative index.
func (r *run) item(l *List, i any) any {
	n, ok := toInt(i)
	if !ok {
		return nil
	}
	if n < 0 || n >= len(l.items) {
		r.fail("get(%d) of a list of %d", n, len(l.items))
		return nil
	}
	return l.items[n]
}

// removeItem removes by index if arg is an integer, and returns the item; else by value, and tells whether it was there.
func (r *run) removeItem(l *List, arg any) any {
	if n, ok := arg.(int64); ok {
		v := r.item(l, arg)
		if r.state == running {
			l.items = slices.Delete(slices.Clone(l.items), int(n), int(n)+1)
			r.spend(valueBytes * len(l.items))
		}
		return v
	}
	i := r.indexOf(l, arg)
	if i < 0 || !r.spend(valueBytes*len(l.items)) {
		return false
	}
	l.items = slices.Delete(slices.Clone(l.items), i, i+1)
	return true
}

func (r *run) filterItems(l *List, arg any, keep bool) any {
	other := &List{items: r.iterate(arg)}
	var left []any
	for _, v := range l.items {
		if (r.indexOf(other, v) >= 0) == keep && r.spend(valueBytes) {
			left = append(left, v)
		}
	}
	changed := len(left) != len(l.items)
	l.items = left
	return changed
}

func (r *run) indexOf(l *List, v any) int {
	for i, item := range l.items {
		if r.equal(item, v) {
			return i
		}
		if r.state != running {
			break
		}
	}
	return -1
}

func (r *run) lastIndexOf(l *List, v any) int {
	for i, item := range slices.Backward(l.items) {
		if r.equal(item, v) {
			return i
		}
		if r.state != running {
			break
		}
	}
	return -1
}

func (r *run) listMethod2(l *List, name string, args []any) any {
	n, ok := toInt(args[0])
	if !ok {
		return nil
	}
	switch name {
	case "set":
		old := r.item(l, args[0])
		if r.state == running {
			l.items[n] = args[1]
		}
		return old
	case "add":
		if n < 0 || n > len(l.items) {
			r.fail("add(%d) to a list of %d", n, len(l.items))
		} else if r.spend(valueBytes * (len(l.items) + 1)) {
			l.items = slices.Insert(slices.Clone(l.items), n, args[1])
		}
	case "subList":
		to, ok := toInt(args[1])
		if !ok || n < 0 || to < n || to > len(l.items) {
			r.fail("subList(%d, %s) of a list of %d", n, r.text(args[1]), len(l.items))
		} else if r.spend(valueBytes * (to - n)) {
			return &List{items: slices.Clone(l.items[n:to]), json: l.json}
		}
	}
	return nil
}
