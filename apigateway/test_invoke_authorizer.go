package apigateway

import (
	"context"
	"fmt"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/gateway"
)

// TestInvokeAuthorizer has an authorizer of the API as it is now look at a request, and answers what it said and the
// execution log. Whatever it says, the answer's own status is 200.
func (s *Service) TestInvokeAuthorizer(
	ctx context.Context, in *awsapigateway.TestInvokeAuthorizerRequest,
) (*awsapigateway.TestInvokeAuthorizerResponse, error) {
	var stage gateway.Stage
	err := s.read(ctx, func(v view) error {
		if _, err := v.authorizer(in.RestApiId, in.AuthorizerId); err != nil {
			return err
		}
		snap, err := v.apiNow(in.RestApiId)
		snap.Resources = nil
		stage = compileStage(v.accountID, v.region, snap, stageRecord{Name: gateway.TestStage, Variables: in.StageVariables})
		return err
	})
	if err != nil {
		return nil, err
	}
	result, err := s.sink.TestAuthorizer(stage, in.AuthorizerId, authorizerTestRequest(ctx, in))
	if err != nil {
		return nil, fmt.Errorf("test authorizer %s: %w", in.AuthorizerId, err)
	}
	return &awsapigateway.TestInvokeAuthorizerResponse{
		ClientStatus: new(int32(result.Status)),
		Log:          &result.Log,
		Latency:      new(result.Latency.Milliseconds()),
		PrincipalId:  optional(result.Principal),
		Policy:       optional(result.Policy),
		Claims:       nilIfEmptyMap(result.Claims),
	}, nil
}

func authorizerTestRequest(ctx context.Context, in *awsapigateway.TestInvokeAuthorizerRequest) gateway.TestRequest {
	caller := awsapi.CallerFrom(ctx)
	r := gateway.TestRequest{
		Method:        "GET",
		PathWithQuery: deref(in.PathWithQueryString),
		Headers:       map[string][]string{},
		Body:          deref(in.Body),
		UserAgent:     caller.UserAgent,
		Caller:        accesslog.Identity{AccountID: caller.AccountID, UserARN: caller.ARN},
	}
	for name, value := range in.Headers {
		r.Headers[name] = []string{value}
	}
	for name, values := range in.MultiValueHeaders {
		r.Headers[name] = values
	}
	return r
}
