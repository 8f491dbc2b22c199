package mapping

// mapMethod calls a method of java.util.Map.
func (r *run) mapMethod(m *Map, name string, args []any) any {
	if !r.step() {
		return nil
	}
	switch len(args) {
	case 0:
		return r.mapMethod0(m, name)
	case 1:
		return r.mapMethod1(m, name, args[0])
	case 2:
		return r.mapMethod2(m, name, args)
	}
	return nil
}

func (r *run) mapMethod0(m *Map, name string) any {
	switch name {
	case "size":
		return int64(len(m.keys))
	case "isEmpty":
		return len(m.keys) == 0
	case "keySet":
		return r.texts(m.keys)
	case "values":
		if r.spend(valueBytes * len(m.values)) {
			return &List{items: append([]any(nil), m.values...)}
		}
	case "entrySet":
		if !r.spend(2 * valueBytes * len(m.keys)) {
			return nil
		}
		l := &List{items: make([]any, 0, len(m.keys))}
		for i := range m.keys {
			l.items = append(l.items, &entry{m, m.keys[i], m.values[i]})
		}
		return l
	case "clear":
		*m = Map{}
	case "toString":
		return r.text(m)
	}
	return nil
}

func (r *run) mapMethod1(m *Map, name string, arg any) any {
	switch name {
	case "get":
		return m.get(r.text(arg))
	case "containsKey":
		return m.find(r.text(arg)) >= 0
	case "containsValue":
		return r.indexOf(&List{items: m.values}, arg) >= 0
	case "remove":
		if r.spend(2 * valueBytes * len(m.keys)) {
			return m.remove(r.text(arg))
		}
	case "putAll":
		if from, ok := arg.(*Map); ok && r.spend(2*valueBytes*len(from.keys)) {
			for i, key := range from.keys {
				m.put(key, from.values[i])
			}
		}
	case "equals":
		return r.equal(m, arg)
	}
	return nil
}

func (r *run) mapMethod2(m *Map, name string, args []any) any {
	key := r.text(args[0])
	if !r.spend(2*valueBytes + len(key)) {
		return nil
	}
	switch name {
	case "put":
		return m.put(key, args[1])
	case "putIfAbsent":
		if old := m.get(key); old != nil {
			return old
		}
		return m.put(key, args[1])
	case "getOrDefault":
		if i := m.find(key); i >= 0 {
			return m.values[i]
		}
		return args[1]
	}
	return nil
}

// entry is an item of entrySet().
type entry struct {
	of    *Map
	key   string
	value any
}

func (e *entry) property(_ *run, name string) any {
	switch name {
	case "key":
		return e.key
	case "value":
		return e.value
	}
	return nil
}

func (e *entry) invoke(r *run, name string, args []any) any {
	switch {
	case name == "setValue" && len(args) == 1:
		old := e.value
		e.value = args[0]
		e.of.put(e.key, args[0])
		return old
	case len(args) == 0:
		return e.property(r, beanName(name))
	}
	return nil
}

func (e *entry) print(r *run) {
	r.write(e.key)
	r.write("=")
	r.print(e.value)
}
