// Package endpoint knows where the AWS services are that an API's integrations and authorizers call, and signs the requests
// to them: Lambda functions and other services, in AWS itself, in an emulator, or in a process of the user's own.
//
// A function is called by Lambda's Invoke operation, POST /2015-03-31/functions/{name}/invocations, whoever answers it. The
// package makes no connections: package gateway sends the requests, the server says by its settings where to.
package endpoint

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// AWS stands for the service's own endpoint in the region, in place of an address.
const AWS = "aws"

// Options say where services are. The zero value knows no service at all.
type Options struct {
	// Lambda is where Lambda functions are called that Functions does not name: AWS, or a URL. Empty: nowhere.
	Lambda string
	// Functions are addresses (AWS or a URL) by function. A key is a function's name, its name with a qualifier
	// ("notes:prod") or its ARN with or without one; "*" stands for any text. The most exact key wins: one without "*", else
	// the longest. A URL that ends in /invocations is called as it is, as the Runtime Interface Emulator's needs; to any
	// other the path of Invoke is added.
	Functions map[string]string
	// Services are addresses by service, as in an integration's URI ("sqs", "dynamodb"); "*" stands for all others.
	Services map[string]string
	// Credentials sign the requests. Default: those that AWS' SDKs find in the environment and the shared files; where they
	// find none, requests to an address other than AWS are signed with the key "tollbook", which asks nobody for anything.
	Credentials aws.CredentialsProvider
}

// Endpoints are where services are. All methods may be called concurrently.
type Endpoints struct {
	lambda    *base
	functions []functionBase // the most exact first
	services  map[string]base
	signer    *signer
}

type functionBase struct {
	pattern string
	base    base
}

// base is where a service is: AWS or an address.
type base struct {
	aws    bool
	scheme string
	host   string // with the port, if it has one
	path   string // without a slash at the end
}

// Address is where one request goes.
type Address struct {
	Scheme string // http or https
	Host   string // with a port, if the address has one
	Path   string // of an Invoke: all of it; of a service: what goes before the path, such as "" or "/aws"
	AWS    bool   // it is AWS', so only real credentials will do
}

// New checks the addresses.
func New(o Options) (*Endpoints, error) {
	e := &Endpoints{services: map[string]base{}}
	if o.Lambda != "" {
		b, err := parse(o.Lambda)
		if err != nil {
			return nil, fmt.Errorf("lambda endpoint: %w", err)
		}
		e.lambda = &b
	}
	real := o.Lambda == AWS
	for pattern, text := range o.Functions {
		b, err := parse(text)
		if err != nil {
			return nil, fmt.Errorf("endpoint of function %s: %w", pattern, err)
		}
		e.functions = append(e.functions, functionBase{pattern, b})
		real = real || b.aws
	}
	slices.SortFunc(e.functions, moreExact)
	for service, text := range o.Services {
		b, err := parse(text)
		if err != nil {
			return nil, fmt.Errorf("endpoint of service %s: %w", service, err)
		}
		e.services[service] = b
		real = real || b.aws
	}
	e.signer = newSigner(o.Credentials, real)
	return e, nil
}

func moreExact(a, b functionBase) int {
	if open := strings.Contains(a.pattern, "*"); open != strings.Contains(b.pattern, "*") {
		if open {
			return 1
		}
		return -1
	}
	return cmp.Or(cmp.Compare(len(b.pattern), len(a.pattern)), cmp.Compare(a.pattern, b.pattern))
}

func parse(text string) (base, error) {
	if text == AWS {
		return base{aws: true}, nil
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return base{}, fmt.Errorf("%q is not a URL: %w", text, err)
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return base{}, fmt.Errorf("%q is neither %s nor an http or https URL", text, AWS)
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return base{}, fmt.Errorf("%q has more than scheme, host and path", text)
	}
	return base{scheme: u.Scheme, host: u.Host, path: strings.TrimSuffix(u.EscapedPath(), "/")}, nil
}

// Function finds where a function is called, false if nothing says it.
func (e *Endpoints) Function(f Function) (Address, bool) {
	for _, fn := range e.functions {
		if f.matches(fn.pattern) {
			return fn.base.invoke(f), true
		}
	}
	if e.lambda == nil {
		return Address{}, false
	}
	return e.lambda.invoke(f), true
}

const invocations = "/invocations"

// invoke is the address of the Invoke of a function. AWS is asked by the ARN, as API Gateway does it; whoever else answers
// gets the plain name.
func (b base) invoke(f Function) Address {
	const before = "/2015-03-31/functions/"
	switch {
	case b.aws:
		return Address{"https", "lambda." + f.Region + "." + domain(f.Region), before + escape(f.ARN) + invocations, true}
	case strings.HasSuffix(b.path, invocations):
		return Address{b.scheme, b.host, b.path, false}
	}
	path := b.path + before + escape(f.Name) + invocations
	if f.Qualifier != "" {
		path += "?Qualifier=" + escape(f.Qualifier)
	}
	return Address{b.scheme, b.host, path, false}
}

// Service finds where a service is in a region, false if nothing says it. name may have a subdomain in front, such as
// "bucket.s3".
func (e *Endpoints) Service(name, region string) (Address, bool) {
	subdomain, service := "", name
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		subdomain, service = name[:i+1], name[i+1:]
	}
	b, ok := e.services[name]
	if !ok {
		b, ok = e.services[service]
	}
	if !ok {
		b, ok = e.services["*"]
	}
	switch {
	case !ok:
		return Address{}, false
	case b.aws:
		return Address{"https", awsHost(subdomain, service, region), "", true}, true
	}
	return Address{b.scheme, b.host, b.path, false}, true
}

// awsHost is a service's host. A few have one for all regions.
func awsHost(subdomain, service, region string) string {
	switch service {
	case "iam", "route53", "cloudfront", "organizations":
		return subdomain + service + "." + domain(region)
	}
	return subdomain + service + "." + region + "." + domain(region)
}

func domain(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// escape encodes all that is not unreserved in a path segment.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
