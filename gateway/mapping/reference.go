package mapping

// reference is $name with what hangs on it.
type reference struct {
	source string // as it is written
	at     int    // offset in the template
	slot   int
	path   []access
	quiet  bool
	silent bool // prints nothing if it has no value, since it is AWS' own
	// context is the name of the $context variable if the reference is one, such as "identity.sourceIp".
	context string
}

// access is a step from a value to another.
type access struct {
	kind accessKind
	name string // of the property or method
	args []expression
}

type accessKind uint8

const (
	accessProperty accessKind = iota
	accessMethod
	accessIndex
)

// finish works out what does not depend on the request.
func (ref *reference) finish() {
	if len(ref.path) == 0 || ref.slot > slotUtil {
		return
	}
	ref.silent = true
	if ref.slot != slotContext {
		return
	}
	name := ""
	for _, a := range ref.path {
		if a.kind != accessProperty {
			return
		}
		name = joined(name, a.name)
	}
	ref.context = name
}

func (ref *reference) eval(r *run) any {
	if !r.step() {
		return nil
	}
	v := r.vars[ref.slot]
	if ref.context != "" {
		if _, ok := v.(contextObject); ok {
			return r.contextValue(ref.context)
		}
	}
	for i := range ref.path {
		if v == nil {
			return nil
		}
		v = ref.path[i].from(r, v)
	}
	return v
}

func (a *access) from(r *run, v any) any {
	if a.kind == accessProperty {
		return r.property(v, a.name)
	}
	mark := len(r.stack)
	for _, arg := range a.args {
		r.stack = append(r.stack, arg.eval(r))
	}
	args := r.stack[mark:len(r.stack):len(r.stack)]
	var out any
	switch {
	case !r.step():
	case a.kind == accessMethod:
		out = r.invoke(v, a.name, args)
	default:
		out = r.index(v, args[0])
	}
	clear(args)
	r.stack = r.stack[:mark]
	return out
}

func (r *run) property(v any, name string) any {
	switch v := v.(type) {
	case *Map:
		return v.get(name)
	case object:
		return v.property(r, name)
	case string:
		if name == "empty" {
			return v == ""
		}
	case *List:
		if name == "empty" {
			return len(v.items) == 0
		}
	}
	return nil
}

// index is $v[i]. A negative index counts from the end of a list.
func (r *run) index(v, i any) any {
	switch v := v.(type) {
	case *Map:
		return v.get(r.text(i))
	case *List:
		if n, ok := r.place(v, i); ok {
			return v.items[n]
		}
	case object:
		return v.property(r, r.text(i))
	}
	return nil
}

// place is where an index points to in a list; one beyond its ends fails the template.
func (r *run) place(l *List, i any) (int, bool) {
	n, ok := toInt(i)
	if !ok {
		return 0, false
	}
	if n < 0 {
		n += len(l.items)
	}
	if n < 0 || n >= len(l.items) {
		r.fail("index %s of a list of %d", r.text(i), len(l.items))
		return 0, false
	}
	return n, true
}

// assign is #set.
func (ref *reference) assign(r *run, v any) {
	if len(ref.path) == 0 {
		r.vars[ref.slot] = v
		return
	}
	at := r.vars[ref.slot]
	last := len(ref.path) - 1
	for i := range ref.path[:last] {
		if at == nil {
			return
		}
		at = ref.path[i].from(r, at)
	}
	switch a := &ref.path[last]; a.kind {
	case accessProperty:
		r.put(at, a.name, v)
	case accessIndex:
		key := a.args[0].eval(r)
		if list, ok := at.(*List); ok {
			if n, ok := r.place(list, key); ok {
				list.items[n] = v
			}
			return
		}
		r.put(at, r.text(key), v)
	}
}

func (r *run) put(at any, key string, v any) {
	switch at := at.(type) {
	case *Map:
		if r.spend(2*valueBytes + len(key)) {
			at.put(key, v)
		}
	case contextObject:
		at.put(r, key, v)
	}
}

func (r *run) invoke(v any, name string, args []any) any {
	switch v := v.(type) {
	case string:
		return r.stringMethod(v, name, args)
	case *Map:
		return r.mapMethod(v, name, args)
	case *List:
		return r.listMethod(v, name, args)
	case object:
		return v.invoke(r, name, args)
	case bool:
		if name == "toString" {
			return r.text(v)
		}
		if name == "equals" && len(args) == 1 {
			return r.equal(v, args[0])
		}
		return nil
	case *block:
		return r.stringMethod(r.text(v), name, args)
	}
	return r.numberMethod(v, name, args)
}
