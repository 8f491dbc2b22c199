package logs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// maxSelectionDepth bounds the nesting of selection criteria.
const maxSelectionDepth = 20

// Selection criteria choose log groups (of an account policy) or events by where they came from (of a filter):
//
//	criteria = and *( "OR" and )
//	and      = prim *( "AND" prim )
//	prim     = "(" criteria ")" / field ( "=" / "!=" ) text / field [ "NOT" ] "IN" "[" [ text *( "," text ) ] "]"
//	text     = DQUOTE *char DQUOTE ; a backslash before a quote or a backslash

// selectionTest is one test of selection criteria.
type selectionTest struct {
	Field  string
	Not    bool // != or NOT IN
	List   bool // IN
	Values []string
}

// selection is parsed criteria: one test or, with Operator, two or more criteria.
type selection struct {
	Operator string // "AND", "OR", or "" for a test
	Parts    []selection
	Test     selectionTest
}

// parseSelection reads criteria about the given fields. The error says what is wrong with them.
func parseSelection(text string, fields ...string) (selection, error) {
	tokens, err := selectionTokens(text)
	if err != nil {
		return selection{}, err
	}
	p := selectionParser{tokens: tokens, fields: fields}
	s, err := p.chain("OR", 0)
	if err == nil && len(p.tokens) > 0 {
		err = fmt.Errorf("unexpected %s", p.tokens[0])
	}
	return s, err
}

// tests returns the tests of criteria that consist of tests which must all hold; false for other criteria.
func (s *selection) tests() ([]selectionTest, bool) {
	switch s.Operator {
	case "":
		return []selectionTest{s.Test}, true
	case "OR":
		return nil, false
	}
	var all []selectionTest
	for i := range s.Parts {
		part, ok := s.Parts[i].tests()
		if !ok {
			return nil, false
		}
		all = append(all, part...)
	}
	return all, true
}

// selectionTokens splits criteria. Texts keep the quote at their beginning, so that they differ from words.
func selectionTokens(text string) (tokens []string, err error) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		n := 0
		switch {
		case text[0] == '"':
			var value string
			if value, n = quotedText(text); n == 0 {
				return nil, errors.New("a quote is not closed")
			}
			tokens, text = append(tokens, `"`+value), text[n:]
			continue
		case strings.HasPrefix(text, "!="):
			n = 2
		case strings.IndexByte("()[],=", text[0]) >= 0:
			n = 1
		default:
			if n = strings.IndexAny(text, " \t\r\n()[],=!\""); n < 0 {
				n = len(text)
			}
			if n == 0 {
				return nil, fmt.Errorf("unexpected %q", text[0])
			}
		}
		tokens, text = append(tokens, text[:n]), text[n:]
	}
	return tokens, nil
}

// quotedText reads the quoted text that s begins with and returns its length in s, 0 if it does not end.
func quotedText(s string) (value string, n int) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), i + 1
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
		}
		b.WriteByte(s[i])
	}
	return "", 0
}

type selectionParser struct {
	tokens []string
	fields []string
}

// take removes the next token if it is the given one.
func (p *selectionParser) take(token string) bool {
	if len(p.tokens) == 0 || p.tokens[0] != token {
		return false
	}
	p.tokens = p.tokens[1:]
	return true
}

func (p *selectionParser) next(what string) (string, error) {
	if len(p.tokens) == 0 {
		return "", fmt.Errorf("%s is missing at the end", what)
	}
	token := p.tokens[0]
	p.tokens = p.tokens[1:]
	return token, nil
}

// chain reads criteria joined by operator: OR joins chains of AND, AND joins single ones.
func (p *selectionParser) chain(operator string, depth int) (selection, error) {
	s := selection{Operator: operator}
	for {
		part, err := p.part(operator, depth)
		if err != nil {
			return s, err
		}
		s.Parts = append(s.Parts, part)
		if !p.take(operator) {
			break
		}
	}
	if len(s.Parts) == 1 {
		return s.Parts[0], nil
	}
	return s, nil
}

func (p *selectionParser) part(operator string, depth int) (selection, error) {
	switch {
	case depth > maxSelectionDepth:
		return selection{}, errors.New("nested too deeply")
	case operator == "OR":
		return p.chain("AND", depth)
	case !p.take("("):
		return p.test()
	}
	s, err := p.chain("OR", depth+1)
	if err == nil && !p.take(")") {
		err = errors.New("a parenthesis is not closed")
	}
	return s, err
}

func (p *selectionParser) test() (s selection, err error) {
	t := &s.Test
	if t.Field, err = p.next("a field"); err != nil {
		return s, err
	}
	if !slices.Contains(p.fields, t.Field) {
		return s, fmt.Errorf("unknown field %s, expected one of %s", t.Field, strings.Join(p.fields, ", "))
	}
	switch {
	case p.take("="):
	case p.take("!="):
		t.Not = true
	default:
		t.Not, t.List = p.take("NOT"), true
		if !p.take("IN") || !p.take("[") {
			return s, fmt.Errorf("an operator (=, !=, IN [, NOT IN [) is missing after %s", t.Field)
		}
		return s, p.list(t)
	}
	return s, p.value(t)
}

// list reads the values of a list up to its end.
func (p *selectionParser) list(t *selectionTest) error {
	for !p.take("]") {
		if len(t.Values) > 0 && !p.take(",") {
			return errors.New("a comma or ] is missing in a list")
		}
		if err := p.value(t); err != nil {
			return err
		}
	}
	return nil
}

func (p *selectionParser) value(t *selectionTest) error {
	token, err := p.next("a text")
	if err != nil {
		return err
	}
	value, ok := strings.CutPrefix(token, `"`)
	if !ok {
		return fmt.Errorf("a text in quotes is expected in place of %s", token)
	}
	t.Values = append(t.Values, value)
	return nil
}
