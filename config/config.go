// Package config holds every setting of `tollbook serve` in one struct: its flags, the environment variables and the
// keys of the optional configuration file (both follow from the flag's name), defaults, and Validate. The command line
// is read by package cli; nothing below it looks at flags or the environment.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"time"

	"github.com/tollbook/tollbook/gateway/endpoint"
)

// Config is what a server needs to know at start. A flag --api-addr is also the environment variable
// TOLLBOOK_API_ADDR and the key api-addr of the configuration file; the flag wins over the variable, the variable over
// the file.
type Config struct {
	DataDir string `help:"Directory that holds all state; made if absent." default:"tollbook-data" placeholder:"DIR"`

	APIAddr        string `name:"api-addr" help:"Address of the API listener: AWS' APIs, console, health, metrics. Port 0 picks a free one." default:"127.0.0.1:4566" placeholder:"HOST:PORT"`
	GatewayAddr    string `help:"Address of the gateway listener: the data plane alone. Port 0 picks a free one." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	GatewayTLSAddr string `name:"gateway-tls-addr" help:"Address at which the gateway listens for TLS, beside the plain one. Empty: it does not." placeholder:"HOST:PORT"`
	TLSDir         string `name:"tls-dir" help:"Directory of certificates for TLS: pairs of NAME.crt (or .pem) and NAME.key; read again when they change." placeholder:"DIR"`
	AcmeEmail      string `name:"acme-email" help:"Have certificates of custom domain names made by ACME, for this contact; accepts the terms of the authority. Needs --gateway-tls-addr reachable as port 443." placeholder:"ADDRESS"`
	AcmeDirectory  string `name:"acme-directory" help:"The ACME authority." default:"https://acme-v02.api.letsencrypt.org/directory" placeholder:"URL"`
	AcmeRoots      string `name:"acme-roots" help:"File with the certificates of authorities that the ACME server's own may come from, beside the system's." placeholder:"FILE"`

	ProxyProtocolFrom []netip.Prefix `help:"Addresses of proxies that begin each connection to the gateway with a PROXY header (v1 or v2), which says who the client is. From them it must come; from others it is refused." placeholder:"CIDR"`
	TrustedProxies    []netip.Prefix `help:"Addresses of proxies whose X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Port the gateway believes." placeholder:"CIDR"`
	MaxConnections    int            `help:"Most connections that clients may have open to the gateway; further ones are answered 503 and closed. 0: half of the files that the system lets the process open, so that as many are left for back ends." default:"0" placeholder:"N"`

	MaxRequests   int           `help:"Most requests that are under way at the gateway; further ones are answered 503 at once." default:"10000" placeholder:"N"`
	MaxBodyBytes  Bytes         `help:"Most memory that bodies of requests and responses under way take, all together; what is beyond it is answered 503." default:"512MiB" placeholder:"BYTES"`
	HeaderTimeout time.Duration `help:"Longest time that the head of a request to the gateway may take to arrive, from its first byte on; then the answer is 408." default:"10s"`

	Auth         string   `help:"Who may call the APIs: none (any signature is accepted; loopback listeners only) or sigv4 (signatures are verified)." enum:"none,sigv4" default:"none"`
	AccountID    string   `name:"account-id" help:"AWS account ID of everything that is made, 12 digits." default:"000000000000" placeholder:"ID"`
	AllowedHosts []string `help:"Further host names that the API listener answers to, beside loopback names and addresses." placeholder:"NAME"`

	AccessLogFlush    time.Duration `help:"Longest time until an access log entry is durable." default:"100ms"`
	AccessLogQueue    Bytes         `help:"Most memory that access log entries take while they wait for the store." default:"64MiB" placeholder:"BYTES"`
	AccessLogDurable  bool          `help:"Answer a request only when its access log entry is durable."`
	AccessLogWhenFull string        `help:"What a full queue does: block slows requests down, drop loses entries and counts them." enum:"block,drop" default:"block"`

	LambdaEndpoint      string            `help:"Where Lambda functions are called: aws, or the URL of anything that answers Lambda's Invoke." placeholder:"aws|URL"`
	Lambda              map[string]string `help:"Where one function is called, by name or ARN; * stands for any text. A URL that ends in /invocations is called as it is. Can be repeated." placeholder:"FUNCTION=URL"`
	CognitoEndpoint     string            `help:"Where the keys of user pools are, as URL/POOL/.well-known/jwks.json. Default: AWS, by region." placeholder:"URL"`
	UpstreamRoots       string            `help:"File with the certificates of authorities that back ends' own may come from, beside the system's." placeholder:"FILE"`
	UpstreamConnections int               `help:"Most requests under way to one back end, each on a connection of its own; further ones wait for their turn." default:"1024" placeholder:"N"`
	UpstreamQueue       int               `help:"Most requests that wait for one back end; further ones are answered 503. 0: as many as --upstream-connections." default:"0" placeholder:"N"`
	UpstreamHTTP2       bool              `name:"upstream-http2" env:"TOLLBOOK_UPSTREAM_HTTP2" help:"Offer HTTP/2 to https back ends of HTTP and HTTP_PROXY integrations. AWS calls them by HTTP/1.1."`
	AWSEndpoint         map[string]string `name:"aws-endpoint" help:"Where another AWS service is that integrations call; * stands for all. Can be repeated." placeholder:"SERVICE=aws|URL"`

	LogMemory Bytes `help:"Most memory that the log store takes for events not yet sealed, and for what it has read." default:"256MiB" placeholder:"BYTES"`

	ShutdownTimeout time.Duration `help:"Longest time that a stop waits for requests under way." default:"8s"`
	LogLevel        string        `help:"Least level of the server's own log." enum:"debug,info,warn,error" default:"info"`
	LogFormat       string        `help:"Form of the server's own log on stderr." enum:"text,json" default:"text"`
}

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// Validate reports every setting that cannot work, joined.
func (c *Config) Validate() error {
	var errs []error
	fail := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.DataDir == "" {
		fail("data-dir: must not be empty")
	}
	if !accountID.MatchString(c.AccountID) {
		fail("account-id: %q is not 12 digits", c.AccountID)
	}
	if c.AccessLogFlush < time.Millisecond || c.AccessLogFlush > 10*time.Second {
		fail("access-log-flush: %v is not between 1ms and 10s", c.AccessLogFlush)
	}
	if c.AccessLogQueue < 1<<20 {
		fail("access-log-queue: %v is below 1 MiB", c.AccessLogQueue)
	}
	if c.LogMemory < 16<<20 {
		fail("log-memory: %v is below 16 MiB", c.LogMemory)
	}
	if c.ShutdownTimeout < 0 || c.ShutdownTimeout > time.Minute {
		fail("shutdown-timeout: %v is not between 0s and 1m", c.ShutdownTimeout)
	}
	if c.UpstreamConnections < 1 {
		fail("upstream-connections: %d is below 1", c.UpstreamConnections)
	}
	if c.UpstreamQueue < 0 {
		fail("upstream-queue: %d is below 0", c.UpstreamQueue)
	}
	if _, err := c.Endpoints(); err != nil {
		errs = append(errs, err)
	}
	c.validateLoad(fail)
	errs = append(errs, c.validateTLS())
	for _, l := range []struct{ name, addr string }{
		{"api-addr", c.APIAddr}, {"gateway-addr", c.GatewayAddr}, {"gateway-tls-addr", c.GatewayTLSAddr},
	} {
		if l.addr == "" && l.name == "gateway-tls-addr" {
			continue
		}
		host, _, err := net.SplitHostPort(l.addr)
		if err != nil {
			fail("%s: %q is not HOST:PORT", l.name, l.addr)
		} else if c.Auth == "none" && !loopback(host) {
			fail("%s: %s is reachable from other machines; that needs --auth sigv4", l.name, l.addr)
		}
	}
	return errors.Join(errs...)
}

// validateLoad checks what the gateway takes at the same time.
func (c *Config) validateLoad(fail func(format string, args ...any)) {
	if c.MaxConnections < 0 {
		fail("max-connections: %d is below 0", c.MaxConnections)
	}
	if c.MaxRequests < 1 {
		fail("max-requests: %d is below 1", c.MaxRequests)
	}
	if c.MaxBodyBytes < 16<<20 {
		fail("max-body-bytes: %v is below 16 MiB", c.MaxBodyBytes)
	}
	if c.HeaderTimeout < 100*time.Millisecond || c.HeaderTimeout > time.Minute {
		fail("header-timeout: %v is not between 100ms and 1m", c.HeaderTimeout)
	}
}

// Endpoints are the AWS services that integrations and authorizers call. The credentials are those of the environment.
func (c *Config) Endpoints() (*endpoint.Endpoints, error) {
	e, err := endpoint.New(endpoint.Options{Lambda: c.LambdaEndpoint, Functions: c.Lambda, Services: c.AWSEndpoint})
	if err != nil {
		return nil, fmt.Errorf("lambda-endpoint, lambda, aws-endpoint: %w", err)
	}
	return e, nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}
