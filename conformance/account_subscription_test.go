package conformance_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// TestAccountSubscription delivers from the log groups of the account that a policy selects, later ones too, and goes on
// after the process was killed.
func TestAccountSubscription(t *testing.T) {
	t.Parallel()
	messages := make(chan string, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		for _, m := range payloadMessages(t, r.Body) {
			messages <- m
		}
	}))
	defer receiver.Close()
	dir := t.TempDir()
	p := start(t, dir)
	put := func(group, message string) {
		t.Helper()
		in := &cloudwatchlogs.PutLogEventsInput{LogGroupName: &group, LogStreamName: aws.String("s"), LogEvents: []types.InputLogEvent{
			{Timestamp: aws.Int64(time.Now().UnixMilli()), Message: &message},
		}}
		must(p.logs().PutLogEvents(t.Context(), in))(t)
	}
	create := func(group string) {
		t.Helper()
		must(p.logs().CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &group}))(t)
		must(p.logs().CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &group, LogStreamName: aws.String("s")}))(t)
	}
	await := func(want string) {
		t.Helper()
		for {
			select {
			case got := <-messages:
				if got == want {
					return
				} else if got == "left out" {
					t.Errorf("%s was delivered", got)
				}
			case <-time.After(20 * time.Second):
				t.Fatalf("%s is not delivered", want)
			}
		}
	}
	create("early")
	create("loop")
	must(p.logs().PutAccountPolicy(t.Context(), &cloudwatchlogs.PutAccountPolicyInput{
		PolicyName: aws.String("all"), PolicyType: types.PolicyTypeSubscriptionFilterPolicy, Scope: types.ScopeAll,
		PolicyDocument:    aws.String(`{"DestinationArn":"` + receiver.URL + `","FilterPattern":""}`),
		SelectionCriteria: aws.String(`LogGroupName NOT IN ["loop"]`),
	}))(t)
	await("CWL CONTROL MESSAGE: Checking health of destination HTTP.")
	put("loop", "left out")
	put("early", "first")
	await("first")
	create("late")
	put("late", "second")
	await("second")
	put("early", "third")
	p.Kill()
	p = start(t, dir)
	await("third")
	put("late", "fourth")
	await("fourth")
}
