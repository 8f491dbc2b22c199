package embedded_test

import (
	"slices"
	"testing"

	"github.com/tollbook/tollbook/logs"
	"github.com/tollbook/tollbook/logs/embedded"
	"github.com/tollbook/tollbook/logs/filterpattern"
)

// TestHeadFilterKnowsEscapes asks for values that messages in memory write in other ways.
func TestHeadFilterKnowsEscapes(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), embedded.Options{Logger: quiet()})
	defer s.Close()
	messages := []string{
		`{"a":"plain"}`, `{"a":"pl\u0061in"}`, `{"a":"x/y"}`, `{"a":"x\/y"}`, `{"a":"say \"hi\""}`, `{"a":"say \u0022hi\u0022"}`, `{"b":"plain"}`,
	}
	for i, m := range messages { // a record each
		batch := logs.Batch{Group: 1, Stream: 1, Events: []logs.NewEvent{{Timestamp: logs.Millis(i), Message: m}}}
		if _, err := s.Append(ctx, []logs.Batch{batch}); err != nil {
			t.Fatal(err)
		}
	}
	for pattern, want := range map[string][]int{
		`{ $.a = "plain" }`: {0, 1}, `{ $.a = "x/y" }`: {2, 3}, `{ $.a = "say \"hi\"" }`: {4, 5}, `{ $.a = "other" }`: nil,
	} {
		p, err := filterpattern.Parse(pattern)
		if err != nil {
			t.Fatal(err)
		}
		q := whole(1)
		q.Filter = &logs.Filter{Match: p.Match, Implied: p.Condition()}
		var got []int
		for e, err := range s.Scan(ctx, q) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, int(e.Timestamp))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: messages %v, want %v", pattern, got, want)
		}
	}
}
