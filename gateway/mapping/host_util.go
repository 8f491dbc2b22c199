package mapping

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf16"
)

// utilObject is $util.
type utilObject struct{}

func (utilObject) property(*run, string) any { return nil }
func (utilObject) print(*run)                {}

func (utilObject) invoke(r *run, name string, args []any) any {
	if len(args) != 1 || args[0] == nil {
		return nil
	}
	s := r.text(args[0])
	if !r.spend(len(s)) || !r.look(len(s)) {
		return nil
	}
	switch name {
	case "escapeJavaScript":
		return escapeJavaScript(s)
	case "parseJson":
		v, err := parseJSON(s)
		if err != nil {
			r.fail("$util.parseJson: %w", err)
		}
		return v
	case "urlEncode":
		return urlEncode(s)
	case "urlDecode":
		out, err := url.QueryUnescape(s)
		if err != nil {
			r.fail("$util.urlDecode: %w", err)
		}
		return out
	case "base64Encode":
		return base64.StdEncoding.EncodeToString([]byte(s))
	case "base64Decode":
		out, err := decodeBase64(s)
		if err != nil {
			r.fail("$util.base64Decode: %w", err)
		}
		return out
	}
	return nil
}

func decodeBase64(s string) (string, error) {
	s = strings.TrimRight(strings.NewReplacer("\r", "", "\n", "", "-", "+", "_", "/").Replace(s), "=")
	out, err := base64.RawStdEncoding.DecodeString(s)
	return string(out), err
}

// escapeJavaScript escapes as Apache Commons Lang does: also ' and /, and everything beyond ASCII.
func escapeJavaScript(s string) string {
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] >= ' ' && s[i] < 0x7f && s[i] != '"' && s[i] != '\'' && s[i] != '\\' && s[i] != '/'
	}
	if plain {
		return s
	}
	b := make([]byte, 0, len(s)+len(s)/4)
	for _, c := range s {
		switch {
		case c == '\'' || c == '/':
			b = append(b, '\\', byte(c))
		case c < ' ' || c == '"' || c == '\\':
			b = appendEscape(b, byte(c))
		case c < 0x7f:
			b = append(b, byte(c))
		case c > 0xffff:
			high, low := utf16.EncodeRune(c)
			b = appendUnit(appendUnit(b, high), low)
		default:
			b = appendUnit(b, c)
		}
	}
	return string(b)
}

func appendUnit(b []byte, c rune) []byte {
	hex := strings.ToUpper(strconv.FormatInt(int64(c), 16))
	return append(append(b, `\u0000`[:6-len(hex)]...), hex...)
}

// urlEncode encodes as forms do, in Java's manner: all but letters, digits and . - * _
func urlEncode(s string) string {
	return strings.NewReplacer("~", "%7E", "%2A", "*").Replace(url.QueryEscape(s))
}

func parseStatus(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil
}
