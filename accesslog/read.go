package accesslog

import (
	"encoding/json"
	"regexp"
	"strings"
)

// Read takes a rendered line apart by the format that it was rendered with, and returns the values by the names of their
// variables, such as "identity.sourceIp"; "-", which stands for no value, is left out. It is for people who look at one
// entry: where neither literal text nor quotation separates two values, where one ends is a guess. ok is false if the line
// cannot be one of the format.
func Read(format, line string) (values map[string]string, ok bool) {
	tokens := tokenize(strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ").Replace(strings.TrimRight(format, "\r\n")))
	var pattern strings.Builder
	pattern.WriteString(`(?s)^`)
	for _, t := range tokens {
		if t.name == "" {
			pattern.WriteString(regexp.QuoteMeta(t.literal))
		} else {
			pattern.WriteString(`(.*?)`)
		}
	}
	re, err := regexp.Compile(pattern.String() + `$`)
	if err != nil { // a format beyond what a pattern may be
		return nil, false
	}
	found := re.FindStringSubmatch(line)
	if found == nil {
		return nil, false
	}
	isJSON := detectKind(tokens) == JSON
	values = map[string]string{}
	group := 0
	for _, t := range tokens {
		if t.name == "" {
			continue
		}
		group++
		if found[group] != "-" {
			values[t.name] = unescapeValue(found[group], isJSON)
		}
	}
	return values, true
}

// unescapeValue undoes what keeps a value within its field of a JSON line.
func unescapeValue(s string, isJSON bool) string {
	var text string
	if isJSON && json.Unmarshal([]byte(`"`+s+`"`), &text) == nil {
		return text
	}
	return s
}
