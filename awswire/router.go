package awswire

import (
	"net/http"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/awsapi"
)

// service is an awsapi.Service with its operations indexed.
type service struct {
	awsapi.Service
	byName map[string]*awsapi.Operation
	rest   restRouter
}

// router finds the service of a request.
type router struct {
	bySigningName map[string]*service
	byTarget      map[string]*service
	all           []*service
}

func newRouter(services []awsapi.Service) router {
	rt := router{bySigningName: map[string]*service{}, byTarget: map[string]*service{}}
	for _, desc := range services {
		s := &service{Service: desc, byName: map[string]*awsapi.Operation{}}
		for i := range s.Operations {
			op := &s.Operations[i]
			s.byName[op.Name] = op
		}
		if slices.Contains(s.Protocols, awsapi.RESTJSON) {
			s.rest = newRESTRouter(s.Operations)
		}
		rt.bySigningName[s.SigningName] = s
		if s.TargetPrefix != "" {
			rt.byTarget[s.TargetPrefix] = s
		}
		rt.all = append(rt.all, s)
	}
	return rt
}

// early finds the service by what stands in the head of the request: the credential scope, else X-Amz-Target or the path
// of RPC v2.
func (rt router) early(x *exchange) *service {
	if name := x.scope.Service; name != "" {
		return rt.bySigningName[name]
	}
	if prefix, _, ok := strings.Cut(x.r.Header.Get("X-Amz-Target"), "."); ok {
		return rt.byTarget[prefix]
	}
	if name, _, ok := rpcPath(x.r); ok {
		return rt.byTarget[name]
	}
	return nil
}

// rpcPath is what the path of a Smithy RPC v2 request names.
func rpcPath(r *http.Request) (service, operation string, ok bool) {
	parts := strings.Split(r.URL.Path, "/")
	if len(parts) != 5 || parts[0] != "" || parts[1] != "service" || parts[3] != "operation" {
		return "", "", false
	}
	return parts[2], parts[4], true
}

// late finds the service of a request without credential scope and target: by Action and Version, else by path.
func (rt router) late(x *exchange) *service {
	if x.scope.Service != "" {
		return nil // it names a service, which is none of ours
	}
	if action := x.form.Get("Action"); action != "" {
		for _, s := range rt.all {
			version := x.form.Get("Version")
			if slices.Contains(s.Protocols, awsapi.Query) && s.byName[action] != nil && (version == "" || version == s.APIVersion) {
				return s
			}
		}
		return nil
	}
	for _, s := range rt.all {
		if op, _ := s.rest.match(x.r); op != nil {
			return s
		}
	}
	return nil
}

// route finds the operation and makes its request.
func (x *exchange) route() (*awsapi.Request, error) {
	if x.service == nil {
		return nil, x.unknownService()
	}
	request := &awsapi.Request{Protocol: x.codec.protocol, Header: x.r.Header, Body: x.body}
	var err error
	switch x.codec.protocol {
	case awsapi.JSON11, awsapi.JSON10:
		err = x.routeTarget()
	case awsapi.RPCv2CBOR:
		err = x.routeRPC()
	case awsapi.Query:
		request.Form = x.form
		err = x.routeAction()
	default:
		request.Query = x.r.URL.Query()
		x.operation, request.Labels = x.service.rest.match(x.r)
		switch {
		case x.operation != nil:
		case x.service.SigningName == "apigateway" && strings.HasPrefix(x.r.URL.Path, "/v2/"): // another API of the same name
			err = notBuilt("API Gateway v2 (HTTP and WebSocket APIs)")
		default:
			err = missingToken()
		}
	}
	switch {
	case err != nil:
	case x.operation.Handle == nil:
		err = notBuilt(x.operation.Name)
	case x.operation.Limit > 0 && len(x.wire) > x.operation.Limit: // code and text as recorded
		err = awsapi.NewError(413, "RequestEntityTooLarge", "Request size %d exceeded %d bytes", len(x.wire), x.operation.Limit)
	}
	return request, err
}

func (x *exchange) routeTarget() error {
	prefix, name, _ := strings.Cut(x.r.Header.Get("X-Amz-Target"), ".")
	if prefix == x.service.TargetPrefix && x.r.Method == http.MethodPost {
		x.operation = x.service.byName[name]
	}
	if x.operation == nil {
		return x.unknownTarget()
	}
	return nil
}

func (x *exchange) routeRPC() error {
	name, operation, _ := rpcPath(x.r)
	if name == x.service.TargetPrefix && x.r.Method == http.MethodPost && x.r.Header.Get(smithyProtocol) == rpcv2CBOR {
		x.operation = x.service.byName[operation]
	}
	if x.operation == nil {
		return x.unknownRPC()
	}
	return nil
}

func (x *exchange) unknownRPC() error {
	return awsapi.NewError(400, "UnknownOperationException", "The operation %q of the protocol %q is unknown",
		clip(x.r.URL.Path), clip(x.r.Header.Get(smithyProtocol)))
}

func (x *exchange) unknownTarget() error {
	return awsapi.NewError(400, "UnknownOperationException", "The operation %q is unknown", clip(x.r.Header.Get("X-Amz-Target")))
}

func (x *exchange) routeAction() error {
	action, version := x.form.Get("Action"), x.form.Get("Version")
	switch {
	case action == "":
		return awsapi.NewError(400, "MissingAction", "The request is missing an action or a required parameter.")
	case version == "" || version == x.service.APIVersion:
		x.operation = x.service.byName[action]
	}
	if x.operation == nil {
		return x.unknownAction()
	}
	return nil
}

func (x *exchange) unknownAction() error {
	return awsapi.NewError(400, "InvalidAction", "Could not find operation %s for version %s",
		clip(x.form.Get("Action")), clip(x.form.Get("Version")))
}

func notBuilt(what string) *awsapi.Error {
	return awsapi.NewError(501, "NotImplemented", "%s is not built in this version of Tollbook", what)
}

// unknownService answers a request that names a service which is not served, or none at all.
func (x *exchange) unknownService() error {
	if name := x.scope.Service; name != "" {
		return notBuilt("The service " + clip(name))
	}
	switch x.codec.protocol {
	case awsapi.JSON11, awsapi.JSON10:
		return x.unknownTarget()
	case awsapi.RPCv2CBOR:
		return x.unknownRPC()
	case awsapi.Query:
		return x.unknownAction()
	default:
		return missingToken()
	}
}

// clip bounds what a message repeats of a request.
func clip(s string) string {
	const most = 256
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
