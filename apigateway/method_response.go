package apigateway

import (
	"context"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
)

// PutMethodResponse declares what a method may answer with one status code.
func (s *Service) PutMethodResponse(ctx context.Context, in *awsapigateway.PutMethodResponseRequest) (*awsapigateway.MethodResponse, error) {
	r := &methodResponseRecord{
		StatusCode:         in.StatusCode,
		ResponseParameters: in.ResponseParameters,
		ResponseModels:     in.ResponseModels,
	}
	err := s.write(ctx, func(v view) error {
		res, m, err := v.method(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err != nil {
			return err
		}
		if m.Responses[in.StatusCode] != nil {
			return conflict("Response already exists for this resource")
		}
		if err := r.check(); err != nil {
			return err
		}
		if err := v.checkModels(in.RestApiId, r.ResponseModels); err != nil {
			return err
		}
		if m.Responses == nil {
			m.Responses = map[string]*methodResponseRecord{}
		}
		m.Responses[in.StatusCode] = r
		return v.putResource(in.RestApiId, res)
	})
	if err != nil {
		return nil, err
	}
	return r.toWire(), nil
}

func (r *methodResponseRecord) check() error {
	return checkResponseParameters(r.ResponseParameters)
}

// methodResponse finds a method response and the resource that it is stored in.
func (v view) methodResponse(apiID, resourceID, httpMethod, statusCode string) (resourceRecord, *methodRecord, *methodResponseRecord, error) {
	res, m, err := v.method(apiID, resourceID, httpMethod)
	if err != nil {
		return res, nil, nil, err
	}
	r := m.Responses[statusCode]
	if r == nil {
		return res, nil, nil, errUnknownStatusCode()
	}
	return res, m, r, nil
}

// GetMethodResponse returns one response of a method.
func (s *Service) GetMethodResponse(ctx context.Context, in *awsapigateway.GetMethodResponseRequest) (*awsapigateway.MethodResponse, error) {
	var r *methodResponseRecord
	err := s.read(ctx, func(v view) (err error) {
		_, _, r, err = v.methodResponse(in.RestApiId, in.ResourceId, in.HttpMethod, in.StatusCode)
		return err
	})
	if err != nil {
		return nil, err
	}
	return r.toWire(), nil
}

// UpdateMethodResponse patches one response of a method.
func (s *Service) UpdateMethodResponse(ctx context.Context, in *awsapigateway.UpdateMethodResponseRequest) (*awsapigateway.MethodResponse, error) {
	var r *methodResponseRecord
	err := s.write(ctx, func(v view) (err error) {
		var res resourceRecord
		res, _, r, err = v.methodResponse(in.RestApiId, in.ResourceId, in.HttpMethod, in.StatusCode)
		if err != nil {
			return err
		}
		if err := methodResponsePatches().apply(r, in.PatchOperations); err != nil {
			return err
		}
		if err := r.check(); err != nil {
			return err
		}
		if err := v.checkModels(in.RestApiId, r.ResponseModels); err != nil {
			return err
		}
		return v.putResource(in.RestApiId, res)
	})
	if err != nil {
		return nil, err
	}
	return r.toWire(), nil
}

func methodResponsePatches() patchTable[methodResponseRecord] {
	type response = methodResponseRecord
	return plainTable(
		mapRule("/responseModels", func(r *response) *map[string]string { return &r.ResponseModels },
			textValue, errUnknownContentType),
		mapRule("/responseParameters", func(r *response) *map[string]bool { return &r.ResponseParameters },
			flagValue, errUnknownParameter),
	)
}

// DeleteMethodResponse removes one response of a method.
func (s *Service) DeleteMethodResponse(ctx context.Context, in *awsapigateway.DeleteMethodResponseRequest) error {
	return s.write(ctx, func(v view) error {
		res, m, _, err := v.methodResponse(in.RestApiId, in.ResourceId, in.HttpMethod, in.StatusCode)
		if err != nil {
			return err
		}
		delete(m.Responses, in.StatusCode)
		return v.putResource(in.RestApiId, res)
	})
}

func (r *methodResponseRecord) toWire() *awsapigateway.MethodResponse {
	return &awsapigateway.MethodResponse{
		StatusCode:         &r.StatusCode,
		ResponseParameters: r.ResponseParameters,
		ResponseModels:     r.ResponseModels,
	}
}
