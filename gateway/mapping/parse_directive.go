package mapping

import "strings"

func (p *parser) set() item {
	p.space()
	at := p.pos
	ref := p.reference()
	if ref == nil {
		p.fail(at, "a reference expected")
		return item{}
	}
	p.expect("=")
	value := p.expression()
	p.close()
	return item{found: true, node: &setNode{ref, value}, isSet: true}
}

func (p *parser) ifDirective(at int) item {
	n := &ifNode{}
	for {
		condition := p.expression()
		p.close()
		body, stop := p.block()
		n.branches = append(n.branches, branch{condition, body})
		switch {
		case p.err != nil:
			return item{}
		case stop == "end":
			return item{found: true, node: n}
		case stop == "else":
			n.otherwise = p.blockUntilEnd(at, "if")
			return item{found: true, node: n}
		case stop == "elseif" && p.opens():
		default:
			p.fail(at, "#if without #end")
		}
	}
}

func (p *parser) foreach(at int) item {
	n := &foreachNode{slot: p.variable()}
	p.space()
	if name := p.rest()[:wordEnd(p.rest())]; name != "in" {
		p.fail(p.pos, `"in" expected`)
		return item{}
	}
	p.pos += len("in")
	n.over = p.expression()
	p.close()
	n.body = p.blockUntilEnd(at, "foreach")
	return item{found: true, node: n}
}

// variable reads $name and returns its slot.
func (p *parser) variable() int {
	p.space()
	at := p.pos
	ref := p.reference()
	if ref == nil || len(ref.path) > 0 {
		p.fail(at, "a variable expected")
		return 0
	}
	return ref.slot
}

func (p *parser) define(at int) item {
	slot := p.variable()
	p.close()
	return item{found: true, node: &defineNode{slot, &block{nodes: p.blockUntilEnd(at, "define")}}}
}

func (p *parser) evaluate() item {
	n := &evaluateNode{text: p.expression()}
	p.close()
	return item{found: true, node: n}
}

// macro reads #macro( name $a $b ) body #end. The first definition of a name is the one that holds.
func (p *parser) macro(at int) item {
	p.space()
	name := p.rest()[:wordEnd(p.rest())]
	if name == "" {
		p.fail(p.pos, "the name of a macro expected")
		return item{}
	}
	p.pos += len(name)
	m := &macro{name: name}
	for p.err == nil && !p.accept(")") {
		p.accept(",")
		m.params = append(m.params, p.variable())
	}
	p.eatLine()
	m.body = p.blockUntilEnd(at, "macro")
	if _, ok := p.symbols.macros[name]; !ok {
		p.symbols.macros[name] = m
	}
	return item{found: true}
}

// macroCall reads the arguments of #name( … ), or of #@name( … ) body #end. What is no macro is text.
func (p *parser) macroCall(name string, at int) item {
	name, withBody := strings.CutPrefix(name, "@")
	if !p.known[name] {
		p.pos = at + 1
		return item{}
	}
	n := &callNode{name: name}
	for p.err == nil && !p.accept(")") {
		p.accept(",")
		n.args = append(n.args, p.primary())
	}
	p.eatLine()
	if withBody {
		n.body = &block{nodes: p.blockUntilEnd(at, "@"+name)}
	}
	return item{found: true, node: n}
}
