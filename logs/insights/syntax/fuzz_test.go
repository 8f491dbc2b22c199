package syntax_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/logs/insights/syntax"
)

// FuzzParseQuery starts from every query of the scripts: no text makes the parser panic, errors have a place in the text, and
// what is accepted prints as a query that prints the same.
func FuzzParseQuery(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txt")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for block := range strings.SplitSeq(string(data), "\n\n") {
			query, _, _ := strings.Cut(withoutRemarks(block), "\n----\n")
			f.Add(query)
		}
	}
	f.Fuzz(func(t *testing.T, query string) {
		q, err := syntax.ParseQuery(query)
		if err == nil {
			checkPrinted(t, q)
			return
		}
		if bad, ok := errors.AsType[*syntax.Error](err); !ok || bad.Start < 0 || bad.End < bad.Start || bad.End > len([]rune(query)) {
			t.Fatalf("%q: error without a place: %#v", query, err)
		}
	})
}
