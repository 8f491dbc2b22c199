package cloudwatch

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// alarmRule is what a composite alarm goes by:
//
//	rule   = term *( "OR" term )
//	term   = factor *( "AND" factor )
//	factor = "NOT" factor / "(" rule ")" / "TRUE" / "FALSE" / state "(" alarm ")"
//	       / "AT_LEAST" "(" ( number / percent "%" ) "," [ "NOT" ] state "," "(" alarm *( "," alarm ) ")" ")"
//	state  = "ALARM" / "OK" / "INSUFFICIENT_DATA"
//	alarm  = name or ARN, which may stand in double quotes
type alarmRule struct {
	holds func(stateOf func(alarm string) string) bool
	// children are the names of the alarms that it looks at, each once.
	children []string
}

// maxChildren is how many alarms a rule can look at.
const maxChildren = 100

// parseRule reads a rule of an alarm in a place. Its errors say what is wrong and where.
func parseRule(text string, at place) (*alarmRule, error) {
	p := &ruleParser{text: text, at: at}
	holds := p.rule()
	if p.err == nil && p.skip() < len(text) {
		p.fail("expected AND, OR or the end")
	}
	if p.err != nil {
		return nil, p.err
	}
	return &alarmRule{holds, p.children}, nil
}

// ruleTest is a part of a rule.
type ruleTest = func(stateOf func(string) string) bool

type ruleParser struct {
	text     string
	pos      int
	at       place
	children []string
	err      error
}

// fail notes the first error; what follows reads nothing any more.
func (p *ruleParser) fail(what string) ruleTest {
	if p.err == nil {
		p.err = fmt.Errorf("%s at character %d", what, p.pos+1)
		p.pos = len(p.text)
	}
	return func(func(string) string) bool { return false }
}

func (p *ruleParser) skip() int {
	for p.pos < len(p.text) && strings.ContainsRune(" \t\r\n", rune(p.text[p.pos])) {
		p.pos++
	}
	return p.pos
}

// takes reads a sign if it comes next.
func (p *ruleParser) takes(sign string) bool {
	if strings.HasPrefix(p.text[p.skip():], sign) {
		p.pos += len(sign)
		return true
	}
	return false
}

func (p *ruleParser) expect(sign string) {
	if !p.takes(sign) {
		p.fail("expected " + sign)
	}
}

// word returns the word that comes next, without reading it.
func (p *ruleParser) word() string {
	end := p.skip()
	for end < len(p.text) && (p.text[end] == '_' || p.text[end] >= 'A' && p.text[end] <= 'Z') {
		end++
	}
	return p.text[p.pos:end]
}

func (p *ruleParser) takesWord(word string) bool {
	if p.word() != word {
		return false
	}
	p.pos += len(word)
	return true
}

func (p *ruleParser) rule() ruleTest {
	test := p.term()
	for p.takesWord("OR") {
		x, y := test, p.term()
		test = func(of func(string) string) bool { return x(of) || y(of) }
	}
	return test
}

func (p *ruleParser) term() ruleTest {
	test := p.factor()
	for p.takesWord("AND") {
		x, y := test, p.factor()
		test = func(of func(string) string) bool { return x(of) && y(of) }
	}
	return test
}

func (p *ruleParser) factor() ruleTest {
	if p.takes("(") {
		test := p.rule()
		p.expect(")")
		return test
	}
	switch {
	case p.takesWord("NOT"):
		test := p.factor()
		return func(of func(string) string) bool { return !test(of) }
	case p.takesWord("TRUE"):
		return func(func(string) string) bool { return true }
	case p.takesWord("FALSE"):
		return func(func(string) string) bool { return false }
	case p.takesWord("AT_LEAST"):
		return p.atLeast()
	}
	state, ok := p.state()
	if !ok {
		return p.fail("expected ALARM, OK, INSUFFICIENT_DATA, AT_LEAST, TRUE, FALSE, NOT or (")
	}
	p.expect("(")
	name := p.alarm()
	p.expect(")")
	return func(of func(string) string) bool { return of(name) == state }
}

func (p *ruleParser) state() (string, bool) {
	word := p.word()
	if !slices.Contains([]string{stateOK, stateAlarm, stateInsufficient}, word) {
		return "", false
	}
	p.pos += len(word)
	return word, true
}

// atLeast reads what follows AT_LEAST: how many alarms, or how many percent, must be in a state or not.
func (p *ruleParser) atLeast() ruleTest {
	p.expect("(")
	number := p.number()
	percent := p.takes("%")
	p.expect(",")
	not := p.takesWord("NOT")
	state, ok := p.state()
	if !ok {
		return p.fail("expected ALARM, OK or INSUFFICIENT_DATA")
	}
	p.expect(",")
	p.expect("(")
	names := []string{p.alarm()}
	for p.takes(",") {
		names = append(names, p.alarm())
	}
	p.expect(")")
	p.expect(")")
	if percent {
		if number > 100 {
			return p.fail("expected at most 100 %")
		}
		number = int(math.Ceil(float64(number*len(names)) / 100))
	}
	if number > len(names) {
		return p.fail("expected at least as many alarms as must be in the state")
	}
	return func(of func(string) string) bool {
		n := 0
		for _, name := range names {
			if (of(name) == state) != not {
				n++
			}
		}
		return n >= number
	}
}

func (p *ruleParser) number() int {
	from := p.skip()
	for p.pos < len(p.text) && p.text[p.pos] >= '0' && p.text[p.pos] <= '9' {
		p.pos++
	}
	n, err := strconv.Atoi(p.text[from:p.pos])
	if err != nil || n < 1 || n > 10_000 {
		p.fail("expected a number above 0")
	}
	return n
}

// alarm reads a reference to an alarm and returns its name.
func (p *ruleParser) alarm() string {
	name := ""
	if p.takes(`"`) {
		name = p.quoted()
	} else {
		end := strings.IndexAny(p.text[p.pos:], "(),\"")
		if end < 0 {
			end = len(p.text) - p.pos
		}
		name = strings.TrimSpace(p.text[p.pos : p.pos+end])
		p.pos += end
	}
	name = strings.TrimPrefix(name, alarmARN(p.at, ""))
	if name == "" || strings.HasPrefix(name, "arn:") {
		p.fail("expected the name of an alarm, or the ARN of one of this account and region")
	}
	if !slices.Contains(p.children, name) {
		p.children = append(p.children, name)
	}
	return name
}

// quoted reads a text up to its quote, in which a backslash stands before what would end it.
func (p *ruleParser) quoted() string {
	var name strings.Builder
	for ; p.pos < len(p.text); p.pos++ {
		switch c := p.text[p.pos]; {
		case c == '"':
			p.pos++
			return name.String()
		case c == '\\' && p.pos+1 < len(p.text):
			p.pos++
			name.WriteByte(p.text[p.pos])
		default:
			name.WriteByte(c)
		}
	}
	p.fail(`expected "`)
	return ""
}
