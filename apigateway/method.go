package apigateway

import (
	"context"
	"slices"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
)

const (
	authorizationNone    = "NONE"
	authorizationCustom  = "CUSTOM"
	authorizationCognito = "COGNITO_USER_POOLS"
)

// isHTTPMethod tells whether AWS has the method.
func isHTTPMethod(name string) bool {
	return slices.Contains([]string{"GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY"}, name)
}

func checkHTTPMethod(name string) error {
	if !isHTTPMethod(name) {
		return badRequest("Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY")
	}
	return nil
}

// PutMethod adds a method to a resource.
func (s *Service) PutMethod(ctx context.Context, in *awsapigateway.PutMethodRequest) (*awsapigateway.Method, error) {
	m := &methodRecord{
		HTTPMethod:          in.HttpMethod,
		AuthorizationType:   in.AuthorizationType,
		AuthorizerID:        deref(in.AuthorizerId),
		APIKeyRequired:      deref(in.ApiKeyRequired),
		OperationName:       deref(in.OperationName),
		RequestValidatorID:  deref(in.RequestValidatorId),
		RequestParameters:   in.RequestParameters,
		RequestModels:       in.RequestModels,
		AuthorizationScopes: unique(in.AuthorizationScopes),
	}
	err := s.write(ctx, func(v view) error {
		res, err := v.resource(in.RestApiId, in.ResourceId)
		if err != nil {
			return err
		}
		if err := checkHTTPMethod(m.HTTPMethod); err != nil {
			return err
		}
		if res.Methods[m.HTTPMethod] != nil {
			return conflict("Method already exists for this resource")
		}
		if err := m.check(); err != nil {
			return err
		}
		if err := v.checkAuthorizer(in.RestApiId, m); err != nil {
			return err
		}
		if err := v.checkRequestValidation(in.RestApiId, m); err != nil {
			return err
		}
		if res.Methods == nil {
			res.Methods = map[string]*methodRecord{}
		}
		res.Methods[m.HTTPMethod] = m
		return v.putResource(in.RestApiId, res)
	})
	if err != nil {
		return nil, err
	}
	return m.toWire(), nil
}

// check decides whether a method may be stored, and drops what AWS ignores.
func (m *methodRecord) check() error {
	if err := m.checkAuthorization(); err != nil {
		return err
	}
	return checkMethodParameters(m.RequestParameters)
}

func (m *methodRecord) checkAuthorization() error {
	switch m.AuthorizationType {
	case authorizationNone, "AWS_IAM":
		m.AuthorizerID = "" // AWS ignores it
		return nil
	case authorizationCustom, authorizationCognito:
		return nil // see checkAuthorizer
	default:
		return badRequest("Invalid authorization type specified. Valid options are NONE,AWS_IAM,CUSTOM,COGNITO_USER_POOLS")
	}
}

// GetMethod returns a method with its responses and integration.
func (s *Service) GetMethod(ctx context.Context, in *awsapigateway.GetMethodRequest) (*awsapigateway.Method, error) {
	var m *methodRecord
	err := s.read(ctx, func(v view) (err error) {
		_, m, err = v.method(in.RestApiId, in.ResourceId, in.HttpMethod)
		return err
	})
	if err != nil {
		return nil, err
	}
	return m.toWire(), nil
}

// UpdateMethod patches a method.
func (s *Service) UpdateMethod(ctx context.Context, in *awsapigateway.UpdateMethodRequest) (*awsapigateway.Method, error) {
	var m *methodRecord
	err := s.write(ctx, func(v view) error {
		// Unlike its siblings this operation answers an unknown API as an unknown resource.
		res, err := find(v, resources, in.RestApiId, in.ResourceId, errUnknownResource())
		if err != nil {
			return err
		}
		if m = res.Methods[in.HttpMethod]; m == nil {
			return errUnknownMethod()
		}
		if err := methodPatches().apply(m, in.PatchOperations); err != nil {
			return err
		}
		if err := m.check(); err != nil {
			return err
		}
		if err := v.checkAuthorizer(in.RestApiId, m); err != nil {
			return err
		}
		if err := v.checkRequestValidation(in.RestApiId, m); err != nil {
			return err
		}
		return v.putResource(in.RestApiId, res)
	})
	if err != nil {
		return nil, err
	}
	return m.toWire(), nil
}

func methodPatches() patchTable[methodRecord] {
	type method = methodRecord
	return plainTable(
		valueSetRule("/authorizationScopes", func(m *method) *[]string { return &m.AuthorizationScopes }),
		replaceText("/authorizationType", func(m *method) *string { return &m.AuthorizationType }),
		replaceText("/authorizerId", func(m *method) *string { return &m.AuthorizerID }),
		replaceFlag("/apiKeyRequired", func(m *method) *bool { return &m.APIKeyRequired }),
		replaceText("/operationName", func(m *method) *string { return &m.OperationName }),
		mapRule("/requestParameters", func(m *method) *map[string]bool { return &m.RequestParameters },
			flagValue, errUnknownParameter),
		mapRule("/requestModels", func(m *method) *map[string]string { return &m.RequestModels },
			textValue, errUnknownContentType),
		replaceText("/requestValidatorId", func(m *method) *string { return &m.RequestValidatorID }),
	)
}

func flagValue(op patchOp) (bool, error)   { return op.flag(), nil }
func textValue(op patchOp) (string, error) { return op.text(), nil }

// DeleteMethod removes a method with its responses and integration.
func (s *Service) DeleteMethod(ctx context.Context, in *awsapigateway.DeleteMethodRequest) error {
	return s.write(ctx, func(v view) error {
		res, m, err := v.method(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err != nil {
			return err
		}
		delete(res.Methods, m.HTTPMethod)
		return v.putResource(in.RestApiId, res)
	})
}

func (m *methodRecord) toWire() *awsapigateway.Method {
	out := &awsapigateway.Method{
		HttpMethod:          &m.HTTPMethod,
		AuthorizationType:   &m.AuthorizationType,
		AuthorizerId:        optional(m.AuthorizerID),
		ApiKeyRequired:      &m.APIKeyRequired,
		RequestValidatorId:  optional(m.RequestValidatorID),
		OperationName:       optional(m.OperationName),
		RequestParameters:   nilIfEmptyMap(m.RequestParameters),
		RequestModels:       nilIfEmptyMap(m.RequestModels),
		AuthorizationScopes: nilIfEmpty(m.AuthorizationScopes),
	}
	if len(m.Responses) > 0 {
		out.MethodResponses = map[string]awsapigateway.MethodResponse{}
		for code, r := range m.Responses {
			out.MethodResponses[code] = *r.toWire()
		}
	}
	if m.Integration != nil {
		out.MethodIntegration = m.Integration.toWire()
	}
	return out
}

func nilIfEmptyMap[V any](m map[string]V) map[string]V {
	if len(m) == 0 {
		return nil
	}
	return m
}
