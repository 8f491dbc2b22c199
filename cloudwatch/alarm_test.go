package cloudwatch_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tollbook/tollbook/awsapi"
	cw "github.com/tollbook/tollbook/awsapi/awscloudwatch"
	"github.com/tollbook/tollbook/cloudwatch"
)

// The tables of "How alarm state is evaluated when data is missing" in the CloudWatch user guide, old and new, and what
// follows from its rules.
func TestJudge(t *testing.T) {
	t.Parallel()
	const ok, alarm, none, stays = "OK", "ALARM", "INSUFFICIENT_DATA", ""
	for _, c := range []struct {
		data                                     string
		toAlarm                                  int32
		missing, ignore, breaching, notBreaching string
	}{
		{"0 - X - X", 3, ok, ok, ok, ok},
		{"0 - - - -", 3, ok, ok, ok, ok},
		{"- - - - 0", 3, ok, ok, ok, ok},
		{"- - - - -", 3, none, stays, alarm, ok},
		{"0 X X - X", 3, alarm, alarm, alarm, alarm},
		{"- - - - X", 3, none, stays, alarm, ok},
		{"- - - X -", 3, none, stays, alarm, ok},
		{"- - X - -", 3, alarm, stays, alarm, ok},
		{"X - - - -", 3, alarm, stays, alarm, ok},
		{"- - - X 0", 3, ok, ok, ok, ok},
		{"- - X - 0", 3, ok, ok, ok, ok},
		{"0 0 X X X", 3, alarm, alarm, alarm, alarm},
		{"X X X 0 X", 3, ok, ok, ok, ok},
		{"0 - X - X", 2, alarm, alarm, alarm, alarm},
		{"0 0 X 0 X", 2, alarm, alarm, alarm, alarm},
		{"0 - X - -", 2, ok, ok, alarm, ok},
		{"- - - - 0", 2, ok, ok, alarm, ok},
		{"- - - - X", 2, none, stays, alarm, ok},
		{"- - - X -", 2, alarm, stays, alarm, ok},
		{"- X - - X", 2, alarm, alarm, alarm, alarm},
	} {
		for treat, want := range map[string]string{"missing": c.missing, "ignore": c.ignore, "breaching": c.breaching, "notBreaching": c.notBreaching} {
			if got := cloudwatch.Judge(c.data, treat, 3, c.toAlarm); got != want {
				t.Errorf("%s, %d of 3, %s: got %q, want %q", c.data, c.toAlarm, treat, got, want)
			}
		}
	}
}

func alarmOn(name string, edit func(*cw.PutMetricAlarmInput)) *cw.PutMetricAlarmInput {
	in := &cw.PutMetricAlarmInput{
		AlarmName: name, Namespace: new("N"), MetricName: new("m"), Statistic: new("Sum"), Period: new(int32(60)),
		EvaluationPeriods: new(int32(1)), Threshold: new(5.0), ComparisonOperator: new("GreaterThanThreshold"),
	}
	if edit != nil {
		edit(in)
	}
	return in
}

func (f *fixture) putAlarm(in *cw.PutMetricAlarmInput) {
	f.t.Helper()
	if err := f.PutMetricAlarm(f.ctx, in); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) alarm(name string) cw.MetricAlarm {
	f.t.Helper()
	out, err := f.DescribeAlarms(f.ctx, &cw.DescribeAlarmsInput{AlarmNames: []string{name}})
	if err != nil || len(out.MetricAlarms) != 1 {
		f.t.Fatalf("%v, %d alarms", err, len(out.MetricAlarms))
	}
	return out.MetricAlarms[0]
}

// at lets the clock come to some seconds behind a minute from noon, and evaluates.
func (f *fixture) at(minute float64) {
	f.set(noon.Add(time.Duration(minute*60+11) * time.Second))
	f.Evaluate(f.ctx)
}

// A timeline: data points as they come, the alarm's state and reason as it follows.
func TestAlarmTimeline(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.putAlarm(alarmOn("a", func(in *cw.PutMetricAlarmInput) {
		in.EvaluationPeriods, in.DatapointsToAlarm = new(int32(3)), new(int32(2))
	}))
	f.putAlarm(alarmOn("b", func(in *cw.PutMetricAlarmInput) {
		in.EvaluationPeriods, in.TreatMissingData, in.ComparisonOperator = new(int32(2)), new("breaching"), new("LessThanThreshold")
	}))
	f.putAlarm(alarmOn("math", func(in *cw.PutMetricAlarmInput) {
		in.MetricName, in.Namespace, in.Statistic, in.Period = nil, nil, nil, nil
		in.Metrics = []cw.MetricDataQuery{hidden(stat("m1", "m", "Sum", 60)), expr("e", "FILL(m1, 0) * 10")}
	}))
	if a := f.alarm("a"); *a.StateValue != "INSUFFICIENT_DATA" || *a.StateReason != "Unchecked: Initial alarm creation" {
		t.Errorf("new: %s %s", *a.StateValue, *a.StateReason)
	}
	type step struct {
		minute, value float64 // of the minute before; 0: none
		want          []string
	}
	for _, s := range []step{
		{1, 0, []string{
			"b ALARM Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].",
			"math OK Threshold Crossed: 1 out of the last 1 datapoints [0.0 (04/03/26 12:00:00)] was not greater than the threshold (5.0) (minimum 1 datapoint for ALARM -> OK transition).",
		}},
		{2, 10, []string{
			"math ALARM Threshold Crossed: 1 out of the last 1 datapoints [100.0 (04/03/26 12:01:00)] was greater than the threshold (5.0) (minimum 1 datapoint for OK -> ALARM transition).",
			"b OK Threshold Crossed: 1 datapoint [10.0 (04/03/26 12:01:00)] was not less than the threshold (5.0) and 1 missing datapoint was treated as [Breaching].",
		}},
		{3, 6.5, []string{
			"a ALARM Threshold Crossed: 2 out of the last 2 datapoints [6.5 (04/03/26 12:02:00), 10.0 (04/03/26 12:01:00)] were greater than the threshold (5.0) (minimum 2 datapoints for OK -> ALARM transition).",
		}},
		{4, 1, []string{
			"math ALARM",
		}},
		{5, 2, []string{
			"a OK Threshold Crossed: 2 out of the last 3 datapoints [2.0 (04/03/26 12:04:00), 1.0 (04/03/26 12:03:00)] were not greater than the threshold (5.0) (minimum 2 datapoints for ALARM -> OK transition).",
			"b ALARM Threshold Crossed: 2 out of the last 2 datapoints [2.0 (04/03/26 12:04:00), 1.0 (04/03/26 12:03:00)] were less than the threshold (5.0) (minimum 2 datapoints for OK -> ALARM transition).",
		}},
		{20, 0, []string{
			"a INSUFFICIENT_DATA Insufficient Data: 3 datapoints were unknown.",
			"math OK Threshold Crossed: 1 out of the last 1 datapoints [0.0 (04/03/26 12:19:00)] was not greater than the threshold (5.0) (minimum 1 datapoint for ALARM -> OK transition).",
		}},
	} {
		f.set(noon.Add(time.Duration(s.minute * float64(time.Minute))))
		if s.value != 0 {
			f.put(s.minute-1, s.value)
		}
		f.at(s.minute)
		for _, want := range s.want {
			name, want, _ := strings.Cut(want, " ")
			a := f.alarm(name)
			if got := *a.StateValue + " " + *a.StateReason; !strings.HasPrefix(got, want) || len(want) > 20 && got != want {
				t.Errorf("minute %v, %s: got\n%s\nwant\n%s", s.minute, name, got, want)
			}
		}
	}
	var reason struct {
		Version, QueryDate, StartDate, Statistic string
		Period                                   int
		RecentDatapoints                         []float64
		Threshold                                float64
		EvaluatedDatapoints                      []map[string]any
	}
	if err := json.Unmarshal([]byte(*f.alarm("b").StateReasonData), &reason); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(reason); got != "{1.0 2026-03-04T12:05:11.000+0000 2026-03-04T12:03:00.000+0000 Sum 60 [1 2] 5 "+
		"[map[sampleCount:1 timestamp:2026-03-04T12:04:00.000+0000 value:2] map[sampleCount:1 timestamp:2026-03-04T12:03:00.000+0000 value:1]]}" {
		t.Error(got)
	}
}

// Alarms go on where they were after a restart, and history tells what happened, deleted alarms included.
func TestAlarmHistory(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.putAlarm(alarmOn("a", nil))
	f.putAlarm(alarmOn("b", nil))
	f.set(noon.Add(time.Second))
	f.putAlarm(alarmOn("a", func(in *cw.PutMetricAlarmInput) { in.Threshold = new(7.0) }))
	f.put(0, 10)
	f.at(1)
	again := f.crashed()
	if out, err := again.DescribeAlarms(f.ctx, &cw.DescribeAlarmsInput{StateValue: new("ALARM")}); err != nil || len(out.MetricAlarms) != 2 {
		t.Errorf("after a restart: %v, %v", out.MetricAlarms, err)
	}
	f.set(noon.Add(3 * time.Minute))
	if err := f.DeleteAlarms(f.ctx, &cw.DeleteAlarmsInput{AlarmNames: []string{"b", "unknown"}}); err != nil {
		t.Fatal(err)
	}
	history := func(in cw.DescribeAlarmHistoryInput) (all []string) {
		for {
			out, err := f.DescribeAlarmHistory(f.ctx, &in)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range out.AlarmHistoryItems {
				all = append(all, *h.HistorySummary)
				if !json.Valid([]byte(*h.HistoryData)) || strings.Contains(*h.HistoryData, `\u003e`) {
					t.Errorf("history data is no JSON, or not as people read it: %s", *h.HistoryData)
				}
			}
			if in.NextToken = out.NextToken; in.NextToken == nil {
				return all
			}
		}
	}
	change := "Alarm updated from INSUFFICIENT_DATA to ALARM"
	same(t, history(cw.DescribeAlarmHistoryInput{AlarmName: new("b")}), []string{`Alarm "b" deleted`, change, `Alarm "b" created`})
	same(t, history(cw.DescribeAlarmHistoryInput{AlarmName: new("a"), ScanBy: new("TimestampAscending"), MaxRecords: new(int32(1))}),
		[]string{`Alarm "a" created`, `Alarm "a" updated`, change})
	same(t, history(cw.DescribeAlarmHistoryInput{HistoryItemType: new("StateUpdate"), MaxRecords: new(int32(1))}), []string{change, change})
	same(t, history(cw.DescribeAlarmHistoryInput{StartDate: new(noon.Add(2 * time.Minute))}), []string{`Alarm "b" deleted`})
	if got := history(cw.DescribeAlarmHistoryInput{AlarmTypes: []string{"CompositeAlarm"}}); got != nil {
		t.Errorf("history of composite alarms: %v", got)
	}
	f.set(noon.Add(31 * 24 * time.Hour))
	if err := f.ExpireHistory(f.ctx); err != nil {
		t.Fatal(err)
	}
	if got := history(cw.DescribeAlarmHistoryInput{}); got != nil {
		t.Errorf("history a month later: %v", got)
	}
}

// endpoint answers the first requests with 500 and hands on what it gets.
func endpoint(t *testing.T, failures int32) (url string, got chan map[string]any) {
	got = make(chan map[string]any, 10)
	var tried atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if tried.Add(1) <= failures {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		var m map[string]any
		if err := json.Unmarshal(body, &m); err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s: %v", r.Method, body, err)
		}
		got <- m
	}))
	t.Cleanup(s.Close)
	return s.URL, got
}

func TestAlarmActions(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	url, got := endpoint(t, 2)
	topic := "arn:aws:sns:eu-west-1:123456789012:topic"
	f.putAlarm(alarmOn("a", func(in *cw.PutMetricAlarmInput) {
		in.AlarmActions, in.OKActions, in.AlarmDescription = []string{url + "/alarm", topic}, []string{url + "/ok"}, new("too many")
		in.Dimensions = []cw.Dimension{{Name: "Stage", Value: "prod"}}
	}))
	set := func(value string) {
		f.set(f.now().Add(time.Second))
		if err := f.SetAlarmState(f.ctx, &cw.SetAlarmStateInput{AlarmName: "a", StateValue: value, StateReason: "by hand"}); err != nil {
			t.Fatal(err)
		}
	}
	set("ALARM")
	m := <-got
	want := map[string]any{
		"AlarmName": "a", "AlarmDescription": "too many", "AWSAccountId": account, "Region": region, "NewStateValue": "ALARM",
		"OldStateValue": "INSUFFICIENT_DATA", "NewStateReason": "by hand", "StateChangeTime": "2026-03-04T12:00:01.000+0000",
		"AlarmConfigurationUpdatedTimestamp": "2026-03-04T12:00:00.000+0000",
		"AlarmArn":                           "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a",
		"AlarmActions":                       []any{url + "/alarm", topic}, "OKActions": []any{url + "/ok"}, "InsufficientDataActions": []any{},
		"Trigger": map[string]any{
			"MetricName": "m", "Namespace": "N", "StatisticType": "Statistic", "Statistic": "SUM", "Unit": nil, "Period": 60.0,
			"Dimensions": []any{map[string]any{"name": "Stage", "value": "prod"}}, "EvaluationPeriods": 1.0, "Threshold": 5.0,
			"ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "", "EvaluateLowSampleCountPercentile": "",
		},
	}
	same(t, m, want)
	set("ALARM") // no change, no action
	set("OK")
	if m := <-got; m["OldStateValue"] != "ALARM" || m["NewStateValue"] != "OK" {
		t.Errorf("got %v", m)
	}
	if err := f.DisableAlarmActions(f.ctx, &cw.DisableAlarmActionsInput{AlarmNames: []string{"a", "unknown"}}); err != nil {
		t.Fatal(err)
	}
	set("ALARM")
	if err := f.EnableAlarmActions(f.ctx, &cw.EnableAlarmActionsInput{AlarmNames: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	set("OK")
	if m := <-got; m["NewStateValue"] != "OK" {
		t.Errorf("got %v", m)
	}
	f.settledHistory("a", "Action", []string{
		"Failed to execute action " + topic + `. Received error: "no such destination in this installation: only http:// and https:// URLs are delivered to"`,
		"Successfully executed action " + url + "/alarm", "Successfully executed action " + url + "/ok", "Successfully executed action " + url + "/ok",
	})
}

// settledHistory compares the items of a type, in any order, after all actions have ended.
func (f *fixture) settledHistory(alarm, kind string, want []string) {
	f.t.Helper()
	f.Settle()
	out, err := f.DescribeAlarmHistory(f.ctx, &cw.DescribeAlarmHistoryInput{AlarmName: &alarm, HistoryItemType: &kind})
	if err != nil {
		f.t.Fatal(err)
	}
	var got []string
	for _, h := range out.AlarmHistoryItems {
		got = append(got, *h.HistorySummary)
	}
	slices.Sort(got)
	same(f.t, got, want)
}

// An endpoint that never answers well is given up, and holds up neither evaluation nor Close.
func TestAlarmActionFails(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	url, _ := endpoint(t, 1000)
	f.putAlarm(alarmOn("a", func(in *cw.PutMetricAlarmInput) { in.AlarmActions = []string{url} }))
	if err := f.SetAlarmState(f.ctx, &cw.SetAlarmStateInput{AlarmName: "a", StateValue: "ALARM", StateReason: "x"}); err != nil {
		t.Fatal(err)
	}
	f.settledHistory("a", "Action", []string{"Failed to execute action " + url + `. Received error: "the endpoint answered 500 Internal Server Error"`})
}

// An action that is under way when the process ends is executed by the next, once.
func TestAlarmActionAfterRestart(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	got := make(chan string)
	var tried atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- string(body)
		if tried.Add(1) == 1 {
			<-r.Context().Done()
		}
	}))
	t.Cleanup(s.Close)
	f.putAlarm(alarmOn("a", func(in *cw.PutMetricAlarmInput) { in.AlarmActions = []string{s.URL} }))
	if err := f.SetAlarmState(f.ctx, &cw.SetAlarmStateInput{AlarmName: "a", StateValue: "ALARM", StateReason: "x"}); err != nil {
		t.Fatal(err)
	}
	first := <-got
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	f.Service = f.open(filepath.Join(f.dir, "metrics.db"))
	same(t, <-got, first)
	f.settledHistory("a", "Action", []string{"Successfully executed action " + s.URL})
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	f.Service = f.open(filepath.Join(f.dir, "metrics.db"))
	f.settledHistory("a", "Action", []string{"Successfully executed action " + s.URL})
}

func TestPutMetricAlarmErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const validation, value, missing = "ValidationError", "InvalidParameterValue", "MissingParameter"
	metrics := func(queries ...cw.MetricDataQuery) func(*cw.PutMetricAlarmInput) {
		return func(in *cw.PutMetricAlarmInput) {
			in.MetricName, in.Namespace, in.Statistic, in.Period, in.Metrics = nil, nil, nil, nil, queries
		}
	}
	for name, c := range map[string]struct {
		edit          func(*cw.PutMetricAlarmInput)
		status        int
		code, message string
	}{
		"periods":   {func(in *cw.PutMetricAlarmInput) { in.EvaluationPeriods = nil }, 400, missing, "The parameter EvaluationPeriods is required."},
		"threshold": {func(in *cw.PutMetricAlarmInput) { in.Threshold = nil }, 400, missing, "The parameter Threshold is required."},
		"operator":  {func(in *cw.PutMetricAlarmInput) { in.ComparisonOperator = nil }, 400, missing, "The parameter ComparisonOperator is required."},
		"no metric": {func(in *cw.PutMetricAlarmInput) { in.MetricName = nil }, 400, missing,
			"The parameters MetricName, Namespace and Period are required for an alarm on a metric."},
		"no statistic": {func(in *cw.PutMetricAlarmInput) { in.Statistic = nil }, 400, missing,
			"Exactly one of Statistic and ExtendedStatistic must be specified."},
		"two statistics": {func(in *cw.PutMetricAlarmInput) { in.ExtendedStatistic = new("p99") }, 400, "InvalidParameterCombination",
			"Exactly one of Statistic and ExtendedStatistic must be specified."},
		"statistic": {func(in *cw.PutMetricAlarmInput) { in.Statistic, in.ExtendedStatistic = nil, new("p200") }, 400, value,
			"The value p200 for parameter Statistic is not supported."},
		"more than periods": {func(in *cw.PutMetricAlarmInput) { in.DatapointsToAlarm = new(int32(2)) }, 400, validation,
			"The parameter DatapointsToAlarm must be less than or equal to the parameter EvaluationPeriods."},
		"a day": {func(in *cw.PutMetricAlarmInput) { in.EvaluationPeriods = new(int32(1441)) }, 400, validation,
			"Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400)."},
		"period": {func(in *cw.PutMetricAlarmInput) { in.Period = new(int32(5)) }, 400, validation,
			"The parameter Period must be 10, 20, 30 or a multiple of 60."},
		"treatment": {func(in *cw.PutMetricAlarmInput) { in.TreatMissingData = new("panic") }, 400, value,
			"The value panic is not supported for TreatMissingData parameter. Supported values are [breaching, notBreaching, ignore, missing]."},
		"action": {func(in *cw.PutMetricAlarmInput) { in.AlarmActions = []string{"mail me"} }, 400, validation, "Invalid arn syntax: mail me"},
		"anomaly": {func(in *cw.PutMetricAlarmInput) { in.ComparisonOperator = new("GreaterThanUpperThreshold") }, 501, "NotImplemented",
			"Alarms on anomaly detection are not supported by this server."},
		"promql": {func(in *cw.PutMetricAlarmInput) { in.EvaluationCriteria = &cw.EvaluationCriteria{} }, 501, "NotImplemented",
			"Alarms on PromQL queries are not supported by this server."},
		"none shown": {metrics(hidden(stat("a", "m", "Sum", 60))), 400, validation, "Exactly one element of the metrics list should return data."},
		"two shown": {metrics(stat("a", "m", "Sum", 60), stat("b", "m", "Sum", 60)), 400, validation,
			"Exactly one element of the metrics list should return data."},
		"search": {metrics(expr("e", "SUM(SEARCH('a', 'Sum'))"), hidden(stat("a", "m", "Sum", 60))), 400, validation, "SEARCH is not supported in alarms."},
		"periods differ": {metrics(expr("e", "a+b"), hidden(stat("a", "m", "Sum", 60)), hidden(stat("b", "m", "Sum", 120))), 400, validation,
			"Metrics list contains metrics with different periods."},
		"math": {metrics(expr("e", "a+"), hidden(stat("a", "m", "Sum", 60))), 400, validation, "Error in expression 'e': Unexpected end of expression"},
		"metric and metrics": {func(in *cw.PutMetricAlarmInput) { in.Metrics = []cw.MetricDataQuery{stat("a", "m", "Sum", 60)} }, 400, validation,
			"The parameters MetricName, Namespace, Dimensions, Period, Unit, Statistic and ExtendedStatistic cannot be specified together with the parameter Metrics."},
		"tags": {func(in *cw.PutMetricAlarmInput) { in.Tags = []cw.Tag{{Key: "AWS:x"}} }, 400, value, "The tag key AWS:x is reserved: keys must not begin with aws:."},
	} {
		t.Run(name, func(t *testing.T) {
			wantError(t, f.PutMetricAlarm(f.ctx, alarmOn("a", c.edit)), c.status, c.code, c.message)
		})
	}
	wantError(t, f.SetAlarmState(f.ctx, &cw.SetAlarmStateInput{AlarmName: "none", StateValue: "OK"}), 404, "ResourceNotFound", "")
	wantError(t, f.SetAlarmState(f.ctx, &cw.SetAlarmStateInput{AlarmName: "none", StateValue: "OK", StateReasonData: new("{")}), 400, "InvalidFormat",
		"StateReasonData is not valid JSON.")
}

func TestDescribeAlarms(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, name := range []string{"c", "a2", "a1", "b"} {
		f.putAlarm(alarmOn(name, func(in *cw.PutMetricAlarmInput) {
			if name == "b" {
				in.Statistic, in.ExtendedStatistic, in.OKActions = nil, new("p99"), []string{"https://example.com/x"}
			}
		}))
	}
	if d := f.alarm("a1").Dimensions; d == nil || len(d) != 0 {
		t.Errorf("an alarm without dimensions has %v, want an empty list", d)
	}
	names := func(in cw.DescribeAlarmsInput) (all string) {
		for {
			out, err := f.DescribeAlarms(f.ctx, &in)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range out.MetricAlarms {
				all += *a.AlarmName + " "
			}
			if in.NextToken = out.NextToken; in.NextToken == nil {
				return all
			}
		}
	}
	for name, c := range map[string]struct {
		in   cw.DescribeAlarmsInput
		want string
	}{
		"all":       {cw.DescribeAlarmsInput{MaxRecords: new(int32(1))}, "a1 a2 b c "},
		"prefix":    {cw.DescribeAlarmsInput{AlarmNamePrefix: new("a")}, "a1 a2 "},
		"names":     {cw.DescribeAlarmsInput{AlarmNames: []string{"b", "x"}}, "b "},
		"state":     {cw.DescribeAlarmsInput{StateValue: new("OK")}, ""},
		"action":    {cw.DescribeAlarmsInput{ActionPrefix: new("https://")}, "b "},
		"composite": {cw.DescribeAlarmsInput{AlarmTypes: []string{"CompositeAlarm"}}, ""},
		"children":  {cw.DescribeAlarmsInput{ChildrenOfAlarmName: new("a1")}, ""},
	} {
		if got := names(c.in); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	_, err := f.DescribeAlarms(f.ctx, &cw.DescribeAlarmsInput{AlarmNames: []string{"a"}, AlarmNamePrefix: new("a")})
	wantError(t, err, 400, "InvalidParameterCombination", "The parameters AlarmNames and AlarmNamePrefix are mutually exclusive and you have specified both.")
	forMetric := func(in cw.DescribeAlarmsForMetricInput) int {
		out, err := f.DescribeAlarmsForMetric(f.ctx, &in)
		if err != nil {
			t.Fatal(err)
		}
		return len(out.MetricAlarms)
	}
	same(t, []int{
		forMetric(cw.DescribeAlarmsForMetricInput{Namespace: "N", MetricName: "m"}),
		forMetric(cw.DescribeAlarmsForMetricInput{Namespace: "N", MetricName: "m", Statistic: new("Sum")}),
		forMetric(cw.DescribeAlarmsForMetricInput{Namespace: "N", MetricName: "m", ExtendedStatistic: new("p99")}),
		forMetric(cw.DescribeAlarmsForMetricInput{Namespace: "N", MetricName: "m", Period: new(int32(300))}),
		forMetric(cw.DescribeAlarmsForMetricInput{Namespace: "N", MetricName: "m", Dimensions: []cw.Dimension{{Name: "a", Value: "b"}}}),
	}, []int{4, 3, 1, 0, 0})
	other := awsapi.WithCaller(f.ctx, awsapi.Caller{AccountID: account, Region: "us-east-1"})
	if out, err := f.Service.DescribeAlarms(other, &cw.DescribeAlarmsInput{}); err != nil || len(out.MetricAlarms) != 0 {
		t.Errorf("another region sees %v %v", out, err)
	}
}

// Percentiles of too few samples do not change an alarm that should ignore them.
func TestAlarmLowSampleCount(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, mode := range []string{"ignore", "evaluate"} {
		f.putAlarm(alarmOn(mode, func(in *cw.PutMetricAlarmInput) {
			in.Statistic, in.ExtendedStatistic, in.EvaluateLowSampleCountPercentile = nil, new("p90"), &mode
		}))
	}
	f.put(0, repeat(9, 99)...)
	f.at(1)
	same(t, []string{*f.alarm("ignore").StateValue, *f.alarm("evaluate").StateValue}, []string{"INSUFFICIENT_DATA", "ALARM"})
	f.put(1, repeat(9, 100)...)
	f.at(2)
	same(t, *f.alarm("ignore").StateValue, "ALARM")
}

// Alarms with short periods are evaluated every 10 s; others look at the periods before now, wherever these begin.
func TestAlarmPeriods(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.putAlarm(alarmOn("short", func(in *cw.PutMetricAlarmInput) { in.Period = new(int32(10)) }))
	f.putAlarm(alarmOn("long", func(in *cw.PutMetricAlarmInput) { in.Period = new(int32(300)) }))
	f.putDatum(cw.MetricDatum{MetricName: "m", Timestamp: new(noon.Add(65 * time.Second)), Value: new(9.0), StorageResolution: new(int32(1))})
	f.at(1)
	same(t, []string{*f.alarm("short").StateValue, *f.alarm("long").StateValue}, []string{"INSUFFICIENT_DATA", "INSUFFICIENT_DATA"})
	f.at(1 + 10.0/60)
	same(t, []string{*f.alarm("short").StateValue, *f.alarm("long").StateValue}, []string{"ALARM", "INSUFFICIENT_DATA"})
	f.at(2) // 11:57 to 12:02
	same(t, *f.alarm("long").StateValue, "ALARM")
}

func TestAlarmsConcurrent(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for range 5 {
				name := fmt.Sprint("a", i)
				if err := f.PutMetricAlarm(f.ctx, alarmOn(name, nil)); err != nil {
					t.Error(err)
				}
				if err := f.SetAlarmState(f.ctx, &cw.SetAlarmStateInput{AlarmName: name, StateValue: "OK"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range 20 {
		f.at(float64(i))
	}
	wg.Wait()
	if out, err := f.DescribeAlarms(f.ctx, &cw.DescribeAlarmsInput{}); err != nil || len(out.MetricAlarms) != 4 {
		t.Errorf("%v %v", out, err)
	}
}
