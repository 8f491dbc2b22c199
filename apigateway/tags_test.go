package apigateway_test

import (
	"fmt"
	"testing"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
)

func (f *fixture) tags(t *testing.T, arn string) map[string]string {
	t.Helper()
	return must[*ag.Tags](t)(f.GetTags(f.ctx, &ag.GetTagsRequest{ResourceArn: arn})).Tags
}

func TestTags(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, _ := f.deployed(t)
	apiARN := "arn:aws:apigateway:eu-west-1::/restapis/" + api
	for _, arn := range []string{apiARN, apiARN + "/stages/prod"} {
		same(t, f.tags(t, arn), map[string]string{})
		if err := f.TagResource(f.ctx, &ag.TagResourceRequest{ResourceArn: arn, Tags: map[string]string{"a": "1", "b": "2"}}); err != nil {
			t.Fatal(err)
		}
		if err := f.TagResource(f.ctx, &ag.TagResourceRequest{ResourceArn: arn, Tags: map[string]string{"b": "3"}}); err != nil {
			t.Fatal(err)
		}
		same(t, f.tags(t, arn), map[string]string{"a": "1", "b": "3"})
		if err := f.UntagResource(f.ctx, &ag.UntagResourceRequest{ResourceArn: arn, TagKeys: []string{"a", "never"}}); err != nil {
			t.Fatal(err)
		}
		same(t, f.tags(t, arn), map[string]string{"b": "3"})
	}
	same(t, f.stage(t, api).Tags, map[string]string{"b": "3"})
	same(t, must[*ag.RestApi](t)(f.GetRestApi(f.ctx, &ag.GetRestApiRequest{RestApiId: api})).Tags, map[string]string{"b": "3"})
}

func TestTagErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, _ := f.deployed(t)
	arn := "arn:aws:apigateway:eu-west-1::/restapis/" + api
	for _, c := range []struct{ arn, code, message string }{
		{"nope", badRequest, "Invalid ARN specified in the request"},
		{"arn:aws:apigateway:eu-west-1::/nothings/x", badRequest, "Invalid ARN specified in the request"},
		{"arn:aws:apigateway:eu-west-1::/restapis/nope", notFound, "Invalid API identifier specified 123456789012:nope"},
		{"arn:aws:apigateway:us-east-1::/restapis/" + api, notFound, "Invalid API identifier specified 123456789012:" + api},
		{arn + "/stages/nope", notFound, "Invalid stage identifier specified"},
	} {
		_, err := f.GetTags(f.ctx, &ag.GetTagsRequest{ResourceArn: c.arn})
		wantError(t, err, c.code, c.message)
		wantError(t, f.TagResource(f.ctx, &ag.TagResourceRequest{ResourceArn: c.arn}), c.code, c.message)
	}
	many := map[string]string{}
	for i := range 51 {
		many[fmt.Sprint(i)] = ""
	}
	wantError(t, f.TagResource(f.ctx, &ag.TagResourceRequest{ResourceArn: arn, Tags: many}), badRequest, "A resource can have at most 50 tags")
	wantError(t, f.TagResource(f.ctx, &ag.TagResourceRequest{ResourceArn: arn, Tags: map[string]string{"aws:x": ""}}),
		badRequest, "Invalid tag specified: aws:x")
	same(t, f.tags(t, arn), map[string]string{})
}
