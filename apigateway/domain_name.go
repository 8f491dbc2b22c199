package apigateway

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/gateway"
	"github.com/tollbook/tollbook/state"
)

var (
	domainNames  = state.Collection[domainNameRecord]{Kind: "apigateway.DomainName"}
	domainClaims = state.Collection[restApiIDRecord]{Kind: "apigateway.DomainNameClaim"} // by name, over all scopes
	basePathMaps = state.Collection[basePathMappingRecord]{Kind: "apigateway.BasePathMapping"}
	domainForm   = regexp.MustCompile(`^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{1,63}$`)
)

// maxDomainNames is AWS' limit for an account and region.
const maxDomainNames = 120

// domainNameRecord is a custom domain name. Its certificate is given with it, or comes from the server's own files or
// ACME account, whatever an ARN says: there is no Certificate Manager.
type domainNameRecord struct {
	DomainName            string            `json:"domainName"`
	EndpointType          string            `json:"endpointType"`
	IPAddressType         string            `json:"ipAddressType"`
	HostLabel             string            `json:"hostLabel"` // of the name that AWS would have an alias point to
	CertificateName       string            `json:"certificateName,omitempty"`
	CertificateArn        string            `json:"certificateArn,omitempty"`
	RegionalName          string            `json:"regionalCertificateName,omitempty"`
	RegionalArn           string            `json:"regionalCertificateArn,omitempty"`
	OwnershipArn          string            `json:"ownershipVerificationCertificateArn,omitempty"`
	CertificatePEM        string            `json:"certificatePem,omitempty"` // with its chain
	PrivateKeyPEM         string            `json:"privateKeyPem,omitempty"`
	CertificateUploadDate time.Time         `json:"certificateUploadDate,omitzero"`
	SecurityPolicy        string            `json:"securityPolicy"`
	EndpointAccessMode    string            `json:"endpointAccessMode,omitempty"`
	TruststoreURI         string            `json:"truststoreUri,omitempty"`
	TruststoreVersion     string            `json:"truststoreVersion,omitempty"`
	TruststorePEM         string            `json:"truststorePem,omitempty"` // read when the URI was set
	RoutingMode           string            `json:"routingMode,omitempty"`
	Tags                  map[string]string `json:"tags,omitempty"`
}

type basePathMappingRecord struct {
	BasePath  string `json:"basePath"` // "" is AWS' (none)
	RestApiID string `json:"restApiId"`
	Stage     string `json:"stage,omitempty"`
}

// DomainSink is the data plane's side of custom domain names. Calls come in commit order.
type DomainSink interface {
	// SetDomain serves a domain, in place of the one of the same name.
	SetDomain(gateway.Domain)
	// RemoveDomain stops serving a domain. Unknown ones are no error.
	RemoveDomain(name string)
}

func errUnknownDomain() error { return notFound("Invalid domain name identifier specified") }

// CreateDomainName makes a custom domain name. Names are unique on the whole server.
func (s *Service) CreateDomainName(ctx context.Context, in *awsapigateway.CreateDomainNameRequest) (*awsapigateway.DomainName, error) {
	s.publishingDomains.Lock()
	defer s.publishingDomains.Unlock()
	d, err := s.newDomainName(in)
	if err != nil {
		return nil, err
	}
	err = s.write(ctx, func(v view) error {
		list, err := all(v, domainNames, "")
		if err != nil {
			return err
		}
		if len(list) >= maxDomainNames {
			return limitExceeded("Maximum number of custom domain names has been reached")
		}
		err = domainClaims.Insert(v.tx, state.Key{ID: d.DomainName}, restApiIDRecord{Scope: v.scope()})
		if errors.Is(err, state.ErrExists) {
			return badRequest("The domain name you provided already exists.")
		}
		if err != nil {
			return fmt.Errorf("claim domain name %s: %w", d.DomainName, err)
		}
		return put(v, domainNames, "", d.DomainName, d)
	})
	if err != nil {
		return nil, err
	}
	s.publishDomain(ctx, d.DomainName)
	return s.domainToWire(ctx, d), nil
}

func (s *Service) newDomainName(in *awsapigateway.CreateDomainNameRequest) (domainNameRecord, error) {
	d := domainNameRecord{
		DomainName:         strings.ToLower(in.DomainName),
		EndpointType:       endpointEdge,
		IPAddressType:      ipv4,
		HostLabel:          newID(10),
		CertificateName:    deref(in.CertificateName),
		CertificateArn:     deref(in.CertificateArn),
		RegionalName:       deref(in.RegionalCertificateName),
		RegionalArn:        deref(in.RegionalCertificateArn),
		OwnershipArn:       deref(in.OwnershipVerificationCertificateArn),
		SecurityPolicy:     "TLS_1_2",
		EndpointAccessMode: deref(in.EndpointAccessMode),
		RoutingMode:        deref(in.RoutingMode),
		Tags:               in.Tags,
	}
	if in.SecurityPolicy != nil {
		d.SecurityPolicy = *in.SecurityPolicy
	}
	if in.Policy != nil {
		return d, errPrivateDomain()
	}
	if !domainForm.MatchString(d.DomainName) {
		return d, badRequest("Invalid domain name specified: %s", in.DomainName)
	}
	if err := d.setEndpoint(in.EndpointConfiguration); err != nil {
		return d, err
	}
	if err := d.checkRouting(); err != nil {
		return d, err
	}
	if m := in.MutualTlsAuthentication; m != nil {
		if err := d.setTruststore(deref(m.TruststoreUri)); err != nil {
			return d, err
		}
		d.TruststoreVersion = deref(m.TruststoreVersion)
	}
	if in.CertificateBody != nil || in.CertificatePrivateKey != nil {
		d.CertificatePEM = strings.TrimSpace(deref(in.CertificateBody)) + "\n" + deref(in.CertificateChain)
		d.PrivateKeyPEM, d.CertificateUploadDate = deref(in.CertificatePrivateKey), s.timestamp()
		if _, err := tls.X509KeyPair([]byte(d.CertificatePEM), []byte(d.PrivateKeyPEM)); err != nil {
			return d, badRequest("Invalid certificate or private key specified: %s", err)
		}
	}
	return d, checkTags(in.Tags)
}

func (d *domainNameRecord) setEndpoint(conf *awsapigateway.EndpointConfiguration) error {
	if conf == nil {
		return nil
	}
	if len(conf.Types) > 1 {
		return badRequest("Cannot create a domain name with multiple Endpoint Types.")
	}
	if len(conf.Types) == 1 {
		d.EndpointType = conf.Types[0]
	}
	if d.EndpointType == endpointPrivate {
		return errPrivateDomain()
	}
	if conf.IpAddressType != nil {
		d.IPAddressType = *conf.IpAddressType
	}
	return nil
}

// errPrivateDomain refuses private custom domain names, which alone have policies.
func errPrivateDomain() error { return notBuilt("Private custom domain names are") }

// checkRouting refuses routing rules, which are operations of version 2 of AWS' API.
func (d *domainNameRecord) checkRouting() error {
	if d.RoutingMode != "" && d.RoutingMode != "BASE_PATH_MAPPING_ONLY" {
		return notBuilt("Routing rules are")
	}
	return nil
}

// setTruststore reads the certificates of the authorities that clients' certificates must come from. Where AWS reads them
// from s3://…, this server reads a file:// of its own machine.
func (d *domainNameRecord) setTruststore(uri string) error {
	d.TruststoreURI, d.TruststorePEM = uri, ""
	if uri == "" {
		return nil
	}
	path, ok := strings.CutPrefix(uri, "file://")
	if !ok {
		return notBuilt("Truststores other than file:///path are")
	}
	data, err := os.ReadFile(path)
	if err != nil || !x509.NewCertPool().AppendCertsFromPEM(data) {
		return badRequest("Invalid truststore: %s holds no readable certificates", uri)
	}
	d.TruststorePEM = string(data)
	return nil
}

func (v view) domainName(name string) (domainNameRecord, error) {
	return find(v, domainNames, "", strings.ToLower(name), errUnknownDomain())
}

// GetDomainName returns one custom domain name.
func (s *Service) GetDomainName(ctx context.Context, in *awsapigateway.GetDomainNameRequest) (*awsapigateway.DomainName, error) {
	var d domainNameRecord
	err := s.read(ctx, func(v view) (err error) {
		d, err = v.domainName(in.DomainName)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.domainToWire(ctx, d), nil
}

// GetDomainNames lists the custom domain names by name.
func (s *Service) GetDomainNames(ctx context.Context, in *awsapigateway.GetDomainNamesRequest) (*awsapigateway.DomainNames, error) {
	p, err := parsePage(in.Limit, in.Position)
	if err != nil {
		return nil, err
	}
	out := &awsapigateway.DomainNames{Items: []awsapigateway.DomainName{}}
	err = s.read(ctx, func(v view) error {
		docs, more, err := domainNames.List(v.tx, v.scope(), "", p.after, p.limit)
		for _, d := range docs {
			out.Items = append(out.Items, *s.domainToWire(ctx, d))
			out.Position = position(d.DomainName, more)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list domain names: %w", err)
	}
	return out, nil
}

// UpdateDomainName patches a custom domain name.
func (s *Service) UpdateDomainName(ctx context.Context, in *awsapigateway.UpdateDomainNameRequest) (*awsapigateway.DomainName, error) {
	s.publishingDomains.Lock()
	defer s.publishingDomains.Unlock()
	var d domainNameRecord
	err := s.write(ctx, func(v view) (err error) {
		if d, err = v.domainName(in.DomainName); err != nil {
			return err
		}
		if err := domainNamePatches().apply(&d, in.PatchOperations); err != nil {
			return err
		}
		return put(v, domainNames, "", d.DomainName, d)
	})
	if err != nil {
		return nil, err
	}
	s.publishDomain(ctx, d.DomainName)
	return s.domainToWire(ctx, d), nil
}

func domainNamePatches() patchTable[domainNameRecord] {
	type domain = domainNameRecord
	text := func(path string, field func(*domain) *string) patchRule[domain] {
		return patchRule[domain]{path: path, ops: []string{opAdd, opRemove, opReplace}, apply: func(d *domain, op patchOp) error {
			*field(d) = op.text()
			if op.op == opRemove {
				*field(d) = ""
			}
			return nil
		}}
	}
	private := func(*domain, patchOp) error { return errPrivateDomain() }
	return plainTable(
		replaceRule("/managementPolicy", private),
		replaceRule("/policy", private),
		text("/certificateName", func(d *domain) *string { return &d.CertificateName }),
		text("/certificateArn", func(d *domain) *string { return &d.CertificateArn }),
		text("/regionalCertificateName", func(d *domain) *string { return &d.RegionalName }),
		text("/regionalCertificateArn", func(d *domain) *string { return &d.RegionalArn }),
		text("/ownershipVerificationCertificateArn", func(d *domain) *string { return &d.OwnershipArn }),
		text("/mutualTlsAuthentication/truststoreVersion", func(d *domain) *string { return &d.TruststoreVersion }),
		patchRule[domain]{path: "/mutualTlsAuthentication/truststoreUri", ops: []string{opAdd, opRemove, opReplace},
			apply: func(d *domain, op patchOp) error {
				if op.op == opRemove {
					return d.setTruststore("")
				}
				return d.setTruststore(op.text())
			}},
		replaceRule("/endpointConfiguration/types/*", patchDomainEndpoint),
		patchRule[domain]{path: "/endpointConfiguration/types", ops: []string{opAdd, opRemove}, apply: patchDomainEndpoint},
		replaceRule("/endpointConfiguration/ipAddressType", func(d *domain, op patchOp) error {
			return assignOneOf(&d.IPAddressType, op, "ipAddressType", ipv4, dualstack)
		}),
		replaceText("/endpointAccessMode", func(d *domain) *string { return &d.EndpointAccessMode }),
		replaceRule("/routingMode", func(d *domain, op patchOp) error {
			d.RoutingMode = op.text()
			return d.checkRouting()
		}),
		replaceRule("/securityPolicy", func(d *domain, op patchOp) error {
			if !strings.HasPrefix(op.text(), "TLS_") && !strings.HasPrefix(op.text(), "SecurityPolicy_") {
				return badRequest("Invalid securityPolicy specified: %s", op.text())
			}
			d.SecurityPolicy = op.text()
			return nil
		}),
	)
}

// patchDomainEndpoint moves a domain between EDGE and REGIONAL, which are the same here.
func patchDomainEndpoint(d *domainNameRecord, op patchOp) error {
	if op.op == opRemove {
		return nil // the other type, while a domain is moved in two steps
	}
	return assignOneOf(&d.EndpointType, op, "EndpointTypes", endpointRegional, endpointEdge)
}

// DeleteDomainName removes a custom domain name with its mappings.
func (s *Service) DeleteDomainName(ctx context.Context, in *awsapigateway.DeleteDomainNameRequest) error {
	s.publishingDomains.Lock()
	defer s.publishingDomains.Unlock()
	var d domainNameRecord
	err := s.write(ctx, func(v view) (err error) {
		if d, err = v.domainName(in.DomainName); err != nil {
			return err
		}
		if err := basePathMaps.DeleteAll(v.tx, v.scope(), d.DomainName); err != nil {
			return fmt.Errorf("delete base path mappings of %s: %w", d.DomainName, err)
		}
		if err := domainClaims.Delete(v.tx, state.Key{ID: d.DomainName}); err != nil {
			return fmt.Errorf("give up domain name %s: %w", d.DomainName, err)
		}
		return domainNames.Delete(v.tx, v.key("", d.DomainName))
	})
	if err != nil {
		return err
	}
	s.domains.RemoveDomain(d.DomainName)
	return nil
}

// publishDomain hands a domain to the data plane as it is stored now. The caller holds publishingDomains since before the
// change.
func (s *Service) publishDomain(ctx context.Context, name string) {
	ctx = context.WithoutCancel(ctx)
	err := s.read(ctx, func(v view) error {
		d, err := v.domainName(name)
		if err != nil {
			return err
		}
		list, err := all(v, basePathMaps, d.DomainName)
		if err != nil {
			return err
		}
		s.domains.SetDomain(compileDomain(d, list))
		return nil
	})
	if err != nil {
		s.log.ErrorContext(ctx, "custom domain name is not served as it is stored", "domain", name, "err", err)
	}
}

func compileDomain(d domainNameRecord, list []basePathMappingRecord) gateway.Domain {
	out := gateway.Domain{Name: d.DomainName}
	for _, m := range list {
		out.Mappings = append(out.Mappings, gateway.BasePathMapping{BasePath: m.BasePath, APIID: m.RestApiID, Stage: m.Stage})
	}
	if pair, err := tls.X509KeyPair([]byte(d.CertificatePEM), []byte(d.PrivateKeyPEM)); err == nil {
		out.Certificate = &pair
	}
	if d.TruststorePEM != "" {
		out.ClientCAs = x509.NewCertPool()
		out.ClientCAs.AppendCertsFromPEM([]byte(d.TruststorePEM))
	}
	return out
}

// publishDomains hands every domain to the data plane, at start.
func (s *Service) publishDomains(ctx context.Context) error {
	s.publishingDomains.Lock()
	defer s.publishingDomains.Unlock()
	var list []state.Entry[domainNameRecord]
	err := s.db.Read(ctx, func(tx *state.Tx) (err error) {
		list, err = domainNames.All(tx)
		return err
	})
	if err != nil {
		return fmt.Errorf("publish domain names: %w", err)
	}
	for _, entry := range list {
		s.publishDomain(inScope(ctx, entry.Key.Scope), entry.Doc.DomainName)
	}
	return nil
}

func (s *Service) domainToWire(ctx context.Context, d domainNameRecord) *awsapigateway.DomainName {
	region := viewOf(ctx, nil).region
	out := &awsapigateway.DomainName{
		DomainName:                          &d.DomainName,
		DomainNameArn:                       new("arn:aws:apigateway:" + region + "::/domainnames/" + d.DomainName),
		CertificateName:                     optional(d.CertificateName),
		CertificateArn:                      optional(d.CertificateArn),
		RegionalCertificateName:             optional(d.RegionalName),
		RegionalCertificateArn:              optional(d.RegionalArn),
		OwnershipVerificationCertificateArn: optional(d.OwnershipArn),
		EndpointConfiguration: &awsapigateway.EndpointConfiguration{
			Types: []string{d.EndpointType}, IpAddressType: &d.IPAddressType,
		},
		DomainNameStatus:   new("AVAILABLE"),
		SecurityPolicy:     &d.SecurityPolicy,
		EndpointAccessMode: optional(d.EndpointAccessMode),
		RoutingMode:        optional(d.RoutingMode),
		Tags:               nilIfEmptyMap(d.Tags),
	}
	if !d.CertificateUploadDate.IsZero() {
		out.CertificateUploadDate = &d.CertificateUploadDate
	}
	if d.EndpointType == endpointEdge {
		out.DistributionDomainName = new("d" + d.HostLabel + ".cloudfront.net")
		out.DistributionHostedZoneId = new("Z2FDTNDATAQYW2")
	} else {
		out.RegionalDomainName = new("d-" + d.HostLabel + ".execute-api." + region + ".amazonaws.com")
		out.RegionalHostedZoneId = optional(regionalHostedZones[region])
	}
	if d.TruststoreURI != "" {
		out.MutualTlsAuthentication = &awsapigateway.MutualTlsAuthentication{
			TruststoreUri: &d.TruststoreURI, TruststoreVersion: optional(d.TruststoreVersion),
		}
	}
	return out
}

// regionalHostedZones are the Route 53 zones of AWS' regional end points, as documented.
var regionalHostedZones = map[string]string{
	"us-east-1": "Z1UJRXOUMOOFQ8", "us-east-2": "ZOJJZC49E0EPZ", "us-west-1": "Z2MUQ32089INYE", "us-west-2": "Z2OJLYMUO9EFXC",
	"ca-central-1": "Z19DQILCV0OWEC", "sa-east-1": "ZCMLWB8V5SYIT", "eu-central-1": "Z1U9ULNL0V5AJ3", "eu-north-1": "Z3UWIKFBOOGXPP",
	"eu-west-1": "ZLY8HYME6SFDD", "eu-west-2": "ZJ5UAJN8Y3Z2Q", "eu-west-3": "Z3KY65QIEKYHQQ", "ap-south-1": "Z3VO1THU9YC4UR",
	"ap-northeast-1": "Z1YSHQZHG15GKL", "ap-northeast-2": "Z20JF4UZKIW1U8", "ap-southeast-1": "ZL327KTPIQFUL", "ap-southeast-2": "Z2RPCDW04V8134",
}
