package cloudwatch_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	cw "github.com/tollbook/tollbook/awsapi/awscloudwatch"
	"github.com/tollbook/tollbook/cloudwatch"
)

// Rules over alarms a in ALARM, o in OK and i in INSUFFICIENT_DATA, by the rules of PutCompositeAlarm's reference.
func TestAlarmRules(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string]string{
		"TRUE": "true", "FALSE": "false", "NOT FALSE": "true", "ALARM(a)": "true", "ALARM(o)": "false", `ALARM("a")`: "true",
		"OK(o)": "true", "INSUFFICIENT_DATA(i)": "true", "INSUFFICIENT_DATA( a )": "false",
		"ALARM(arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a)":   "true",
		`ALARM("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a")`: "true",
		"ALARM(a) AND ALARM(o)":                         "false",
		"ALARM(a) AND NOT ALARM(o)":                     "true",
		"ALARM(o) OR OK(o) AND FALSE":                   "false", // AND binds more tightly
		"OK(o) OR OK(o) AND FALSE":                      "true",
		"(OK(o) OR OK(o)) AND FALSE":                    "false",
		"NOT (ALARM(o) OR ALARM(i))":                    "true",
		"NOT ALARM(a) OR TRUE":                          "true",
		"(ALARM(o) OR ALARM(a))AND(OK(o))\n OR FALSE":   "true",
		`OK("o\"x")`:                                    "false",
		"AT_LEAST(2, ALARM, (a, o, i))":                 "false",
		"AT_LEAST(2, NOT OK, (a, o, i))":                "true",
		"AT_LEAST(50%, ALARM, (a, o))":                  "true",
		"AT_LEAST(51%, ALARM, (a, o))":                  "false",
		"":                                              "expected ALARM, OK, INSUFFICIENT_DATA, AT_LEAST, TRUE, FALSE, NOT or ( at character 1",
		"ALARM(a) ALARM(o)":                             "expected AND, OR or the end at character 10",
		"ALARM(a":                                       "expected ) at character 8",
		"ALARM()":                                       "expected the name of an alarm, or the ARN of one of this account and region at character 7",
		"ALARM(arn:aws:cloudwatch:eu-west-1:1:alarm:a)": "expected the name of an alarm, or the ARN of one of this account and region at character 45",
		`ALARM("a)`:                                     `expected " at character 10`,
		"alarm(a)":                                      "expected ALARM, OK, INSUFFICIENT_DATA, AT_LEAST, TRUE, FALSE, NOT or ( at character 1",
		"TRUE AND":                                      "expected ALARM, OK, INSUFFICIENT_DATA, AT_LEAST, TRUE, FALSE, NOT or ( at character 9",
		"AT_LEAST(3, ALARM, (a, o))":                    "expected at least as many alarms as must be in the state at character 27",
	} {
		if got := cloudwatch.HoldsRule(rule, account, region, map[string]string{"a": "ALARM", "o": "OK"}); got != want {
			t.Errorf("%s: %s, want %s", rule, got, want)
		}
	}
}

func (f *fixture) composite(name string) cw.CompositeAlarm {
	f.t.Helper()
	out, err := f.DescribeAlarms(f.ctx, &cw.DescribeAlarmsInput{AlarmNames: []string{name}, AlarmTypes: []string{"CompositeAlarm"}})
	if err != nil || len(out.CompositeAlarms) != 1 || len(out.MetricAlarms) != 0 {
		f.t.Fatalf("%v, %+v", err, out)
	}
	return out.CompositeAlarms[0]
}

func (f *fixture) putComposite(name, rule string, actions ...string) {
	f.t.Helper()
	if err := f.PutCompositeAlarm(f.ctx, &cw.PutCompositeAlarmInput{AlarmName: name, AlarmRule: rule, AlarmActions: actions}); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) setState(name, value string) {
	f.t.Helper()
	if err := f.SetAlarmState(f.ctx, &cw.SetAlarmStateInput{AlarmName: name, StateValue: value, StateReason: "drill"}); err != nil {
		f.t.Fatal(err)
	}
}

// TestCompositeAlarms lets alarms change and looks at those above them, their history and what is sent.
func TestCompositeAlarms(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	sent := make(chan map[string]any, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var m map[string]any
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &m); err != nil {
			t.Error(err)
		}
		sent <- m
	}))
	defer hook.Close()
	for _, name := range []string{"x", "y"} {
		f.putAlarm(alarmOn(name, nil))
	}
	f.putComposite("both", `ALARM(x) AND ALARM("y")`, hook.URL)
	f.putComposite("top", "ALARM(both)")
	if c := f.composite("both"); *c.StateValue != "OK" || !strings.HasSuffix(*c.StateReason, "alarm:both was created and its alarm rule evaluates to OK") {
		t.Errorf("new: %s, %s", *c.StateValue, *c.StateReason)
	}
	f.setState("x", "ALARM")
	same(t, *f.composite("both").StateValue, "OK")
	// y's own data put it into ALARM.
	f.put(0, 9)
	f.at(1)
	c := f.composite("both")
	same(t, *c.StateValue, "ALARM")
	same(t, *c.StateReason, "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:y transitioned to ALARM at Wednesday 04 March, 2026 12:01:11 UTC")
	same(t, *c.StateReasonData, `{"triggeringAlarms":[{"arn":"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:y",`+
		`"state":{"timestamp":"2026-03-04T12:01:11.000+0000","value":"ALARM"}}]}`)
	same(t, *f.composite("top").StateValue, "ALARM")
	m := <-sent
	same(t, fmt.Sprintf("%v %v %v %v %v", m["AlarmName"], m["NewStateValue"], m["OldStateValue"], m["AlarmRule"], m["Trigger"]), `both ALARM OK ALARM(x) AND ALARM("y") <nil>`)
	same(t, fmt.Sprint(m["TriggeringChildren"]),
		"[map[Arn:arn:aws:cloudwatch:eu-west-1:123456789012:alarm:y State:map[Timestamp:2026-03-04T12:01:11.000+0000 Value:ALARM]]]")

	// A state that somebody sets stays until a child changes.
	f.setState("both", "INSUFFICIENT_DATA")
	same(t, *f.composite("top").StateValue, "OK")
	f.setState("x", "OK")
	same(t, *f.composite("both").StateValue, "OK")
	f.putComposite("both", "OK(x) OR ALARM(y)")
	same(t, *f.composite("both").StateValue, "ALARM")
	same(t, *f.composite("top").StateValue, "ALARM")

	out, err := f.DescribeAlarmHistory(f.ctx, &cw.DescribeAlarmHistoryInput{AlarmTypes: []string{"CompositeAlarm"}, AlarmName: new("top"), HistoryItemType: new("StateUpdate"), ScanBy: new("TimestampAscending")})
	if err != nil {
		t.Fatal(err)
	}
	var changes []string
	for _, item := range out.AlarmHistoryItems {
		changes = append(changes, *item.AlarmType+" "+*item.HistorySummary)
	}
	same(t, changes, []string{
		"CompositeAlarm Alarm updated from INSUFFICIENT_DATA to OK", "CompositeAlarm Alarm updated from OK to ALARM",
		"CompositeAlarm Alarm updated from ALARM to OK", "CompositeAlarm Alarm updated from OK to ALARM",
	})
}

// names are those of the alarms that a request finds.
func (f *fixture) names(in *cw.DescribeAlarmsInput) (names []string) {
	f.t.Helper()
	out, err := f.DescribeAlarms(f.ctx, in)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, a := range out.MetricAlarms {
		names = append(names, *a.AlarmName)
	}
	for _, a := range out.CompositeAlarms {
		names = append(names, "+"+*a.AlarmName)
	}
	return names
}

func TestDescribeComposites(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, name := range []string{"a", "b", "c"} {
		f.putAlarm(alarmOn(name, nil))
	}
	f.putComposite("ab", "ALARM(a) OR ALARM(b)")
	f.putComposite("all", "ALARM(ab) OR ALARM(c)")
	for _, c := range []struct {
		in   cw.DescribeAlarmsInput
		want []string
	}{
		{cw.DescribeAlarmsInput{}, []string{"a", "b", "c"}},
		{cw.DescribeAlarmsInput{AlarmTypes: []string{"CompositeAlarm"}}, []string{"+ab", "+all"}},
		{cw.DescribeAlarmsInput{AlarmTypes: []string{"CompositeAlarm", "MetricAlarm"}, AlarmNamePrefix: new("a")}, []string{"a", "+ab", "+all"}},
		{cw.DescribeAlarmsInput{ChildrenOfAlarmName: new("all")}, []string{"c", "+ab"}},
		{cw.DescribeAlarmsInput{ChildrenOfAlarmName: new("a")}, nil},
		{cw.DescribeAlarmsInput{ParentsOfAlarmName: new("ab")}, []string{"+all"}},
		{cw.DescribeAlarmsInput{ParentsOfAlarmName: new("a")}, []string{"+ab"}},
	} {
		same(t, f.names(&c.in), c.want)
	}
	var pages []string
	in := &cw.DescribeAlarmsInput{AlarmTypes: []string{"CompositeAlarm", "MetricAlarm"}, MaxRecords: new(int32(2))}
	for {
		pages = append(pages, fmt.Sprint(f.names(in)))
		out, _ := f.DescribeAlarms(f.ctx, in)
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	same(t, pages, []string{"[a +ab]", "[b +all]", "[c]"}[:len(pages)])
	_, err := f.DescribeAlarms(f.ctx, &cw.DescribeAlarmsInput{ChildrenOfAlarmName: new("all"), StateValue: new("OK")})
	wantError(t, err, 400, "ValidationError", "ChildrenOfAlarmName and ParentsOfAlarmName can only be used with MaxRecords and NextToken.")
}

func TestCompositeErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.putAlarm(alarmOn("a", nil))
	f.putComposite("c", "ALARM(a)")
	f.putComposite("d", "ALARM(c)")
	for rule, message := range map[string]string{
		"ALARM(a) ":                  "AlarmRule must not contain leading or trailing whitespace or be null",
		"ALARM(a":                    "Error in AlarmRule: expected ) at character 8",
		"ALARM(a) OR OK(b) OR OK(e)": "Could not save the composite alarm as alarms [b, e] in the alarm rule do not exist",
	} {
		wantError(t, f.PutCompositeAlarm(f.ctx, &cw.PutCompositeAlarmInput{AlarmName: "x", AlarmRule: rule}), 400, "ValidationError", message)
	}
	wantError(t, f.PutCompositeAlarm(f.ctx, &cw.PutCompositeAlarmInput{AlarmName: "a", AlarmRule: "TRUE"}), 400, "ValidationError",
		"There is already an alarm of another type with the name a.")
	wantError(t, f.PutMetricAlarm(f.ctx, alarmOn("c", nil)), 400, "ValidationError", "There is already an alarm of another type with the name c.")
	wantError(t, f.PutCompositeAlarm(f.ctx, &cw.PutCompositeAlarmInput{AlarmName: "x", AlarmRule: "TRUE", ActionsSuppressor: new("a")}), 501,
		"NotImplemented", "Alarms that suppress the actions of a composite alarm are not supported by this server.")
	deletes := func(names ...string) error { return f.DeleteAlarms(f.ctx, &cw.DeleteAlarmsInput{AlarmNames: names}) }
	wantError(t, deletes("a"), 400, "ValidationError", "Cannot delete a as there are composite alarm(s) depending on it.")
	wantError(t, deletes("c"), 400, "ValidationError", "Cannot delete c as there are composite alarm(s) depending on it.")
	wantError(t, deletes("d", "c"), 400, "ValidationError", "Only one composite alarm can be deleted at a time.")
	// Two that look at each other end.
	f.putComposite("c", "ALARM(a) OR OK(d)")
	f.setState("a", "ALARM")
	f.setState("a", "OK")
	f.putComposite("c", "ALARM(a)")
	for _, names := range [][]string{{"d"}, {"c", "a"}} {
		if err := deletes(names...); err != nil {
			t.Error(err)
		}
	}
	if left := f.names(&cw.DescribeAlarmsInput{AlarmTypes: []string{"CompositeAlarm", "MetricAlarm"}}); len(slices.Compact(left)) > 0 {
		t.Errorf("left: %v", left)
	}
}
