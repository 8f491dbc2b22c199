package apigateway

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/state"
)

var clientCertificates = state.Collection[clientCertificateRecord]{Kind: "apigateway.ClientCertificate"}

// clientCertificateRecord is a certificate by which back ends recognise the gateway. The private key never leaves the
// server.
type clientCertificateRecord struct {
	ID             string            `json:"id"`
	Description    string            `json:"description,omitempty"`
	CertificatePEM string            `json:"certificatePem"`
	PrivateKeyPEM  string            `json:"privateKeyPem"`
	CreatedDate    time.Time         `json:"createdDate"`
	ExpirationDate time.Time         `json:"expirationDate"`
	Tags           map[string]string `json:"tags,omitempty"`
}

const (
	clientCertificateIDLength = 6
	maxClientCertificates     = 60  // AWS' limit
	clientCertificateDays     = 365 // as at AWS
)

func errUnknownClientCertificate() error {
	return notFound("Invalid Client Certificate identifier specified")
}

// GenerateClientCertificate makes a self-signed certificate, RSA with 2048 bits, valid for a year.
func (s *Service) GenerateClientCertificate(
	ctx context.Context, in *awsapigateway.GenerateClientCertificateRequest,
) (*awsapigateway.ClientCertificate, error) {
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	now := s.timestamp()
	cert := clientCertificateRecord{
		Description: deref(in.Description), Tags: in.Tags, CreatedDate: now, ExpirationDate: now.AddDate(0, 0, clientCertificateDays),
	}
	if err := cert.generate(); err != nil {
		return nil, err
	}
	err := s.write(ctx, func(v view) error {
		list, err := all(v, clientCertificates, "")
		if err != nil {
			return err
		}
		if len(list) >= maxClientCertificates {
			return limitExceeded("Maximum number of client certificates has been reached")
		}
		_, err = insertWithNewID(clientCertificateIDLength, func(id string) error {
			cert.ID = id
			return clientCertificates.Insert(v.tx, v.key("", id), cert)
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return cert.toWire(), nil
}

// generate fills in key and certificate.
func (c *clientCertificateRecord) generate() error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return fmt.Errorf("generate a client certificate's key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 63))
	if err != nil {
		return fmt.Errorf("choose a serial number: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "ApiGateway", Organization: []string{"Tollbook"}},
		NotBefore:    c.CreatedDate.Add(-time.Minute), // clocks differ
		NotAfter:     c.ExpirationDate,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return fmt.Errorf("sign a client certificate: %w", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("encode a client certificate's key: %w", err)
	}
	c.CertificatePEM = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	c.PrivateKeyPEM = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
	return nil
}

func (v view) clientCertificate(id string) (clientCertificateRecord, error) {
	return find(v, clientCertificates, "", id, errUnknownClientCertificate())
}

// keyPair is a certificate with its key, for the data plane. Nil without an ID.
func (v view) keyPair(id string) (*tls.Certificate, error) {
	if id == "" {
		return nil, nil
	}
	c, err := v.clientCertificate(id)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair([]byte(c.CertificatePEM), []byte(c.PrivateKeyPEM))
	if err != nil {
		return nil, fmt.Errorf("read client certificate %s: %w", id, err)
	}
	return &pair, nil
}

// GetClientCertificate returns one certificate, without its key.
func (s *Service) GetClientCertificate(
	ctx context.Context, in *awsapigateway.GetClientCertificateRequest,
) (*awsapigateway.ClientCertificate, error) {
	var cert clientCertificateRecord
	err := s.read(ctx, func(v view) (err error) {
		cert, err = v.clientCertificate(in.ClientCertificateId)
		return err
	})
	if err != nil {
		return nil, err
	}
	return cert.toWire(), nil
}

// GetClientCertificates lists the certificates by ID.
func (s *Service) GetClientCertificates(
	ctx context.Context, in *awsapigateway.GetClientCertificatesRequest,
) (*awsapigateway.ClientCertificates, error) {
	p, err := parsePage(in.Limit, in.Position)
	if err != nil {
		return nil, err
	}
	out := &awsapigateway.ClientCertificates{Items: []awsapigateway.ClientCertificate{}}
	err = s.read(ctx, func(v view) error {
		docs, more, err := clientCertificates.List(v.tx, v.scope(), "", p.after, p.limit)
		for _, cert := range docs {
			out.Items = append(out.Items, *cert.toWire())
			out.Position = position(cert.ID, more)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list client certificates: %w", err)
	}
	return out, nil
}

// UpdateClientCertificate patches a certificate's description.
func (s *Service) UpdateClientCertificate(
	ctx context.Context, in *awsapigateway.UpdateClientCertificateRequest,
) (*awsapigateway.ClientCertificate, error) {
	var cert clientCertificateRecord
	patches := plainTable(replaceText("/description", func(c *clientCertificateRecord) *string { return &c.Description }))
	err := s.write(ctx, func(v view) (err error) {
		if cert, err = v.clientCertificate(in.ClientCertificateId); err != nil {
			return err
		}
		if err := patches.apply(&cert, in.PatchOperations); err != nil {
			return err
		}
		return put(v, clientCertificates, "", cert.ID, cert)
	})
	if err != nil {
		return nil, err
	}
	return cert.toWire(), nil
}

// DeleteClientCertificate removes a certificate that no stage uses.
func (s *Service) DeleteClientCertificate(ctx context.Context, in *awsapigateway.DeleteClientCertificateRequest) error {
	return s.write(ctx, func(v view) error {
		cert, err := v.clientCertificate(in.ClientCertificateId)
		if err != nil {
			return err
		}
		apis, err := all(v, restApis, "")
		if err != nil {
			return err
		}
		for _, api := range apis {
			list, err := all(v, stages, api.ID)
			if err != nil {
				return err
			}
			for _, st := range list {
				if st.ClientCertificateID == cert.ID {
					return badRequest("Client certificate %s is in use by stage %s of API %s", cert.ID, st.Name, api.ID)
				}
			}
		}
		return clientCertificates.Delete(v.tx, v.key("", cert.ID))
	})
}

func (c clientCertificateRecord) toWire() *awsapigateway.ClientCertificate {
	return &awsapigateway.ClientCertificate{
		ClientCertificateId: &c.ID, Description: optional(c.Description), PemEncodedCertificate: &c.CertificatePEM,
		CreatedDate: &c.CreatedDate, ExpirationDate: &c.ExpirationDate, Tags: nilIfEmptyMap(c.Tags),
	}
}
