package apigateway

import (
	"context"
	"maps"
	"regexp"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
)

// maxTags is AWS' limit of tags on one resource.
const maxTags = 50

// Of the ARNs that can carry tags, those of APIs and stages are served.
var taggableARN = regexp.MustCompile(`^arn:[a-z-]+:apigateway:([a-z0-9-]+)::/restapis/([^/]+)(?:/stages/([^/]+))?$`)

// checkTags decides whether a resource may carry these tags.
func checkTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return badRequest("A resource can have at most %d tags", maxTags)
	}
	for _, key := range sortedKeys(tags) {
		if key == "" || len(key) > 128 || len(tags[key]) > 256 || strings.HasPrefix(strings.ToLower(key), "aws:") {
			return badRequest("Invalid tag specified: %s", key)
		}
	}
	return nil
}

// tagged is a resource found by its ARN.
type tagged struct {
	tags map[string]string
	// store keeps the resource with the tags replaced.
	store func(tags map[string]string) error
}

// tagged finds the API or stage that an ARN names.
func (v view) tagged(arn string) (tagged, error) {
	m := taggableARN.FindStringSubmatch(arn)
	if m == nil {
		return tagged{}, badRequest("Invalid ARN specified in the request")
	}
	region, apiID, stageName := m[1], m[2], m[3]
	if region != v.region {
		return tagged{}, errUnknownAPI(v.accountID, apiID)
	}
	if stageName == "" {
		return v.taggedAPI(apiID)
	}
	return v.taggedStage(apiID, stageName)
}

func (v view) taggedAPI(id string) (tagged, error) {
	api, err := v.restApi(id)
	return tagged{tags: api.Tags, store: func(tags map[string]string) error {
		api.Tags = tags
		return put(v, restApis, "", id, api)
	}}, err
}

func (v view) taggedStage(apiID, name string) (tagged, error) {
	st, err := v.stage(apiID, name)
	return tagged{tags: st.Tags, store: func(tags map[string]string) error {
		st.Tags = tags
		return put(v, stages, apiID, name, st)
	}}, err
}

// GetTags returns the tags of an API or stage.
func (s *Service) GetTags(ctx context.Context, in *awsapigateway.GetTagsRequest) (*awsapigateway.Tags, error) {
	out := &awsapigateway.Tags{Tags: map[string]string{}}
	err := s.read(ctx, func(v view) error {
		t, err := v.tagged(in.ResourceArn)
		maps.Copy(out.Tags, t.tags)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// TagResource sets tags of an API or stage; others stay.
func (s *Service) TagResource(ctx context.Context, in *awsapigateway.TagResourceRequest) error {
	return s.changeTags(ctx, in.ResourceArn, func(tags map[string]string) error {
		maps.Copy(tags, in.Tags)
		return checkTags(tags)
	})
}

// UntagResource removes tags of an API or stage by key.
func (s *Service) UntagResource(ctx context.Context, in *awsapigateway.UntagResourceRequest) error {
	return s.changeTags(ctx, in.ResourceArn, func(tags map[string]string) error {
		for _, key := range in.TagKeys {
			delete(tags, key)
		}
		return nil
	})
}

func (s *Service) changeTags(ctx context.Context, arn string, change func(map[string]string) error) error {
	return s.write(ctx, func(v view) error {
		t, err := v.tagged(arn)
		if err != nil {
			return err
		}
		tags := map[string]string{}
		maps.Copy(tags, t.tags)
		if err := change(tags); err != nil {
			return err
		}
		return t.store(tags)
	})
}
