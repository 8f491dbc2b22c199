package apigateway

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/gateway"
	"github.com/tollbook/tollbook/state"
)

// gatewayResponseRecord is what an API says about one type of error. What is empty was not given: AWS' own then holds, and
// never what the API says about DEFAULT_4XX or DEFAULT_5XX.
type gatewayResponseRecord struct {
	Type       string            `json:"responseType"`
	StatusCode string            `json:"statusCode,omitempty"`
	Parameters map[string]string `json:"responseParameters,omitempty"`
	Templates  map[string]string `json:"responseTemplates,omitempty"`
}

const (
	default4XX = "DEFAULT_4XX"
	default5XX = "DEFAULT_5XX"
)

// gatewayResponseTypes are AWS' types in alphabetical order, each with its status.
var gatewayResponseTypes = [...]struct{ name, status string }{
	{"ACCESS_DENIED", "403"}, {"API_CONFIGURATION_ERROR", "500"}, {"AUTHORIZER_CONFIGURATION_ERROR", "500"},
	{"AUTHORIZER_FAILURE", "500"}, {"BAD_REQUEST_BODY", "400"}, {"BAD_REQUEST_PARAMETERS", "400"}, {default4XX, ""},
	{default5XX, ""}, {"EXPIRED_TOKEN", "403"}, {"INTEGRATION_FAILURE", "504"}, {"INTEGRATION_TIMEOUT", "504"},
	{"INVALID_API_KEY", "403"}, {"INVALID_SIGNATURE", "403"}, {"MISSING_AUTHENTICATION_TOKEN", "403"},
	{"QUOTA_EXCEEDED", "429"}, {"REQUEST_TOO_LARGE", "413"}, {"RESOURCE_NOT_FOUND", "404"}, {"THROTTLED", "429"},
	{"UNAUTHORIZED", "401"}, {"UNSUPPORTED_MEDIA_TYPE", "415"}, {"WAF_FILTERED", "403"},
}

var (
	gatewayParameterForm = regexp.MustCompile(`^gatewayresponse\.header\.(\S+)$`)
	gatewaySourceForm    = regexp.MustCompile(`^method\.request\.(path|querystring|header)\.(\S+)$`)
	statusCodeForm       = regexp.MustCompile(`^[1-5]\d\d$`)
)

// gatewayResponses are those that an API defines, by type.
type gatewayResponseSet map[string]gatewayResponseRecord

func (v view) gatewayResponses(apiID string) (gatewayResponseSet, error) {
	if _, err := v.restApi(apiID); err != nil {
		return nil, err
	}
	list, err := all(v, gatewayResponses, apiID)
	set := gatewayResponseSet{}
	for _, r := range list {
		set[r.Type] = r
	}
	return set, err
}

// toWire is a type as clients see it: as the API defines it, else as it defines the class, else as AWS does.
func (s gatewayResponseSet) toWire(name, status string) awsapigateway.GatewayResponse {
	r, own := s[name]
	if !own {
		class := default4XX
		if strings.HasPrefix(status, "5") {
			class = default5XX
		}
		r = s[class]
	}
	if r.StatusCode != "" {
		status = r.StatusCode
	}
	out := awsapigateway.GatewayResponse{
		ResponseType: &name, StatusCode: optional(status), DefaultResponse: new(!own),
		ResponseParameters: r.Parameters, ResponseTemplates: r.Templates,
	}
	if out.ResponseParameters == nil {
		out.ResponseParameters = map[string]string{}
	}
	if out.ResponseTemplates == nil {
		out.ResponseTemplates = map[string]string{"application/json": `{"message":$context.error.messageString}`}
	}
	return out
}

func statusOfType(name string) string {
	for _, t := range gatewayResponseTypes {
		if t.name == name {
			return t.status
		}
	}
	return ""
}

// PutGatewayResponse defines a type of error, as a whole.
func (s *Service) PutGatewayResponse(ctx context.Context, in *awsapigateway.PutGatewayResponseRequest) (*awsapigateway.GatewayResponse, error) {
	r := gatewayResponseRecord{
		Type: in.ResponseType, StatusCode: deref(in.StatusCode),
		Parameters: nilIfEmptyMap(in.ResponseParameters), Templates: nilIfEmptyMap(in.ResponseTemplates),
	}
	return s.storeGatewayResponse(ctx, in.RestApiId, r.Type, func(stored *gatewayResponseRecord) error {
		*stored = r
		return nil
	})
}

// UpdateGatewayResponse patches a type of error; one that was not defined before is defined by it.
func (s *Service) UpdateGatewayResponse(ctx context.Context, in *awsapigateway.UpdateGatewayResponseRequest) (*awsapigateway.GatewayResponse, error) {
	return s.storeGatewayResponse(ctx, in.RestApiId, in.ResponseType, func(stored *gatewayResponseRecord) error {
		return gatewayResponsePatches().apply(stored, in.PatchOperations)
	})
}

func (s *Service) storeGatewayResponse(ctx context.Context, apiID, name string, change func(*gatewayResponseRecord) error) (*awsapigateway.GatewayResponse, error) {
	var out awsapigateway.GatewayResponse
	err := s.write(ctx, func(v view) error {
		set, err := v.gatewayResponses(apiID)
		if err != nil {
			return err
		}
		r := set[name]
		r.Type = name
		if err := change(&r); err != nil {
			return err
		}
		if err := r.check(); err != nil {
			return err
		}
		set[name] = r
		out = set.toWire(name, statusOfType(name))
		return put(v, gatewayResponses, apiID, name, r)
	})
	if err != nil {
		return nil, err
	}
	return &out, nil
}

func gatewayResponsePatches() patchTable[gatewayResponseRecord] {
	type record = gatewayResponseRecord
	table := plainTable(
		replaceText("/statusCode", func(r *record) *string { return &r.StatusCode }),
		strictMapRule("/responseParameters", func(r *record) *map[string]string { return &r.Parameters }, errUnknownParameter),
		mapRule("/responseTemplates", func(r *record) *map[string]string { return &r.Templates }, textValue, errUnknownContentType),
	)
	table.unsupportedOp = func(op patchOp, _ []string) error { return badRequest("Invalid patch path %s", op.path) }
	return table
}

// strictMapRule is a mapRule in which add needs a new key and replace one that is there.
func strictMapRule[T any](base string, field func(*T) *map[string]string, wrong func() error) patchRule[T] {
	rule := mapRule(base, field, textValue, wrong)
	lenient := rule.apply
	rule.apply = func(doc *T, op patchOp) error {
		_, exists := (*field(doc))[op.last()]
		if op.op == opAdd && exists || op.op == opReplace && !exists {
			return wrong()
		}
		return lenient(doc, op)
	}
	return rule
}

func (r gatewayResponseRecord) check() error {
	if r.StatusCode != "" && !statusCodeForm.MatchString(r.StatusCode) {
		return badRequest("Invalid status code specified: %s", r.StatusCode)
	}
	for _, mediaType := range sortedKeys(r.Templates) {
		if mediaType == "" || r.Templates[mediaType] == "" {
			return badRequest("Invalid null or empty value in responseTemplates")
		}
	}
	for _, target := range sortedKeys(r.Parameters) {
		source := r.Parameters[target]
		if target == "" || source == "" {
			return badRequest("Invalid null or empty value in responseParameters")
		}
		if !gatewayParameterForm.MatchString(target) {
			return errMapping(target)
		}
		if !isCommonSource(source) && !gatewaySourceForm.MatchString(source) {
			return errMapping(source)
		}
	}
	return checkTemplates(r.Templates)
}

// GetGatewayResponse returns one type, defined or not.
func (s *Service) GetGatewayResponse(ctx context.Context, in *awsapigateway.GetGatewayResponseRequest) (*awsapigateway.GatewayResponse, error) {
	var out awsapigateway.GatewayResponse
	err := s.read(ctx, func(v view) error {
		set, err := v.gatewayResponses(in.RestApiId)
		out = set.toWire(in.ResponseType, statusOfType(in.ResponseType))
		return err
	})
	if err != nil {
		return nil, err
	}
	return &out, nil
}

// GetGatewayResponses lists all types, defined or not.
func (s *Service) GetGatewayResponses(ctx context.Context, in *awsapigateway.GetGatewayResponsesRequest) (*awsapigateway.GatewayResponses, error) {
	p, err := parsePage(in.Limit, in.Position)
	if err != nil {
		return nil, err
	}
	out := &awsapigateway.GatewayResponses{Items: []awsapigateway.GatewayResponse{}}
	err = s.read(ctx, func(v view) error {
		set, err := v.gatewayResponses(in.RestApiId)
		if err != nil {
			return err
		}
		for _, t := range gatewayResponseTypes {
			if t.name <= p.after {
				continue
			}
			if len(out.Items) == p.limit {
				out.Position = position(*out.Items[p.limit-1].ResponseType, true)
				break
			}
			out.Items = append(out.Items, set.toWire(t.name, t.status))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// DeleteGatewayResponse makes a type AWS' own again.
func (s *Service) DeleteGatewayResponse(ctx context.Context, in *awsapigateway.DeleteGatewayResponseRequest) error {
	return s.write(ctx, func(v view) error {
		set, err := v.gatewayResponses(in.RestApiId)
		if err != nil {
			return err
		}
		if _, ok := set[in.ResponseType]; !ok {
			return notFound("Gateway response type not defined on api")
		}
		if err := gatewayResponses.Delete(v.tx, v.key(in.RestApiId, in.ResponseType)); err != nil {
			return fmt.Errorf("delete gateway response %s: %w", in.ResponseType, err)
		}
		return nil
	})
}

func compileGatewayResponses(list []gatewayResponseRecord) map[string]gateway.GatewayResponse {
	if len(list) == 0 {
		return nil
	}
	out := map[string]gateway.GatewayResponse{}
	for _, r := range list {
		status, _ := strconv.Atoi(r.StatusCode) // was checked; empty is 0
		out[r.Type] = gateway.GatewayResponse{StatusCode: status, Parameters: r.Parameters, Templates: r.Templates}
	}
	return out
}

// copyModels gives an API what another has of models, request validators and gateway responses. Validators keep their ids,
// which are unique within an API only.
func (v view) copyModels(from, to string) error {
	return errors.Join(
		copyAll(v, models, from, to, func(m modelRecord) string { return m.Name }),
		copyAll(v, requestValidators, from, to, func(r requestValidatorRecord) string { return r.ID }),
		copyAll(v, gatewayResponses, from, to, func(r gatewayResponseRecord) string { return r.Type }),
	)
}

func copyAll[T any](v view, c state.Collection[T], from, to string, id func(T) string) error {
	list, err := all(v, c, from)
	for _, doc := range list {
		if err == nil {
			err = put(v, c, to, id(doc), doc)
		}
	}
	return err
}
