package cloudwatch_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/tollbook/tollbook/awsapi"
	cw "github.com/tollbook/tollbook/awsapi/awscloudwatch"
)

func TestDashboards(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	body := `{"widgets": [{"type": "text", "properties": {"markdown": "hello"}}]}`
	put := func(name, body string) error {
		_, err := f.PutDashboard(f.ctx, &cw.PutDashboardInput{DashboardName: name, DashboardBody: body})
		return err
	}
	for _, name := range []string{"b", "a-1", "a_2", "b"} {
		if err := put(name, body); err != nil {
			t.Fatal(err)
		}
	}
	got, err := f.GetDashboard(f.ctx, &cw.GetDashboardInput{DashboardName: "b"})
	if err != nil {
		t.Fatal(err)
	}
	same(t, *got, cw.GetDashboardOutput{DashboardArn: new("arn:aws:cloudwatch::123456789012:dashboard/b"), DashboardBody: &body, DashboardName: new("b")})
	list, err := f.ListDashboards(f.ctx, &cw.ListDashboardsInput{DashboardNamePrefix: new("a")})
	if err != nil {
		t.Fatal(err)
	}
	entry := func(name string) cw.DashboardEntry {
		return cw.DashboardEntry{DashboardName: &name, DashboardArn: new("arn:aws:cloudwatch::123456789012:dashboard/" + name),
			LastModified: new(noon), Size: new(int64(len(body)))}
	}
	same(t, list.DashboardEntries, []cw.DashboardEntry{entry("a-1"), entry("a_2")})

	_, err = f.DeleteDashboards(f.ctx, &cw.DeleteDashboardsInput{DashboardNames: []string{"nope", "b"}})
	wantError(t, err, 404, "ResourceNotFound", "The specified dashboard does not exist. [nope]")
	_, err = f.GetDashboard(f.ctx, &cw.GetDashboardInput{DashboardName: "b"})
	wantError(t, err, 404, "ResourceNotFound", "Dashboard b does not exist")
	wantError(t, put("a b", body), 400, "InvalidParameterValue", "The value for field DashboardName contains invalid characters. "+
		"It can only contain alphanumerics, dash (-) and underscore (_).\n")

	for body, want := range map[string]string{
		"":                                "[<nil> The dashboard body is not a JSON object]",
		"[]":                              "[<nil> The dashboard body is not a JSON object]",
		`{"widgets": 1}`:                  "[/widgets Should be an array of objects]",
		`{"widgets": [{}]}`:               "[/widgets/0 Should have required property 'type']",
		`{"widgets": [{"type": "song"}]}`: "[/widgets/0/type Should be equal to one of the allowed values]",
		`{"widgets": [{"type": "text"}]}`: "[/widgets/0 Should have required property 'properties']",
		`{"widgets": [{"type": "text", "properties": 3}]}`: "[/widgets/0/properties Should be object]",
	} {
		var wire *awsapi.Error
		if err := put("x", body); !errors.As(err, &wire) || wire.Code != "InvalidParameterInput" {
			t.Errorf("%s: %v", body, err)
			continue
		}
		var shown []string
		for _, m := range wire.Members["dashboardValidationMessages"].([]cw.DashboardValidationMessage) {
			path := "<nil>"
			if m.DataPath != nil {
				path = *m.DataPath
			}
			shown = append(shown, path+" "+*m.Message)
		}
		if got := fmt.Sprint(shown); got != want {
			t.Errorf("%s: got %s, want %s", body, got, want)
		}
	}
	if err := put("empty", "{}"); err != nil {
		t.Error(err)
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.putAlarm(alarmOn("a", func(in *cw.PutMetricAlarmInput) { in.Tags = []cw.Tag{{Key: "k", Value: "v"}} }))
	f.putAlarm(alarmOn("a", func(in *cw.PutMetricAlarmInput) { in.Tags = []cw.Tag{{Key: "later", Value: "ignored"}} }))
	if _, err := f.PutDashboard(f.ctx, &cw.PutDashboardInput{DashboardName: "d", DashboardBody: "{}", Tags: []cw.Tag{{Key: "k", Value: "v"}}}); err != nil {
		t.Fatal(err)
	}
	for _, arn := range []string{*f.alarm("a").AlarmArn, "arn:aws:cloudwatch::123456789012:dashboard/d"} {
		_, err := f.TagResource(f.ctx, &cw.TagResourceInput{ResourceARN: arn, Tags: []cw.Tag{{Key: "b", Value: "1"}, {Key: "k", Value: "w"}}})
		if err != nil {
			t.Fatal(err)
		}
		list := func() []cw.Tag {
			out, err := f.ListTagsForResource(f.ctx, &cw.ListTagsForResourceInput{ResourceARN: arn})
			if err != nil {
				t.Fatal(err)
			}
			return out.Tags
		}
		same(t, list(), []cw.Tag{{Key: "b", Value: "1"}, {Key: "k", Value: "w"}})
		if _, err := f.UntagResource(f.ctx, &cw.UntagResourceInput{ResourceARN: arn, TagKeys: []string{"k", "b", "none"}}); err != nil {
			t.Fatal(err)
		}
		same(t, list(), []cw.Tag{})
	}
	for arn, want := range map[string][2]string{
		"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:none": {"ResourceNotFoundException", "The resource arn:aws:cloudwatch:eu-west-1:123456789012:alarm:none does not exist."},
		"arn:aws:cloudwatch::123456789012:dashboard/none":      {"ResourceNotFoundException", "The resource arn:aws:cloudwatch::123456789012:dashboard/none does not exist."},
		"arn:aws:cloudwatch:eu-west-1:123456789012:stream/x":   {"ResourceNotFoundException", "The resource arn:aws:cloudwatch:eu-west-1:123456789012:stream/x does not exist."},
		"nope": {"InvalidParameterValue", "The value nope for parameter ResourceARN is invalid."},
	} {
		_, err := f.ListTagsForResource(f.ctx, &cw.ListTagsForResourceInput{ResourceARN: arn})
		status := 404
		if want[0] == "InvalidParameterValue" {
			status = 400
		}
		wantError(t, err, status, want[0], want[1])
	}
}
