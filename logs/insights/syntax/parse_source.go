package syntax

import (
	"slices"
	"strings"
)

// What SOURCE may name (spec §6.4).
const (
	maxNamePrefixes = 5
	maxAccounts     = 20
	maxDataSources  = 10
	maxGroups       = 50
)

// source reads the SOURCE command: groups by name, logGroups(…), dataSource([…]), and a time range.
func (p *parser) source() *Source {
	s, start := &Source{}, p.tok.Start
	p.advance()
	for p.err == nil {
		switch {
		case p.tok.kind == stringToken:
			s.Groups = append(s.Groups, p.limited(1, maxGroups-len(s.Groups), "log groups", p.groups)...)
		case p.tok.isWord("logGroups") && !s.ByRule:
			p.groupRules(s)
		case p.tok.isWord("dataSource") && s.DataSources == nil:
			p.advance()
			p.expectSymbol("(")
			s.DataSources = p.limited(1, maxDataSources, "data sources", p.stringList)
			p.expectSymbol(")")
		default:
			p.sourceRange(s, start)
			s.Span = p.span(start)
			return s
		}
	}
	return s
}

// limited reads strings and refuses less than min and more than max of them.
func (p *parser) limited(min, max int, what string, read func() []string) []string {
	start := p.tok.Start
	list := read()
	if p.err == nil && (len(list) < min || len(list) > max) {
		p.failAt(p.span(start), "Wrong number of %s in SOURCE: %d", what, len(list))
	}
	return list
}

func (p *parser) groups() []string {
	var names []string
	p.list(func() { names = append(names, p.string().Value) })
	return names
}

func (p *parser) stringList() []string {
	p.expectSymbol("[")
	var list []string
	p.list(func() { list = append(list, p.string().Value) })
	p.expectSymbol("]")
	return list
}

// groupRules reads logGroups(namePrefix: […], class: […], accountIdentifiers: […]), of which each may be left out.
func (p *parser) groupRules(s *Source) {
	s.ByRule = true
	p.advance()
	p.expectSymbol("(")
	if p.acceptSymbol(")") {
		return
	}
	p.list(func() { p.groupRule(s) })
	p.expectSymbol(")")
}

func (p *parser) groupRule(s *Source) {
	rule := p.tok
	into, max := &s.NamePrefixes, maxNamePrefixes
	switch {
	case rule.isWord("namePrefix"):
	case rule.isWord("class"):
		into, max = &s.Classes, len(logGroupClasses)
	case rule.isWord("accountIdentifiers"):
		into, max = &s.Accounts, maxAccounts
	default:
		p.mismatched("namePrefix", "class", "accountIdentifiers")
		return
	}
	if *into != nil {
		p.failAt(rule.Span, "Given twice in SOURCE: %s", rule.text)
		return
	}
	p.advance()
	p.expectSymbol(":")
	start := p.tok.Start
	*into = p.limited(1, max, rule.text, p.stringList)
	if rule.isWord("class") {
		p.checkClasses(p.span(start), s.Classes)
	}
}

// logGroupClasses are the classes that can be queried.
var logGroupClasses = []string{"STANDARD", "INFREQUENT_ACCESS"}

func (p *parser) checkClasses(at Span, classes []string) {
	for _, c := range classes {
		if p.err == nil && !slices.Contains(logGroupClasses, c) {
			p.failAt(at, "Invalid log group class: %s. Valid classes: %s", c, strings.Join(logGroupClasses, ", "))
		}
	}
}

// sourceRange reads START=… and END=…, and requires that something was named.
func (p *parser) sourceRange(s *Source, start int) {
	if len(s.Groups) == 0 && !s.ByRule && s.DataSources == nil {
		p.mismatched("STRING", "logGroups", "dataSource")
		return
	}
	for p.err == nil {
		switch {
		case p.tok.isWord("start") && s.Start == nil:
			s.Start = p.sourceTime()
		case p.tok.isWord("end") && s.End == nil:
			s.End = p.sourceTime()
		default:
			p.checkRange(s, start)
			return
		}
	}
}

// checkRange requires that a range does not end before it starts.
func (p *parser) checkRange(s *Source, start int) {
	if s.Start != nil && s.End != nil && s.Start.Relative == s.End.Relative && s.Start.Millis > s.End.Millis {
		p.failAt(p.span(start), "SOURCE ends before it starts")
	}
}

// sourceTime reads = and milliseconds since 1970, now, or a period before now.
func (p *parser) sourceTime() *SourceTime {
	p.advance()
	p.expectSymbol("=")
	switch {
	case p.tok.kind == numberToken:
		return &SourceTime{Millis: p.integer(0, 1<<53)}
	case p.acceptWord("now"):
		return &SourceTime{Relative: true}
	case p.acceptSymbol("-"):
		return p.beforeNow()
	}
	p.mismatched("NUMBER", "'-'", "now")
	return nil
}

func (p *parser) beforeNow() *SourceTime {
	d := p.period()
	ms := d.N * relativeMillis[d.Unit]
	if ms > maxPeriod*relativeMillis[Day] {
		p.failAt(d.Span, "Period out of range: %s", d.text())
	}
	return &SourceTime{Relative: true, Millis: -ms}
}
