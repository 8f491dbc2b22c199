package endpoint

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
)

// Request is what a signature covers.
type Request struct {
	Method  string
	Address Address // AWS decides which credentials will do; Path is not used
	Host    string
	Target  string // path and query, as on the request line
	Headers []Header
	Body    []byte
	Service string // as in an integration's URI
	Region  string
}

// Header is one header of a request.
type Header struct{ Name, Value string }

// Signature holds the headers that sign a request.
type Signature struct {
	Authorization string
	Date          string // X-Amz-Date
	Token         string // X-Amz-Security-Token; empty with lasting credentials
	ContentSHA256 string // X-Amz-Content-Sha256; for s3 only, which asks for it
}

// Sign signs a request by Signature Version 4. An error means that there are no credentials.
func (e *Endpoints) Sign(ctx context.Context, r Request, now time.Time) (Signature, error) {
	keys, err := e.signer.credentials(ctx, r.Address.AWS, now)
	if err != nil {
		return Signature{}, err
	}
	path, query, _ := strings.Cut(r.Target, "?")
	req := &http.Request{
		Method:        r.Method,
		Host:          r.Host,
		URL:           &url.URL{Scheme: r.Address.Scheme, Host: r.Host, Opaque: "//" + r.Host + path, RawQuery: query},
		Header:        http.Header{},
		ContentLength: int64(len(r.Body)),
	}
	for _, h := range r.Headers {
		req.Header.Add(h.Name, h.Value)
	}
	sum := sha256.Sum256(r.Body)
	hash := hex.EncodeToString(sum[:])
	name := signingName(r.Service)
	var s Signature
	if name == "s3" {
		s.ContentSHA256 = hash
		req.Header.Set("X-Amz-Content-Sha256", hash)
	}
	plain := func(o *v4.SignerOptions) { o.DisableURIPathEscaping = name == "s3" }
	if err := e.signer.v4.SignHTTP(ctx, keys, req, hash, name, r.Region, now, plain); err != nil {
		return Signature{}, fmt.Errorf("sign request to %s: %w", r.Service, err)
	}
	s.Authorization, s.Date, s.Token = req.Header.Get("Authorization"), req.Header.Get("X-Amz-Date"), req.Header.Get("X-Amz-Security-Token")
	return s, nil
}

// signingName is what a service is called in a signature, where its host is called otherwise.
func signingName(service string) string {
	switch service {
	case "email":
		return "ses"
	case "data.iot":
		return "iotdata"
	case "runtime.sagemaker":
		return "sagemaker"
	case "streams.dynamodb":
		return "dynamodb"
	}
	if i := strings.LastIndexByte(service, '.'); i >= 0 {
		return service[i+1:]
	}
	return service
}

type signer struct {
	v4   *v4.Signer
	imds bool // requests go to AWS, so the credentials of the machine may be asked for

	mu       sync.Mutex
	provider aws.CredentialsProvider // nil until it is first needed
	failed   error                   // why there were no credentials
	retry    time.Time               // when to look again
}

// lookAgain is how long it is taken for granted that there are no credentials: looking for them takes time.
const lookAgain = 30 * time.Second

func newSigner(p aws.CredentialsProvider, imds bool) *signer {
	if p != nil {
		p = aws.NewCredentialsCache(p)
	}
	return &signer{v4: v4.NewSigner(), imds: imds, provider: p}
}

// credentials are those to sign with: real ones, or for an address that is not AWS' a made-up key if there are none.
func (s *signer) credentials(ctx context.Context, real bool, now time.Time) (aws.Credentials, error) {
	keys, err := s.find(ctx, now)
	if err != nil && !real {
		return aws.Credentials{AccessKeyID: "tollbook", SecretAccessKey: "tollbook"}, nil
	}
	return keys, err
}

func (s *signer) find(ctx context.Context, now time.Time) (aws.Credentials, error) {
	provider, err := s.load(ctx, now)
	if err != nil {
		return aws.Credentials{}, err
	}
	keys, err := provider.Retrieve(ctx)
	if err != nil {
		err = fmt.Errorf("find AWS credentials: %w", err)
		s.mu.Lock()
		s.failed, s.retry = err, now.Add(lookAgain)
		s.mu.Unlock()
	}
	return keys, err
}

func (s *signer) load(ctx context.Context, now time.Time) (aws.CredentialsProvider, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed != nil && now.Before(s.retry) {
		return nil, s.failed
	}
	if s.provider != nil {
		return s.provider, nil
	}
	state := imds.ClientDisabled
	if s.imds {
		state = imds.ClientDefaultEnableState
	}
	loaded, err := config.LoadDefaultConfig(ctx, config.WithEC2IMDSClientEnableState(state))
	if err != nil {
		s.failed, s.retry = fmt.Errorf("load AWS configuration: %w", err), now.Add(lookAgain)
		return nil, s.failed
	}
	s.provider = loaded.Credentials
	return s.provider, nil
}
