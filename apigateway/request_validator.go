package apigateway

import (
	"context"
	"fmt"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
)

const requestValidatorIDLength = 6

// requestValidatorRecord says what of a request is validated.
type requestValidatorRecord struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Body       bool   `json:"validateRequestBody,omitempty"`
	Parameters bool   `json:"validateRequestParameters,omitempty"`
}

func errUnknownValidator() error { return notFound("Invalid Request Validator identifier specified") }

func (v view) requestValidator(apiID, id string) (requestValidatorRecord, error) {
	if _, err := v.restApi(apiID); err != nil {
		return requestValidatorRecord{}, err
	}
	return find(v, requestValidators, apiID, id, errUnknownValidator())
}

func (r requestValidatorRecord) check() error {
	if r.Name == "" {
		return badRequest("Request Validator name cannot be blank")
	}
	return nil
}

// CreateRequestValidator adds a validator to an API.
func (s *Service) CreateRequestValidator(ctx context.Context, in *awsapigateway.CreateRequestValidatorRequest) (*awsapigateway.RequestValidator, error) {
	r := requestValidatorRecord{
		Name: deref(in.Name), Body: deref(in.ValidateRequestBody), Parameters: deref(in.ValidateRequestParameters),
	}
	err := s.write(ctx, func(v view) error {
		// Unlike its siblings this operation answers an unknown API with 400.
		if _, err := find(v, restApis, "", in.RestApiId, badRequest("Invalid REST API identifier specified")); err != nil {
			return err
		}
		if err := r.check(); err != nil {
			return err
		}
		id, err := insertWithNewID(requestValidatorIDLength, func(id string) error {
			r.ID = id
			return requestValidators.Insert(v.tx, v.key(in.RestApiId, id), r)
		})
		r.ID = id
		return err
	})
	if err != nil {
		return nil, err
	}
	return r.toWire(), nil
}

// GetRequestValidator returns one validator.
func (s *Service) GetRequestValidator(ctx context.Context, in *awsapigateway.GetRequestValidatorRequest) (*awsapigateway.RequestValidator, error) {
	var r requestValidatorRecord
	err := s.read(ctx, func(v view) (err error) {
		r, err = v.requestValidator(in.RestApiId, in.RequestValidatorId)
		return err
	})
	if err != nil {
		return nil, err
	}
	return r.toWire(), nil
}

// GetRequestValidators lists an API's validators by id.
func (s *Service) GetRequestValidators(ctx context.Context, in *awsapigateway.GetRequestValidatorsRequest) (*awsapigateway.RequestValidators, error) {
	p, err := parsePage(in.Limit, in.Position)
	if err != nil {
		return nil, err
	}
	out := &awsapigateway.RequestValidators{Items: []awsapigateway.RequestValidator{}}
	err = s.read(ctx, func(v view) error {
		if _, err := v.restApi(in.RestApiId); err != nil {
			return err
		}
		docs, more, err := requestValidators.List(v.tx, v.scope(), in.RestApiId, p.after, p.limit)
		if err != nil {
			return fmt.Errorf("list request validators of %s: %w", in.RestApiId, err)
		}
		for _, r := range docs {
			out.Items = append(out.Items, *r.toWire())
			out.Position = position(r.ID, more)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// UpdateRequestValidator patches a validator.
func (s *Service) UpdateRequestValidator(ctx context.Context, in *awsapigateway.UpdateRequestValidatorRequest) (*awsapigateway.RequestValidator, error) {
	var r requestValidatorRecord
	err := s.write(ctx, func(v view) (err error) {
		if r, err = v.requestValidator(in.RestApiId, in.RequestValidatorId); err != nil {
			return err
		}
		type record = requestValidatorRecord
		patches := listingTable(
			replaceText("/name", func(r *record) *string { return &r.Name }),
			replaceFlag("/validateRequestParameters", func(r *record) *bool { return &r.Parameters }),
			replaceFlag("/validateRequestBody", func(r *record) *bool { return &r.Body }),
		)
		if err := patches.apply(&r, in.PatchOperations); err != nil {
			return err
		}
		if err := r.check(); err != nil {
			return err
		}
		return put(v, requestValidators, in.RestApiId, r.ID, r)
	})
	if err != nil {
		return nil, err
	}
	return r.toWire(), nil
}

// DeleteRequestValidator removes a validator that no method uses: one that vanished would leave its methods open.
func (s *Service) DeleteRequestValidator(ctx context.Context, in *awsapigateway.DeleteRequestValidatorRequest) error {
	return s.write(ctx, func(v view) error {
		r, err := v.requestValidator(in.RestApiId, in.RequestValidatorId)
		if err != nil {
			return err
		}
		user, err := v.methodThat(in.RestApiId, func(m *methodRecord) string {
			if m.RequestValidatorID == r.ID {
				return "method request"
			}
			return ""
		})
		if err != nil {
			return err
		}
		if user != "" {
			return conflict("Cannot delete Request Validator '%s', is referenced in %s", r.ID, user)
		}
		if err := requestValidators.Delete(v.tx, v.key(in.RestApiId, r.ID)); err != nil {
			return fmt.Errorf("delete request validator %s: %w", r.ID, err)
		}
		return nil
	})
}

// checkRequestValidation makes sure that the validator and the models that a method names exist.
func (v view) checkRequestValidation(apiID string, m *methodRecord) error {
	if m.RequestValidatorID != "" {
		_, ok, err := lookup(v, requestValidators, apiID, m.RequestValidatorID)
		if err != nil {
			return err
		}
		if !ok {
			return badRequest("Invalid Request Validator identifier specified")
		}
	}
	return v.checkModels(apiID, m.RequestModels)
}

// checkModels makes sure that models by content type exist.
func (v view) checkModels(apiID string, names map[string]string) error {
	for _, contentType := range sortedKeys(names) {
		_, ok, err := lookup(v, models, apiID, names[contentType])
		if err != nil {
			return err
		}
		if !ok {
			return badRequest("Invalid model identifier specified: %s", names[contentType])
		}
	}
	return nil
}

func (r requestValidatorRecord) toWire() *awsapigateway.RequestValidator {
	return &awsapigateway.RequestValidator{
		Id: &r.ID, Name: &r.Name, ValidateRequestBody: &r.Body, ValidateRequestParameters: &r.Parameters,
	}
}
