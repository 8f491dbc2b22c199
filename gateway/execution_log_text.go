package gateway

import (
	"bytes"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tollbook/tollbook/accesslog"
)

// javaMap is pairs as the execution log prints them: {k=v, k2=v2}.
func javaMap(pairs iter.Seq2[string, string]) string { return appendJavaMap(pairs, false) }

// javaHeaders is javaMap for headers: of Authorization and API keys only the last six characters are shown.
func javaHeaders(pairs iter.Seq2[string, string]) string { return appendJavaMap(pairs, true) }

func appendJavaMap(pairs iter.Seq2[string, string], mask bool) string {
	b := append(make([]byte, 0, 256), '{')
	for name, value := range pairs {
		if len(b) > 1 {
			b = append(b, ", "...)
		}
		if mask && isSecretHeader(name) {
			value = accesslog.Mask(value)
		}
		b = append(b, name...)
		b = append(b, '=')
		b = append(b, value...)
	}
	return string(append(b, '}'))
}

func isSecretHeader(name string) bool {
	return strings.EqualFold(name, "Authorization") || strings.EqualFold(name, "x-api-key")
}

// sortedPairs yields a map by its keys.
func sortedPairs(m map[string]string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}

// namedPairs yields headers.
func namedPairs(pairs []pair) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, p := range pairs {
			if !yield(p.name, p.value) {
				return
			}
		}
	}
}

// responsePairs yields the headers of a response.
func responsePairs(h *fields) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for name, value := range h.all() {
			if !yield(str(name), str(value)) {
				return
			}
		}
	}
}

// headPairs yields the headers in the head of a request as it is sent, after its first line and the Host that comes next
// unless a mapping sets it: AWS does not show where a request really goes.
func headPairs(head []byte) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		_, rest, _ := bytes.Cut(head, []byte("\r\n"))
		if after, ok := bytes.CutPrefix(rest, []byte("Host: ")); ok {
			_, rest, _ = bytes.Cut(after, []byte("\r\n"))
		}
		for {
			line, after, ok := bytes.Cut(rest, []byte("\r\n"))
			name, value, isHeader := bytes.Cut(line, []byte(": "))
			if !ok || !isHeader || !yield(str(name), str(value)) {
				return
			}
			rest = after
		}
	}
}

// queryPairs yields the decoded parameters of a query string.
func queryPairs(query []byte) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for pair := range splitQuery(str(query)) {
			key, value, _ := strings.Cut(pair, "=")
			if !yield(unescapeQuery(key), unescapeQuery(value)) {
				return
			}
		}
	}
}

// cutAt is the last place at or before n where a character begins.
func cutAt(text []byte, n int) int {
	for end := n; end > n-utf8.UTFMax; end-- {
		if utf8.RuneStart(text[end]) {
			return end
		}
	}
	return n
}
