package apigateway

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tollbook/tollbook/apigateway/openapi"
	"github.com/tollbook/tollbook/awsapi/awsapigateway"
)

// GetExport returns what a stage serves as an OpenAPI document: swagger (2.0) or oas30 (3.0), JSON or YAML.
func (s *Service) GetExport(ctx context.Context, in *awsapigateway.GetExportRequest) (*awsapigateway.ExportResponse, error) {
	o := openapi.WriteOptions{Version: in.ExportType, Stage: in.StageName}
	if o.Version != "swagger" && o.Version != "oas30" {
		return nil, badRequest("Invalid exportType specified. Valid options are oas30,swagger")
	}
	if accepts := deref(in.Accepts); strings.Contains(accepts, "yaml") {
		o.YAML = true
	}
	if err := exportExtensions(&o, in.Parameters["extensions"]); err != nil {
		return nil, err
	}
	var doc *openapi.Document
	err := s.read(ctx, func(v view) error {
		st, err := v.stage(in.RestApiId, in.StageName)
		if err != nil {
			return err
		}
		snap, err := find(v, snapshots, in.RestApiId, st.DeploymentID, errNoSnapshot)
		if err != nil {
			return err
		}
		o.Host = in.RestApiId + ".execute-api." + v.region + ".amazonaws.com"
		doc = snap.definition(st, "arn:aws:execute-api:"+v.region+":"+v.accountID+":"+in.RestApiId+"/")
		if o.Documentation && st.DocumentationVersion != "" {
			ver, err := v.documentationVersion(in.RestApiId, st.DocumentationVersion)
			if err != nil {
				return err
			}
			o.DocumentationVersion, o.DocumentationDate = ver.Version, ver.CreatedDate
			doc.Documentation = ver.definition()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	body, err := openapi.Write(doc, o)
	if err != nil {
		return nil, fmt.Errorf("export stage %s of %s: %w", in.StageName, in.RestApiId, err)
	}
	ending := map[bool]string{true: "yaml", false: "json"}[o.YAML]
	return &awsapigateway.ExportResponse{
		Body: body, ContentType: new("application/octet-stream"),
		ContentDisposition: new(fmt.Sprintf(`attachment; filename="%s_%s.%s"`, in.ExportType, doc.Version, ending)),
	}, nil
}

// exportExtensions reads the extensions that a client asks for.
func exportExtensions(o *openapi.WriteOptions, list string) error {
	for name := range strings.SplitSeq(list, ",") {
		switch strings.TrimSpace(name) {
		case "":
		case "integrations":
			o.Integrations = true
		case "authorizers":
			o.Authorizers = true
		case "apigateway":
			o.All = true
		case "documentation":
			o.Documentation = true
		case "postman":
			return notBuilt("Postman extensions are")
		default:
			return badRequest("Invalid extension specified: %s", name)
		}
	}
	return nil
}

// definition is the version's parts in the order of what they document.
func (d documentationVersionRecord) definition() (parts []openapi.DocumentationPart) {
	byLocation := func(a, b documentationPartRecord) int {
		return strings.Compare(a.Location.String(), b.Location.String())
	}
	for _, p := range slices.SortedFunc(slices.Values(d.Parts), byLocation) {
		l := p.Location
		parts = append(parts, openapi.DocumentationPart{
			Type: l.Type, Path: l.Path, Method: l.Method, StatusCode: l.StatusCode, Name: l.Name, Properties: p.Properties,
		})
	}
	return parts
}

// definition is a deployment as an API definition. Without a version of its own, the API has that of the deployment's stage:
// the time of its creation. apiARN is how full ARNs of its methods begin.
func (snap snapshotRecord) definition(st stageRecord, apiARN string) *openapi.Document {
	api := snap.API
	d := &openapi.Document{
		Title: api.Name, Description: api.Description, Version: api.Version,
		APIKeySource: api.APIKeySource, BinaryMediaTypes: api.BinaryMediaTypes, VPCEndpointIDs: api.VPCEndpointIDs,
		DisableExecuteEndpoint: &api.DisableExecuteAPIEndpoint,
		RequestValidators:      map[string]openapi.RequestValidator{}, GatewayResponses: map[string]openapi.GatewayResponse{},
	}
	if d.Version == "" {
		d.Version = st.CreatedDate.UTC().Format(time.RFC3339)
	}
	if api.MinimumCompressionSize != nil {
		d.MinimumCompressionSize = new(int(*api.MinimumCompressionSize))
	}
	if api.Policy != "" { // with names that have a meaning in another API, too
		d.Policy = json.RawMessage(strings.ReplaceAll(api.Policy, `"`+apiARN, `"execute-api:/`))
	}
	names := exportNames{authorizers: map[string]authorizerRecord{}, validators: map[string]string{}}
	for _, a := range snap.Authorizers {
		names.authorizers[a.ID] = a
		d.Authorizers = append(d.Authorizers, a.definition())
	}
	for _, r := range snap.RequestValidators {
		names.validators[r.ID] = r.Name
		d.RequestValidators[r.Name] = openapi.RequestValidator{Body: r.Body, Parameters: r.Parameters}
	}
	for _, g := range snap.GatewayResponses {
		d.GatewayResponses[g.Type] = openapi.GatewayResponse{StatusCode: g.StatusCode, ResponseParameters: g.Parameters, ResponseTemplates: g.Templates}
	}
	for _, m := range snap.Models {
		schema := openapi.RewriteReferences([]byte(m.Schema), func(ref string) string {
			if name, ok := strings.CutPrefix(ref, modelReference(api.ID, "")); ok {
				return "#/definitions/" + name
			}
			return ref
		})
		d.Models = append(d.Models, openapi.Model{Name: m.Name, Description: m.Description, Schema: string(schema)})
	}
	for _, res := range snap.Resources {
		for _, method := range sortedKeys(res.Methods) {
			d.Operations = append(d.Operations, res.Methods[method].definition(res, names))
		}
	}
	return d
}

// exportNames are the names by which a definition refers to what records know by id.
type exportNames struct {
	authorizers map[string]authorizerRecord
	validators  map[string]string
}

func (a authorizerRecord) definition() openapi.Authorizer {
	out := openapi.Authorizer{
		Name: a.Name, Type: a.Type, AuthType: a.AuthType, URI: a.URI, Credentials: a.Credentials, IdentitySource: a.IdentitySource,
		IdentityValidation: a.IdentityValidation, ProviderARNs: a.ProviderARNs,
	}
	if a.TTLInSeconds != nil {
		out.ResultTTLSeconds = new(int(*a.TTLInSeconds))
	}
	return out
}

func (m *methodRecord) definition(res resourceRecord, names exportNames) openapi.Operation {
	op := openapi.Operation{
		Path: res.Path, Method: m.HTTPMethod, OperationName: m.OperationName, RequestModels: m.RequestModels,
		AuthorizationType: m.AuthorizationType, Authorizer: names.authorizers[m.AuthorizerID].Name,
		AuthorizationScopes: m.AuthorizationScopes, APIKeyRequired: m.APIKeyRequired, RequestValidator: names.validators[m.RequestValidatorID],
	}
	for _, expression := range sortedKeys(m.RequestParameters) {
		in, name, _ := strings.Cut(strings.TrimPrefix(expression, "method.request."), ".")
		op.Parameters = append(op.Parameters, openapi.Parameter{Name: name, In: in, Required: m.RequestParameters[expression]})
	}
	for _, status := range sortedKeys(m.Responses) {
		r := m.Responses[status]
		out := openapi.Response{StatusCode: status, Models: r.ResponseModels}
		for _, expression := range sortedKeys(r.ResponseParameters) {
			out.Headers = append(out.Headers, strings.TrimPrefix(expression, "method.response.header."))
		}
		op.Responses = append(op.Responses, out)
	}
	if m.Integration != nil {
		op.Integration = m.Integration.definition(res.ID)
	}
	return op
}

func (i *integrationRecord) definition(resourceID string) *openapi.Integration {
	out := &openapi.Integration{
		Type: i.Type, HTTPMethod: i.HTTPMethod, URI: i.URI, Credentials: i.Credentials, ConnectionType: i.ConnectionType,
		ConnectionID: i.ConnectionID, PassthroughBehavior: i.PassthroughBehavior, ContentHandling: i.ContentHandling,
		CacheKeyParameters: i.CacheKeyParameters, RequestParameters: i.RequestParameters, RequestTemplates: i.RequestTemplates,
		TimeoutInMillis: int(i.TimeoutInMillis),
	}
	if i.CacheNamespace != resourceID { // the default has no meaning in another API
		out.CacheNamespace = i.CacheNamespace
	}
	if i.TLSConfigSet {
		out.InsecureSkipVerification = &i.InsecureSkipVerification
	}
	for _, status := range sortedKeys(i.Responses) {
		r := i.Responses[status]
		out.Responses = append(out.Responses, openapi.IntegrationResponse{
			SelectionPattern: r.SelectionPattern, StatusCode: status, ContentHandling: r.ContentHandling,
			ResponseParameters: r.ResponseParameters, ResponseTemplates: r.ResponseTemplates,
		})
	}
	return out
}
