package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The messages are those of the Java validator that API Gateway uses, as its access logs show them.

// fail notes why a document is not valid, unless the schema is only tried. It returns false.
func (w *walk) fail(format string, args ...any) bool {
	if w.silent == 0 && len(w.messages) < maxMessages {
		w.messages = append(w.messages, fmt.Sprintf(format, args...))
	}
	return false
}

func (w *walk) failType(s *jsonschema.Schema, v any) bool {
	if w.silent > 0 {
		return false
	}
	allowed := s.Types.ToStrings()
	if slices.Contains(allowed, "number") && !slices.Contains(allowed, "integer") {
		allowed = append(allowed, "integer")
	}
	slices.Sort(allowed)
	return w.fail("instance type (%s) does not match any allowed primitive type (allowed: %s)", typeName(v), list(allowed))
}

func (w *walk) failEnum(s *jsonschema.Schema, v any) bool {
	if w.silent > 0 {
		return false
	}
	return w.fail("instance value (%s) not found in enum (possible values: %s)", brief(toJSON(v)), brief(toJSON(s.Enum.Values)))
}

// formatMessages are those of the formats that AWS checks; others are only descriptions.
var formatMessages = map[string]string{
	"date-time": "string %s is invalid against requested date format(s) " +
		"[yyyy-MM-dd'T'HH:mm:ssZ, yyyy-MM-dd'T'HH:mm:ss.[0-9]{1,12}Z]",
	"email":    "string %s is not a valid email address",
	"hostname": "string %s is not a valid hostname",
	"ipv4":     "string %s is not a valid IPv4 address",
	"ipv6":     "string %s is not a valid IPv6 address",
	"regex":    "string %s is not a valid ECMA 262 regular expression",
	"uri":      "string %s is not a valid URI",
	"uuid":     "input string %s is not a valid UUID",
}

func (w *walk) checkFormat(name string, validate func(any) error, text string) bool {
	message, ok := formatMessages[name]
	if !ok {
		return true
	}
	var err error
	switch name {
	case "uri": // may be relative
		_, err = url.Parse(text)
	case "regex":
		_, err = regexp.Compile(text)
	default:
		err = validate(text)
	}
	return err == nil || w.fail(message, quote(text))
}

// list is names as a JSON array.
func list(names []string) string { return brief(toJSON(names)) }

// quote is a text in quotation marks.
func quote(s string) string { return `"` + brief(s) + `"` }

func toJSON(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // what was decoded encodes
	return strings.TrimSuffix(b.String(), "\n")
}

// maxBrief is how much of a value a message shows.
const maxBrief = 256

func brief(s string) string {
	if len(s) <= maxBrief {
		return s
	}
	cut := maxBrief
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "..."
}

// decimal is a number of a schema in digits.
func decimal(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	if digits, exact := r.FloatPrec(); exact {
		return r.FloatString(digits)
	}
	return r.RatString() // cannot come from JSON
}
