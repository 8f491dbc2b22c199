package apigateway

import (
	"context"
	"slices"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
)

// Integration types and the ways to reach a backend.
const (
	typeMock      = "MOCK"
	typeHTTP      = "HTTP"
	typeHTTPProxy = "HTTP_PROXY"
	typeAWS       = "AWS"
	typeAWSProxy  = "AWS_PROXY"

	connectionInternet = "INTERNET"
	connectionVPCLink  = "VPC_LINK"
)

// AWS' bounds and default of an integration's timeout, in milliseconds.
const (
	minTimeoutMillis     = 50
	maxTimeoutMillis     = 29000
	defaultTimeoutMillis = 29000
)

// PutIntegration gives a method its integration; one that was there goes, with its responses.
func (s *Service) PutIntegration(ctx context.Context, in *awsapigateway.PutIntegrationRequest) (*awsapigateway.Integration, error) {
	i := newIntegration(in)
	if err := checkTransferMode(deref(in.ResponseTransferMode)); err != nil {
		return nil, err
	}
	err := s.write(ctx, func(v view) error {
		res, m, err := v.method(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err != nil {
			return err
		}
		if err := i.check(m); err != nil {
			return err
		}
		if err := v.checkVPCLink(i); err != nil {
			return err
		}
		if err := checkPassRole(v.who, i.Credentials); err != nil {
			return err
		}
		m.Integration = i
		return v.putResource(in.RestApiId, res)
	})
	if err != nil {
		return nil, err
	}
	return i.toWire(), nil
}

// newIntegration is the request with AWS' defaults.
func newIntegration(in *awsapigateway.PutIntegrationRequest) *integrationRecord {
	i := &integrationRecord{
		Type:                in.Type,
		HTTPMethod:          deref(in.IntegrationHttpMethod),
		URI:                 deref(in.Uri),
		ConnectionType:      deref(in.ConnectionType),
		ConnectionID:        deref(in.ConnectionId),
		Credentials:         deref(in.Credentials),
		RequestParameters:   in.RequestParameters,
		RequestTemplates:    in.RequestTemplates,
		PassthroughBehavior: deref(in.PassthroughBehavior),
		ContentHandling:     deref(in.ContentHandling),
		TimeoutInMillis:     defaultTimeoutMillis,
		CacheNamespace:      deref(in.CacheNamespace),
		CacheKeyParameters:  unique(in.CacheKeyParameters),
		IntegrationTarget:   deref(in.IntegrationTarget),
	}
	if in.TimeoutInMillis != nil {
		i.TimeoutInMillis = *in.TimeoutInMillis
	}
	if in.TlsConfig != nil {
		i.TLSConfigSet, i.InsecureSkipVerification = true, deref(in.TlsConfig.InsecureSkipVerification)
	}
	if i.ConnectionType == "" && i.isHTTP() {
		i.ConnectionType = connectionInternet
	}
	if i.PassthroughBehavior == "" {
		i.PassthroughBehavior = "WHEN_NO_MATCH"
	}
	if i.CacheNamespace == "" {
		i.CacheNamespace = in.ResourceId
	}
	return i
}

func (i *integrationRecord) isHTTP() bool { return i.Type == typeHTTP || i.Type == typeHTTPProxy }
func (i *integrationRecord) isAWS() bool  { return i.Type == typeAWS || i.Type == typeAWSProxy }

func checkTransferMode(mode string) error {
	if mode == "STREAM" {
		return notBuilt("Streamed responses (responseTransferMode STREAM) are")
	}
	return nil
}

// GetIntegration returns a method's integration with its responses.
func (s *Service) GetIntegration(ctx context.Context, in *awsapigateway.GetIntegrationRequest) (*awsapigateway.Integration, error) {
	var m *methodRecord
	err := s.read(ctx, func(v view) (err error) {
		_, m, err = v.integration(in.RestApiId, in.ResourceId, in.HttpMethod)
		return err
	})
	if err != nil {
		return nil, err
	}
	return m.Integration.toWire(), nil
}

// UpdateIntegration patches a method's integration.
func (s *Service) UpdateIntegration(ctx context.Context, in *awsapigateway.UpdateIntegrationRequest) (*awsapigateway.Integration, error) {
	var m *methodRecord
	err := s.write(ctx, func(v view) (err error) {
		var res resourceRecord
		if res, m, err = v.integration(in.RestApiId, in.ResourceId, in.HttpMethod); err != nil {
			return err
		}
		credentials := m.Integration.Credentials
		if err := integrationPatches().apply(m.Integration, in.PatchOperations); err != nil {
			return err
		}
		if err := m.Integration.check(m); err != nil {
			return err
		}
		if err := v.checkVPCLink(m.Integration); err != nil {
			return err
		}
		if m.Integration.Credentials != credentials {
			if err := checkPassRole(v.who, m.Integration.Credentials); err != nil {
				return err
			}
		}
		return v.putResource(in.RestApiId, res)
	})
	if err != nil {
		return nil, err
	}
	return m.Integration.toWire(), nil
}

// DeleteIntegration removes a method's integration with its responses.
func (s *Service) DeleteIntegration(ctx context.Context, in *awsapigateway.DeleteIntegrationRequest) error {
	return s.write(ctx, func(v view) error {
		res, m, err := v.integration(in.RestApiId, in.ResourceId, in.HttpMethod)
		if err != nil {
			return err
		}
		m.Integration = nil
		return v.putResource(in.RestApiId, res)
	})
}

func (i *integrationRecord) toWire() *awsapigateway.Integration {
	out := &awsapigateway.Integration{
		Type:                &i.Type,
		HttpMethod:          optional(i.HTTPMethod),
		Uri:                 optional(i.URI),
		ConnectionType:      optional(i.ConnectionType),
		ConnectionId:        optional(i.ConnectionID),
		Credentials:         optional(i.Credentials),
		RequestParameters:   nilIfEmptyMap(i.RequestParameters),
		RequestTemplates:    nilIfEmptyMap(i.RequestTemplates),
		PassthroughBehavior: &i.PassthroughBehavior,
		ContentHandling:     optional(i.ContentHandling),
		TimeoutInMillis:     &i.TimeoutInMillis,
		CacheNamespace:      &i.CacheNamespace,
		CacheKeyParameters:  slices.Concat([]string{}, i.CacheKeyParameters),
		IntegrationTarget:   optional(i.IntegrationTarget),
	}
	if out.CacheKeyParameters == nil {
		out.CacheKeyParameters = []string{} // AWS shows the empty list
	}
	if i.TLSConfigSet {
		out.TlsConfig = &awsapigateway.TlsConfig{InsecureSkipVerification: &i.InsecureSkipVerification}
	}
	if len(i.Responses) > 0 {
		out.IntegrationResponses = map[string]awsapigateway.IntegrationResponse{}
		for code, r := range i.Responses {
			out.IntegrationResponses[code] = *r.toWire()
		}
	}
	return out
}
