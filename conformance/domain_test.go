package conformance_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// certificateFor makes a self-signed certificate and its key, in PEM.
func certificateFor(t *testing.T, name string) (certificate, key []byte) {
	t.Helper()
	private := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der := must(x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private))(t)
	keyDER := must(x509.MarshalECPrivateKey(private))(t)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})
}

func TestCustomDomains(t *testing.T) {
	t.Parallel()
	certs := t.TempDir()
	fileCert, fileKey := certificateFor(t, "files.example.com")
	for name, data := range map[string][]byte{"files.crt": fileCert, "files.key": fileKey} {
		if err := os.WriteFile(filepath.Join(certs, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := start(t, t.TempDir(), "--gateway-tls-addr", "127.0.0.1:0", "--tls-dir", certs)
	ctx, gw := t.Context(), p.apigateway()
	api := notesAPI(t, p, notesService(t).URL)
	deploy(t, p, api, "prod")

	ownCert, ownKey := certificateFor(t, "own.example.com")
	must(gw.CreateDomainName(ctx, &apigateway.CreateDomainNameInput{DomainName: aws.String("own.example.com"), CertificateName: aws.String("own"),
		CertificateBody: aws.String(string(ownCert)), CertificatePrivateKey: aws.String(string(ownKey)),
		EndpointConfiguration: &gwtypes.EndpointConfiguration{Types: []gwtypes.EndpointType{gwtypes.EndpointTypeRegional}}}))(t)
	must(gw.CreateDomainName(ctx, &apigateway.CreateDomainNameInput{DomainName: aws.String("files.example.com")}))(t)
	for _, name := range []string{"own.example.com", "files.example.com"} {
		must(gw.CreateBasePathMapping(ctx, &apigateway.CreateBasePathMappingInput{DomainName: &name, BasePath: aws.String("v1"), RestApiId: &api, Stage: aws.String("prod")}))(t)
		must(gw.GetBasePathMapping(ctx, &apigateway.GetBasePathMappingInput{DomainName: &name, BasePath: aws.String("v1")}))(t)
		must(gw.GetDomainName(ctx, &apigateway.GetDomainNameInput{DomainName: &name}))(t)
	}
	for name, cert := range map[string][]byte{"own.example.com": ownCert, "files.example.com": fileCert} {
		if status, body := getTLS(t, p, name, cert, "/v1/notes/7"); status != 200 || !strings.Contains(body, `"path":"/notes/7"`) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	must(gw.UpdateDomainName(ctx, &apigateway.UpdateDomainNameInput{DomainName: aws.String("own.example.com"),
		PatchOperations: []gwtypes.PatchOperation{{Op: gwtypes.OpReplace, Path: aws.String("/securityPolicy"), Value: aws.String("TLS_1_2")}}}))(t)
	must(gw.UpdateBasePathMapping(ctx, &apigateway.UpdateBasePathMappingInput{DomainName: aws.String("own.example.com"), BasePath: aws.String("v1"),
		PatchOperations: []gwtypes.PatchOperation{{Op: gwtypes.OpReplace, Path: aws.String("/basePath"), Value: aws.String("(none)")}}}))(t)
	if status, _ := getTLS(t, p, "own.example.com", ownCert, "/notes/7"); status != 200 {
		t.Errorf("the moved mapping: %d", status)
	}
	if n := len(must(gw.GetBasePathMappings(ctx, &apigateway.GetBasePathMappingsInput{DomainName: aws.String("own.example.com")}))(t).Items); n != 1 {
		t.Errorf("%d mappings", n)
	}
	must(gw.DeleteBasePathMapping(ctx, &apigateway.DeleteBasePathMappingInput{DomainName: aws.String("own.example.com"), BasePath: aws.String("(none)")}))(t)
	must(gw.DeleteDomainName(ctx, &apigateway.DeleteDomainNameInput{DomainName: aws.String("files.example.com")}))(t)
	if n := len(must(gw.GetDomainNames(ctx, &apigateway.GetDomainNamesInput{}))(t).Items); n != 1 {
		t.Errorf("%d domain names", n)
	}
}

// getTLS asks the gateway's TLS listener as a client that knows it by the name and trusts the certificate.
func getTLS(t *testing.T, p *product, name string, cert []byte, path string) (int, string) {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, strings.TrimPrefix(p.GatewayTLS, "https://"))
		},
	}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Get("https://" + name + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body := must(io.ReadAll(resp.Body))(t)
	return resp.StatusCode, string(body)
}

func TestClientCertificates(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	ctx, gw := t.Context(), p.apigateway()
	made := must(gw.GenerateClientCertificate(ctx, &apigateway.GenerateClientCertificateInput{Description: aws.String("d")}))(t)
	got := must(gw.GetClientCertificate(ctx, &apigateway.GetClientCertificateInput{ClientCertificateId: made.ClientCertificateId}))(t)
	if block, _ := pem.Decode([]byte(aws.ToString(got.PemEncodedCertificate))); block == nil {
		t.Error("no certificate")
	}
	must(gw.UpdateClientCertificate(ctx, &apigateway.UpdateClientCertificateInput{ClientCertificateId: made.ClientCertificateId,
		PatchOperations: []gwtypes.PatchOperation{{Op: gwtypes.OpReplace, Path: aws.String("/description"), Value: aws.String("e")}}}))(t)
	if n := len(must(gw.GetClientCertificates(ctx, &apigateway.GetClientCertificatesInput{}))(t).Items); n != 1 {
		t.Errorf("%d certificates", n)
	}
	must(gw.DeleteClientCertificate(ctx, &apigateway.DeleteClientCertificateInput{ClientCertificateId: made.ClientCertificateId}))(t)
}

func TestStageCache(t *testing.T) {
	t.Parallel()
	p := start(t, t.TempDir())
	ctx, gw := t.Context(), p.apigateway()
	api := notesAPI(t, p, notesService(t).URL)
	deploy(t, p, api, "prod")
	must(gw.UpdateStage(ctx, &apigateway.UpdateStageInput{RestApiId: &api, StageName: aws.String("prod"), PatchOperations: []gwtypes.PatchOperation{
		{Op: gwtypes.OpReplace, Path: aws.String("/cacheClusterEnabled"), Value: aws.String("true")},
		{Op: gwtypes.OpReplace, Path: aws.String("/*/*/caching/enabled"), Value: aws.String("true")},
	}}))(t)
	must(gw.FlushStageCache(ctx, &apigateway.FlushStageCacheInput{RestApiId: &api, StageName: aws.String("prod")}))(t)
	first := request(t, "GET", p.Gateway+"/"+api+"/prod/notes/1?x=1", "").body
	if second := request(t, "GET", p.Gateway+"/"+api+"/prod/notes/1?x=2", "").body; second != first {
		t.Errorf("%s is not the cached %s", second, first)
	}
	must(gw.FlushStageCache(ctx, &apigateway.FlushStageCacheInput{RestApiId: &api, StageName: aws.String("prod")}))(t)
	if third := request(t, "GET", p.Gateway+"/"+api+"/prod/notes/1?x=2", "").body; third == first {
		t.Error("the flushed cache still answers")
	}
}
