package syntax

import "strings"

// rowCommand reads what follows the name of a command of spec §6.5.
func (p *parser) rowCommand(name string) placed {
	switch name {
	case "addtotals":
		return p.addTotals()
	case "accum":
		c := &Accum{Field: p.field()}
		c.Out = p.aliasOr(c.Field.Name)
		return c
	case "autoregress":
		return p.autoRegress()
	case "appendcols":
		return p.appendCols()
	case "countfrequent", "count_frequent":
		return &CountFrequent{Fields: p.fields()}
	case "filldown":
		return p.fillDown()
	case "fillmissing":
		return p.fillMissing()
	case "outlier":
		return p.outlier()
	case "relevantfields":
		return p.relevantFields()
	}
	return p.sessionize()
}

func (p *parser) aliasOr(name string) string {
	if alias, ok := p.alias(); ok {
		return alias
	}
	return name
}

// options reads NAME=VALUE as long as they come; read is told the name in lower case and reads the value.
func (p *parser) options(read func(name string), names ...string) {
	for p.tok.isWord(names...) && p.peek().isSymbol("=") {
		name := strings.ToLower(p.tok.text)
		p.advance()
		p.advance()
		read(name)
	}
}

// boolean reads true or false.
func (p *parser) boolean() bool {
	value := p.acceptWord("true")
	if !value && !p.acceptWord("false") {
		p.mismatched("true", "false")
	}
	return value
}

// looseFields reads fields with commas or blanks between.
func (p *parser) looseFields() []*Field {
	var list []*Field
	for p.tok.kind == nameToken {
		list = append(list, p.field())
		if p.acceptSymbol(",") && p.tok.kind != nameToken {
			p.mismatched("ID")
		}
	}
	return list
}

func (p *parser) addTotals() *AddTotals {
	c := &AddTotals{FieldName: "Total", Row: true}
	p.options(func(name string) {
		switch name {
		case "row":
			c.Row = p.boolean()
		case "col":
			c.Col = p.boolean()
		default:
			c.FieldName = p.name()
		}
	}, "fieldname", "row", "col")
	c.Fields = p.looseFields()
	return c
}

// maxLag bounds how far back autoregress looks.
const maxLag = 100

func (p *parser) autoRegress() *AutoRegress {
	c := &AutoRegress{Field: p.field(), From: 1, To: 1}
	if name, ok := p.alias(); ok {
		c.Out = name
	}
	p.options(func(string) {
		c.From = int(p.integer(1, maxLag))
		c.To = c.From
		if p.acceptSymbol("-") {
			c.To = int(p.integer(int64(c.From), maxLag))
		}
	}, "p")
	return c
}

func (p *parser) appendCols() *AppendCols {
	c := &AppendCols{Max: 10_000}
	p.options(func(name string) {
		if name == "override" {
			c.Override = p.boolean()
		} else {
			c.Max = p.integer(1, 100_000)
		}
	}, "override", "max")
	p.expectSymbol("(")
	c.Query = p.query(true)
	p.expectSymbol(")")
	return c
}

// fillDown reads names, of which each may end in a star that follows at once.
func (p *parser) fillDown() *FillDown {
	c := &FillDown{}
	for p.tok.kind == nameToken || p.isSymbol("*") {
		name := ""
		if p.tok.kind == nameToken {
			name = p.name()
		}
		if p.isSymbol("*") && (name == "" || p.tok.Start == p.prevEnd) {
			p.advance()
			name += "*"
		}
		c.Fields = append(c.Fields, name)
		if p.acceptSymbol(",") && p.tok.kind != nameToken && !p.isSymbol("*") {
			p.mismatched("ID")
		}
	}
	return c
}

// fillMissing reads [with VALUE for FIELDS, VALUE for FIELDS …].
func (p *parser) fillMissing() *FillMissing {
	c := &FillMissing{}
	if !p.acceptWord("with") {
		return c
	}
	var value Expr
	p.list(func() {
		if value == nil || p.tok.kind != nameToken || p.tok.isWord("with") {
			p.acceptWord("with")
			value = p.literal()
			p.expectWord("for")
		}
		c.Values = append(c.Values, FillValue{value, p.field()})
	})
	return c
}

func (p *parser) outlier() *Outlier {
	c := &Outlier{Param: 2.5}
	p.options(func(name string) {
		switch name {
		case "action":
			if c.Remove = p.acceptWord("remove"); !c.Remove && !p.acceptWord("transform") {
				p.mismatched("transform", "remove")
			}
		case "param":
			c.Param = p.float()
		case "uselower":
			c.UseLower = p.boolean()
		default:
			c.Mark = p.boolean()
		}
	}, "action", "param", "uselower", "mark")
	if c.Fields = p.looseFields(); len(c.Fields) == 0 {
		p.mismatched("ID")
	}
	return c
}

func (p *parser) relevantFields() *RelevantFields {
	c := &RelevantFields{}
	if !p.tok.isWord("where") {
		c.Fields = p.fields()
	}
	p.expectWord("where")
	c.Cond = p.expr()
	return c
}

func (p *parser) sessionize() *Sessionize {
	c := &Sessionize{Fields: p.fields()}
	if p.acceptWord("maxspan") {
		p.acceptSymbol("=")
		c.MaxSpan = p.period()
	}
	c.Out = p.aliasOr("session_id")
	return c
}
