package mapping

import (
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/tollbook/tollbook/internal/javaregexp"
)

// Java counts a string's characters in units of UTF-16. For ASCII, which nearly all text is, they are bytes.

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func javaLength(s string) int {
	if isASCII(s) {
		return len(s)
	}
	n := 0
	for _, c := range s {
		n += max(utf16.RuneLen(c), 1)
	}
	return n
}

func javaSubstring(s string, from, to int) string {
	if isASCII(s) {
		return s[from:to]
	}
	return string(utf16.Decode(utf16.Encode([]rune(s))[from:to]))
}

// javaIndex is the index of a byte offset; negative ones stay.
func javaIndex(s string, offset int) int {
	if offset < 0 {
		return offset
	}
	return javaLength(s[:offset])
}

// stringMethod calls a method of java.lang.String.
func (r *run) stringMethod(s, name string, args []any) any {
	if !r.look(len(s)) {
		return nil
	}
	switch len(args) {
	case 0:
		return r.stringMethod0(s, name)
	case 1:
		if v, ok := r.stringSearch(s, name, r.text(args[0])); ok {
			return v
		}
		return r.stringMethod1(s, name, args[0])
	case 2:
		if v, ok := r.stringReplace(s, name, r.text(args[0]), r.text(args[1])); ok {
			return v
		}
		return r.stringMethod2(s, name, args)
	}
	if name == "format" {
		return r.format(r.text(args[0]), args[1:])
	}
	return nil
}

func (r *run) stringMethod0(s, name string) any {
	switch name {
	case "length":
		return int64(javaLength(s))
	case "isEmpty":
		return s == ""
	case "isBlank":
		return strings.TrimSpace(s) == ""
	case "toString", "intern":
		return s
	case "hashCode":
		return hashCode(s)
	}
	if !r.spend(len(s)) {
		return nil
	}
	switch name {
	case "toUpperCase":
		return strings.ToUpper(s)
	case "toLowerCase":
		return strings.ToLower(s)
	case "trim":
		return strings.TrimFunc(s, func(c rune) bool { return c <= ' ' })
	case "strip":
		return strings.TrimSpace(s)
	case "toCharArray":
		return r.characters(s)
	}
	return nil
}

func (r *run) characters(s string) any {
	if !r.spend(2 * valueBytes * len(s)) {
		return nil
	}
	l := &List{}
	for _, c := range s {
		l.items = append(l.items, string(c))
	}
	return l
}

// hashCode is Java's: modulo 2³², signed.
func hashCode(s string) int64 {
	var h int32
	for _, unit := range utf16.Encode([]rune(s)) {
		h = 31*h + int32(unit)
	}
	return int64(h)
}

// stringSearch has the methods that take one string.
func (r *run) stringSearch(s, name, arg string) (any, bool) {
	switch name {
	case "equals":
		return s == arg, true
	case "equalsIgnoreCase":
		return strings.EqualFold(s, arg), true
	case "contains":
		return strings.Contains(s, arg), true
	case "startsWith":
		return strings.HasPrefix(s, arg), true
	case "endsWith":
		return strings.HasSuffix(s, arg), true
	case "indexOf":
		return int64(javaIndex(s, strings.Index(s, arg))), true
	case "lastIndexOf":
		return int64(javaIndex(s, strings.LastIndex(s, arg))), true
	case "compareTo":
		return int64(strings.Compare(s, arg)), true
	case "compareToIgnoreCase":
		return int64(strings.Compare(strings.ToLower(s), strings.ToLower(arg))), true
	case "concat":
		return r.concat(s, arg), true
	case "matches":
		return r.matches(s, arg), true
	case "split":
		return r.split(s, arg, 0), true
	}
	return nil, false
}

func (r *run) stringMethod1(s, name string, arg any) any {
	switch name {
	case "valueOf":
		return r.text(arg)
	case "format":
		return r.format(r.text(arg), nil)
	}
	n, ok := toInt(arg)
	if !ok {
		return nil
	}
	switch name {
	case "substring":
		return r.substring(s, n, javaLength(s))
	case "charAt":
		return r.substring(s, n, n+1)
	case "repeat":
		if n < 0 || len(s) > 0 && n > maxMemory/len(s) || !r.spend(n*len(s)) {
			r.fail("repeat(%d): %w", n, errLimit)
			return nil
		}
		return strings.Repeat(s, n)
	}
	return nil
}

// substring fails the template if the bounds are not in the string, as Java does.
func (r *run) substring(s string, from, to int) any {
	length := javaLength(s)
	if from < 0 || to > length || from > to {
		r.fail("substring from %d to %d of a string of %d characters", from, to, length)
		return nil
	}
	if !r.look(len(s)) || !isASCII(s) && !r.spend(4*len(s)) {
		return nil
	}
	return javaSubstring(s, from, to)
}

func (r *run) stringReplace(s, name, from, to string) (any, bool) {
	switch name {
	case "replace":
		n := strings.Count(s, from)
		if !r.spend(len(s) + n*len(to)) {
			return nil, true
		}
		return strings.ReplaceAll(s, from, to), true
	case "replaceAll":
		return r.replaceMatches(s, from, to, -1), true
	case "replaceFirst":
		return r.replaceMatches(s, from, to, 1), true
	}
	return nil, false
}

func (r *run) stringMethod2(s, name string, args []any) any {
	first, firstOK := toInt(args[0])
	second, secondOK := toInt(args[1])
	switch {
	case (name == "substring" || name == "subSequence") && firstOK && secondOK:
		return r.substring(s, first, second)
	case name == "split" && secondOK:
		return r.split(s, r.text(args[0]), second)
	case name == "indexOf" && secondOK:
		return indexFrom(s, r.text(args[0]), second)
	case name == "startsWith" && secondOK:
		return second >= 0 && second <= javaLength(s) && strings.HasPrefix(javaSubstring(s, second, javaLength(s)), r.text(args[0]))
	case name == "join":
		return r.join(r.text(args[0]), args[1])
	case name == "format":
		return r.format(r.text(args[0]), args[1:])
	}
	return nil
}

func indexFrom(s, what string, from int) any {
	from = min(max(from, 0), javaLength(s))
	rest := javaSubstring(s, from, javaLength(s))
	i := javaIndex(rest, strings.Index(rest, what))
	if i >= 0 {
		i += from
	}
	return int64(i)
}

func (r *run) join(separator string, v any) any {
	return r.captured(func() {
		for i, item := range r.iterate(v) {
			if i > 0 {
				r.write(separator)
			}
			if r.print(item); r.state == failed {
				return
			}
		}
	})
}

func (r *run) matches(s, pattern string) any {
	e := r.regexp(pattern)
	if e == nil {
		return nil
	}
	ok, err := e.MatchWhole(s)
	if err != nil {
		r.fail("matches: %w", err)
	}
	return ok
}

// places are where a pattern matches.
func (r *run) places(e *javaregexp.Regexp, s string, n int) [][]int {
	places, err := e.FindAll(s, n)
	if err != nil {
		r.fail("regular expression: %w", err)
	}
	r.spend(valueBytes * len(places))
	return places
}

// split cuts as Java does: with limit 0 empty pieces at the end are dropped; an empty match at the beginning cuts nothing.
func (r *run) split(s, pattern string, limit int) any {
	e := r.regexp(pattern)
	if e == nil {
		return nil
	}
	var pieces []string
	start := 0
	for _, place := range r.places(e, s, -1) {
		if place[1] == 0 || place[0] == len(s) && place[0] == place[1] {
			continue
		}
		if limit > 0 && len(pieces) == limit-1 {
			break
		}
		pieces = append(pieces, s[start:place[0]])
		start = place[1]
	}
	pieces = append(pieces, s[start:])
	if limit == 0 {
		for len(pieces) > 1 && pieces[len(pieces)-1] == "" {
			pieces = pieces[:len(pieces)-1]
		}
		if len(pieces) == 1 && pieces[0] == "" && s != "" {
			pieces = nil
		}
	}
	return r.texts(pieces)
}

// texts is a list of strings.
func (r *run) texts(texts []string) any {
	if !r.spend(2 * valueBytes * len(texts)) {
		return nil
	}
	l := &List{items: make([]any, 0, len(texts))}
	for _, t := range texts {
		l.items = append(l.items, t)
	}
	return l
}

// replaceMatches replaces matches; in the replacement $1 stands for a group and a backslash takes the next character as it is.
func (r *run) replaceMatches(s, pattern, replacement string, n int) any {
	e := r.regexp(pattern)
	if e == nil {
		return nil
	}
	var b []byte
	start := 0
	for _, place := range r.places(e, s, n) {
		b = append(b, s[start:place[0]]...)
		before := len(b)
		b = r.expand(b, replacement, s, place)
		if !r.spend(len(b) - before) {
			return nil
		}
		start = place[1]
	}
	if !r.spend(len(b) + len(s) - start) {
		return nil
	}
	return string(append(b, s[start:]...))
}

func (r *run) expand(b []byte, replacement, s string, place []int) []byte {
	for i := 0; i < len(replacement); i++ {
		c := replacement[i]
		switch {
		case c == '\\' && i+1 < len(replacement):
			i++
			b = append(b, replacement[i])
		case c == '$' && i+1 < len(replacement) && isDigit(replacement[i+1]):
			i++
			group := int(replacement[i] - '0')
			if 2*group+1 >= len(place) {
				r.fail("replacement: no group %d", group)
				return b
			}
			if place[2*group] >= 0 {
				b = append(b, s[place[2*group]:place[2*group+1]]...)
			}
		case c == '$' || c == '\\':
			r.fail("replacement: illegal %q", replacement[i:])
			return b
		default:
			b = append(b, c)
		}
	}
	return b
}

// format is String.format with %s, %d, %x, %f, %e, %c, %b, %n and %%, with flags, width and precision.
func (r *run) format(layout string, args []any) any {
	if len(args) == 1 {
		if l, ok := args[0].(*List); ok {
			args = l.items
		}
	}
	var b []byte
	for i := 0; i < len(layout); i++ {
		if layout[i] != '%' {
			b = append(b, layout[i])
			continue
		}
		size := strings.IndexFunc(layout[i+1:], func(c rune) bool { return !strings.ContainsRune("-+ 0,#.123456789", c) })
		if size < 0 {
			r.fail("format: %q has an incomplete conversion", layout)
			return nil
		}
		flags, verb := layout[i+1:i+1+size], layout[i+1+size]
		i += 1 + size
		switch verb {
		case '%', 'n':
			b = append(b, map[byte]byte{'%': '%', 'n': '\n'}[verb])
			continue
		}
		if len(args) == 0 {
			r.fail("format: no value for %%%s%c", flags, verb)
			return nil
		}
		text, ok := r.formatOne(flags, verb, args[0])
		if !ok || !r.spend(len(text)) {
			r.fail("format: %%%s%c does not fit %s", flags, verb, r.text(args[0]))
			return nil
		}
		b, args = append(b, text...), args[1:]
	}
	return string(b)
}

func (r *run) formatOne(flags string, verb byte, v any) (string, bool) {
	width, precision, ok := formatSize(flags)
	if !ok {
		return "", false
	}
	text := ""
	switch n := numeric(v); verb {
	case 's':
		text = r.text(v)
		if precision >= 0 && precision < len(text) {
			text = text[:precision]
		}
	case 'b':
		text = strconv.FormatBool(truth(v))
	case 'd', 'x':
		if n == nil || isFloat(n) {
			return "", false
		}
		text = toBig(n).Text(map[byte]int{'d': 10, 'x': 16}[verb])
	case 'f', 'e':
		if n == nil {
			return "", false
		}
		if precision < 0 {
			precision = 6
		}
		text = strconv.FormatFloat(toFloat(n), verb, precision, 64)
	default:
		return "", false
	}
	return pad(text, flags, width), true
}

// formatSize reads width and precision, which are kept small.
func formatSize(flags string) (width, precision int, ok bool) {
	const most = 1000
	head, tail, hasPrecision := strings.Cut(strings.TrimLeft(flags, "-+ 0,#"), ".")
	precision = -1
	if head != "" {
		width, _ = strconv.Atoi(head)
	}
	if hasPrecision {
		precision, _ = strconv.Atoi(tail)
	}
	return width, precision, width <= most && precision <= most
}

func pad(text, flags string, width int) string {
	if strings.HasPrefix(flags, "+") && !strings.HasPrefix(text, "-") {
		text = "+" + text
	}
	missing := width - javaLength(text)
	switch {
	case missing <= 0:
		return text
	case strings.HasPrefix(flags, "-"):
		return text + strings.Repeat(" ", missing)
	case strings.HasPrefix(flags, "0"):
		sign := ""
		if text[0] == '-' {
			sign, text = "-", text[1:]
		}
		return sign + strings.Repeat("0", missing) + text
	}
	return strings.Repeat(" ", missing) + text
}
