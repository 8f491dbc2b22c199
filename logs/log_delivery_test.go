package logs_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/logs"
)

const (
	stageARN       = "arn:aws:apigateway:us-east-1:111111111111:/restapis/a1b2c3d4e5/stages/prod"
	testStageARN   = "arn:aws:apigateway:us-east-1:111111111111:/restapis/a1b2c3d4e5/stages/test"
	quietStageARN  = "arn:aws:apigateway:us-east-1:111111111111:/restapis/a1b2c3d4e5/stages/quiet"
	deliveryPrefix = "arn:aws:logs:us-east-1:111111111111:"
)

// stageSources are the stages prod and test of an API, and quiet, which does not log.
type stageSources struct{ changed []string }

func (s *stageSources) LogSource(_ context.Context, arn string) (exists, logging bool, err error) {
	logging = arn == stageARN || arn == testStageARN
	return logging || arn == quietStageARN, logging, nil
}

func (s *stageSources) DeliveriesChanged(_ context.Context, arn string) {
	s.changed = append(s.changed, arn)
}

func newDeliveryFixture(t *testing.T) (*fixture, *stageSources) {
	f, sources := newFixture(t), &stageSources{}
	svc, err := logs.New(f.db, f.store, logs.Options{
		Now: func() time.Time { return time.UnixMilli(f.clock.Load()) }, Log: slog.New(slog.DiscardHandler),
		FlushEvery: time.Hour, SweepEvery: time.Hour, Sources: sources,
	})
	f.must(err)
	t.Cleanup(func() { _ = svc.Close() })
	f.Service = svc
	return f, sources
}

func (f *fixture) putSource(name, arn string) error {
	_, err := f.PutDeliverySource(f.ctx, &awslogs.PutDeliverySourceRequest{Name: name, ResourceArn: arn, LogType: "EXECUTION_LOGS"})
	return err
}

func (f *fixture) putDestination(name, group string, format *string) error {
	_, err := f.PutDeliveryDestination(f.ctx, &awslogs.PutDeliveryDestinationRequest{
		Name: name, OutputFormat: format, DeliveryDestinationConfiguration: groupTarget(group),
	})
	return err
}

func groupTarget(group string) *awslogs.DeliveryDestinationConfiguration {
	return &awslogs.DeliveryDestinationConfiguration{DestinationResourceArn: deliveryPrefix + "log-group:" + group}
}

func (f *fixture) deliver(source, destination string, fields ...string) (*awslogs.Delivery, error) {
	out, err := f.CreateDelivery(f.ctx, &awslogs.CreateDeliveryRequest{
		DeliverySourceName: source, DeliveryDestinationArn: deliveryPrefix + "delivery-destination:" + destination, RecordFields: fields,
	})
	if err != nil {
		return nil, err
	}
	return out.Delivery, nil
}

func (f *fixture) logDeliveries() []accesslog.Delivery {
	f.t.Helper()
	all, err := f.LogDeliveries(f.ctx, stageARN)
	f.must(err)
	return all
}

func TestLogDelivery(t *testing.T) {
	t.Parallel()
	f, sources := newDeliveryFixture(t)
	f.createGroup("mine")
	f.createGroup("other")
	source, err := f.PutDeliverySource(f.ctx, &awslogs.PutDeliverySourceRequest{
		Name: "stage", ResourceArn: stageARN, LogType: "EXECUTION_LOGS", Tags: map[string]string{"a": "b"},
	})
	f.must(err)
	wantSource := &awslogs.DeliverySource{
		Name: new("stage"), Arn: new(deliveryPrefix + "delivery-source:stage"), ResourceArns: []string{stageARN}, Service: new("apigateway"),
		LogType: new("EXECUTION_LOGS"), Tags: map[string]string{"a": "b"},
	}
	if diff := cmp.Diff(wantSource, source.DeliverySource); diff != "" {
		t.Errorf("source: %s", diff)
	}
	f.must(f.putSource("stage", stageARN)) // again
	destination, err := f.PutDeliveryDestination(f.ctx, &awslogs.PutDeliveryDestinationRequest{
		Name: "json", DeliveryDestinationType: new("CWL"), DeliveryDestinationConfiguration: groupTarget("mine:*"),
	})
	f.must(err)
	wantDestination := &awslogs.DeliveryDestination{
		Name: new("json"), Arn: new(deliveryPrefix + "delivery-destination:json"), DeliveryDestinationType: new("CWL"), OutputFormat: new("json"),
		DeliveryDestinationConfiguration: groupTarget("mine:*"),
	}
	if diff := cmp.Diff(wantDestination, destination.DeliveryDestination); diff != "" {
		t.Errorf("destination: %s", diff)
	}
	if len(f.logDeliveries()) != 0 || sources.changed != nil {
		t.Errorf("delivered before there is a delivery: %v", sources.changed)
	}

	delivery, err := f.deliver("stage", "json")
	f.must(err)
	want := &awslogs.Delivery{
		Id: delivery.Id, Arn: new(deliveryPrefix + "delivery:" + *delivery.Id), DeliverySourceName: new("stage"),
		DeliveryDestinationArn:  new(deliveryPrefix + "delivery-destination:json"),
		DeliveryDestinationType: new("CWL"), RecordFields: accesslog.RecordFields(),
	}
	if diff := cmp.Diff(want, delivery); diff != "" || len(*delivery.Id) != 16 {
		t.Errorf("delivery: %s", diff)
	}
	in := accesslog.Destination{AccountID: account, Region: region, Group: "mine"}
	if diff := cmp.Diff([]accesslog.Delivery{{Destination: in, Fields: accesslog.RecordFields()}}, f.logDeliveries()); diff != "" {
		t.Errorf("deliveries: %s", diff)
	}
	f.must(f.putDestination("json", "other", nil))
	if got := f.logDeliveries(); len(got) != 1 || got[0].Destination.Group != "other" {
		t.Errorf("moved: %+v", got)
	}
	_, err = f.UpdateDeliveryConfiguration(f.ctx, &awslogs.UpdateDeliveryConfigurationRequest{
		Id: *delivery.Id, RecordFields: []string{"payload", "stage"}, FieldDelimiter: new(","),
	})
	f.must(err)
	got, err := f.GetDelivery(f.ctx, &awslogs.GetDeliveryRequest{Id: *delivery.Id})
	f.must(err)
	want.RecordFields, want.FieldDelimiter = []string{"payload", "stage"}, new(",")
	if diff := cmp.Diff(want, got.Delivery); diff != "" {
		t.Errorf("updated: %s", diff)
	}
	f.must(f.DeleteDelivery(f.ctx, &awslogs.DeleteDeliveryRequest{Id: *delivery.Id}))
	if n := len(f.logDeliveries()); n != 0 || strings.Join(sources.changed, " ") != strings.TrimSpace(strings.Repeat(stageARN+" ", 4)) {
		t.Errorf("%d deliveries; changed %v", n, sources.changed)
	}
	f.must(f.DeleteDeliverySource(f.ctx, &awslogs.DeleteDeliverySourceRequest{Name: "stage"}))
	f.must(f.DeleteDeliveryDestination(f.ctx, &awslogs.DeleteDeliveryDestinationRequest{Name: "json"}))
}

func TestPlainDelivery(t *testing.T) {
	t.Parallel()
	f, _ := newDeliveryFixture(t)
	f.createGroup("mine")
	f.must(f.putSource("stage", stageARN))
	f.must(f.putDestination("tabs", "mine", new("plain")))
	f.must(f.putDestination("classic", "mine", new("plain")))
	_, err := f.deliver("stage", "tabs", "stage", "payload")
	f.must(err)
	_, err = f.CreateDelivery(f.ctx, &awslogs.CreateDeliveryRequest{
		DeliverySourceName: "stage", DeliveryDestinationArn: deliveryPrefix + "delivery-destination:classic",
		RecordFields: []string{"payload"}, FieldDelimiter: new(""),
	})
	f.must(err)
	got := map[string]accesslog.Delivery{}
	for _, d := range f.logDeliveries() {
		got[d.Delimiter] = d
	}
	if len(got) != 2 || !got["\t"].Plain || len(got["\t"].Fields) != 2 || !got[""].Plain || got[""].Fields[0] != "payload" {
		t.Errorf("%+v", got)
	}
}

func TestDeliveryPages(t *testing.T) {
	t.Parallel()
	f, _ := newDeliveryFixture(t)
	f.createGroup("mine")
	f.must(f.putSource("stage", stageARN))
	for i := range 3 {
		name := fmt.Sprint("d", i)
		f.must(f.putDestination(name, "mine", nil))
		_, err := f.deliver("stage", name)
		f.must(err)
	}
	var names, ids []string
	for in := (&awslogs.DescribeDeliveryDestinationsRequest{Limit: new(int32(2))}); ; {
		out, err := f.DescribeDeliveryDestinations(f.ctx, in)
		f.must(err)
		for _, d := range out.DeliveryDestinations {
			names = append(names, *d.Name)
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	for in := (&awslogs.DescribeDeliveriesRequest{Limit: new(int32(1))}); ; {
		out, err := f.DescribeDeliveries(f.ctx, in)
		f.must(err)
		ids = append(ids, *out.Deliveries[0].Id)
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	if strings.Join(names, " ") != "d0 d1 d2" || len(ids) != 3 || ids[0] >= ids[1] {
		t.Errorf("%v %v", names, ids)
	}
	sources, err := f.DescribeDeliverySources(f.ctx, &awslogs.DescribeDeliverySourcesRequest{})
	f.must(err)
	if len(sources.DeliverySources) != 1 || sources.NextToken != nil {
		t.Errorf("sources %+v", sources)
	}
	_, err = f.DescribeDeliverySources(f.ctx, &awslogs.DescribeDeliverySourcesRequest{NextToken: new("x")})
	expectError(t, "token", err, "ValidationException: The specified nextToken is invalid.")
	elsewhere, err := f.DescribeDeliveries(callerIn(t.Context(), account, "eu-west-1"), &awslogs.DescribeDeliveriesRequest{})
	f.must(err)
	if len(elsewhere.Deliveries) != 0 {
		t.Errorf("in another region: %+v", elsewhere.Deliveries)
	}
}

func TestLogDeliveryErrors(t *testing.T) {
	t.Parallel()
	f, _ := newDeliveryFixture(t)
	f.createGroup("mine")
	f.must(f.putSource("stage", stageARN))
	f.must(f.putDestination("json", "mine", nil))
	delivery, err := f.deliver("stage", "json")
	f.must(err)
	putSource := func(edit func(*awslogs.PutDeliverySourceRequest)) error {
		in := awslogs.PutDeliverySourceRequest{Name: "new", ResourceArn: quietStageARN, LogType: "EXECUTION_LOGS"}
		edit(&in)
		_, err := f.PutDeliverySource(f.ctx, &in)
		return err
	}
	putDestination := func(target, format, kind string, tags map[string]string) error {
		in := awslogs.PutDeliveryDestinationRequest{Name: "json", Tags: tags}
		if format != "" {
			in.OutputFormat = &format
		}
		if kind != "" {
			in.DeliveryDestinationType = &kind
		}
		if target != "" {
			in.DeliveryDestinationConfiguration = &awslogs.DeliveryDestinationConfiguration{DestinationResourceArn: target}
		}
		_, err := f.PutDeliveryDestination(f.ctx, &in)
		return err
	}
	create := func(source, destination string, fields ...string) error {
		_, err := f.deliver(source, destination, fields...)
		return err
	}
	get := func(id string) error {
		_, err := f.GetDelivery(f.ctx, &awslogs.GetDeliveryRequest{Id: id})
		return err
	}
	_, s3Error := f.UpdateDeliveryConfiguration(f.ctx, &awslogs.UpdateDeliveryConfigurationRequest{
		Id: *delivery.Id, S3DeliveryConfiguration: &awslogs.S3DeliveryConfiguration{},
	})
	mine, tags := deliveryPrefix+"log-group:mine", map[string]string{"a": "b"}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{putSource(func(*awslogs.PutDeliverySourceRequest) {}),
			"ValidationException: Execution logging is off for " + quietStageARN + ". Set its logging level to ERROR or INFO first."},
		{putSource(func(in *awslogs.PutDeliverySourceRequest) { in.ResourceArn = stageARN + "2" }),
			"ResourceNotFoundException: Cannot access provided service."},
		{putSource(func(in *awslogs.PutDeliverySourceRequest) { in.ResourceArn = "prod" }),
			"ValidationException: The specified resource ARN is not valid: prod"},
		{putSource(func(in *awslogs.PutDeliverySourceRequest) { in.LogType = "ACCESS_LOGS" }),
			"ValidationException: The log type ACCESS_LOGS is not valid. Valid log types: [EXECUTION_LOGS]"},
		{putSource(func(in *awslogs.PutDeliverySourceRequest) { in.DeliverySourceConfiguration = tags }),
			"ValidationException: The delivery source configuration a is not valid for the log type EXECUTION_LOGS."},
		{putSource(func(in *awslogs.PutDeliverySourceRequest) { in.ResourceArn = stageARN }),
			"ConflictException: This ResourceId has already been used in another Delivery Source in this account."},
		{putSource(func(in *awslogs.PutDeliverySourceRequest) { in.Name, in.ResourceArn = "stage", testStageARN }),
			"ConflictException: Update to existing Delivery Source with new ResourceId is not allowed. Please create a new Delivery Source instead."},
		{putSource(func(in *awslogs.PutDeliverySourceRequest) { in.Name, in.ResourceArn, in.Tags = "stage", stageARN, tags }),
			"ConflictException: Tags can only be provided when a resource is being created, not updated."},
		{f.DeleteDeliverySource(f.ctx, &awslogs.DeleteDeliverySourceRequest{Name: "stage"}),
			"ConflictException: The Delivery Source is used by a Delivery. Please delete the Delivery first."},
		{f.DeleteDeliverySource(f.ctx, &awslogs.DeleteDeliverySourceRequest{Name: "none"}),
			"ResourceNotFoundException: Requested Delivery Source does not exist in this account."},

		{putDestination("arn:aws:s3:::bucket", "parquet", "", nil),
			"NotImplemented: PutDeliveryDestination for an S3 bucket is not built in this version of Tollbook"},
		{putDestination("arn:aws:firehose:us-east-1:111111111111:deliverystream/s", "", "FH", nil),
			"NotImplemented: PutDeliveryDestination for a Firehose stream is not built in this version of Tollbook"},
		{putDestination("", "", "XRAY", nil), "NotImplemented: PutDeliveryDestination for X-Ray is not built in this version of Tollbook"},
		{putDestination("", "", "", nil), "ValidationException: deliveryDestinationConfiguration must be specified."},
		{putDestination(mine, "", "S3", nil), "ValidationException: The specified destinationResourceArn is not valid: " + mine},
		{putDestination(deliveryPrefix+"destination:d", "", "", nil),
			"ValidationException: The specified destinationResourceArn is not valid: " + deliveryPrefix + "destination:d"},
		{putDestination(mine+"2", "", "", nil), "ResourceNotFoundException: The specified log group does not exist."},
		{putDestination(mine, "w3c", "", nil), "ValidationException: The output format w3c is not supported for a destination of type CWL."},
		{putDestination(mine, "plain", "", nil), "ConflictException: Update to existing Delivery Destination with new Output Format is not " +
			"allowed. Please create a new Delivery Destination instead."},
		{putDestination(mine, "json", "", tags), "ConflictException: Tags can only be provided when a resource is being created, not updated."},
		{f.DeleteDeliveryDestination(f.ctx, &awslogs.DeleteDeliveryDestinationRequest{Name: "json"}),
			"ConflictException: The Delivery Destination is used by a Delivery. Please delete the Delivery first."},

		{create("none", "json"), "ResourceNotFoundException: Requested Delivery Source does not exist in this account."},
		{create("stage", "none"), "ResourceNotFoundException: Requested Delivery Destination does not exist in this account."},
		{create("stage", "json"), "ConflictException: A Delivery from the Delivery Source to the Delivery Destination already exists."},
		{create("stage", "json", "color"), "ValidationException: The record field color is not valid. Valid record fields: " +
			"[resource_arn event_timestamp api_id stage resource_path http_method payload]"},
		{create("stage", "json", "stage", "stage"), "ValidationException: The record field stage is there twice."},
		{s3Error, "ValidationException: Provided delivery configuration is invalid for the destination type."},
		{get("none"), "ResourceNotFoundException: Requested Delivery does not exist in this account."},
		{f.DeleteDelivery(f.ctx, &awslogs.DeleteDeliveryRequest{Id: "none"}),
			"ResourceNotFoundException: Requested Delivery does not exist in this account."},
	} {
		expectError(t, tt.want, tt.err, tt.want)
	}
	if got := f.logDeliveries(); len(got) != 1 || len(got[0].Fields) != 7 {
		t.Errorf("a refused request changed %+v", got)
	}
}

func TestDeliveryTagsAndPolicy(t *testing.T) {
	t.Parallel()
	f, _ := newDeliveryFixture(t)
	f.createGroup("mine")
	f.must(f.putSource("stage", stageARN))
	f.must(f.putDestination("json", "mine", nil))
	delivery, err := f.deliver("stage", "json")
	f.must(err)
	for _, arn := range []string{deliveryPrefix + "delivery-source:stage", deliveryPrefix + "delivery-destination:json", *delivery.Arn} {
		f.must(f.TagResource(f.ctx, &awslogs.TagResourceRequest{ResourceArn: arn, Tags: map[string]string{"a": "1", "b": "2"}}))
		f.must(f.UntagResource(f.ctx, &awslogs.UntagResourceRequest{ResourceArn: arn, TagKeys: []string{"a"}}))
		out, err := f.ListTagsForResource(f.ctx, &awslogs.ListTagsForResourceRequest{ResourceArn: arn})
		f.must(err)
		if diff := cmp.Diff(map[string]string{"b": "2"}, out.Tags); diff != "" {
			t.Errorf("%s: %s", arn, diff)
		}
	}
	expectError(t, "unknown delivery", f.TagResource(f.ctx, &awslogs.TagResourceRequest{ResourceArn: deliveryPrefix + "delivery:none"}),
		"ResourceNotFoundException: The specified resource does not exist.")

	policy := func() *awslogs.Policy {
		t.Helper()
		out, err := f.GetDeliveryDestinationPolicy(f.ctx, &awslogs.GetDeliveryDestinationPolicyRequest{DeliveryDestinationName: "json"})
		f.must(err)
		return out.Policy
	}
	put := func(name, document string) error {
		_, err := f.PutDeliveryDestinationPolicy(f.ctx, &awslogs.PutDeliveryDestinationPolicyRequest{
			DeliveryDestinationName: name, DeliveryDestinationPolicy: document,
		})
		return err
	}
	const document = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Principal":{"AWS":"222222222222"},"Action":"logs:CreateDelivery","Resource":"*"}]}`
	if p := policy(); p != nil {
		t.Errorf("a policy from the start: %+v", p)
	}
	f.must(put("json", document))
	f.must(f.putDestination("json", "mine", nil)) // keeps it
	if p := policy(); p == nil || *p.DeliveryDestinationPolicy != document {
		t.Errorf("policy %+v", p)
	}
	f.must(f.DeleteDeliveryDestinationPolicy(f.ctx, &awslogs.DeleteDeliveryDestinationPolicyRequest{DeliveryDestinationName: "json"}))
	if p := policy(); p != nil {
		t.Errorf("deleted: %+v", p)
	}
	expectError(t, "nonsense", put("json", "{"), "ValidationException: The specified deliveryDestinationPolicy is not a valid policy document.")
	expectError(t, "no destination", put("none", document), "ResourceNotFoundException: Requested Delivery Destination does not exist in this account.")
}

func TestConfigurationTemplates(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, tt := range []struct {
		in   awslogs.DescribeConfigurationTemplatesRequest
		want int
	}{
		{awslogs.DescribeConfigurationTemplatesRequest{}, 1},
		{awslogs.DescribeConfigurationTemplatesRequest{Service: new("apigateway"), LogTypes: []string{"X", "EXECUTION_LOGS"}}, 1},
		{awslogs.DescribeConfigurationTemplatesRequest{Service: new("cloudfront")}, 0},
		{awslogs.DescribeConfigurationTemplatesRequest{DeliveryDestinationTypes: []string{"S3"}}, 0},
	} {
		out, err := f.DescribeConfigurationTemplates(f.ctx, &tt.in)
		f.must(err)
		if len(out.ConfigurationTemplates) != tt.want || out.NextToken != nil {
			t.Errorf("%+v: %+v", tt.in, out)
		}
		for _, c := range out.ConfigurationTemplates {
			if len(c.AllowedFields) != 7 || *c.AllowedFields[6].Name != "payload" || *c.AllowedFields[0].Name != "resource_arn" {
				t.Errorf("fields %+v", c.AllowedFields)
			}
		}
	}
}
