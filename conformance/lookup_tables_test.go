package conformance_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/google/go-cmp/cmp"
)

// TestLookupTables makes tables, asks queries with them, and updates and deletes them.
func TestLookupTables(t *testing.T) {
	t.Parallel()
	ctx, logs := logGroup(t, "flows")
	group, stream := aws.String("flows"), aws.String("s")
	must(logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream}))(t)
	var events []types.InputLogEvent
	for _, line := range []string{
		"2 123456789010 eni-1 10.0.0.1 10.1.0.2 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK",
		"2 123456789010 eni-1 10.0.0.9 10.2.0.2 20641 23 6 20 4249 1418530010 1418530070 REJECT OK",
	} {
		events = append(events, types.InputLogEvent{Timestamp: aws.Int64(time.Now().UnixMilli()), Message: &line})
	}
	must(logs.PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: stream, LogEvents: events}))(t)

	create := func(name, body string) *string {
		return must(logs.CreateLookupTable(ctx, &cloudwatchlogs.CreateLookupTableInput{LookupTableName: &name, TableBody: &body}))(t).LookupTableArn
	}
	arn := create("hosts", "ip_address,hostname\n10.0.0.1,ann\n10.0.0.2,bob\n")
	create("networks", "cidr,owner\n10.0.0.0/8,all\n10.1.0.0/16,some\n")
	if *arn != "arn:aws:logs:us-east-1:000000000000:lookup-table:hosts" {
		t.Errorf("ARN %s", *arn)
	}
	ask := func(query string, want ...string) {
		t.Helper()
		rows, end := askInsights(t, logs, cloudwatchlogs.StartQueryInput{LogGroupName: group, QueryString: &query})
		if diff := cmp.Diff(want, rows); diff != "" || end.Status != types.QueryStatusComplete {
			t.Errorf("%s: %s %s", query, end.Status, diff)
		}
	}
	const byHost = "lookup hosts ip_address as srcAddr OUTPUT hostname | stats sum(bytes) as b by hostname | sort hostname desc"
	ask(byHost, "hostname=ann b=4249", "b=4249")
	ask("cidrlookup networks dstAddr as cidr OUTPUT owner | filter action = 'REJECT' | display owner", "owner=all")

	got := must(logs.GetLookupTable(ctx, &cloudwatchlogs.GetLookupTableInput{LookupTableArn: arn}))(t)
	if !strings.HasPrefix(*got.TableBody, "ip_address,hostname\n") || *got.SizeBytes != int64(len(*got.TableBody)) {
		t.Errorf("table %q of %d bytes", *got.TableBody, *got.SizeBytes)
	}
	must(logs.UpdateLookupTable(ctx, &cloudwatchlogs.UpdateLookupTableInput{LookupTableArn: arn, TableBody: aws.String("ip_address,hostname\n10.0.0.9,eve")}))(t)
	ask(byHost, "hostname=eve b=4249", "b=4249")
	tables := must(logs.DescribeLookupTables(ctx, &cloudwatchlogs.DescribeLookupTablesInput{LookupTableNamePrefix: aws.String("ho")}))(t).LookupTables
	if len(tables) != 1 || *tables[0].RecordsCount != 1 || !cmp.Equal(tables[0].TableFields, []string{"ip_address", "hostname"}) {
		t.Errorf("tables %+v", tables)
	}

	must(logs.DeleteLookupTable(ctx, &cloudwatchlogs.DeleteLookupTableInput{LookupTableArn: arn}))(t)
	in := cloudwatchlogs.StartQueryInput{LogGroupName: group, StartTime: aws.Int64(0), EndTime: aws.Int64(1), QueryString: aws.String(byHost)}
	_, err := logs.StartQuery(ctx, &in)
	refused(t, err, "MalformedQueryException", "lookup table hosts does not exist")
	_, err = logs.CreateLookupTable(ctx, &cloudwatchlogs.CreateLookupTableInput{LookupTableName: aws.String("a-b"), TableBody: aws.String("a")})
	refused(t, err, "InvalidParameterException", "[a-zA-Z0-9_]+")
}

// TestLookupTablesFromPython does it with boto3, with a table near the limit of 10 MB.
func TestLookupTablesFromPython(t *testing.T) {
	t.Parallel()
	if _, err := run(t, nil, "python3", "-c", "import boto3; boto3.client('logs', region_name='us-east-1').create_lookup_table"); err != nil {
		t.Skip("boto3 is not installed, or does not know lookup tables")
	}
	p := start(t, t.TempDir())
	out, err := run(t, p.env(t), "python3", "testdata/lookup_tables.py")
	if err != nil || !strings.Contains(out, "PASS") {
		t.Fatalf("%v\n%s", err, out)
	}
}
