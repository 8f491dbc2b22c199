package apigateway

import (
	"context"
	"regexp"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
)

// PutIntegrationResponse says how an answer of the backend becomes the method response of one status code; one that was
// there is replaced.
func (s *Service) PutIntegrationResponse(ctx context.Context, in *awsapigateway.PutIntegrationResponseRequest) (*awsapigateway.IntegrationResponse, error) {
	r := &integrationResponseRecord{
		StatusCode:         in.StatusCode,
		SelectionPattern:   deref(in.SelectionPattern),
		ResponseParameters: in.ResponseParameters,
		ResponseTemplates:  in.ResponseTemplates,
		ContentHandling:    deref(in.ContentHandling),
	}
	err := s.write(ctx, func(v view) error {
		res, m, err := v.integration(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err != nil {
			return err
		}
		if err := r.check(m); err != nil {
			return err
		}
		if m.Integration.Responses == nil {
			m.Integration.Responses = map[string]*integrationResponseRecord{}
		}
		m.Integration.Responses[in.StatusCode] = r
		return v.putResource(in.RestApiId, res)
	})
	if err != nil {
		return nil, err
	}
	return r.toWire(), nil
}

// check decides whether the response fits its method, which must declare the status code and every mapped header.
func (r *integrationResponseRecord) check(m *methodRecord) error {
	declared := m.Responses[r.StatusCode]
	if declared == nil {
		return errUnknownStatusCode()
	}
	if err := checkResponseMappings(declared, r.ResponseParameters); err != nil {
		return err
	}
	if err := checkTemplates(r.ResponseTemplates); err != nil {
		return err
	}
	if err := checkSelectionPattern(r.SelectionPattern); err != nil {
		return err
	}
	return checkContentHandling(r.ContentHandling)
}

// checkSelectionPattern refuses what the data plane could not evaluate. AWS' patterns are Java's; Go's lack
// backreferences and look-around, and it is better to hear that here than from every request.
func checkSelectionPattern(pattern string) error {
	if _, err := regexp.Compile(pattern); err != nil {
		return badRequest("Invalid selection pattern specified: %s: %v", pattern, err)
	}
	return nil
}

// integrationResponse finds an integration response, its method, and the resource that it is stored in.
func (v view) integrationResponse(apiID, resourceID, httpMethod, statusCode string) (resourceRecord, *methodRecord, *integrationResponseRecord, error) {
	res, m, err := v.integration(apiID, resourceID, httpMethod)
	if err != nil {
		return res, nil, nil, err
	}
	r := m.Integration.Responses[statusCode]
	if r == nil {
		return res, nil, nil, errUnknownStatusCode()
	}
	return res, m, r, nil
}

// GetIntegrationResponse returns one response of an integration.
func (s *Service) GetIntegrationResponse(ctx context.Context, in *awsapigateway.GetIntegrationResponseRequest) (*awsapigateway.IntegrationResponse, error) {
	var r *integrationResponseRecord
	err := s.read(ctx, func(v view) (err error) {
		_, _, r, err = v.integrationResponse(in.RestApiId, in.ResourceId, in.HttpMethod, in.StatusCode)
		return err
	})
	if err != nil {
		return nil, err
	}
	return r.toWire(), nil
}

// UpdateIntegrationResponse patches one response of an integration.
func (s *Service) UpdateIntegrationResponse(ctx context.Context, in *awsapigateway.UpdateIntegrationResponseRequest) (*awsapigateway.IntegrationResponse, error) {
	var r *integrationResponseRecord
	err := s.write(ctx, func(v view) error {
		res, m, found, err := v.integrationResponse(in.RestApiId, in.ResourceId, in.HttpMethod, in.StatusCode)
		if err != nil {
			return err
		}
		r = found
		if err := integrationResponsePatches().apply(r, in.PatchOperations); err != nil {
			return err
		}
		if err := r.check(m); err != nil {
			return err
		}
		return v.putResource(in.RestApiId, res)
	})
	if err != nil {
		return nil, err
	}
	return r.toWire(), nil
}

func integrationResponsePatches() patchTable[integrationResponseRecord] {
	type response = integrationResponseRecord
	return plainTable(
		replaceText("/contentHandling", func(r *response) *string { return &r.ContentHandling }),
		mapRule("/responseParameters", func(r *response) *map[string]string { return &r.ResponseParameters },
			textValue, errUnknownParameter),
		mapRule("/responseTemplates", func(r *response) *map[string]string { return &r.ResponseTemplates },
			textValue, errUnknownContentType),
		replaceText("/selectionPattern", func(r *response) *string { return &r.SelectionPattern }),
	)
}

// DeleteIntegrationResponse removes one response of an integration.
func (s *Service) DeleteIntegrationResponse(ctx context.Context, in *awsapigateway.DeleteIntegrationResponseRequest) error {
	return s.write(ctx, func(v view) error {
		res, m, _, err := v.integrationResponse(in.RestApiId, in.ResourceId, in.HttpMethod, in.StatusCode)
		if err != nil {
			return err
		}
		delete(m.Integration.Responses, in.StatusCode)
		return v.putResource(in.RestApiId, res)
	})
}

func (r *integrationResponseRecord) toWire() *awsapigateway.IntegrationResponse {
	return &awsapigateway.IntegrationResponse{
		StatusCode:         &r.StatusCode,
		SelectionPattern:   optional(r.SelectionPattern),
		ResponseParameters: nilIfEmptyMap(r.ResponseParameters),
		ResponseTemplates:  nilIfEmptyMap(r.ResponseTemplates),
		ContentHandling:    optional(r.ContentHandling),
	}
}
