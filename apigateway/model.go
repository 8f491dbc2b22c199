package apigateway

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/gateway/schema"
)

const modelIDLength = 6

// maxModelSize is AWS' limit of all schemas of an API together, in bytes.
const maxModelSize = 400 << 10

var modelNameForm = regexp.MustCompile(`^[A-Za-z0-9]+$`)

// modelRecord is a model; it is stored by its name.
type modelRecord struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	Schema      string `json:"schema,omitempty"`
	ContentType string `json:"contentType"`
}

// defaultModels are what every API has that is made here.
func defaultModels() []modelRecord {
	return []modelRecord{
		{Name: "Empty", Description: "This is a default empty schema model", ContentType: "application/json",
			Schema: "{\n  \"$schema\": \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Empty Schema\",\n  \"type\" : \"object\"\n}"},
		{Name: "Error", Description: "This is a default error schema model", ContentType: "application/json",
			Schema: "{\n  \"$schema\" : \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Error Schema\",\n  \"type\" : \"object\",\n" +
				"  \"properties\" : {\n    \"message\" : { \"type\" : \"string\" }\n  }\n}"},
	}
}

// addDefaultModels gives an API the models that it has from the start, unless it has models of these names.
func (v view) addDefaultModels(apiID string) error {
	for _, m := range defaultModels() {
		if _, ok, err := lookup(v, models, apiID, m.Name); err != nil || ok {
			if err != nil {
				return err
			}
			continue
		}
		m.ID = newID(modelIDLength)
		if err := put(v, models, apiID, m.Name, m); err != nil {
			return err
		}
	}
	return nil
}

func errUnknownModel(name string) error { return notFound("Invalid model name specified: %s", name) }

func (v view) model(apiID, name string) (modelRecord, error) {
	if _, err := v.restApi(apiID); err != nil {
		return modelRecord{}, err
	}
	return find(v, models, apiID, name, errUnknownModel(name))
}

// CreateModel adds a model to an API.
func (s *Service) CreateModel(ctx context.Context, in *awsapigateway.CreateModelRequest) (*awsapigateway.Model, error) {
	m := modelRecord{
		ID: newID(modelIDLength), Name: in.Name, Description: deref(in.Description), Schema: deref(in.Schema), ContentType: in.ContentType,
	}
	err := s.write(ctx, func(v view) error {
		if _, err := v.restApi(in.RestApiId); err != nil {
			return err
		}
		if err := m.checkName(); err != nil {
			return err
		}
		if _, ok, err := lookup(v, models, in.RestApiId, m.Name); err != nil || ok {
			if err != nil {
				return err
			}
			return conflict("Model name already exists for this REST API")
		}
		if in.Schema != nil {
			if err := v.checkSchema(in.RestApiId, m); err != nil {
				return err
			}
		}
		return put(v, models, in.RestApiId, m.Name, m)
	})
	if err != nil {
		return nil, err
	}
	return m.toWire(), nil
}

func (m modelRecord) checkName() error {
	switch {
	case m.Name == "":
		return badRequest("Model name must be non-empty")
	case !modelNameForm.MatchString(m.Name):
		return badRequest("Model name must be alphanumeric: %s", m.Name)
	case !contentTypeForm.MatchString(m.ContentType):
		return badRequest("Invalid content type specified: %s", m.ContentType)
	}
	return nil
}

// checkSchema decides whether a model's schema may be stored. What it refers to may come later; a schema of another media
// type than JSON is free text.
func (v view) checkSchema(apiID string, m modelRecord) error {
	if strings.TrimSpace(m.Schema) == "" {
		return errNoProperties()
	}
	list, err := all(v, models, apiID)
	if err != nil {
		return err
	}
	size := len(m.Schema)
	for _, other := range list {
		if other.Name != m.Name {
			size += len(other.Schema)
		}
	}
	if size > maxModelSize {
		return badRequest("The models of an API can have at most %d bytes together", maxModelSize)
	}
	if !strings.Contains(m.ContentType, "json") {
		return nil
	}
	if err := schema.Check(m.Schema); err != nil {
		return badRequest("Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified]")
	}
	return nil
}

func errNoProperties() error {
	return badRequest("Model schema must have at least 1 property or array items defined")
}

// GetModel returns a model; flattened, its schema stands by itself: what it refers to is among its definitions.
func (s *Service) GetModel(ctx context.Context, in *awsapigateway.GetModelRequest) (*awsapigateway.Model, error) {
	var m modelRecord
	err := s.read(ctx, func(v view) (err error) {
		if m, err = v.model(in.RestApiId, in.ModelName); err != nil || !deref(in.Flatten) {
			return err
		}
		schemas, err := v.schemas(in.RestApiId)
		if err != nil {
			return err
		}
		flat, err := schema.Flatten(schemas, m.Name)
		if err != nil {
			return badRequest("Invalid model specified: %v", err)
		}
		m.Schema = flat
		return nil
	})
	if err != nil {
		return nil, err
	}
	return m.toWire(), nil
}

// schemas are an API's schemas by model.
func (v view) schemas(apiID string) (map[string]string, error) {
	list, err := all(v, models, apiID)
	return schemasOf(list), err
}

func schemasOf(list []modelRecord) map[string]string {
	if len(list) == 0 {
		return nil
	}
	out := map[string]string{}
	for _, m := range list {
		out[m.Name] = m.Schema
	}
	return out
}

// GetModels lists an API's models by name.
func (s *Service) GetModels(ctx context.Context, in *awsapigateway.GetModelsRequest) (*awsapigateway.Models, error) {
	p, err := parsePage(in.Limit, in.Position)
	if err != nil {
		return nil, err
	}
	out := &awsapigateway.Models{Items: []awsapigateway.Model{}}
	err = s.read(ctx, func(v view) error {
		if _, err := v.restApi(in.RestApiId); err != nil {
			return err
		}
		docs, more, err := models.List(v.tx, v.scope(), in.RestApiId, p.after, p.limit)
		if err != nil {
			return fmt.Errorf("list models of %s: %w", in.RestApiId, err)
		}
		for _, m := range docs {
			out.Items = append(out.Items, *m.toWire())
			out.Position = position(m.Name, more)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// UpdateModel patches a model.
func (s *Service) UpdateModel(ctx context.Context, in *awsapigateway.UpdateModelRequest) (*awsapigateway.Model, error) {
	var m modelRecord
	err := s.write(ctx, func(v view) (err error) {
		if m, err = v.model(in.RestApiId, in.ModelName); err != nil {
			return err
		}
		before := m.Schema
		patches := listingTable(
			replaceText("/description", func(m *modelRecord) *string { return &m.Description }),
			replaceText("/schema", func(m *modelRecord) *string { return &m.Schema }),
		)
		if err := patches.apply(&m, in.PatchOperations); err != nil {
			return err
		}
		if m.Schema != before {
			if err := v.checkSchema(in.RestApiId, m); err != nil {
				return err
			}
		}
		return put(v, models, in.RestApiId, m.Name, m)
	})
	if err != nil {
		return nil, err
	}
	return m.toWire(), nil
}

// DeleteModel removes a model that no method and no other model refers to.
func (s *Service) DeleteModel(ctx context.Context, in *awsapigateway.DeleteModelRequest) error {
	return s.write(ctx, func(v view) error {
		m, err := v.model(in.RestApiId, in.ModelName)
		if err != nil {
			return err
		}
		user, err := v.modelUser(in.RestApiId, m.Name)
		if err != nil {
			return err
		}
		if user != "" {
			return conflict("Cannot delete model '%s', is referenced in %s", m.Name, user)
		}
		if err := models.Delete(v.tx, v.key(in.RestApiId, m.Name)); err != nil {
			return fmt.Errorf("delete model %s: %w", m.Name, err)
		}
		return nil
	})
}

// modelUser names something that refers to a model; empty: nothing does.
func (v view) modelUser(apiID, name string) (string, error) {
	user, err := v.methodThat(apiID, func(m *methodRecord) string {
		for _, used := range m.RequestModels {
			if used == name {
				return "method request"
			}
		}
		for _, r := range m.Responses {
			for _, used := range r.ResponseModels {
				if used == name {
					return "method response"
				}
			}
		}
		return ""
	})
	if user != "" || err != nil {
		return user, err
	}
	list, err := all(v, models, apiID)
	for _, other := range list {
		if other.Name != name && strings.Contains(other.Schema, schema.Prefix) && schema.RefersTo(other.Schema, name) {
			return "model: " + other.Name, nil
		}
	}
	return "", err
}

// methodThat finds the first method, by path and name, of which does says how it does something.
func (v view) methodThat(apiID string, does func(*methodRecord) string) (string, error) {
	list, err := all(v, resources, apiID)
	if err != nil {
		return "", err
	}
	for _, res := range list {
		for _, name := range sortedKeys(res.Methods) {
			if how := does(res.Methods[name]); how != "" {
				return how + ": " + res.Path + "/" + name, nil
			}
		}
	}
	return "", nil
}

// GetModelTemplate makes a mapping template whose output has the form of the model.
func (s *Service) GetModelTemplate(ctx context.Context, in *awsapigateway.GetModelTemplateRequest) (*awsapigateway.Template, error) {
	var out awsapigateway.Template
	err := s.read(ctx, func(v view) error {
		m, err := v.model(in.RestApiId, in.ModelName)
		if err != nil {
			return err
		}
		schemas, err := v.schemas(in.RestApiId)
		if err != nil {
			return err
		}
		text, ok := schema.Template(schemas, m.Name)
		if !ok {
			return errNoProperties()
		}
		out.Value = &text
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &out, nil
}

func (m modelRecord) toWire() *awsapigateway.Model {
	return &awsapigateway.Model{
		Id: &m.ID, Name: &m.Name, Description: optional(m.Description), Schema: optional(m.Schema), ContentType: &m.ContentType,
	}
}
