package mapping

import "strings"

// A node is a piece of a template.
type node interface{ render(r *run) }

func (r *run) block(nodes []node) {
	for _, n := range nodes {
		n.render(r)
		if r.state != running {
			return
		}
	}
}

type textNode string

func (t textNode) render(r *run) {
	if r.step() {
		r.write(string(t))
	}
}

// leaveNode is #break or #stop.
type leaveNode state

func (l leaveNode) render(r *run) { r.state = state(l) }

func (ref *reference) render(r *run) {
	v := ref.eval(r)
	switch {
	case r.state == failed:
	case v != nil:
		r.print(v)
	case !ref.quiet && !ref.silent:
		r.write(ref.source)
	}
}

// escapedNode is a reference behind backslashes. If it has a value, every second one goes and an odd one keeps the
// reference from being replaced; without a value all stays as it is.
type escapedNode struct {
	ref     *reference
	slashes int
}

func (e *escapedNode) render(r *run) {
	v := e.ref.eval(r)
	switch {
	case v == nil:
		r.write(strings.Repeat(`\`, e.slashes))
		r.write(e.ref.source)
	case e.slashes%2 == 1:
		r.write(strings.Repeat(`\`, e.slashes/2))
		r.write(e.ref.source)
	default:
		r.write(strings.Repeat(`\`, e.slashes/2))
		r.print(v)
	}
}

type setNode struct {
	to    *reference
	value expression
}

func (s *setNode) render(r *run) {
	if !r.step() {
		return
	}
	if v := s.value.eval(r); v != nil && r.state == running {
		s.to.assign(r, v)
	}
}

type ifNode struct {
	branches  []branch
	otherwise []node
}

type branch struct {
	condition expression
	body      []node
}

func (n *ifNode) render(r *run) {
	for i := range n.branches {
		if !r.step() {
			return
		}
		if truth(n.branches[i].condition.eval(r)) {
			r.block(n.branches[i].body)
			return
		}
	}
	r.block(n.otherwise)
}

// truth is what #if makes of a value.
func truth(v any) bool {
	if b, ok := v.(bool); ok {
		return b
	}
	return v != nil
}

type defineNode struct {
	slot int
	body *block
}

func (d *defineNode) render(r *run) { r.vars[d.slot] = d.body }

// block is what #define keeps, and the body of a macro's call. It is rendered whenever it is printed.
type block struct{ nodes []node }

func (b *block) print(r *run) {
	r.call("#define", func() { r.block(b.nodes) })
}

type macro struct {
	name   string
	params []int
	body   []node
}

type callNode struct {
	name string
	args []expression
	body *block
}

// render calls a macro. Its parameters hide the variables of their names, also from what it calls in turn; all other
// variables are those of the template.
func (c *callNode) render(r *run) {
	m := r.symbols.macros[c.name]
	if m == nil || !r.step() {
		return
	}
	mark := len(r.stack)
	for i := range m.params { // the new values, then the old
		var v any
		if i < len(c.args) {
			v = c.args[i].eval(r)
		}
		r.stack = append(r.stack, v)
	}
	n := len(r.stack) - mark
	for i, slot := range m.params {
		r.stack = append(r.stack, r.vars[slot])
		r.vars[slot] = r.stack[mark+i]
	}
	outer := r.vars[slotBodyContent]
	if c.body != nil {
		r.vars[slotBodyContent] = c.body
	}
	r.call("#"+c.name, func() { r.block(m.body) })
	if r.state == breaking {
		r.state = running
	}
	r.vars[slotBodyContent] = outer
	for i, slot := range m.params {
		r.vars[slot] = r.stack[mark+n+i]
	}
	r.stack = r.stack[:mark]
}

type evaluateNode struct{ text expression }

// render parses and renders a text. Variables that are new in it live as long as the run.
func (e *evaluateNode) render(r *run) {
	v := e.text.eval(r)
	if v == nil || r.state != running {
		return
	}
	text := r.text(v)
	if len(text) > MaxTemplateBytes || !r.spend(8*len(text)) || !r.look(stepBytes*len(text)) {
		r.fail("#evaluate of more than %d bytes: %w", MaxTemplateBytes, errLimit)
		return
	}
	r.symbols = r.symbols.extended()
	p := &parser{src: text, symbols: r.symbols, known: macroNames(text)}
	nodes := p.template()
	if p.err != nil {
		r.fail("#evaluate: %w", p.err)
		return
	}
	for len(r.vars) < len(r.symbols.names) {
		r.vars = append(r.vars, nil)
	}
	r.call("#evaluate", func() { r.block(nodes) })
}

// extended is a copy that can grow without the template's own.
func (s *symbols) extended() *symbols {
	c := &symbols{slots: make(map[string]int, len(s.slots)), macros: make(map[string]*macro, len(s.macros))}
	for name, slot := range s.slots {
		c.slots[name] = slot
	}
	for name, m := range s.macros {
		c.macros[name] = m
	}
	c.names = append(c.names, s.names...)
	return c
}
