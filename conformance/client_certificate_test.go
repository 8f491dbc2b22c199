package conformance_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gwtypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// TestClientCertificateReachesBackEnd: a back end that lets nobody in but the gateway, with a certificate of an authority of
// its own.
func TestClientCertificateReachesBackEnd(t *testing.T) {
	t.Parallel()
	trusted := x509.NewCertPool()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.TLS.PeerCertificates[0].Subject.CommonName)
	}))
	s.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		return &tls.Config{Certificates: s.TLS.Certificates, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: trusted.Clone()}, nil
	}}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	roots := filepath.Join(t.TempDir(), "roots.pem")
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(roots, data, 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, t.TempDir(), "--upstream-roots", roots)
	ctx, gw := t.Context(), p.apigateway()
	api := notesAPI(t, p, s.URL)
	deploy(t, p, api, "prod")
	get := func() (int, string) {
		t.Helper()
		resp := must(http.Get(p.Gateway + "/" + api + "/prod/notes/7"))(t)
		defer resp.Body.Close()
		return resp.StatusCode, string(must(io.ReadAll(resp.Body))(t))
	}
	if status, _ := get(); status != 504 {
		t.Errorf("without a certificate: %d", status)
	}
	made := must(gw.GenerateClientCertificate(ctx, &apigateway.GenerateClientCertificateInput{}))(t)
	trusted.AppendCertsFromPEM([]byte(*made.PemEncodedCertificate))
	must(gw.UpdateStage(ctx, &apigateway.UpdateStageInput{RestApiId: &api, StageName: aws.String("prod"), PatchOperations: []gwtypes.PatchOperation{
		{Op: gwtypes.OpReplace, Path: aws.String("/clientCertificateId"), Value: made.ClientCertificateId}}}))(t)
	if status, who := get(); status != 200 || who != "ApiGateway" {
		t.Errorf("with a certificate: %d %s", status, who)
	}
}
