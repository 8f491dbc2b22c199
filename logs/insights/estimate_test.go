package insights

import (
	"fmt"
	"testing"
)

// TestEstimate checks what estimate says of blocks of which filters exclude some.
func TestEstimate(t *testing.T) {
	t.Parallel()
	d := newMemData(t, 100, numberedEvents(1000, func(i int) string { return fmt.Sprintf(`{"block":"b%d","n":%d}`, i/100, i%900+100) }))
	for query, want := range map[string]int{
		"estimate": 1000 * 22,
		"fields n | filter @message like /b/ | estimate":       1000 * 22,
		`filter block = "b3" | stats count(*) by n | estimate`: 100 * 22,
		`filter block = "none" | estimate`:                     0,
	} {
		r := ask(t, d, query)
		if got := r.show(); got != fmt.Sprintf("estimatedBytes=%d\n", want) || r.Statistics != (Statistics{LogGroups: 2}) {
			t.Errorf("%s: %s%+v, want %d", query, got, r.Statistics, want)
		}
	}
}
