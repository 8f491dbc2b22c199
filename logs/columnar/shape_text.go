package columnar

import "strings"

// lineShape is the shape of a line of an access log, Common Log Format and its kin: what stands between blanks, in quotes
// and in brackets are values. It is nil for a line without a request in quotes or such a log's time in brackets.
func lineShape(m string) *shape {
	b := shapeBuilder{m: m}
	isLog, ok := false, true
	for at := 0; at < len(m) && ok; {
		end := 0
		switch m[at] {
		case ' ':
			at++
			continue
		case '"':
			if end = quotedEnd(m, at+1); end < 0 {
				return nil
			}
			isRequest := false
			isRequest, ok = b.quoted(at+1, end)
			isLog = isLog || isRequest
			at = end + 1
		case '[':
			if end = byteIn(m, at+1, ']'); end < 0 {
				return nil
			}
			f, isTime := detectTime(m[at+1 : end])
			isLog = isLog || isTime && f.kind == formatCLF
			ok = b.slot(slotBracket, at+1, end)
			at = end + 1
		default:
			end = byteOrEnd(m, at, ' ')
			ok = b.slot(slotToken, at, end)
			at = end
		}
	}
	if !isLog || !ok {
		return nil
	}
	return b.done()
}

// quoted takes what stands in quotes: the three parts of a request line each for itself.
func (b *shapeBuilder) quoted(start, end int) (isRequest, ok bool) {
	inside := b.m[start:end]
	method := strings.IndexByte(inside, ' ')
	if method > 0 && isUpper(inside[:method]) {
		target := strings.IndexByte(inside[method+1:], ' ') + method + 1
		if target > method+1 && strings.HasPrefix(inside[target+1:], "HTTP/") && !strings.Contains(inside[target+1:], " ") {
			b.slot(slotToken, start, start+method)
			b.slot(slotToken, start+method+1, start+target)
			return true, b.slot(slotQuoted, start+target+1, end)
		}
	}
	return false, b.slot(slotQuoted, start, end)
}

func isUpper(s string) bool {
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return true
}

const minCSVCommas = 3

// csvShape is the shape of comma-separated values, or nil. The first field has no blank, which tells them from sentences.
func csvShape(m string) *shape {
	comma := strings.IndexByte(m, ',')
	if comma < 0 || strings.Count(m, ",") < minCSVCommas || strings.ContainsAny(m[:comma], " \t{}[]()=:") {
		return nil
	}
	b := shapeBuilder{m: m}
	for at := 0; ; {
		end, ok := 0, false
		if at < len(m) && m[at] == '"' {
			if end = quotedEnd(m, at+1); end < 0 {
				return nil
			}
			ok = b.slot(slotQuoted, at+1, end)
			end++
		} else {
			end = byteOrEnd(m, at, ',')
			ok = b.slot(slotComma, at, end)
		}
		if !ok || (end < len(m) && m[end] != ',') {
			return nil
		}
		if end == len(m) {
			return b.done()
		}
		at = end + 1
	}
}

// markupShape is the shape of XML and its like: values are texts between tags, and attributes in double quotes. It is nil
// for a message that does not begin with a tag.
func markupShape(m string) *shape {
	if len(m) == 0 || m[0] != '<' {
		return nil
	}
	b := shapeBuilder{m: m}
	for at := 0; at < len(m); {
		end, ok := b.tag(at)
		if !ok || end == len(m) {
			return shapeIf(&b, ok)
		}
		next := byteIn(m, end, '<')
		if next < 0 {
			return shapeIf(&b, strings.TrimSpace(m[end:]) == "")
		}
		isElement := m[at+1] != '/' && strings.HasPrefix(m[next:], "</")
		if (isElement || strings.TrimSpace(m[end:next]) != "") && !b.slot(slotMarkup, end, next) {
			return nil
		}
		at = next
	}
	return nil
}

func shapeIf(b *shapeBuilder, ok bool) *shape {
	if !ok {
		return nil
	}
	return b.done()
}

// tag goes past the tag at at, taking its attributes.
func (b *shapeBuilder) tag(at int) (end int, ok bool) {
	for at++; at < len(b.m); at++ {
		switch b.m[at] {
		case '>':
			return at + 1, true
		case '"':
			closing := quotedEnd(b.m, at+1)
			if closing < 0 || !b.slot(slotQuoted, at+1, closing) {
				return 0, false
			}
			at = closing
		}
	}
	return 0, false
}

// wordsShape is the shape of free text: words with a digit are values, all else is literal. It is nil for a text with too
// many of them.
func wordsShape(m string) *shape {
	b := shapeBuilder{m: m}
	for at := 0; at < len(m); {
		if isDelimiter(m[at]) {
			at++
			continue
		}
		end := wordEnd(m, at)
		if strings.ContainsAny(m[at:end], "0123456789") && !b.slot(slotWord, at, end) {
			return nil
		}
		at = end
	}
	return b.done()
}

func wordEnd(m string, from int) int {
	for i := from; i < len(m); i++ {
		if isDelimiter(m[i]) {
			return i
		}
	}
	return len(m)
}

// delimiters stand between words. Points, colons, slashes and hyphens do not: they are inside of times, addresses, paths
// and identifiers.
var delimiters = [256]bool{' ': true, '\t': true, '\n': true, '\r': true, ',': true, ';': true, '(': true, ')': true, '[': true,
	']': true, '{': true, '}': true, '"': true, '\'': true, '<': true, '>': true, '=': true, '|': true}

func isDelimiter(c byte) bool { return delimiters[c] }
