package filterpattern

import (
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/tollbook/tollbook/logs/condition"
)

// regex is a regular expression, searched for anywhere in a text. As a pattern of its own it is asked about messages.
type regex struct {
	fieldless
	re       *regexp.Regexp
	implied  condition.Condition
	required string // a literal of every match, or empty: quicker to look for than the whole
}

// maxInstructions bounds what an expression costs on each character of a message. Only repetitions such as .{1000} come near
// it; AWS' own bound is not known.
const maxInstructions = 4096

// compileRegex takes an expression between percent signs that stands at an offset of the pattern.
func compileRegex(term string, offset int) (*regex, *Error) {
	source := term[1 : len(term)-1]
	if !regexCharactersAllowed(source) {
		return nil, invalidTerm(term, offset)
	}
	source = withLowerBounds(source)
	parsed, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return nil, invalidPattern(offset)
	}
	parsed = parsed.Simplify()
	program, err := syntax.Compile(parsed)
	if err != nil || len(program.Inst) > maxInstructions {
		return nil, invalidPattern(offset)
	}
	re, err := regexp.Compile(source)
	if err != nil {
		return nil, invalidPattern(offset)
	}
	implied := requiredBy(parsed)
	return &regex{re: re, implied: implied, required: longestRequired(implied)}, nil
}

func (r *regex) match(s string) bool {
	return strings.Contains(s, r.required) && r.re.MatchString(s)
}

func (r *regex) matchesAll() bool               { return false }
func (r *regex) condition() condition.Condition { return r.implied }

// regexCharactersAllowed applies AWS' list of what an expression may consist of: no parentheses, nothing beyond ASCII, and
// of the escapes only classes, \xHH, and those of characters that are themselves allowed.
func regexCharactersAllowed(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			if !isAlnum(s[i]) && !isRegexSymbol(s[i]) {
				return false
			}
			continue
		}
		n := escapeLength(s[i+1:])
		if n == 0 {
			return false
		}
		i += n
	}
	return true
}

func isRegexSymbol(c byte) bool { return strings.IndexByte(` :_#=@/;,-^$?[]{}|\*+.`, c) >= 0 }

// escapeLength returns how many characters behind a backslash belong to it, or 0 if they are no escape.
func escapeLength(s string) int {
	switch {
	case s == "":
		return 0
	case strings.IndexByte("dDsSwW", s[0]) >= 0 || isRegexSymbol(s[0]):
		return 1
	case s[0] == 'x' && len(s) >= 3 && isHex(s[1]) && isHex(s[2]):
		return 3
	}
	return 0
}

func isHex(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

// withLowerBounds writes x{,n} as x{0,n}, as the regexp package wants it.
func withLowerBounds(s string) string {
	var b strings.Builder
	inClass := 0 // where the class began that the character is in, plus one
	for i := 0; i < len(s); i++ {
		b.WriteByte(s[i])
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case inClass > 0:
			if s[i] == ']' && strings.TrimPrefix(s[inClass:i], "^") != "" {
				inClass = 0
			}
		case s[i] == '[':
			inClass = i + 1
		case strings.HasPrefix(s[i:], "{,"):
			b.WriteByte('0')
		}
	}
	return b.String()
}

// requiredBy returns the literals without which a simplified expression cannot match; nil if there are none.
func requiredBy(re *syntax.Regexp) condition.Condition {
	if re.Op == syntax.OpAlternate {
		branches := make([]condition.Condition, len(re.Sub))
		for i, sub := range re.Sub {
			branches[i] = requiredBy(sub)
		}
		return anyOf(branches)
	}
	var s sequence
	s.add(re)
	s.cut()
	return allOf(s.required)
}

// sequence collects what is required by parts that follow one another, joining the literals among them.
type sequence struct {
	required []condition.Condition
	run      string // the literal that ends where the next part begins
}

func (s *sequence) add(re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpLiteral:
		s.run += literalOf(re)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			s.add(sub)
		}
	case syntax.OpPlus: // begins and ends with what it repeats
		s.add(re.Sub[0])
		s.cut()
		s.add(re.Sub[0])
	case syntax.OpAlternate:
		s.cut()
		s.required = append(s.required, requiredBy(re))
	default:
		s.cut()
	}
}

func (s *sequence) cut() {
	s.required = append(s.required, contains(s.run))
	s.run = ""
}

// literalOf returns a literal's text; without groups there is no flag that would make it one of several.
func literalOf(re *syntax.Regexp) string { return string(re.Rune) }

func longestRequired(c condition.Condition) string {
	longest := ""
	switch c := c.(type) {
	case condition.Contains:
		longest = string(c)
	case condition.All:
		for _, member := range c {
			if s := longestRequired(member); len(s) > len(longest) {
				longest = s
			}
		}
	}
	return longest
}
