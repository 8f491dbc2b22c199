package insights

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/tollbook/tollbook/logs/insights/value"
)

// TestParseWithinValue compares what globs capture that lie within values, or over their ends, with what they capture in
// each message.
func TestParseWithinValue(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewSource(1))
	words := []string{"ip", "10.", "1.2.3.4", "a=b", "=", "10.1", "x", "ip=10", "255.255.255.255", "é"}
	word := func() string { return words[random.Intn(len(words))] }
	shapes := map[string]func(i int) string{
		"addresses": func(i int) string {
			return fmt.Sprintf(`{"ip":"10.%d.0.%d","n":%d}`, i%3, random.Intn(200), random.Intn(1<<40))
		},
		"mixed":  func(i int) string { return fmt.Sprintf(`{"ip":"%s","at":"%s%s","n":%d}`, word(), word(), word(), i) },
		"text":   func(i int) string { return fmt.Sprintf("%s %s=%s %d", word(), word(), word(), i) },
		"unique": func(i int) string { return fmt.Sprintf(`{"id":"%x-%s","n":%d}`, random.Int63(), word(), i%7) },
	}
	globs := []string{
		`"ip":"10.*.*.*"`, `"ip":"10.*.*.*`, `*10.*.*"`, `10.*.*`, `10.*"`, `=*"`, `ip*:"*.*,`, `"n":*}`, `1*0*,`, `*a=*"`, ` *=*1`, `x*x*x`, `"id":"*-*","n"`, `é*"`,
	}
	for name, message := range shapes {
		d := newMemData(t, 500, numberedEvents(1500, message))
		for _, pattern := range globs {
			g := newGlob(pattern)
			names := "a, b, c"[:3*g.stars()-2]
			query := fmt.Sprintf("parse @message '%s' as %s | stats count(*) by @message, %s", pattern, names, names)
			r, err := mustCompile(t, query, Options{Within: wholeTime}).Run(t.Context(), d, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			captures := make([]string, g.stars())
			for _, row := range r.Rows {
				matched := g.match(row[0].Text(), captures)
				for i, text := range captures {
					if got := row[1+i]; matched && (got.Kind() != value.Text || got.Text() != text) || !matched && !got.IsNull() {
						t.Fatalf("%s: %s in %s: %q instead of %q (%v)", name, pattern, row[0].Text(), got.Text(), text, matched)
					}
				}
			}
		}
	}
}
