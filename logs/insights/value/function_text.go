package value

import (
	"math"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var textFunctions = []Function{
	{"isempty", plain(func(_ *Context, args []Value) Value { return OfBool(textOrEmpty(args[0]) == "") })},
	{"isblank", plain(func(_ *Context, args []Value) Value { return OfBool(strings.TrimSpace(textOrEmpty(args[0])) == "") })},
	{"concat", plain(concat)},
	{"ltrim", trimming(strings.TrimLeft, trimLeftSpace)},
	{"rtrim", trimming(strings.TrimRight, trimRightSpace)},
	{"trim", trimming(strings.Trim, strings.TrimSpace)},
	{"strlen", ofText(func(s string) Value { return OfNumber(float64(utf8.RuneCountInString(s))) })},
	{"toupper", ofText(func(s string) Value { return OfText(strings.ToUpper(s)) })},
	{"tolower", ofText(func(s string) Value { return OfText(strings.ToLower(s)) })},
	{"substr", plain(substr)},
	{"replace", plain(replace)},
	{"regexReplace", prepareRegexReplace},
	{"strcontains", plain(strcontains)},
	{"startsWith", ofTwoTexts(func(s, t string) Value { return OfBool(strings.HasPrefix(s, t)) })},
	{"endsWith", ofTwoTexts(func(s, t string) Value { return OfBool(strings.HasSuffix(s, t)) })},
	{"split", ofTwoTexts(split)},
}

// textOrEmpty is a value's text; what is no scalar has none.
func textOrEmpty(v Value) string {
	if !v.IsScalar() {
		return ""
	}
	return v.Text()
}

// concat joins texts; what is missing adds nothing.
func concat(_ *Context, args []Value) Value {
	var joined []byte
	for _, arg := range args {
		if arg.IsScalar() {
			joined = arg.AppendText(joined)
		}
		if len(joined) > maxText {
			return Value{}
		}
	}
	return OfText(string(joined))
}

func trimLeftSpace(s string) string  { return strings.TrimLeftFunc(s, unicode.IsSpace) }
func trimRightSpace(s string) string { return strings.TrimRightFunc(s, unicode.IsSpace) }

// trimming cuts off all characters that a second argument has, or white space if there is none.
func trimming(of func(s, set string) string, space func(s string) string) func([]Value) (Eval, error) {
	return plain(func(_ *Context, args []Value) Value {
		switch {
		case !args[0].IsScalar() || len(args) == 2 && !args[1].IsScalar():
			return Value{}
		case len(args) == 2:
			return OfText(of(args[0].Text(), args[1].Text()))
		}
		return OfText(space(args[0].Text()))
	})
}

// substr is the text from a character on, counted from 0, of a length or to the end. Characters are code points. Behind
// the end there is nothing; a negative start or length makes null.
func substr(_ *Context, args []Value) Value {
	start, ok := args[1].AsNumber()
	length := math.MaxFloat64
	if ok && len(args) == 3 {
		length, ok = args[2].AsNumber()
	}
	if !ok || !args[0].IsScalar() || start < 0 || length < 0 {
		return Value{}
	}
	s := args[0].Text()
	s = s[runesLength(s, start):]
	return OfText(s[:runesLength(s, length)])
}

// runesLength is how many bytes the first n characters have, or all if there are not as many.
func runesLength(s string, n float64) int {
	if n >= float64(len(s)) {
		return len(s)
	}
	left := int(n)
	for i := range s {
		if left == 0 {
			return i
		}
		left--
	}
	return len(s)
}

func replace(_ *Context, args []Value) Value {
	if !args[0].IsScalar() || !args[1].IsScalar() || !args[2].IsScalar() {
		return Value{}
	}
	s, find := args[0].Text(), args[1].Text()
	if find == "" {
		return OfText(s)
	}
	with := args[2].Text()
	if longer := len(with) - len(find); longer > 0 && strings.Count(s, find) > maxText/longer {
		return Value{}
	}
	return OfText(strings.ReplaceAll(s, find, with))
}

func strcontains(_ *Context, args []Value) Value {
	if !args[0].IsScalar() || !args[1].IsScalar() {
		return Value{}
	}
	s, find := args[0].Text(), args[1].Text()
	if len(args) == 3 && args[2].Truth() {
		s, find = strings.ToLower(s), strings.ToLower(find)
	}
	return OfBool(strings.Contains(s, find))
}

// split makes a list of what is between a delimiter; an empty one splits into characters.
func split(s, delimiter string) Value {
	parts := strings.Split(s, delimiter)
	values := make([]Value, len(parts))
	for i, part := range parts {
		values[i] = OfText(part)
	}
	return OfList(values)
}

func prepareRegexReplace(known []Value) (Eval, error) {
	regex, err := once(known[1], regexp.Compile)
	return func(_ *Context, args []Value) Value {
		re, ok := regex(args[1])
		if !ok || !args[0].IsScalar() || !args[2].IsScalar() {
			return Value{}
		}
		return regexReplace(re, args[0].Text(), args[2].Text())
	}, err
}

// regexReplace replaces each match. The replacement may name groups, as \1 (RE2) or $1 and ${name}.
func regexReplace(re *regexp.Regexp, s, replacement string) Value {
	var dst []byte
	end := 0
	for _, match := range re.FindAllStringSubmatchIndex(s, -1) {
		dst = append(dst, s[end:match[0]]...)
		dst = appendReplacement(dst, re, replacement, s, match)
		if end = match[1]; len(dst) > maxText {
			return Value{}
		}
	}
	return OfText(string(append(dst, s[end:]...)))
}

func appendReplacement(dst []byte, re *regexp.Regexp, replacement, s string, match []int) []byte {
	for i := 0; i < len(replacement); {
		group, n := groupReference(re, replacement[i:])
		switch {
		case n == 0:
			dst = append(dst, replacement[i])
			n = 1
		case group < 0: // an escaped character
			dst = append(dst, replacement[i+n-1])
		case len(dst) > maxText:
			return dst
		case 2*group+1 < len(match) && match[2*group] >= 0:
			dst = append(dst, s[match[2*group]:match[2*group+1]]...)
		}
		i += n
	}
	return dst
}

// groupReference reads a reference at the beginning of a replacement and returns its length, 0 if there is none. The group
// is -1 for a backslash or dollar that stands for itself.
func groupReference(re *regexp.Regexp, s string) (group, length int) {
	if len(s) < 2 || s[0] != '\\' && s[0] != '$' {
		return 0, 0
	}
	if s[1] == s[0] || s[0] == '\\' && s[1] == '$' {
		return -1, 2
	}
	if s[0] == '$' && s[1] == '{' {
		name, _, ok := strings.Cut(s[2:], "}")
		if !ok {
			return 0, 0
		}
		return groupNamed(re, name), len(name) + 3
	}
	if !isDigit(s[1]) {
		return 0, 0
	}
	if s[0] == '$' && len(s) > 2 && isDigit(s[2]) && int(s[1]-'0')*10+int(s[2]-'0') <= re.NumSubexp() {
		return int(s[1]-'0')*10 + int(s[2]-'0'), 3
	}
	return int(s[1] - '0'), 2
}

// groupNamed returns a group by name or number, or one that no match has.
func groupNamed(re *regexp.Regexp, name string) int {
	if n, ok := parseNumber(name); ok && n >= 0 && n <= float64(re.NumSubexp()) {
		return int(n)
	}
	if i := re.SubexpIndex(name); i >= 0 {
		return i
	}
	return re.NumSubexp() + 1
}
