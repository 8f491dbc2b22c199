package logs

import (
	"testing"

	"github.com/tollbook/tollbook/logs/insights"
	"github.com/tollbook/tollbook/logs/insights/value"
)

// TestResultsOfOneMoment checks that a page of rows so far does not say Complete when its query ends before it is sent.
func TestResultsOfOneMoment(t *testing.T) {
	t.Parallel()
	q := &query{status: queryRunning, result: insights.Result{Columns: []string{"a"}, Rows: [][]value.Value{{value.OfText("x")}}}}
	page := q.page(0, 10)
	q.finish(insights.Result{}, nil, 0)
	if *page.Status != queryRunning || len(page.Results) != 1 {
		t.Errorf("%d rows of a query that is %s", len(page.Results), *page.Status)
	}
}
