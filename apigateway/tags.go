package apigateway

import (
	"context"
	"maps"
	"regexp"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/state"
)

// maxTags is AWS' limit of tags on one resource.
const maxTags = 50

// taggableARN takes apart the ARNs of what can carry tags: a kind of resource, its id, and the stage of an API.
var taggableARN = regexp.MustCompile(`^arn:[a-z-]+:apigateway:([a-z0-9-]+)::/([a-z]+)/([^/]+)(?:/stages/([^/]+))?$`)

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

// tagged finds the resource that an ARN names.
func (v view) tagged(arn string) (tagged, error) {
	invalid := badRequest("Invalid ARN specified in the request")
	m := taggableARN.FindStringSubmatch(arn)
	if m == nil || m[4] != "" && m[2] != "restapis" {
		return tagged{}, invalid
	}
	region, kind, id, stageName := m[1], m[2], m[3], m[4]
	if region != v.region {
		return tagged{}, errUnknownAPI(v.accountID, id)
	}
	switch kind {
	case "restapis":
		if stageName == "" {
			return taggedRecord(v, restApis, "", id, errUnknownAPI(v.accountID, id), func(r *restApiRecord) *map[string]string { return &r.Tags })
		}
		if _, err := v.restApi(id); err != nil {
			return tagged{}, err
		}
		return taggedRecord(v, stages, id, stageName, errUnknownStage(), func(r *stageRecord) *map[string]string { return &r.Tags })
	case "apikeys":
		return taggedRecord(v, apiKeys, "", id, errUnknownKey(), func(r *apiKeyRecord) *map[string]string { return &r.Tags })
	case "usageplans":
		return taggedRecord(v, usagePlans, "", id, errUnknownPlan(), func(r *usagePlanRecord) *map[string]string { return &r.Tags })
	case "vpclinks":
		return taggedRecord(v, vpcLinks, "", id, errUnknownVPCLink(), func(r *vpcLinkRecord) *map[string]string { return &r.Tags })
	case "domainnames":
		return taggedRecord(v, domainNames, "", id, errUnknownDomain(), func(r *domainNameRecord) *map[string]string { return &r.Tags })
	case "clientcertificates":
		return taggedRecord(v, clientCertificates, "", id, errUnknownClientCertificate(),
			func(r *clientCertificateRecord) *map[string]string { return &r.Tags })
	}
	return tagged{}, invalid
}

func taggedRecord[T any](
	v view, c state.Collection[T], parent, id string, absent error, field func(*T) *map[string]string,
) (tagged, error) {
	doc, err := find(v, c, parent, id, absent)
	return tagged{tags: *field(&doc), store: func(tags map[string]string) error {
		*field(&doc) = tags
		return put(v, c, parent, id, doc)
	}}, err
}

// GetTags returns the tags of a resource.
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

// TagResource sets tags of a resource; others stay.
func (s *Service) TagResource(ctx context.Context, in *awsapigateway.TagResourceRequest) error {
	return s.changeTags(ctx, in.ResourceArn, func(tags map[string]string) error {
		maps.Copy(tags, in.Tags)
		return checkTags(tags)
	})
}

// UntagResource removes tags of a resource by key.
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
