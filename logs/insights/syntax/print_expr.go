package syntax

import "strings"

// opText is how operators are written.
var opText = [...]string{
	Or: "or", And: "and", Not: "not ", Equal: "=", NotEqual: "!=", Less: "<", LessEqual: "<=", Greater: ">",
	GreaterEqual: ">=", Add: "+", Sub: "-", Mul: "*", Div: "/", Mod: "%", Pow: "^",
}

// strengths of operators, from the weakest.
const (
	strengthOr = iota
	strengthAnd
	strengthNot
	strengthCompare
	strengthAdd
	strengthMul
	strengthPow
	strengthSign
	strengthPrimary
)

func strength(e Expr) int {
	switch e := e.(type) {
	case *Like, *In:
		return strengthCompare
	case *Unary:
		if e.Op == Not {
			return strengthNot
		}
		return strengthSign
	case *Binary:
		return opStrength(e.Op)
	}
	return strengthPrimary
}

func opStrength(op Op) int {
	switch op {
	case Or:
		return strengthOr
	case And:
		return strengthAnd
	case Add, Sub:
		return strengthAdd
	case Mul, Div, Mod:
		return strengthMul
	case Pow:
		return strengthPow
	}
	return strengthCompare
}

// printer writes canonical text.
type printer struct{ strings.Builder }

// printExpr returns the canonical text of an expression.
func printExpr(e Expr) string {
	p := &printer{}
	p.expr(e, strengthOr)
	return p.String()
}

func (p *printer) write(parts ...string) {
	for _, s := range parts {
		p.WriteString(s)
	}
}

// expr writes an expression, in parentheses if it is weaker than it may be.
func (p *printer) expr(e Expr, weakest int) {
	if strength(e) < weakest {
		p.write("(")
		defer p.write(")")
	}
	switch e := e.(type) {
	case *Number:
		p.write(e.Text)
	case *String:
		p.write(quoteString(e.Value))
	case *Regex:
		p.write("/", strings.ReplaceAll(e.Pattern, "/", `\/`), "/")
	case *Field:
		p.write(quotePath(e.Steps))
	case *Period:
		p.write(e.text())
	case *Call:
		p.call(e)
	case *Unary:
		p.unary(e)
	case *Binary:
		p.binary(e)
	case *Like:
		p.expr(e.X, strengthAdd)
		p.write(negation(e.Not), " like ")
		p.expr(e.Y, strengthPrimary)
	case *In:
		p.in(e)
	}
}

func negation(not bool) string {
	if not {
		return " not"
	}
	return ""
}

func (p *printer) call(c *Call) {
	p.write(c.Name, "(")
	if c.Star {
		p.write("*")
	}
	p.exprs(c.Args)
	p.write(")")
}

func (p *printer) exprs(list []Expr) {
	for i, e := range list {
		if i > 0 {
			p.write(", ")
		}
		p.expr(e, strengthOr)
	}
}

func (p *printer) unary(e *Unary) {
	p.write(opText[e.Op])
	if e.Op == Not {
		p.expr(e.X, strengthNot)
	} else {
		p.expr(e.X, strengthPrimary)
	}
}

// binary writes operators that group from the left, but for powers; comparisons do not group.
func (p *printer) binary(e *Binary) {
	left, right := opStrength(e.Op), opStrength(e.Op)+1
	switch left {
	case strengthPow:
		left, right = strengthSign, strengthPow
	case strengthCompare:
		left = strengthAdd
	}
	p.expr(e.X, left)
	p.write(" ", opText[e.Op], " ")
	p.expr(e.Y, right)
}

func (p *printer) in(e *In) {
	p.expr(e.X, strengthAdd)
	p.write(negation(e.Not), " in ")
	if e.Query != nil {
		p.write("(", e.Query.String(), ")")
		return
	}
	p.write("[")
	p.exprs(e.List)
	p.write("]")
}

// quoteString writes a string in double quotes. The letters behind its other backslashes are its own.
func quoteString(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s) + `"`
}
