package logs_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
)

// TestQueriedClasses queries log groups of the classes that have less of Logs Insights, or none.
func TestQueriedClasses(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("usual")
	for name, class := range map[string]string{"rare": "INFREQUENT_ACCESS", "delivered": "DELIVERY"} {
		f.must(f.CreateLogGroup(f.ctx, &awslogs.CreateLogGroupRequest{LogGroupName: name, LogGroupClass: &class}))
	}
	for _, c := range []struct{ group, query, want string }{
		{"usual", "pattern @message", ""},
		{"rare", "fields @message | filter a = 1", ""},
		{"rare", "stats count(*) as n by a | stats max(n)", ""},
		{"rare", "stats count(*) as n by a | stats max(n) as m | stats max(m)", "more than two stats are not supported"},
		{"rare", "filter a = 1 | pattern @message", "pattern is not supported"},
		{"rare", "diff", "diff is not supported"},
		{"rare", "unmask a", "unmask is not supported"},
		{"rare", "filterIndex a = 1", "filterIndex is not supported"},
		{"delivered", "fields @message", "cannot be queried"},
	} {
		started, err := f.StartQuery(f.ctx, &awslogs.StartQueryRequest{LogGroupName: &c.group, QueryString: c.query, EndTime: 10})
		if c.want == "" {
			if err != nil {
				t.Errorf("%s of %s: %v", c.query, c.group, err)
				continue
			}
			_, err = f.GetQueryResults(f.ctx, &awslogs.GetQueryResultsRequest{QueryId: *started.QueryId})
			f.must(err)
			continue
		}
		var refused *awsapi.Error
		if !errors.As(err, &refused) || !strings.Contains(refused.Message, c.want) {
			t.Errorf("%s of %s: %v, want %s", c.query, c.group, err, c.want)
		}
	}
}
