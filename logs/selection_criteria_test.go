package logs_test

import (
	"strings"
	"testing"

	"github.com/tollbook/tollbook/logs"
)

func TestSelectionCriteria(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{`a = "x"`, `a false false ["x"]`},
		{`a!="x"`, `a true false ["x"]`},
		{`a IN ["x","y"]`, `a false true ["x" "y"]`},
		{` a NOT IN [ ] `, `a true true []`},
		{`a = "say \"x\" \\ \n"`, `a false false ["say \"x\" \\ \\n"]`},
		{`a = "x" AND b = "y" OR b = "z"`, `OR (AND (a false false ["x"]) (b false false ["y"])) (b false false ["z"])`},
		{`a = "x" AND (b = "y" OR b = "z")`, `AND (a false false ["x"]) (OR (b false false ["y"]) (b false false ["z"]))`},
		{`((a = "x"))`, `a false false ["x"]`},
	}
	for _, tc := range tests {
		if got, err := logs.SelectionText(tc.text, "a", "b"); err != nil || got != tc.want {
			t.Errorf("%s: %s, %v; want %s", tc.text, got, err, tc.want)
		}
	}
}

func TestSelectionCriteriaErrors(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{`c = "x"`, "unknown field c, expected one of a, b"},
		{`a`, "an operator (=, !=, IN [, NOT IN [) is missing after a"},
		{`a IN "x"`, "an operator (=, !=, IN [, NOT IN [) is missing after a"},
		{`a =`, "a text is missing at the end"},
		{`a = x`, "a text in quotes is expected in place of x"},
		{`a = "x`, "a quote is not closed"},
		{`a IN ["x" "y"]`, "a comma or ] is missing in a list"},
		{`a IN ["x"`, "a comma or ] is missing in a list"},
		{`a = "x" AND`, "a field is missing at the end"},
		{`a = "x" b`, "unexpected b"},
		{`(a = "x"`, "a parenthesis is not closed"},
		{`a ! "x"`, "unexpected '!'"},
		{strings.Repeat("(", 100) + `a = "x"` + strings.Repeat(")", 100), "nested too deeply"},
	}
	for _, tc := range tests {
		if _, err := logs.SelectionText(tc.text, "a", "b"); err == nil || err.Error() != tc.want {
			t.Errorf("%s: %v; want %s", tc.text, err, tc.want)
		}
	}
}

func FuzzSelectionCriteria(f *testing.F) {
	for _, seed := range []string{`a = "x" AND (b NOT IN ["y", "z"] OR b != "\"")`, `a IN [`, `((`, "!=", `"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := logs.SelectionText(text, "a", "b")
		if err != nil || strings.Count(text, "(") > 15 {
			return // no criteria, or perhaps too deep for one more level
		}
		// Parentheses around the whole mean nothing.
		if again, err := logs.SelectionText("("+text+")", "a", "b"); err != nil || again != got {
			t.Errorf("%q is %s, in parentheses %s, %v", text, got, again, err)
		}
	})
}
