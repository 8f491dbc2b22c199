package apigateway

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/apigateway/openapi"
	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awsapigateway"
)

// maxImportBytes is AWS' limit on the size of an API definition.
const maxImportBytes = 6 << 20

// ImportRestApi makes an API out of an OpenAPI document. All that is wrong with the document is told at once, and then
// nothing is made.
func (s *Service) ImportRestApi(ctx context.Context, in *awsapigateway.ImportRestApiRequest) (*awsapigateway.RestApi, error) {
	doc, err := parseDefinition(in.Body)
	if err != nil {
		return nil, err
	}
	var im *importer
	err = s.write(ctx, func(v view) error {
		im = &importer{view: v, doc: doc, parameters: in.Parameters, overwrite: true}
		api, err := im.newAPI()
		if err != nil {
			return err
		}
		api.CreatedDate, api.HasModels = s.timestamp(), true
		return im.run(api, deref(in.FailOnWarnings))
	})
	if err != nil {
		return nil, err
	}
	out := im.api.toWire()
	out.Warnings = nilIfEmpty(im.warnings)
	return out, nil
}

// PutRestApi changes an API to what an OpenAPI document says: as a whole (overwrite), or where the document says something
// (merge, the default).
func (s *Service) PutRestApi(ctx context.Context, in *awsapigateway.PutRestApiRequest) (*awsapigateway.RestApi, error) {
	doc, err := parseDefinition(in.Body)
	if err != nil {
		return nil, err
	}
	var im *importer
	err = s.write(ctx, func(v view) error {
		api, err := v.restApi(in.RestApiId)
		if err != nil {
			return err
		}
		im = &importer{view: v, doc: doc, parameters: in.Parameters, overwrite: deref(in.Mode) == "overwrite"}
		if im.overwrite {
			api.Name, api.Description, api.Version = doc.Title, doc.Description, doc.Version
		}
		return im.run(api, deref(in.FailOnWarnings))
	})
	if err != nil {
		return nil, err
	}
	out := im.api.toWireWithTags()
	out.Warnings = nilIfEmpty(im.warnings)
	return out, nil
}

func parseDefinition(body []byte) (*openapi.Document, error) {
	if len(body) > maxImportBytes {
		return nil, badRequest("Invalid OpenAPI input: a definition can have at most %d bytes.", maxImportBytes)
	}
	doc, err := openapi.Parse(body)
	if err == nil {
		return doc, nil
	}
	var problems openapi.Problems
	if !errors.As(err, &problems) || len(problems) == 1 && problems[0].Path == "/" && problems[0].Line <= 1 {
		return nil, badRequest("Invalid OpenAPI input.")
	}
	return nil, importErrors(texts(problems))
}

func texts(problems []openapi.Problem) []string {
	var out []string
	for _, p := range problems {
		out = append(out, p.String())
	}
	return out
}

// importErrors is how AWS lists what is wrong with a definition.
func importErrors(problems []string) error {
	return badRequest("Errors found during import:\n\t%s", strings.Join(problems, "\n\t"))
}

// importer turns a definition into the records of one API, in one transaction. Problems are collected, so that all are told.
type importer struct {
	view
	doc        *openapi.Document
	parameters map[string]string
	overwrite  bool

	api        restApiRecord
	tree       resourceTree
	byPath     map[string]*resourceRecord
	changed    map[string]bool   // ids of resources to store
	validators map[string]string // ids by name
	authIDs    map[string]string // of authorizers, by name
	problems   []string
	warnings   []string
}

// newAPI makes the record of a new API, with an id and a root resource and without models.
func (im *importer) newAPI() (restApiRecord, error) {
	api, err := newRestApi(&awsapigateway.CreateRestApiRequest{Name: im.doc.Title, Tags: im.doc.Tags})
	if err != nil {
		return api, err
	}
	api.Description, api.Version = im.doc.Description, im.doc.Version
	if api.ID, err = im.claimAPIID(); err != nil {
		return api, err
	}
	if api.RootResourceID, err = im.freeResourceID(api.ID, true); err != nil {
		return api, err
	}
	return api, im.putResource(api.ID, resourceRecord{ID: api.RootResourceID, Path: "/"})
}

func (im *importer) run(api restApiRecord, failOnWarnings bool) error {
	im.api = api
	im.warnings = texts(im.doc.Warnings)
	for _, step := range []func() error{
		im.importSettings, im.clear, im.importModels, im.importValidators, im.importAuthorizers, im.importGatewayResponses,
		im.importOperations, im.importDocumentation,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	if len(im.problems) > 0 {
		return importErrors(im.problems)
	}
	if failOnWarnings && len(im.warnings) > 0 {
		return badRequest("Warnings found during import:\n\t%s", strings.Join(im.warnings, "\n\t"))
	}
	return put(im.view, restApis, "", im.api.ID, im.api)
}

// note collects what a client has to mend, and passes on what is no fault of the client's.
func (im *importer) note(err error, format string, args ...any) error {
	var refusal *awsapi.Error
	if errors.As(err, &refusal) && refusal.Status < 500 {
		im.problems = append(im.problems, fmt.Sprintf(format, args...)+": "+refusal.Message)
		return nil
	}
	return err
}

func (im *importer) importSettings() error {
	d, api := im.doc, &im.api
	if im.overwrite {
		api.BinaryMediaTypes, api.MinimumCompressionSize, api.APIKeySource, api.Policy = nil, nil, "HEADER", ""
	}
	api.BinaryMediaTypes = unique(append(slices.Clone(api.BinaryMediaTypes), d.BinaryMediaTypes...))
	if d.MinimumCompressionSize != nil {
		api.MinimumCompressionSize = new(int32(*d.MinimumCompressionSize))
	}
	if d.APIKeySource != "" {
		api.APIKeySource = d.APIKeySource
	}
	if d.DisableExecuteEndpoint != nil {
		api.DisableExecuteAPIEndpoint = *d.DisableExecuteEndpoint
	}
	if err := im.note(checkCompressionSize(api.MinimumCompressionSize), "Minimum compression size"); err != nil {
		return err
	}
	if d.Policy != nil {
		policy, err := im.resourcePolicy(api.ID, string(d.Policy))
		if err := im.note(err, "Policy"); err != nil {
			return err
		}
		api.Policy = policy
	}
	return im.note(im.importEndpoint(), "Endpoint configuration")
}

// importEndpoint takes the type of endpoint from the import's parameter, else from the document.
func (im *importer) importEndpoint() error {
	types := im.doc.EndpointTypes
	if chosen := im.parameters["endpointConfigurationTypes"]; chosen != "" {
		types = strings.Split(chosen, ",")
	}
	if len(types) == 0 {
		return nil
	}
	for _, t := range types {
		if !slices.Contains([]string{endpointEdge, endpointRegional, endpointPrivate}, t) {
			return badRequest("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE")
		}
	}
	return im.api.setEndpoint(&awsapigateway.EndpointConfiguration{Types: types, VpcEndpointIds: im.doc.VPCEndpointIDs})
}

// clear removes what an overwriting import does not keep, which is all but the root resource.
func (im *importer) clear() (err error) {
	if !im.overwrite {
		return im.readTree()
	}
	id, scope := im.api.ID, im.scope()
	for _, drop := range []func() error{
		func() error { return models.DeleteAll(im.tx, scope, id) },
		func() error { return requestValidators.DeleteAll(im.tx, scope, id) },
		func() error { return authorizers.DeleteAll(im.tx, scope, id) },
		func() error { return gatewayResponses.DeleteAll(im.tx, scope, id) },
		func() error { return resources.DeleteAll(im.tx, scope, id) },
		func() error { return im.putResource(id, resourceRecord{ID: im.api.RootResourceID, Path: "/"}) },
	} {
		if err := drop(); err != nil {
			return fmt.Errorf("clear rest api %s: %w", id, err)
		}
	}
	return im.readTree()
}

func (im *importer) readTree() error {
	list, err := all(im.view, resources, im.api.ID)
	if err != nil {
		return err
	}
	im.tree, im.byPath, im.changed = resourceTree{}, map[string]*resourceRecord{}, map[string]bool{}
	for i := range list {
		im.tree[list[i].ID] = &list[i]
		im.byPath[list[i].Path] = &list[i]
	}
	return nil
}

// modelReference is how a schema refers to another model of the API.
func modelReference(apiID, name string) string {
	return "https://apigateway.amazonaws.com/restapis/" + apiID + "/models/" + name
}

func (im *importer) importModels() error {
	for _, m := range im.doc.Models {
		schema := openapi.RewriteReferences([]byte(m.Schema), func(ref string) string {
			if name, ok := strings.CutPrefix(ref, "#/definitions/"); ok {
				return modelReference(im.api.ID, name)
			}
			return ref
		})
		record := modelRecord{
			ID: newID(modelIDLength), Name: m.Name, Description: m.Description, Schema: string(schema), ContentType: "application/json",
		}
		err := record.checkName()
		if err == nil {
			err = im.checkSchema(im.api.ID, record)
		}
		if err != nil {
			if err := im.note(err, "Unable to create model for '%s'", m.Name); err != nil {
				return err
			}
			continue
		}
		if err := put(im.view, models, im.api.ID, m.Name, record); err != nil {
			return err
		}
	}
	return nil
}

func (im *importer) importValidators() error {
	present, err := all(im.view, requestValidators, im.api.ID)
	if err != nil {
		return err
	}
	im.validators = map[string]string{}
	for _, r := range present {
		im.validators[r.Name] = r.ID
	}
	for _, name := range sortedKeys(im.doc.RequestValidators) {
		v := im.doc.RequestValidators[name]
		r := requestValidatorRecord{ID: im.validators[name], Name: name, Body: v.Body, Parameters: v.Parameters}
		if r.ID == "" {
			r.ID = newID(requestValidatorIDLength)
		}
		if err := r.check(); err != nil {
			if err := im.note(err, "Request validator '%s'", name); err != nil {
				return err
			}
			continue
		}
		im.validators[name] = r.ID
		if err := put(im.view, requestValidators, im.api.ID, r.ID, r); err != nil {
			return err
		}
	}
	return nil
}

func (im *importer) importAuthorizers() error {
	present, err := all(im.view, authorizers, im.api.ID)
	if err != nil {
		return err
	}
	im.authIDs = map[string]string{}
	for _, a := range present {
		im.authIDs[a.Name] = a.ID
	}
	for _, a := range im.doc.Authorizers {
		r := authorizerRecord{
			ID: im.authIDs[a.Name], Name: a.Name, Type: a.Type, AuthType: a.AuthType, ProviderARNs: unique(a.ProviderARNs), URI: a.URI,
			Credentials: a.Credentials, IdentitySource: a.IdentitySource, IdentityValidation: a.IdentityValidation,
		}
		if a.ResultTTLSeconds != nil {
			r.TTLInSeconds = new(int32(*a.ResultTTLSeconds))
		}
		if r.ID == "" {
			err = im.checkNewAuthorizer(im.api.ID, r)
			r.ID = newID(authorizerIDLength)
		} else {
			err = r.check()
		}
		if err == nil {
			err = checkPassRole(im.who, r.Credentials)
		}
		if err != nil {
			if err := im.note(err, "Unable to create authorizer '%s'", a.Name); err != nil {
				return err
			}
			continue
		}
		im.authIDs[a.Name] = r.ID
		if err := put(im.view, authorizers, im.api.ID, r.ID, r); err != nil {
			return err
		}
	}
	return nil
}

func (im *importer) importGatewayResponses() error {
	for _, kind := range sortedKeys(im.doc.GatewayResponses) {
		g := im.doc.GatewayResponses[kind]
		r := gatewayResponseRecord{
			Type: kind, StatusCode: g.StatusCode, Parameters: nilIfEmptyMap(g.ResponseParameters), Templates: nilIfEmptyMap(g.ResponseTemplates),
		}
		err := r.check()
		if !slices.ContainsFunc(gatewayResponseTypes[:], func(t struct{ name, status string }) bool { return t.name == kind }) {
			err = badRequest("Invalid gateway response type")
		}
		if err != nil {
			if err := im.note(err, "Gateway response '%s'", kind); err != nil {
				return err
			}
			continue
		}
		if err := put(im.view, gatewayResponses, im.api.ID, kind, r); err != nil {
			return err
		}
	}
	return nil
}

func (im *importer) importDocumentation() error {
	if slices.Contains(strings.Split(im.parameters["ignore"], ","), "documentation") {
		return nil
	}
	var parts []documentationPartRecord
	for _, p := range im.doc.Documentation {
		part, err := checkPart(documentationPartRecord{
			Location:   documentationLocation{Type: p.Type, Path: p.Path, Method: p.Method, StatusCode: p.StatusCode, Name: p.Name},
			Properties: p.Properties,
		})
		if err != nil {
			if err := im.note(err, "Documentation part %s", part.Location); err != nil {
				return err
			}
			continue
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 && !im.overwrite {
		return nil
	}
	_, err := im.importParts(im.api.ID, parts, im.overwrite)
	return err
}
