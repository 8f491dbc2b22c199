package apigateway

import (
	"slices"
	"strings"

	"github.com/tollbook/tollbook/apigateway/openapi"
	"github.com/tollbook/tollbook/awsapi/awsapigateway"
)

// importOperations makes the resources and methods of a definition. A method that is there is replaced as a whole.
func (im *importer) importOperations() error {
	mode := im.parameters["basepath"]
	if !slices.Contains([]string{"", "ignore", "prepend", "split"}, mode) {
		return badRequest("Invalid basepath specified: %s. Valid options are ignore,prepend,split", mode)
	}
	base := im.doc.Base(mode)
	for _, op := range im.doc.Operations {
		path := base + op.Path
		if path != "/" {
			path = strings.TrimSuffix(path, "/")
		}
		res, err := im.resourceAt(path)
		if err == nil {
			err = im.importMethod(res, op, path)
		}
		if err := im.note(err, "Unable to create resource at path '%s'", path); err != nil {
			return err
		}
	}
	for id := range im.changed {
		if err := im.putResource(im.api.ID, *im.tree[id]); err != nil {
			return err
		}
	}
	return nil
}

// resourceAt finds the resource of a path, and makes it and those above it where they are absent.
func (im *importer) resourceAt(path string) (*resourceRecord, error) {
	if res := im.byPath[path]; res != nil {
		return res, nil
	}
	cut := strings.LastIndexByte(path, '/')
	parentPath := path[:cut]
	if parentPath == "" {
		parentPath = "/"
	}
	parent, err := im.resourceAt(parentPath)
	if err != nil {
		return nil, err
	}
	res := &resourceRecord{ParentID: parent.ID, PathPart: path[cut+1:], Path: path}
	if err := im.tree.checkPlace(*res); err != nil {
		return nil, err
	}
	if res.ID, err = im.freeResourceID(im.api.ID, false); err != nil {
		return nil, err
	}
	im.tree[res.ID], im.byPath[path], im.changed[res.ID] = res, res, true
	return res, nil
}

func (im *importer) importMethod(res *resourceRecord, op openapi.Operation, path string) error {
	m := &methodRecord{
		HTTPMethod:          op.Method,
		AuthorizationType:   op.AuthorizationType,
		AuthorizerID:        im.authIDs[op.Authorizer],
		APIKeyRequired:      op.APIKeyRequired,
		OperationName:       op.OperationName,
		RequestValidatorID:  im.validators[op.RequestValidator],
		RequestModels:       op.RequestModels,
		AuthorizationScopes: unique(op.AuthorizationScopes),
		Responses:           map[string]*methodResponseRecord{},
	}
	for _, p := range op.Parameters {
		if m.RequestParameters == nil {
			m.RequestParameters = map[string]bool{}
		}
		m.RequestParameters[p.Expression()] = p.Required
	}
	problem := func(err error, part string) error {
		return im.note(err, "Unable to put %s on '%s' for resource at path '%s'", part, op.Method, path)
	}
	for _, check := range []func() error{
		m.check,
		func() error { return im.checkAuthorizer(im.api.ID, m) },
		func() error { return im.checkModels(im.api.ID, m.RequestModels) },
	} {
		if err := problem(check(), "method"); err != nil {
			return err
		}
	}
	for _, r := range op.Responses {
		record := importResponse(r)
		m.Responses[r.StatusCode] = record
		if err := problem(record.check(), "method response "+r.StatusCode); err != nil {
			return err
		}
		if err := problem(im.checkModels(im.api.ID, record.ResponseModels), "method response "+r.StatusCode); err != nil {
			return err
		}
	}
	if op.Integration != nil {
		if err := im.importIntegration(res, m, op.Integration, problem); err != nil {
			return err
		}
	}
	if res.Methods == nil {
		res.Methods = map[string]*methodRecord{}
	}
	res.Methods[op.Method], im.changed[res.ID] = m, true
	return nil
}

func importResponse(r openapi.Response) *methodResponseRecord {
	record := &methodResponseRecord{StatusCode: r.StatusCode, ResponseModels: r.Models}
	for _, name := range r.Headers {
		if record.ResponseParameters == nil {
			record.ResponseParameters = map[string]bool{}
		}
		record.ResponseParameters["method.response.header."+name] = false
	}
	return record
}

func (im *importer) importIntegration(
	res *resourceRecord, m *methodRecord, in *openapi.Integration, problem func(error, string) error,
) error {
	request := &awsapigateway.PutIntegrationRequest{
		ResourceId: res.ID, Type: in.Type, IntegrationHttpMethod: optional(in.HTTPMethod), Uri: optional(in.URI), Credentials: optional(in.Credentials),
		ConnectionType: optional(in.ConnectionType), ConnectionId: optional(in.ConnectionID),
		PassthroughBehavior: optional(in.PassthroughBehavior), ContentHandling: optional(in.ContentHandling),
		CacheNamespace: optional(in.CacheNamespace), CacheKeyParameters: in.CacheKeyParameters,
		RequestParameters: in.RequestParameters, RequestTemplates: in.RequestTemplates,
		ResponseTransferMode: optional(in.ResponseTransferMode), TimeoutInMillis: optional(int32(in.TimeoutInMillis)),
	}
	if in.InsecureSkipVerification != nil {
		request.TlsConfig = &awsapigateway.TlsConfig{InsecureSkipVerification: in.InsecureSkipVerification}
	}
	i := newIntegration(request)
	for _, check := range []func() error{
		func() error { return checkTransferMode(in.ResponseTransferMode) },
		func() error { return i.check(m) },
		func() error { return im.checkVPCLink(i) },
		func() error { return checkPassRole(im.who, i.Credentials) },
	} {
		if err := problem(check(), "integration"); err != nil {
			return err
		}
	}
	m.Integration = i
	for _, r := range in.Responses {
		record := &integrationResponseRecord{
			StatusCode: r.StatusCode, SelectionPattern: r.SelectionPattern, ContentHandling: r.ContentHandling,
			ResponseParameters: r.ResponseParameters, ResponseTemplates: r.ResponseTemplates,
		}
		if err := problem(record.check(m), "integration response "+r.StatusCode); err != nil {
			return err
		}
		if i.Responses == nil {
			i.Responses = map[string]*integrationResponseRecord{}
		}
		i.Responses[r.StatusCode] = record
	}
	return nil
}
