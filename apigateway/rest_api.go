package apigateway

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/state"
)

// Endpoint types and the two kinds of addresses.
const (
	endpointEdge     = "EDGE"
	endpointRegional = "REGIONAL"
	endpointPrivate  = "PRIVATE"

	ipv4      = "ipv4"
	dualstack = "dualstack"
)

const maxCompressionSize = 10485760

// CreateRestApi makes an API with its root resource, or a copy of another API's resources.
func (s *Service) CreateRestApi(ctx context.Context, in *awsapigateway.CreateRestApiRequest) (*awsapigateway.RestApi, error) {
	api, err := newRestApi(in)
	if err != nil {
		return nil, err
	}
	api.CreatedDate, api.HasModels = s.timestamp(), true
	err = s.write(ctx, func(v view) (err error) {
		if api.ID, err = v.claimAPIID(); err != nil {
			return err
		}
		if api.Policy, err = v.resourcePolicy(api.ID, deref(in.Policy)); err != nil {
			return err
		}
		if api.RootResourceID, err = v.plantResources(api.ID, deref(in.CloneFrom)); err != nil {
			return err
		}
		return put(v, restApis, "", api.ID, api)
	})
	if err != nil {
		return nil, err
	}
	return api.toWire(), nil
}

// claimAPIID reserves an id that no account or region has.
func (v view) claimAPIID() (string, error) {
	return insertWithNewID(apiIDLength, func(id string) error {
		return restApiIDs.Insert(v.tx, state.Key{ID: id}, restApiIDRecord{Scope: v.scope()})
	})
}

// plantResources makes the root resource of a new API, or copies the tree of the API cloneFrom. It returns the root's id.
func (v view) plantResources(apiID, cloneFrom string) (rootID string, err error) {
	tree := []resourceRecord{{ID: "root", Path: "/"}}
	if cloneFrom != "" {
		if _, err := v.restApi(cloneFrom); err != nil {
			return "", err
		}
		if tree, err = all(v, resources, cloneFrom); err != nil {
			return "", err
		}
		if err := v.copyAuthorizers(cloneFrom, apiID); err != nil {
			return "", err
		}
		if err := v.copyModels(cloneFrom, apiID); err != nil {
			return "", err
		}
	} else if err := v.addDefaultModels(apiID); err != nil {
		return "", err
	}
	ids := map[string]string{} // from the tree's ids to the new ones
	for _, res := range tree {
		if ids[res.ID], err = v.freeResourceID(apiID, res.ParentID == ""); err != nil {
			return "", err
		}
	}
	for _, res := range tree {
		if res.ParentID == "" {
			rootID = ids[res.ID]
		}
		renameResource(&res, ids)
		if err := v.putResource(apiID, res); err != nil {
			return "", err
		}
	}
	return rootID, nil
}

// renameResource gives a resource and what names it their new ids.
func renameResource(res *resourceRecord, ids map[string]string) {
	old := res.ID
	res.ID, res.ParentID = ids[res.ID], ids[res.ParentID]
	for _, m := range res.Methods {
		if m.Integration != nil && m.Integration.CacheNamespace == old {
			m.Integration.CacheNamespace = res.ID
		}
	}
}

// freeResourceID reserves an id for a resource by inserting an empty record, which the caller replaces.
func (v view) freeResourceID(apiID string, root bool) (string, error) {
	length := resourceIDLength
	if root {
		length = rootIDLength
	}
	return insertWithNewID(length, func(id string) error {
		return resources.Insert(v.tx, v.key(apiID, id), resourceRecord{ID: id})
	})
}

// newRestApi checks the request and applies AWS' defaults. AWS looks at the description first.
func newRestApi(in *awsapigateway.CreateRestApiRequest) (restApiRecord, error) {
	api := restApiRecord{
		Name:                      in.Name,
		Description:               deref(in.Description),
		Version:                   deref(in.Version),
		BinaryMediaTypes:          unique(in.BinaryMediaTypes),
		MinimumCompressionSize:    in.MinimumCompressionSize,
		APIKeySource:              "HEADER",
		DisableExecuteAPIEndpoint: deref(in.DisableExecuteApiEndpoint),
		SecurityPolicy:            deref(in.SecurityPolicy),
		EndpointAccessMode:        deref(in.EndpointAccessMode),
		Tags:                      in.Tags,
	}
	if in.ApiKeySource != nil {
		api.APIKeySource = *in.ApiKeySource
	}
	switch {
	case in.Description != nil && *in.Description == "":
		return api, badRequest("Description cannot be an empty string")
	case in.Name == "":
		return api, badRequest("Name cannot be empty")
	}
	if err := checkCompressionSize(api.MinimumCompressionSize); err != nil {
		return api, err
	}
	if err := checkTags(in.Tags); err != nil {
		return api, err
	}
	return api, api.setEndpoint(in.EndpointConfiguration)
}

func checkCompressionSize(size *int32) error {
	if size != nil && (*size < 0 || *size > maxCompressionSize) {
		return badRequest("Invalid minimum compression size, must be between 0 and %d", maxCompressionSize)
	}
	return nil
}

func (a *restApiRecord) setEndpoint(conf *awsapigateway.EndpointConfiguration) error {
	a.EndpointType, a.IPAddressType = endpointEdge, ipv4
	if conf == nil {
		return nil
	}
	switch {
	case conf.Types != nil && len(conf.Types) == 0:
		return errNoEndpointType()
	case len(conf.Types) > 1:
		return badRequest("Cannot create an api with multiple Endpoint Types.")
	case len(conf.Types) == 1:
		a.EndpointType = conf.Types[0]
	}
	a.VPCEndpointIDs = unique(conf.VpcEndpointIds)
	if a.EndpointType == endpointPrivate {
		a.IPAddressType = dualstack
	}
	if conf.IpAddressType != nil {
		a.IPAddressType = *conf.IpAddressType
	}
	return a.checkAddressType()
}

func errNoEndpointType() error {
	return badRequest("REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.")
}

func (a *restApiRecord) checkAddressType() error {
	if a.EndpointType == endpointPrivate && a.IPAddressType != dualstack {
		return badRequest("Only dualstack ipAddressType is supported for Private APIs.")
	}
	return nil
}

// GetRestApi returns one API.
func (s *Service) GetRestApi(ctx context.Context, in *awsapigateway.GetRestApiRequest) (*awsapigateway.RestApi, error) {
	var api restApiRecord
	err := s.read(ctx, func(v view) (err error) {
		api, err = v.restApi(in.RestApiId)
		return err
	})
	if err != nil {
		return nil, err
	}
	return api.toWireWithTags(), nil
}

// GetRestApis lists the caller's APIs by id.
func (s *Service) GetRestApis(ctx context.Context, in *awsapigateway.GetRestApisRequest) (*awsapigateway.RestApis, error) {
	p, err := parsePage(in.Limit, in.Position)
	if err != nil {
		return nil, err
	}
	out := &awsapigateway.RestApis{Items: []awsapigateway.RestApi{}}
	err = s.read(ctx, func(v view) error {
		docs, more, err := restApis.List(v.tx, v.scope(), "", p.after, p.limit)
		if err != nil {
			return fmt.Errorf("list rest apis: %w", err)
		}
		for _, api := range docs {
			out.Items = append(out.Items, *api.toWire())
			out.Position = position(api.ID, more)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// UpdateRestApi patches an API's own attributes. They are served from the next deployment on.
func (s *Service) UpdateRestApi(ctx context.Context, in *awsapigateway.UpdateRestApiRequest) (*awsapigateway.RestApi, error) {
	var api restApiRecord
	err := s.write(ctx, func(v view) (err error) {
		if api, err = v.restApi(in.RestApiId); err != nil {
			return err
		}
		if err := restApiPatches().apply(&api, in.PatchOperations); err != nil {
			return err
		}
		if err := api.checkAddressType(); err != nil {
			return err
		}
		if api.Policy, err = v.resourcePolicy(api.ID, api.Policy); err != nil {
			return err
		}
		return put(v, restApis, "", api.ID, api)
	})
	if err != nil {
		return nil, err
	}
	return api.toWireWithTags(), nil
}

// DeleteRestApi removes an API that no domain leads to, with all that belongs to it, and stops serving it. Its log groups
// stay, as at AWS.
func (s *Service) DeleteRestApi(ctx context.Context, in *awsapigateway.DeleteRestApiRequest) error {
	defer s.lockAPI(in.RestApiId)()
	err := s.changeKeys(ctx, func(v view, c *changedKeys) error { // usage plans lose its stages
		if _, err := v.restApi(in.RestApiId); err != nil {
			return err
		}
		domains, err := v.domainsOf(in.RestApiId, "")
		if err != nil {
			return err
		}
		if len(domains) > 0 {
			return badRequest("Deleting RestApi %s failed. Please remove all base path mappings related to the RestApi in your domains: %s",
				in.RestApiId, strings.Join(domains, ", "))
		}
		if err := v.leavePlans(in.RestApiId, "", c); err != nil {
			return err
		}
		return v.dropAPI(in.RestApiId)
	})
	if err != nil {
		return err
	}
	s.sink.RemoveAPI(in.RestApiId)
	return nil
}

func (v view) dropAPI(id string) error {
	steps := []func() error{
		func() error { return stages.DeleteAll(v.tx, v.scope(), id) },
		func() error { return authorizers.DeleteAll(v.tx, v.scope(), id) },
		func() error { return models.DeleteAll(v.tx, v.scope(), id) },
		func() error { return requestValidators.DeleteAll(v.tx, v.scope(), id) },
		func() error { return gatewayResponses.DeleteAll(v.tx, v.scope(), id) },
		func() error { return snapshots.DeleteAll(v.tx, v.scope(), id) },
		func() error { return deployments.DeleteAll(v.tx, v.scope(), id) },
		func() error { return resources.DeleteAll(v.tx, v.scope(), id) },
		func() error { return documentationParts.DeleteAll(v.tx, v.scope(), id) },
		func() error { return documentationVersions.DeleteAll(v.tx, v.scope(), id) },
		func() error { return restApis.Delete(v.tx, v.key("", id)) },
		func() error { return restApiIDs.Delete(v.tx, state.Key{ID: id}) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("delete rest api %s: %w", id, err)
		}
	}
	return nil
}

// toWire is the API as CreateRestApi and lists show it: without tags when there are none.
func (a restApiRecord) toWire() *awsapigateway.RestApi {
	out := &awsapigateway.RestApi{
		Id:                     &a.ID,
		Name:                   &a.Name,
		Description:            optional(a.Description),
		Version:                optional(a.Version),
		CreatedDate:            &a.CreatedDate,
		RootResourceId:         &a.RootResourceID,
		BinaryMediaTypes:       nilIfEmpty(a.BinaryMediaTypes),
		MinimumCompressionSize: a.MinimumCompressionSize,
		ApiKeySource:           &a.APIKeySource,
		EndpointConfiguration: &awsapigateway.EndpointConfiguration{
			Types:          []string{a.EndpointType},
			IpAddressType:  &a.IPAddressType,
			VpcEndpointIds: nilIfEmpty(a.VPCEndpointIDs),
		},
		DisableExecuteApiEndpoint: &a.DisableExecuteAPIEndpoint,
		SecurityPolicy:            optional(a.SecurityPolicy),
		EndpointAccessMode:        optional(a.EndpointAccessMode),
		Policy:                    optional(escapeQuotes(a.Policy)),
	}
	if len(a.Tags) > 0 {
		out.Tags = a.Tags
	}
	return out
}

// toWireWithTags is the API as GetRestApi and UpdateRestApi show it: with tags even when there are none.
func (a restApiRecord) toWireWithTags() *awsapigateway.RestApi {
	out := a.toWire()
	if out.Tags == nil {
		out.Tags = map[string]string{}
	}
	return out
}

func nilIfEmpty(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
}

// unique is the list without repeated members, in order.
func unique(list []string) []string {
	var out []string
	for _, m := range list {
		if !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}
