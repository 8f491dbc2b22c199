package apigateway

import (
	"context"
	"fmt"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/gateway"
)

// TestInvokeMethod sends a request through a method of the API as it is now, deployed or not, and answers how that went:
// what a client would get, and the execution log. Whatever the request meets on its way, the answer's own status is 200.
func (s *Service) TestInvokeMethod(
	ctx context.Context, in *awsapigateway.TestInvokeMethodRequest,
) (*awsapigateway.TestInvokeMethodResponse, error) {
	var stage gateway.Stage
	err := s.read(ctx, func(v view) (err error) {
		stage, err = v.testStage(in)
		return err
	})
	if err != nil {
		return nil, err
	}
	result, err := s.sink.TestInvoke(stage, testRequest(ctx, in))
	if err != nil {
		return nil, fmt.Errorf("test %s of resource %s: %w", in.HttpMethod, in.ResourceId, err)
	}
	out := &awsapigateway.TestInvokeMethodResponse{
		Status:            new(int32(result.Status)),
		Body:              &result.Body,
		Headers:           map[string]string{},
		MultiValueHeaders: result.Headers,
		Log:               &result.Log,
		Latency:           new(result.Latency.Milliseconds()),
	}
	for name, values := range result.Headers {
		out.Headers[name] = values[len(values)-1]
	}
	return out, nil
}

// testStage is a stage with the method, and nothing else of the API.
func (v view) testStage(in *awsapigateway.TestInvokeMethodRequest) (gateway.Stage, error) {
	res, ok, err := lookup(v, resources, in.RestApiId, in.ResourceId)
	if err != nil {
		return gateway.Stage{}, err
	}
	if !ok {
		return gateway.Stage{}, errUnknownResource() // of an unknown API, too
	}
	m := res.Methods[in.HttpMethod]
	if m == nil && isHTTPMethod(in.HttpMethod) {
		m = res.Methods["ANY"]
	}
	if m == nil {
		return gateway.Stage{}, errUnknownMethod()
	}
	if m.Integration == nil {
		return gateway.Stage{}, badRequest("No integration defined for method")
	}
	snap, err := v.apiNow(in.RestApiId)
	if err != nil {
		return gateway.Stage{}, err
	}
	res.Methods = map[string]*methodRecord{m.HTTPMethod: m}
	snap.Resources = []resourceRecord{res}
	stage := compileStage(v.accountID, v.region, snap, stageRecord{Name: gateway.TestStage, Variables: in.StageVariables})
	stage.ClientCertificate, err = v.keyPair(deref(in.ClientCertificateId))
	return stage, err
}

// testRequest is the request as the data plane gets it. A header that is there in both forms has its values of the plural
// one.
func testRequest(ctx context.Context, in *awsapigateway.TestInvokeMethodRequest) gateway.TestRequest {
	caller := awsapi.CallerFrom(ctx)
	r := gateway.TestRequest{
		Method:        in.HttpMethod,
		PathWithQuery: deref(in.PathWithQueryString),
		Headers:       map[string][]string{},
		Body:          deref(in.Body),
		UserAgent:     caller.UserAgent,
		Caller: accesslog.Identity{
			AccountID: caller.AccountID, Caller: caller.UserID, User: caller.UserID, UserARN: caller.ARN, AccessKey: caller.AccessKeyID,
		},
	}
	for name, value := range in.Headers {
		r.Headers[name] = []string{value}
	}
	for name, values := range in.MultiValueHeaders {
		r.Headers[name] = values
	}
	return r
}
