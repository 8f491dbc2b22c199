package accesslog

import "strings"

// Kind is the sort of text that a format's entries are. It decides how values are escaped.
type Kind uint8

// The kinds of formats.
const (
	Text Kind = iota // anything else, such as the common log format
	JSON             // begins with {
	XML              // begins with <
	CSV              // has commas between at least half of its variables
)

func (k Kind) String() string { return [...]string{"text", "json", "xml", "csv"}[k] }

// A place is where in an entry a value stands.
type place uint8

const (
	placeText       place = iota
	placeJSONString       // inside a JSON string
	placeJSONBare         // where JSON wants a value
	placeXML
	placeCSVField  // the whole field
	placeCSVQuoted // within quotation marks that the format has
	placeCSVPiece  // a part of a field, which is quoted as a whole later
)

func detectKind(tokens []token) Kind {
	first := strings.TrimLeft(tokens[0].literal, " \t")
	switch {
	case strings.HasPrefix(first, "{"):
		return JSON
	case strings.HasPrefix(first, "<"):
		return XML
	case commas(tokens):
		return CSV
	}
	return Text
}

// commas reports whether at least half of the gaps between variables hold a comma.
func commas(tokens []token) bool {
	gaps, with := 0, 0
	for i := 1; i < len(tokens)-1; i++ {
		if tokens[i].name != "" {
			continue
		}
		gaps++
		if strings.Contains(tokens[i].literal, ",") {
			with++
		}
	}
	return gaps > 0 && 2*with >= gaps
}

func compileParts(kind Kind, tokens []token) []part {
	switch kind {
	case JSON:
		return jsonParts(tokens)
	case CSV:
		return csvParts(tokens)
	case XML:
		return plainParts(placeXML, tokens)
	default:
		return plainParts(placeText, tokens)
	}
}

// parts collects the parts of a format.
type parts []part

func (ps *parts) literal(s string) {
	if n := len(*ps); n > 0 && (*ps)[n-1].value == nil && !(*ps)[n-1].open {
		(*ps)[n-1].literal += s
		return
	}
	*ps = append(*ps, part{literal: s})
}

func (ps *parts) value(name string, at place) {
	n := len(*ps)
	if n == 0 || (*ps)[n-1].value != nil || (*ps)[n-1].open {
		*ps = append(*ps, part{})
		n++
	}
	p := &(*ps)[n-1]
	p.value, p.place, p.clock = lookup(name), at, name == requestTime
}

func plainParts(at place, tokens []token) []part {
	var ps parts
	for _, t := range tokens {
		if t.name == "" {
			ps.literal(t.literal)
		} else {
			ps.value(t.name, at)
		}
	}
	return ps
}

// jsonParts follows the format's own quotation marks to know whether a variable stands inside a string. A backslash
// that would fall onto a value's first character is doubled, so that it cannot undo that character's escaping.
func jsonParts(tokens []token) []part {
	var ps parts
	inString, escaped := false, false
	for _, t := range tokens {
		if t.name != "" {
			if escaped {
				ps.literal(`\`)
			}
			escaped = false
			ps.value(t.name, jsonPlace(inString))
			continue
		}
		inString, escaped = scanJSON(t.literal, inString, escaped)
		ps.literal(t.literal)
	}
	return ps
}

func jsonPlace(inString bool) place {
	if inString {
		return placeJSONString
	}
	return placeJSONBare
}

func scanJSON(s string, inString, escaped bool) (bool, bool) {
	for i := range len(s) {
		switch {
		case escaped:
			escaped = false
		case s[i] == '\\':
			escaped = inString
		case s[i] == '"':
			inString = !inString
		}
	}
	return inString, escaped
}

// csvParts splits the format into fields and treats each by what it is made of.
func csvParts(tokens []token) []part {
	var ps parts
	for i, field := range csvFields(tokens) {
		if i > 0 {
			ps.literal(",")
		}
		appendCSVParts(&ps, field)
	}
	return ps
}

// csvFields cuts tokens at the commas that stand outside the format's own quotation marks.
func csvFields(tokens []token) [][]token {
	fields := [][]token{nil}
	quoted := false
	add := func(t token) {
		if t != (token{}) {
			fields[len(fields)-1] = append(fields[len(fields)-1], t)
		}
	}
	for _, t := range tokens {
		if t.name != "" {
			add(t)
			continue
		}
		start := 0
		for i := range len(t.literal) {
			switch {
			case t.literal[i] == '"':
				quoted = !quoted
			case t.literal[i] == ',' && !quoted:
				add(token{literal: t.literal[start:i]})
				fields = append(fields, nil)
				start = i + 1
			}
		}
		add(token{literal: t.literal[start:]})
	}
	return fields
}

func appendCSVParts(ps *parts, field []token) {
	switch {
	case len(field) == 1 && field[0].name == "":
		ps.literal(field[0].literal)
	case len(field) == 1:
		ps.value(field[0].name, placeCSVField)
	case len(field) > 1 && isQuoted(field):
		addAll(ps, field, placeCSVQuoted)
	case len(field) > 1:
		*ps = append(*ps, part{open: true})
		addAll(ps, field, placeCSVPiece)
		*ps = append(*ps, part{close: true})
	}
}

// isQuoted reports whether the format's own quotation marks enclose the field.
func isQuoted(field []token) bool {
	return strings.HasPrefix(field[0].literal, `"`) && strings.HasSuffix(field[len(field)-1].literal, `"`)
}

func addAll(ps *parts, field []token, at place) {
	for _, t := range field {
		if t.name == "" {
			ps.literal(t.literal)
		} else {
			ps.value(t.name, at)
		}
	}
}
