package syntax

import (
	"strconv"
	"strings"
)

// rowCommand writes the commands of spec §6.5.
func (p *printer) rowCommand(c Command) {
	switch c := c.(type) {
	case *AddTotals:
		p.addTotals(c)
	case *Accum:
		p.write("accum ", quotePath(c.Field.Steps))
		p.alias(c.Out, c.Field.Name)
	case *AutoRegress:
		p.write("autoregress ", quotePath(c.Field.Steps))
		p.alias(c.Out, "")
		p.write(" p=", strconv.Itoa(c.From))
		if c.To != c.From {
			p.write("-", strconv.Itoa(c.To))
		}
	case *AppendCols:
		p.write("appendcols override=", strconv.FormatBool(c.Override), " max=", strconv.FormatInt(c.Max, 10))
		p.write(" (", c.Query.String(), ")")
	case *CountFrequent:
		p.write("countFrequent ")
		p.fields(c.Fields)
	case *FillDown:
		p.fillDown(c)
	case *FillMissing:
		p.fillMissing(c)
	case *Outlier:
		p.outlier(c)
	case *RelevantFields:
		p.relevantFields(c)
	case *Sessionize:
		p.sessionize(c)
	}
}

func (p *printer) alias(name, without string) {
	if name != without {
		p.write(" as ", quoteName(name))
	}
}

func (p *printer) addTotals(c *AddTotals) {
	p.write("addtotals fieldname=", quoteName(c.FieldName))
	p.write(" row=", strconv.FormatBool(c.Row), " col=", strconv.FormatBool(c.Col), choose(len(c.Fields) > 0, " ", ""))
	p.fields(c.Fields)
}

func (p *printer) fillDown(c *FillDown) {
	p.write("filldown")
	for i, name := range c.Fields {
		p.write(choose(i > 0, ", ", " "))
		stem, star := strings.CutSuffix(name, "*")
		if stem != "" {
			p.write(quoteName(stem))
		}
		p.write(choose(star, "*", ""))
	}
}

func (p *printer) fillMissing(c *FillMissing) {
	p.write("fillmissing")
	for i, v := range c.Values {
		p.write(choose(i > 0, ", ", " with "))
		p.expr(v.Value, strengthSign)
		p.write(" for ", quotePath(v.Field.Steps))
	}
}

func (p *printer) outlier(c *Outlier) {
	p.write("outlier action=", choose(c.Remove, "remove", "transform"))
	p.write(" param=", strconv.FormatFloat(c.Param, 'g', -1, 64), " uselower=", strconv.FormatBool(c.UseLower))
	p.write(" mark=", strconv.FormatBool(c.Mark), " ")
	p.fields(c.Fields)
}

func (p *printer) relevantFields(c *RelevantFields) {
	p.write("relevantfields ")
	if p.fields(c.Fields); len(c.Fields) > 0 {
		p.write(" ")
	}
	p.write("where ")
	p.expr(c.Cond, strengthOr)
}

func (p *printer) sessionize(c *Sessionize) {
	p.write("sessionize ")
	p.fields(c.Fields)
	if c.MaxSpan != nil {
		p.write(" maxspan ", c.MaxSpan.text())
	}
	p.alias(c.Out, "session_id")
}
