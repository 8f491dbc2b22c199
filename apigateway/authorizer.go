package apigateway

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/gateway"
)

// Types of authorizers.
const (
	typeToken   = "TOKEN"
	typeRequest = "REQUEST"
	typeCognito = "COGNITO_USER_POOLS"
)

const (
	authorizerIDLength   = 6
	maxAuthorizers       = 10 // of an API
	defaultAuthorizerTTL = 300
	maxAuthorizerTTL     = 3600
)

// CreateAuthorizer adds an authorizer to an API. Methods may name it from now on; it is served with the next deployment.
func (s *Service) CreateAuthorizer(ctx context.Context, in *awsapigateway.CreateAuthorizerRequest) (*awsapigateway.Authorizer, error) {
	a := authorizerRecord{
		Name:               in.Name,
		Type:               in.Type,
		AuthType:           deref(in.AuthType),
		ProviderARNs:       unique(in.ProviderARNs),
		URI:                deref(in.AuthorizerUri),
		Credentials:        deref(in.AuthorizerCredentials),
		IdentitySource:     deref(in.IdentitySource),
		IdentityValidation: deref(in.IdentityValidationExpression),
		TTLInSeconds:       in.AuthorizerResultTtlInSeconds,
	}
	if a.AuthType == "" {
		a.AuthType = map[bool]string{true: "cognito_user_pools", false: "custom"}[a.Type == typeCognito]
	}
	err := s.write(ctx, func(v view) error {
		if _, ok, err := lookup(v, restApis, "", in.RestApiId); err != nil {
			return err
		} else if !ok { // AWS' answer, odd as it is
			return conflict("Unable to complete operation due to concurrent modification. Please try again later.")
		}
		if err := v.checkNewAuthorizer(in.RestApiId, a); err != nil {
			return err
		}
		if err := checkPassRole(v.who, a.Credentials); err != nil {
			return err
		}
		var err error
		a.ID, err = insertWithNewID(authorizerIDLength, func(id string) error {
			a.ID = id
			return authorizers.Insert(v.tx, v.key(in.RestApiId, id), a)
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return a.toWire(), nil
}

func (v view) checkNewAuthorizer(apiID string, a authorizerRecord) error {
	if err := v.checkAuthorizerName(apiID, a); err != nil {
		return err
	}
	list, err := all(v, authorizers, apiID)
	if err != nil {
		return err
	}
	if len(list) >= maxAuthorizers {
		return awsapigateway.LimitExceededException("Maximum number of Authorizers for this API has been reached. " +
			"Please contact AWS if you need additional Authorizers.")
	}
	return a.check()
}

func (v view) checkAuthorizerName(apiID string, a authorizerRecord) error {
	list, err := all(v, authorizers, apiID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(list, func(other authorizerRecord) bool { return other.Name == a.Name && other.ID != a.ID }) {
		return badRequest("Authorizer name must be unique. Authorizer %s already exists in this RestApi.", a.Name)
	}
	return nil
}

// checkAuthorizer makes sure of the authorizer that a method names. One for tokens serves COGNITO_USER_POOLS, others serve
// CUSTOM.
func (v view) checkAuthorizer(apiID string, m *methodRecord) error {
	if m.AuthorizationType != authorizationCustom && m.AuthorizationType != authorizationCognito {
		return nil
	}
	a, ok, err := lookup(v, authorizers, apiID, m.AuthorizerID)
	if err != nil {
		return err
	}
	if !ok || (a.Type == typeCognito) != (m.AuthorizationType == authorizationCognito) {
		return badRequest("Invalid authorizer ID specified. Setting the authorization type to CUSTOM or " +
			"COGNITO_USER_POOLS requires a valid authorizer.")
	}
	return nil
}

// authorizer finds an authorizer after it made sure of its API.
func (v view) authorizer(apiID, id string) (authorizerRecord, error) {
	if _, err := v.restApi(apiID); err != nil {
		return authorizerRecord{}, err
	}
	return find(v, authorizers, apiID, id, errUnknownAuthorizer())
}

// copyAuthorizers gives an API the authorizers of another. They keep their ids, by which methods name them.
func (v view) copyAuthorizers(from, to string) error {
	list, err := all(v, authorizers, from)
	if err != nil {
		return err
	}
	for _, a := range list {
		if err := put(v, authorizers, to, a.ID, a); err != nil {
			return err
		}
	}
	return nil
}

// GetAuthorizer returns one authorizer.
func (s *Service) GetAuthorizer(ctx context.Context, in *awsapigateway.GetAuthorizerRequest) (*awsapigateway.Authorizer, error) {
	var a authorizerRecord
	err := s.read(ctx, func(v view) (err error) {
		a, err = v.authorizer(in.RestApiId, in.AuthorizerId)
		return err
	})
	if err != nil {
		return nil, err
	}
	return a.toWire(), nil
}

// GetAuthorizers lists an API's authorizers by id.
func (s *Service) GetAuthorizers(ctx context.Context, in *awsapigateway.GetAuthorizersRequest) (*awsapigateway.Authorizers, error) {
	p, err := parsePage(in.Limit, in.Position)
	if err != nil {
		return nil, err
	}
	out := &awsapigateway.Authorizers{Items: []awsapigateway.Authorizer{}}
	err = s.read(ctx, func(v view) error {
		if _, err := v.restApi(in.RestApiId); err != nil {
			return err
		}
		docs, more, err := authorizers.List(v.tx, v.scope(), in.RestApiId, p.after, p.limit)
		if err != nil {
			return fmt.Errorf("list authorizers of %s: %w", in.RestApiId, err)
		}
		for _, a := range docs {
			out.Items = append(out.Items, *a.toWire())
			out.Position = position(a.ID, more)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// UpdateAuthorizer patches an authorizer.
func (s *Service) UpdateAuthorizer(ctx context.Context, in *awsapigateway.UpdateAuthorizerRequest) (*awsapigateway.Authorizer, error) {
	var a authorizerRecord
	err := s.write(ctx, func(v view) (err error) {
		if a, err = v.authorizer(in.RestApiId, in.AuthorizerId); err != nil {
			return err
		}
		credentials := a.Credentials
		if err := authorizerPatches().apply(&a, in.PatchOperations); err != nil {
			return err
		}
		if err := v.checkAuthorizerName(in.RestApiId, a); err != nil {
			return err
		}
		if err := a.check(); err != nil {
			return err
		}
		if a.Credentials != credentials {
			if err := checkPassRole(v.who, a.Credentials); err != nil {
				return err
			}
		}
		return put(v, authorizers, in.RestApiId, a.ID, a)
	})
	if err != nil {
		return nil, err
	}
	return a.toWire(), nil
}

// DeleteAuthorizer removes an authorizer that no method names.
func (s *Service) DeleteAuthorizer(ctx context.Context, in *awsapigateway.DeleteAuthorizerRequest) error {
	return s.write(ctx, func(v view) error {
		a, err := v.authorizer(in.RestApiId, in.AuthorizerId)
		if err != nil {
			return err
		}
		if err := v.checkAuthorizerUnused(in.RestApiId, a); err != nil {
			return err
		}
		if err := authorizers.Delete(v.tx, v.key(in.RestApiId, a.ID)); err != nil {
			return fmt.Errorf("delete authorizer %s of %s: %w", a.ID, in.RestApiId, err)
		}
		return nil
	})
}

func (v view) checkAuthorizerUnused(apiID string, a authorizerRecord) error {
	list, err := all(v, resources, apiID)
	if err != nil {
		return err
	}
	slices.SortFunc(list, byPath)
	for _, res := range list {
		for _, name := range sortedKeys(res.Methods) {
			if res.Methods[name].AuthorizerID == a.ID {
				return conflict("Cannot delete authorizer '%s', is referenced in method: %s/%s", a.Name, res.Path, name)
			}
		}
	}
	return nil
}

func (a authorizerRecord) toWire() *awsapigateway.Authorizer {
	return &awsapigateway.Authorizer{
		Id:                           &a.ID,
		Name:                         &a.Name,
		Type:                         &a.Type,
		ProviderARNs:                 nilIfEmpty(a.ProviderARNs),
		AuthType:                     optional(a.AuthType),
		AuthorizerUri:                optional(a.URI),
		AuthorizerCredentials:        optional(a.Credentials),
		IdentitySource:               optional(a.IdentitySource),
		IdentityValidationExpression: optional(a.IdentityValidation),
		AuthorizerResultTtlInSeconds: a.TTLInSeconds,
	}
}

func compileAuthorizers(list []authorizerRecord) map[string]gateway.Authorizer {
	if len(list) == 0 {
		return nil
	}
	out := make(map[string]gateway.Authorizer, len(list))
	for _, a := range list {
		out[a.ID] = gateway.Authorizer{
			ID: a.ID, Name: a.Name, Type: a.Type, URI: a.URI, Credentials: a.Credentials, ProviderARNs: a.ProviderARNs,
			IdentitySource: a.IdentitySource, IdentityValidation: a.IdentityValidation, TTL: time.Duration(a.ttl()) * time.Second,
		}
	}
	return out
}

// FlushStageAuthorizersCache forgets what the authorizers of a stage have found out so far.
func (s *Service) FlushStageAuthorizersCache(ctx context.Context, in *awsapigateway.FlushStageAuthorizersCacheRequest) error {
	err := s.read(ctx, func(v view) error {
		_, err := v.stage(in.RestApiId, in.StageName)
		return err
	})
	if err == nil {
		s.sink.FlushAuthorizers(in.RestApiId, in.StageName)
	}
	return err
}
