package apigateway_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/gateway"
)

func (f *fixture) domain(t *testing.T, edit func(*ag.CreateDomainNameRequest)) *ag.DomainName {
	t.Helper()
	in := &ag.CreateDomainNameRequest{DomainName: "api.example.com"}
	if edit != nil {
		edit(in)
	}
	return must[*ag.DomainName](t)(f.CreateDomainName(f.ctx, in))
}

func (f *fixture) mapBasePath(base, api, stage string) (*ag.BasePathMapping, error) {
	in := &ag.CreateBasePathMappingRequest{DomainName: "api.example.com", RestApiId: api}
	if base != "" {
		in.BasePath = &base
	}
	if stage != "" {
		in.Stage = &stage
	}
	return f.CreateBasePathMapping(f.ctx, in)
}

// keyPair is a self-signed certificate and its key, in PEM.
func keyPair(t *testing.T) (certificate, private string) {
	t.Helper()
	key := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "api.example.com"},
		NotBefore: time.Now(), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der := must[[]byte](t)(x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key))
	keyDER := must[[]byte](t)(x509.MarshalECPrivateKey(key))
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}))
}

func TestDomainNames(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	certificate, private := keyPair(t)
	trust := filepath.Join(t.TempDir(), "trust.pem")
	if err := os.WriteFile(trust, []byte(certificate), 0o600); err != nil {
		t.Fatal(err)
	}
	made := f.domain(t, func(in *ag.CreateDomainNameRequest) {
		in.CertificateBody, in.CertificatePrivateKey = &certificate, &private
		in.EndpointConfiguration = &ag.EndpointConfiguration{Types: []string{"REGIONAL"}}
		in.MutualTlsAuthentication = &ag.MutualTlsAuthenticationInput{TruststoreUri: new("file://" + trust)}
		in.Tags = map[string]string{"a": "1"}
	})
	same(t, []string{*made.DomainNameStatus, *made.SecurityPolicy, *made.RegionalHostedZoneId, *made.DomainNameArn},
		[]string{"AVAILABLE", "TLS_1_2", "ZLY8HYME6SFDD", "arn:aws:apigateway:eu-west-1::/domainnames/api.example.com"})
	served := f.sink.domains["api.example.com"]
	if served.Certificate == nil || served.ClientCAs == nil {
		t.Errorf("served without its certificates: %+v", served)
	}
	same(t, f.tags(t, *made.DomainNameArn), map[string]string{"a": "1"})

	_, err := f.CreateDomainName(inRegion(f.ctx, "us-east-1"), &ag.CreateDomainNameRequest{DomainName: "API.example.com"})
	wantError(t, err, badRequest, "The domain name you provided already exists.")
	for _, c := range []struct {
		edit          func(*ag.CreateDomainNameRequest)
		code, message string
	}{
		{func(in *ag.CreateDomainNameRequest) { in.DomainName = "no_name" }, badRequest, "Invalid domain name specified: no_name"},
		{func(in *ag.CreateDomainNameRequest) { in.RoutingMode = new("ROUTING_RULE_ONLY") }, notBuilt, "Routing rules are not supported by this server yet"},
		{func(in *ag.CreateDomainNameRequest) { in.Policy = new("{}") }, notBuilt, "Private custom domain names are not supported by this server yet"},
		{func(in *ag.CreateDomainNameRequest) {
			in.MutualTlsAuthentication = &ag.MutualTlsAuthenticationInput{TruststoreUri: new("s3://b/k")}
		}, notBuilt, "Truststores other than file:///path are not supported by this server yet"},
	} {
		in := &ag.CreateDomainNameRequest{DomainName: "b.example.com"}
		c.edit(in)
		_, err := f.CreateDomainName(f.ctx, in)
		wantError(t, err, c.code, c.message)
	}
	updated := must[*ag.DomainName](t)(f.UpdateDomainName(f.ctx, &ag.UpdateDomainNameRequest{DomainName: "api.example.com", PatchOperations: patches(
		patch("replace", "/regionalCertificateArn", "arn:aws:acm:x"), patch("remove", "/mutualTlsAuthentication/truststoreUri"),
		patch("replace", "/securityPolicy", "TLS_1_0"))}))
	_, err = f.UpdateDomainName(f.ctx, &ag.UpdateDomainNameRequest{
		DomainName: "api.example.com", PatchOperations: patches(patch("replace", "/managementPolicy", "{}"))})
	wantError(t, err, notBuilt, "Private custom domain names are not supported by this server yet")
	same(t, []string{*updated.RegionalCertificateArn, *updated.SecurityPolicy}, []string{"arn:aws:acm:x", "TLS_1_0"})
	same(t, f.sink.domains["api.example.com"].ClientCAs == nil, true)
	same(t, len(must[*ag.DomainNames](t)(f.GetDomainNames(f.ctx, &ag.GetDomainNamesRequest{})).Items), 1)

	again := fixtureOn(t, f.db)
	if err := again.Publish(f.ctx); err != nil {
		t.Fatal(err)
	}
	same(t, again.sink.domains["api.example.com"].Certificate != nil, true)

	if err := f.DeleteDomainName(f.ctx, &ag.DeleteDomainNameRequest{DomainName: "api.example.com"}); err != nil {
		t.Fatal(err)
	}
	same(t, len(f.sink.domains), 0)
	_, err = f.GetDomainName(f.ctx, &ag.GetDomainNameRequest{DomainName: "api.example.com"})
	wantError(t, err, notFound, "Invalid domain name identifier specified")
	f.domain(t, nil) // the name is free again
}

func TestBasePathMappings(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	api, _, _ := f.deployed(t)
	f.domain(t, nil)
	same(t, *must[*ag.BasePathMapping](t)(f.mapBasePath("", api, "prod")).BasePath, "(none)")
	must[*ag.BasePathMapping](t)(f.mapBasePath("v1", api, ""))
	same(t, f.sink.domains["api.example.com"].Mappings, []gateway.BasePathMapping{
		{APIID: api, Stage: "prod"}, {BasePath: "v1", APIID: api},
	})
	for _, c := range []struct{ base, api, stage, code, message string }{
		{"v1", api, "prod", conflict, "Base path already exists for this domain name"},
		{"(none)", api, "prod", conflict, "Base path already exists for this domain name"},
		{"a/b", api, "prod", badRequest, "API Gateway V1 doesn't support the slash character (/) in base path mappings. Base paths may only contain letters, numbers and $-_.+!*'()"},
		{"v2", "nope", "prod", badRequest, "Invalid REST API identifier specified"},
		{"v2", api, "nope", badRequest, "Invalid stage identifier specified"},
	} {
		_, err := f.mapBasePath(c.base, c.api, c.stage)
		wantError(t, err, c.code, c.message)
	}
	moved := must[*ag.BasePathMapping](t)(f.UpdateBasePathMapping(f.ctx, &ag.UpdateBasePathMappingRequest{
		DomainName: "api.example.com", BasePath: "(none)", PatchOperations: patches(patch("replace", "/basePath", "v3"))}))
	same(t, *moved.BasePath, "v3")
	_, err := f.GetBasePathMapping(f.ctx, &ag.GetBasePathMappingRequest{DomainName: "api.example.com", BasePath: "(none)"})
	wantError(t, err, notFound, "Invalid base path mapping identifier specified")
	if err := f.DeleteBasePathMapping(f.ctx, &ag.DeleteBasePathMappingRequest{DomainName: "api.example.com", BasePath: "v1"}); err != nil {
		t.Fatal(err)
	}
	same(t, must[*ag.BasePathMappings](t)(f.GetBasePathMappings(f.ctx, &ag.GetBasePathMappingsRequest{DomainName: "api.example.com"})).Items,
		[]ag.BasePathMapping{*moved})
	same(t, f.sink.domains["api.example.com"].Mappings, []gateway.BasePathMapping{{BasePath: "v3", APIID: api, Stage: "prod"}})

	// What a domain leads to cannot be deleted.
	deleteStage := func() error {
		return f.DeleteStage(f.ctx, &ag.DeleteStageRequest{RestApiId: api, StageName: "prod"})
	}
	deleteAPI := func() error { return f.DeleteRestApi(f.ctx, &ag.DeleteRestApiRequest{RestApiId: api}) }
	wantError(t, deleteStage(), badRequest, "Deleting stage prod failed. Please remove all base path mappings related to the stage "+
		"in your domains: api.example.com")
	must[*ag.BasePathMapping](t)(f.UpdateBasePathMapping(f.ctx, &ag.UpdateBasePathMappingRequest{
		DomainName: "api.example.com", BasePath: "v3", PatchOperations: patches(patch("replace", "/stage", ""))}))
	if err := deleteStage(); err != nil {
		t.Fatal(err)
	}
	wantError(t, deleteAPI(), badRequest, "Deleting RestApi "+api+" failed. Please remove all base path mappings related to the "+
		"RestApi in your domains: api.example.com")
	if err := f.DeleteBasePathMapping(f.ctx, &ag.DeleteBasePathMappingRequest{DomainName: "api.example.com", BasePath: "v3"}); err != nil {
		t.Fatal(err)
	}
	if err := deleteAPI(); err != nil {
		t.Fatal(err)
	}
}
