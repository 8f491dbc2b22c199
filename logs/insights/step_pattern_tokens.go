package insights

// A text is cut into words and what stands between them. Words whose form says that they change from text to text are
// dynamic: their kind stands for them.

// tokenKind says what a word is. Those behind static are dynamic.
type tokenKind uint8

const (
	static tokenKind = iota
	tokenOther
	tokenNumber
	tokenTime
	tokenUUID
	tokenIP
)

// name is what a pattern calls a dynamic word. IPAddress is documented (PatternToken of CloudWatch Logs' API), Token and
// the numbers behind names as well.
func (k tokenKind) name() string {
	switch k {
	case tokenNumber:
		return "Number"
	case tokenTime:
		return "Time"
	case tokenUUID:
		return "UUID"
	case tokenIP:
		return "IPAddress"
	}
	return "Token"
}

// word is a part of a text: text[start:end].
type word struct {
	start, end int
	kind       tokenKind
}

// maxWords bounds the words of a text; what is behind is one dynamic word.
const maxWords = 1000

// appendWords appends the words of a text.
func appendWords(words []word, text string) []word {
	for i := 0; i < len(text); {
		if !isWordByte(text[i]) {
			i++
			continue
		}
		if len(words) == maxWords {
			return append(words, word{i, len(text), tokenOther})
		}
		w := nextWord(text, i)
		words = append(words, w)
		i = w.end
	}
	return words
}

// nextWord returns the word that starts at i, which is one of isWordByte's.
func nextWord(text string, i int) word {
	if isHex(text[i]) {
		if n := uuidLen(text[i:]); n > 0 {
			return word{i, i + n, tokenUUID}
		}
	}
	if isDigit(text[i]) {
		if n := timeLen(text[i:]); n > 0 {
			return word{i, i + n, tokenTime}
		}
	}
	if isHex(text[i]) {
		if n := ipLen(text[i:]); n > 0 {
			return word{i, i + n, tokenIP}
		}
	}
	return plainWord(text, i)
}

// plainWord returns a word that is no UUID, time or address: a number, other text with a digit in it, or just text.
func plainWord(text string, i int) word {
	end := i
	digits := false
	for end < len(text) && isWordByte(text[end]) {
		digits = digits || isDigit(text[end])
		end++
	}
	for end > i+1 && (text[end-1] == '.' || text[end-1] == '-') {
		end--
	}
	if !digits {
		return word{i, end, static}
	}
	n := numberLen(text[i:end])
	if n == 0 || end-i-n > 2 || !isLetters(text[i+n:end]) {
		return word{i, end, tokenOther}
	}
	return word{i, i + n, tokenNumber} // perhaps with a unit behind: 12ms
}

// numberLen returns how much of s is a decimal number from its start.
func numberLen(s string) int {
	n := 0
	if s[0] == '-' {
		n++
	}
	digits := countDigits(s[n:])
	if digits == 0 {
		return 0
	}
	n += digits
	if n < len(s) && s[n] == '.' {
		if digits := countDigits(s[n+1:]); digits > 0 {
			n += 1 + digits
		}
	}
	return n
}

// uuidLen returns the length of the UUID at the start of s, or 0.
func uuidLen(s string) int {
	const form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
	if len(s) < len(form) || len(s) > len(form) && isAlnum(s[len(form)]) {
		return 0
	}
	for i := range len(form) {
		if form[i] == '-' && s[i] != '-' || form[i] == 'x' && !isHex(s[i]) {
			return 0
		}
	}
	return len(form)
}

// timeForms are how dates and times of day are written; 0 stands for a digit, a for a letter. Longer ones come first.
var timeForms = [...]string{
	"0000-00-00T00:00:00", "0000-00-00 00:00:00", "0000/00/00 00:00:00", "00/aaa/0000:00:00:00", "0000-00-00", "00:00:00",
}

// timeLen returns the length of the date or time at the start of s with its fraction and zone, or 0.
func timeLen(s string) int {
	for _, form := range timeForms {
		if hasForm(s, form) {
			n := len(form)
			if form != "0000-00-00" {
				n += fractionLen(s[n:])
				n += zoneLen(s[n:])
			}
			if n < len(s) && isAlnum(s[n]) {
				return 0
			}
			return n
		}
	}
	return 0
}

func hasForm(s, form string) bool {
	if len(s) < len(form) {
		return false
	}
	for i := range len(form) {
		switch form[i] {
		case '0':
			if !isDigit(s[i]) {
				return false
			}
		case 'a':
			if !isLetters(s[i : i+1]) {
				return false
			}
		default:
			if s[i] != form[i] {
				return false
			}
		}
	}
	return true
}

func fractionLen(s string) int {
	if s == "" || s[0] != '.' && s[0] != ',' {
		return 0
	}
	if digits := countDigits(s[1:]); digits > 0 {
		return 1 + digits
	}
	return 0
}

func zoneLen(s string) int {
	switch {
	case s != "" && s[0] == 'Z':
		return 1
	case hasForm(s, "+00:00"), hasForm(s, "-00:00"):
		return len("+00:00")
	case hasForm(s, "+0000"), hasForm(s, "-0000"):
		return len("+0000")
	case hasForm(s, " +0000"), hasForm(s, " -0000"):
		return len(" +0000")
	}
	return 0
}

// ipLen returns the length of the IP address at the start of s, or 0. Of version 6 it takes what has two colons and
// more, and nothing but digits of base 16 around them.
func ipLen(s string) int {
	if n := ipv4Len(s); n > 0 {
		return n
	}
	n, colons := 0, 0
	for n < len(s) && n < 40 && (isHex(s[n]) || s[n] == ':') {
		if s[n] == ':' {
			colons++
		}
		n++
	}
	if colons < 2 || colons > 7 || n < len(s) && isAlnum(s[n]) || s[n-1] == ':' && s[n-2] != ':' {
		return 0
	}
	return n
}

func ipv4Len(s string) int {
	n := 0
	for part := range 4 {
		if part > 0 {
			if n == len(s) || s[n] != '.' {
				return 0
			}
			n++
		}
		digits := countDigits(s[n:])
		if digits == 0 || digits > 3 {
			return 0
		}
		n += digits
	}
	if n < len(s) && isAlnum(s[n]) {
		return 0
	}
	return n
}

func countDigits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

func isLetters(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isHex(c byte) bool   { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }
func isAlnum(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' || c >= 0x80 }

// isWordByte reports whether c is of a word: letters and digits of all scripts, and what ties parts of a name.
func isWordByte(c byte) bool { return isAlnum(c) || c == '_' || c == '-' || c == '.' }
