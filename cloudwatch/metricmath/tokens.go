package metricmath

import (
	"slices"
	"strings"
)

func (a allOf) matches(m *Metric) bool {
	return !slices.ContainsFunc(a, func(t term) bool { return !t.matches(m) })
}

func (a anyOf) matches(m *Metric) bool {
	return slices.ContainsFunc(a, func(t term) bool { return t.matches(m) })
}

func (n not) matches(m *Metric) bool { return !n.term.matches(m) }

func (s match) matches(m *Metric) bool {
	switch s.property {
	case "Namespace":
		return s.in(m.Namespace)
	case "MetricName":
		return s.in(m.Name)
	case "":
		return s.in(m.Namespace) || s.in(m.Name) || slices.ContainsFunc(m.Dimensions, func(d Dimension) bool {
			return s.in(d.Name) || s.in(d.Value)
		})
	}
	return slices.ContainsFunc(m.Dimensions, func(d Dimension) bool { return d.Name == s.property && s.in(d.Value) })
}

// in finds the text in a property: as the whole of it if it was quoted, else as a run of its tokens. One token matches
// whatever its case; several must have the case that makes them several.
func (s match) in(property string) bool {
	if s.exact {
		return property == s.text
	}
	if strings.EqualFold(alphanumeric(s.text), alphanumeric(property)) {
		return true // the whole name, without what is no letter or digit, is a token too
	}
	want, have := tokens(s.text), tokens(property)
	for len(want) > 0 && len(have) >= len(want) {
		if slices.Equal(have[:len(want)], want) {
			return true
		}
		have = have[1:]
	}
	return false
}

func alphanumeric(s string) string {
	return strings.Map(func(r rune) rune {
		if class(r) == other {
			return -1
		}
		return r
	}, s)
}

type runeClass uint8

const (
	other runeClass = iota
	lower
	upper
	digit
)

func class(r rune) runeClass {
	switch {
	case r >= '0' && r <= '9':
		return digit
	case r >= 'A' && r <= 'Z':
		return upper
	case r >= 'a' && r <= 'z' || r > 127:
		return lower
	}
	return other
}

// tokens splits a name where AWS does: at what is no letter or digit, before digits and behind them, and before a capital
// that begins a word: SDBFailure has sdb and failure.
func tokens(name string) (all []string) {
	runes := []rune(name)
	start := 0
	flush := func(end int) {
		if end > start {
			all = append(all, strings.ToLower(string(runes[start:end])))
		}
		start = end
	}
	for i, r := range runes {
		c := class(r)
		if c == other {
			flush(i)
			start = i + 1
			continue
		}
		if i == start {
			continue
		}
		before := class(runes[i-1])
		switch {
		case (c == digit) != (before == digit), c == upper && before == lower:
			flush(i)
		case c == lower && before == upper:
			flush(i - 1) // the capital begins this word
		}
	}
	flush(len(runes))
	return all
}
