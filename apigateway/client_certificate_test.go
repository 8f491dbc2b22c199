package apigateway_test

import (
	"crypto/x509"
	"encoding/pem"
	"testing"
	"time"

	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
)

func TestClientCertificates(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	*f.clock = time.Now()
	api, _, _ := f.deployed(t)
	made := must[*ag.ClientCertificate](t)(f.GenerateClientCertificate(f.ctx,
		&ag.GenerateClientCertificateRequest{Description: new("d"), Tags: map[string]string{"a": "1"}}))
	block, _ := pem.Decode([]byte(*made.PemEncodedCertificate))
	cert := must[*x509.Certificate](t)(x509.ParseCertificate(block.Bytes))
	if err := cert.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature); err != nil {
		t.Error(err)
	}
	same(t, cert.NotAfter.Equal(*made.ExpirationDate), true)
	same(t, f.tags(t, "arn:aws:apigateway:eu-west-1::/clientcertificates/"+*made.ClientCertificateId), map[string]string{"a": "1"})

	updated := must[*ag.ClientCertificate](t)(f.UpdateClientCertificate(f.ctx, &ag.UpdateClientCertificateRequest{
		ClientCertificateId: *made.ClientCertificateId, PatchOperations: patches(patch("replace", "/description", "new"))}))
	same(t, *updated.Description, "new")
	same(t, must[*ag.ClientCertificates](t)(f.GetClientCertificates(f.ctx, &ag.GetClientCertificatesRequest{})).Items, []ag.ClientCertificate{*updated})

	f.updateStageOK(t, api, patch("replace", "/clientCertificateId", *made.ClientCertificateId))
	same(t, *f.stage(t, api).ClientCertificateId, *made.ClientCertificateId)
	f.updateStageOK(t, api, patch("replace", "/canarySettings/percentTraffic", "50"))
	served, _ := f.sink.stage(api, "prod")
	same(t, served.ClientCertificate.Leaf.Equal(cert), true)
	same(t, served.Canary.Stage.ClientCertificate.Leaf.Equal(cert), true)
	del := &ag.DeleteClientCertificateRequest{ClientCertificateId: *made.ClientCertificateId}
	wantError(t, f.DeleteClientCertificate(f.ctx, del), badRequest,
		"Client certificate "+*made.ClientCertificateId+" is in use by stage prod of API "+api)
	f.updateStageOK(t, api, patch("replace", "/clientCertificateId", ""))
	if served, _ = f.sink.stage(api, "prod"); served.ClientCertificate != nil || served.Canary.Stage.ClientCertificate != nil {
		t.Error("the stage still shows the certificate")
	}
	if err := f.DeleteClientCertificate(f.ctx, del); err != nil {
		t.Fatal(err)
	}
	_, err := f.GetClientCertificate(f.ctx, &ag.GetClientCertificateRequest{ClientCertificateId: *made.ClientCertificateId})
	wantError(t, err, notFound, "Invalid Client Certificate identifier specified")
}
