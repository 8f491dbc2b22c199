package filterpattern

import "strings"

// tokenKind tells the tokens of JSON and space-delimited patterns apart.
type tokenKind uint8

const (
	endToken      tokenKind = iota
	symbolToken             // an operator, a parenthesis or a comma: text
	bareToken               // a name, keyword, number or unquoted string: text
	quotedToken             // text is unescaped
	regexToken              // text includes the percent signs
	selectorToken           // text is as written, steps is what it means
)

type token struct {
	kind   tokenKind
	text   string
	steps  []step
	offset int // in the pattern as given
}

// lex takes a pattern's inside apart; base is its offset in the whole pattern. The list ends with an endToken. All of it
// is read before any of it is parsed, since AWS names a bad character before a bad structure.
func lex(s string, base int) ([]token, *Error) {
	var tokens []token
	for i := skipBlanks(s, 0); i < len(s); i = skipBlanks(s, i) {
		tok, next, err := lexToken(s, i, base)
		if err != nil {
			return nil, err
		}
		tok.offset = base + i
		tokens = append(tokens, tok)
		i = next
	}
	return append(tokens, token{kind: endToken, offset: base + len(s)}), nil
}

// symbols in an order in which the longer come first.
var symbols = [...]string{"&&", "||", "!=", "<=", ">=", "=", "<", ">", "(", ")", ","}

func lexToken(s string, i, base int) (token, int, *Error) {
	switch c := s[i]; {
	case c == '"':
		text, next, ok := unquote(s, i, '"')
		if !ok {
			return token{}, 0, invalidPattern(base + i)
		}
		return token{kind: quotedToken, text: text}, next, nil
	case c == '%':
		n := strings.IndexByte(s[i+1:], '%')
		if n < 1 {
			return token{}, 0, invalidPattern(base + i)
		}
		return token{kind: regexToken, text: s[i : i+n+2]}, i + n + 2, nil
	case c == '$':
		steps, next, ok := parseSelector(s, i)
		if !ok {
			return token{}, 0, invalidPattern(base + i)
		}
		return token{kind: selectorToken, text: s[i:next], steps: steps}, next, nil
	}
	for _, symbol := range symbols {
		if strings.HasPrefix(s[i:], symbol) {
			return token{kind: symbolToken, text: symbol}, i + len(symbol), nil
		}
	}
	return lexBare(s, i, base)
}

// lexBare reads up to whatever ends a term; all characters in between must be ones that need no quotes.
func lexBare(s string, i, base int) (token, int, *Error) {
	end := i + 1 // also past a lone "!", "&" or "|"
	for end < len(s) && !isBlank(s[end]) && strings.IndexByte(`=!<>&|(),"%$`, s[end]) < 0 {
		end++
	}
	term := s[i:end]
	for j := range len(term) {
		if !isBare(term[j]) {
			return token{}, 0, invalidTerm(term, base+i)
		}
	}
	return token{kind: bareToken, text: term}, end, nil
}

// unquote reads a quoted text that begins at i. A backslash escapes the quote and itself; before anything else it stands
// for itself.
func unquote(s string, i int, quote byte) (text string, next int, ok bool) {
	i++
	begin, escaped := i, false
	for ; i < len(s); i++ {
		switch {
		case s[i] == quote:
			text = s[begin:i]
			if escaped {
				text = strings.NewReplacer(`\\`, `\`, `\`+string(quote), string(quote)).Replace(text)
			}
			return text, i + 1, true
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == quote || s[i+1] == '\\'):
			escaped = true
			i++
		}
	}
	return "", 0, false
}

// isBare reports whether a character may stand in a JSON or space-delimited pattern's value without quotes.
func isBare(c byte) bool { return isNameByte(c) || strings.IndexByte(".*+:/", c) >= 0 }

// isNameByte reports whether a character may stand in the name of a field or of a JSON member without quotes.
func isNameByte(c byte) bool { return isAlnum(c) || c == '_' || c == '-' }

func isAlnum(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isBlank(c byte) bool { return c <= ' ' && (c == ' ' || c == '\t' || c == '\n' || c == '\r') }

func skipBlanks(s string, i int) int {
	for i < len(s) && isBlank(s[i]) {
		i++
	}
	return i
}

func trimBlanks(s string) string { return strings.Trim(s, " \t\n\r") }

// parser walks over tokens.
type parser struct {
	tokens  []token // the last is an endToken
	regexps int
}

func (p *parser) peek() token { return p.tokens[0] }

// next returns a token and steps over it, but never over the end.
func (p *parser) next() token {
	tok := p.tokens[0]
	if tok.kind != endToken {
		p.tokens = p.tokens[1:]
	}
	return tok
}

// accept steps over a symbol or keyword if it comes next.
func (p *parser) accept(kind tokenKind, text string) bool {
	if tok := p.peek(); tok.kind != kind || tok.text != text {
		return false
	}
	p.next()
	return true
}
