package apigateway_test

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
)

func TestRestApiDefaults(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	got := must[*ag.RestApi](t)(f.CreateRestApi(f.ctx, &ag.CreateRestApiRequest{Name: "notes"}))
	if !regexp.MustCompile(`^[a-z0-9]{10}$`).MatchString(*got.Id) || !regexp.MustCompile(`^[a-z0-9]{10}$`).MatchString(*got.RootResourceId) {
		t.Errorf("ids %s and %s are not of AWS' form", *got.Id, *got.RootResourceId)
	}
	want := &ag.RestApi{
		Id:                        got.Id,
		Name:                      new("notes"),
		ApiKeySource:              new("HEADER"),
		CreatedDate:               new(time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)),
		DisableExecuteApiEndpoint: new(false),
		EndpointConfiguration:     &ag.EndpointConfiguration{IpAddressType: new("ipv4"), Types: []string{"EDGE"}},
		RootResourceId:            got.RootResourceId,
	}
	same(t, got, want)

	list := must[*ag.RestApis](t)(f.GetRestApis(f.ctx, &ag.GetRestApisRequest{}))
	same(t, list, &ag.RestApis{Items: []ag.RestApi{*want}})

	want.Tags = map[string]string{} // shown by get and update even when there are none
	same(t, must[*ag.RestApi](t)(f.GetRestApi(f.ctx, &ag.GetRestApiRequest{RestApiId: *got.Id})), want)
	same(t, must[*ag.RestApi](t)(f.UpdateRestApi(f.ctx, &ag.UpdateRestApiRequest{RestApiId: *got.Id})), want)
}

func TestRestApiErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	endpoint := func(types []string, addresses ...string) *ag.EndpointConfiguration {
		conf := &ag.EndpointConfiguration{Types: types}
		if len(addresses) > 0 {
			conf.IpAddressType = &addresses[0]
		}
		return conf
	}
	for name, c := range map[string]struct {
		in            ag.CreateRestApiRequest
		code, message string
	}{
		"empty description": {ag.CreateRestApiRequest{Name: "x", Description: new("")}, badRequest, "Description cannot be an empty string"},
		"description before endpoint": {ag.CreateRestApiRequest{Name: "x", Description: new(""), EndpointConfiguration: endpoint([]string{})},
			badRequest, "Description cannot be an empty string"},
		"compression too small": {ag.CreateRestApiRequest{Name: "x", MinimumCompressionSize: new(int32(-1))},
			badRequest, "Invalid minimum compression size, must be between 0 and 10485760"},
		"compression too large": {ag.CreateRestApiRequest{Name: "x", MinimumCompressionSize: new(int32(10485761))},
			badRequest, "Invalid minimum compression size, must be between 0 and 10485760"},
		"two types": {ag.CreateRestApiRequest{Name: "x", EndpointConfiguration: endpoint([]string{"EDGE", "REGIONAL"})},
			badRequest, "Cannot create an api with multiple Endpoint Types."},
		"no type": {ag.CreateRestApiRequest{Name: "x", EndpointConfiguration: endpoint([]string{})},
			badRequest, "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED."},
		"private ipv4": {ag.CreateRestApiRequest{Name: "x", EndpointConfiguration: endpoint([]string{"PRIVATE"}, "ipv4")},
			badRequest, "Only dualstack ipAddressType is supported for Private APIs."},
		"policy": {ag.CreateRestApiRequest{Name: "x", Policy: new("{}")},
			badRequest, "Invalid policy document. Please check the policy syntax and ensure that Principals are valid."},
		"unknown clone": {ag.CreateRestApiRequest{Name: "x", CloneFrom: new("nope")},
			notFound, "Invalid API identifier specified 123456789012:nope"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.CreateRestApi(f.ctx, &c.in)
			wantError(t, err, c.code, c.message)
		})
	}
	same(t, len(must[*ag.RestApis](t)(f.GetRestApis(f.ctx, &ag.GetRestApisRequest{})).Items), 0)
}

func TestRestApiPrivateIsDualstack(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	got := must[*ag.RestApi](t)(f.CreateRestApi(f.ctx, &ag.CreateRestApiRequest{
		Name: "x", EndpointConfiguration: &ag.EndpointConfiguration{Types: []string{"PRIVATE"}}}))
	same(t, got.EndpointConfiguration, &ag.EndpointConfiguration{Types: []string{"PRIVATE"}, IpAddressType: new("dualstack")})
}

func TestRestApiUnknown(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	id, _ := f.api(t)
	const message = "Invalid API identifier specified 123456789012:nope"
	_, err := f.GetRestApi(f.ctx, &ag.GetRestApiRequest{RestApiId: "nope"})
	wantError(t, err, notFound, message)
	_, err = f.UpdateRestApi(f.ctx, &ag.UpdateRestApiRequest{RestApiId: "nope"})
	wantError(t, err, notFound, message)
	wantError(t, f.DeleteRestApi(f.ctx, &ag.DeleteRestApiRequest{RestApiId: "nope"}), notFound, message)
	_, err = f.GetRestApi(inRegion(t.Context(), "us-east-1"), &ag.GetRestApiRequest{RestApiId: id})
	wantError(t, err, notFound, "Invalid API identifier specified 123456789012:"+id)
}

func TestRestApiPatches(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	id, _ := f.api(t)
	got := must[*ag.RestApi](t)(f.UpdateRestApi(f.ctx, &ag.UpdateRestApiRequest{RestApiId: id, PatchOperations: patches(
		patch("replace", "/name", "renamed"),
		patch("add", "/description", "text"),
		patch("replace", "/apiKeySource", "AUTHORIZER"),
		patch("add", "/binaryMediaTypes/image~1png"),
		patch("add", "/binaryMediaTypes/image~1jpeg"),
		patch("replace", "/binaryMediaTypes/image~1png", "image/gif"),
		patch("remove", "/binaryMediaTypes/image~1jpeg"),
		patch("add", "/binaryMediaTypes/-", "image/tiff"), // which AWS takes for a type named "-"
		patch("replace", "/disableExecuteApiEndpoint", "true"),
		patch("replace", "/endpointConfiguration/types/EDGE", "REGIONAL"),
		patch("replace", "/endpointConfiguration/ipAddressType", "dualstack"),
		patch("replace", "/minimumCompressionSize", "1024"),
		patch("replace", "/policy", ""),
	)}))
	same(t, got, &ag.RestApi{
		Id:                        &id,
		Name:                      new("renamed"),
		Description:               new("text"),
		ApiKeySource:              new("AUTHORIZER"),
		BinaryMediaTypes:          []string{"image/gif", "-"},
		CreatedDate:               got.CreatedDate,
		DisableExecuteApiEndpoint: new(true),
		EndpointConfiguration:     &ag.EndpointConfiguration{IpAddressType: new("dualstack"), Types: []string{"REGIONAL"}},
		MinimumCompressionSize:    new(int32(1024)),
		RootResourceId:            got.RootResourceId,
		Tags:                      map[string]string{},
	})

	got = must[*ag.RestApi](t)(f.UpdateRestApi(f.ctx, &ag.UpdateRestApiRequest{RestApiId: id, PatchOperations: patches(
		patch("remove", "/description"),
		patch("replace", "/minimumCompressionSize"),
		patch("replace", "/disableExecuteApiEndpoint", "yes"), // not "true" is false
		patch("replace", "/endpointConfiguration/types/0", "PRIVATE"),
		patch("add", "/endpointConfiguration/vpcEndpointIds", "vpce-1"),
		patch("add", "/endpointConfiguration/vpcEndpointIds", "vpce-1"),
		patch("add", "/endpointConfiguration/vpcEndpointIds", "vpce-2"),
		patch("remove", "/endpointConfiguration/vpcEndpointIds", "vpce-2"),
		patch("replace", "/endpointAccessMode", "STRICT"),
		patch("replace", "/securityPolicy", "TLS_1_2"),
	)}))
	same(t, got.EndpointAccessMode, new("STRICT"))
	same(t, got.SecurityPolicy, new("TLS_1_2"))
	if got.Description != nil || got.MinimumCompressionSize != nil || *got.DisableExecuteApiEndpoint {
		t.Errorf("not cleared: %+v", got)
	}
	same(t, got.EndpointConfiguration, &ag.EndpointConfiguration{
		IpAddressType: new("dualstack"), Types: []string{"PRIVATE"}, VpcEndpointIds: []string{"vpce-1"}})
}

func TestRestApiPatchErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	id, _ := f.api(t)
	before := must[*ag.RestApi](t)(f.GetRestApi(f.ctx, &ag.GetRestApiRequest{RestApiId: id}))
	for name, c := range map[string]struct {
		op            ag.PatchOperation
		code, message string
	}{
		"unknown path":     {patch("replace", "/nope", "x"), badRequest, "Invalid patch path /nope"},
		"id":               {patch("replace", "/id", "x"), badRequest, "Invalid patch path /id"},
		"whole list":       {patch("add", "/binaryMediaTypes", "x"), badRequest, "Invalid patch path /binaryMediaTypes"},
		"op":               {patch("add", "/name", "x"), badRequest, "Invalid patch operation specified. Must be one of: [replace]"},
		"type":             {patch("replace", "/endpointConfiguration/types/EDGE", "MOON"), badRequest, "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE"},
		"type op":          {patch("copy", "/endpointConfiguration/types/EDGE", "x"), badRequest, "Invalid patch operation specified. Must be 'add'|'remove'|'replace'"},
		"last type":        {patch("remove", "/endpointConfiguration/types/EDGE"), badRequest, "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED."},
		"second type":      {patch("add", "/endpointConfiguration/types/REGIONAL"), badRequest, "Cannot create an api with multiple Endpoint Types."},
		"address type":     {patch("replace", "/endpointConfiguration/ipAddressType", "ipv5"), badRequest, "ipAddressType must be either ipv4 or dualstack."},
		"compression":      {patch("replace", "/minimumCompressionSize", "10485761"), badRequest, "Invalid minimum compression size, must be between 0 and 10485760"},
		"compression text": {patch("replace", "/minimumCompressionSize", "big"), badRequest, "Invalid minimum compression size, must be between 0 and 10485760"},
		"no name":          {patch("replace", "/name", ""), badRequest, "Name cannot be empty"},
		"access mode":      {patch("replace", "/endpointAccessMode", "x"), badRequest, "Invalid endpointAccessMode specified. Valid options are BASIC,STRICT"},
		"security policy":  {patch("replace", "/securityPolicy", "x"), badRequest, "Invalid securityPolicy specified: x"},
		"policy":           {patch("replace", "/policy", "{}"), badRequest, "Invalid policy document. Please check the policy syntax and ensure that Principals are valid."},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.UpdateRestApi(f.ctx, &ag.UpdateRestApiRequest{RestApiId: id,
				PatchOperations: patches(patch("replace", "/name", "half applied"), c.op)})
			wantError(t, err, c.code, c.message)
			same(t, must[*ag.RestApi](t)(f.GetRestApi(f.ctx, &ag.GetRestApiRequest{RestApiId: id})), before)
		})
	}
}

func TestRestApiPaging(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	want := map[string]bool{}
	for range 30 {
		id, _ := f.api(t)
		want[id] = true
	}
	first := must[*ag.RestApis](t)(f.GetRestApis(f.ctx, &ag.GetRestApisRequest{}))
	same(t, len(first.Items), 25) // AWS' default
	got := map[string]bool{}
	in := &ag.GetRestApisRequest{Limit: new(int32(7))}
	for pages := 0; ; pages++ {
		out := must[*ag.RestApis](t)(f.GetRestApis(f.ctx, in))
		for _, api := range out.Items {
			got[*api.Id] = true
		}
		if out.Position == nil {
			same(t, pages, 4)
			break
		}
		in.Position = out.Position
	}
	same(t, got, want)
	all := must[*ag.RestApis](t)(f.GetRestApis(f.ctx, &ag.GetRestApisRequest{Limit: new(int32(10000))}))
	same(t, len(all.Items), 30)
	_, err := f.GetRestApis(f.ctx, &ag.GetRestApisRequest{Position: new("%")})
	wantError(t, err, badRequest, "Invalid position parameter specified")
}

func TestDeleteRestApiCascades(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	id, root, deployment := f.deployed(t)
	other, _, _ := f.deployed(t)
	if err := f.DeleteRestApi(f.ctx, &ag.DeleteRestApiRequest{RestApiId: id}); err != nil {
		t.Fatal(err)
	}
	unknown := fmt.Sprintf("Invalid API identifier specified %s:%s", account, id)
	_, err := f.GetResource(f.ctx, &ag.GetResourceRequest{RestApiId: id, ResourceId: root})
	wantError(t, err, notFound, unknown)
	_, err = f.GetStage(f.ctx, &ag.GetStageRequest{RestApiId: id, StageName: "prod"})
	wantError(t, err, notFound, unknown)
	_, err = f.GetDeployment(f.ctx, &ag.GetDeploymentRequest{RestApiId: id, DeploymentId: deployment})
	wantError(t, err, notFound, unknown)
	if _, served := f.sink.stage(id, "prod"); served {
		t.Error("the deleted API is still served")
	}
	if _, served := f.sink.stage(other, "prod"); !served {
		t.Error("another API is no longer served")
	}
	later := fixtureOn(t, f.db)
	if err := later.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, len(later.sink.stages), 1)
}

func TestCloneRestApi(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	id, root := f.api(t)
	notes := f.resource(t, id, root, "notes")
	f.mock(t, id, f.resource(t, id, notes, "{id}"), "GET")
	clone := must[*ag.RestApi](t)(f.CreateRestApi(f.ctx, &ag.CreateRestApiRequest{Name: "copy", CloneFrom: &id}))
	list := must[*ag.Resources](t)(f.GetResources(f.ctx, &ag.GetResourcesRequest{RestApiId: *clone.Id, Embed: []string{"methods"}}))
	var paths []string
	for _, res := range list.Items {
		paths = append(paths, *res.Path)
	}
	same(t, paths, []string{"/", "/notes", "/notes/{id}"})
	same(t, list.Items[0].Id, clone.RootResourceId)
	same(t, list.Items[1].ParentId, clone.RootResourceId)
	same(t, list.Items[2].ParentId, list.Items[1].Id)
	same(t, list.Items[2].ResourceMethods["GET"].MethodIntegration.CacheNamespace, list.Items[2].Id)
	if *list.Items[1].Id == notes {
		t.Error("the copy shares ids with the original")
	}
}
