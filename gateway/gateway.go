// Package gateway is the data plane: it takes a client's request, finds the deployed stage and the method that it is for,
// calls the integration behind it, answers, and leaves one entry in the stage's access log.
//
// A request is an exchange that passes through steps, each in a file of its own: locate (which stage), check (limits),
// route (which method), authorize, integrate (MOCK, HTTP, HTTP_PROXY), respond, log. A step that fails returns an *Error,
// which respond turns into AWS' gateway response.
//
// What to serve comes from the control plane as plain data: a Stage is compiled to an immutable StageTable, which replaces
// the one before it in a single step (SetStage). The request path takes no lock for it and reads no database. Entries go to
// an accesslog.Writer; what is counted of them waits for Drain (meter.go). The package knows nothing of AWS' control plane,
// of log groups beyond their names, or of storage.
//
// Requests arrive from the gateway's own reading of HTTP/1.1 (NewServer: on event loops, or by a goroutine for each
// connection) or from net/http (HTTPHandler, and HTTP/2); all feed the same steps. On a loop nothing may wait: see mayWait.
package gateway

import (
	"cmp"
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/gateway/endpoint"
)

// Config holds what a Gateway needs to know beside the stages. The zero value is ready to use.
type Config struct {
	// AccountID and Region say where entries of requests that reach no stage are logged.
	// Default: 000000000000 and us-east-1.
	AccountID, Region string
	// UnroutedPerSecond bounds those entries. Default: 100.
	UnroutedPerSecond int
	// UpstreamConns is how many requests to one back end are under way at most, each on a connection of its own; further
	// ones wait for their turn until their integration's timeout has passed. Default: 1024.
	UpstreamConns int
	// UpstreamQueue is how many requests wait for one back end at most; further ones are answered 503. Default: as many as
	// may be under way.
	UpstreamQueue int
	// UpstreamHTTP2 offers HTTP/2 to the https back ends of HTTP and HTTP_PROXY integrations. Default: only HTTP/1.1, as AWS.
	UpstreamHTTP2 bool
	// UpstreamIdle is how long an unused connection to a back end is kept. Default: 60 s.
	UpstreamIdle time.Duration
	// HeaderTimeout bounds the arrival of a request's head, from its first byte on; one that takes longer is answered 408 and
	// its connection closed. Default: 10 s.
	HeaderTimeout time.Duration
	// ReadTimeout bounds the arrival of a request with its body, WriteTimeout the sending of a response, IdleTimeout the
	// wait for the next request. Defaults: 60 s, 60 s, and 310 s as at AWS.
	ReadTimeout, WriteTimeout, IdleTimeout time.Duration
	// Signers knows the keys that requests are signed with, for methods with AWS_IAM. Default: nobody has a key.
	Signers Signers
	// AnyKey lets a well-formed signature by a key that nobody has pass unchecked, as the account's root. Keys that somebody
	// has are checked all the same.
	AnyKey bool
	// CognitoEndpoint is where the keys of user pools are: {endpoint}/{pool}/.well-known/jwks.json. Tokens may name it as
	// their issuer, too. Default: AWS' own, by region.
	CognitoEndpoint string
	// Endpoints says where the AWS services are that integrations and authorizers call. Default: nowhere.
	Endpoints *endpoint.Endpoints
	// UpstreamRoots are the authorities that certificates of back ends, and of issuers of tokens, come from. Default: the
	// system's.
	UpstreamRoots *x509.CertPool
	// CacheBytes bounds the response cache of each stage, whatever size it asks for. Default: 256 MiB.
	CacheBytes int64
	// MaxConnections is how many clients' connections are open at most, over all listeners; further ones are answered 503
	// and closed. Default: no cap.
	MaxConnections int
	// MaxRequests is how many requests are under way at most, from their head to the end of their answer; further ones are
	// answered 503 at once. Default: 10,000.
	MaxRequests int
	// MaxBodyBytes bounds the memory that bodies of requests and responses under way take, all together; what is beyond it is
	// answered 503. The first 8 kB of a request's bodies are not counted. Default: 512 MiB.
	MaxBodyBytes int64
	// Loops is how many event loops serve plain connections, where the system has them. Default: one fewer than GOMAXPROCS, and
	// at least one (package eventloop says why).
	Loops int
	// ProxyProtocolFrom are the addresses of proxies that begin their connections with a header of the PROXY protocol (v1 or
	// v2), which says who the client is. Default: none.
	ProxyProtocolFrom []netip.Prefix
	// TrustedProxies are the addresses of proxies whose X-Forwarded-For, -Proto and -Port are believed. Default: none.
	TrustedProxies []netip.Prefix
	// Logger is told of faults in the gateway itself. Default: nowhere.
	Logger *slog.Logger
}

// Gateway serves stages. All methods may be called concurrently.
type Gateway struct {
	cfg       Config
	log       *slog.Logger
	access    *accesslog.Writer
	unrouted  *accesslog.Unrouted
	exchanges sync.Pool
	turn      atomic.Uint32 // counts exchanges
	metrics   metrics
	meters    meters
	door      *doorkeeper
	load      load
	proxies   addresses // that are trusted

	stages    atomic.Pointer[stageMap]  // read by requests
	domains   atomic.Pointer[domainMap] // read by requests; nil without any
	mu        sync.Mutex                // for changing stages and upstreams
	upstreams map[upstreamKey]*upstream
	caches    map[string]*responseCache
	keys      map[string]*keyScope // by "account/region"
	began     time.Time
	keySets   map[string]*keySet // of issuers of tokens, by URL
	patience  context.Context    // ends with Abort
	abort     context.CancelFunc
	stop      chan struct{} // closed by Close
	stopOnce  sync.Once
}

// stageMap holds the tables by API ID in lower case, then by stage name. It is never changed once it is in place.
type stageMap map[string]map[string]*StageTable

// New makes a Gateway that serves nothing yet. Entries go to access, which the caller closes after the last request.
func New(cfg Config, access *accesslog.Writer) (*Gateway, error) {
	cfg.AccountID = cmp.Or(cfg.AccountID, "000000000000")
	cfg.Region = cmp.Or(cfg.Region, "us-east-1")
	cfg.Loops = cmp.Or(cfg.Loops, max(1, runtime.GOMAXPROCS(0)-1))
	cfg.MaxRequests = cmp.Or(cfg.MaxRequests, 10_000)
	cfg.MaxBodyBytes = cmp.Or(cfg.MaxBodyBytes, 512<<20)
	cfg.CacheBytes = cmp.Or(cfg.CacheBytes, 256<<20)
	cfg.UpstreamConns = cmp.Or(cfg.UpstreamConns, 1024)
	cfg.UpstreamQueue = cmp.Or(cfg.UpstreamQueue, cfg.UpstreamConns)
	cfg.UpstreamIdle = cmp.Or(cfg.UpstreamIdle, time.Minute)
	cfg.HeaderTimeout = cmp.Or(cfg.HeaderTimeout, 10*time.Second)
	cfg.ReadTimeout = cmp.Or(cfg.ReadTimeout, time.Minute)
	cfg.WriteTimeout = cmp.Or(cfg.WriteTimeout, time.Minute)
	cfg.IdleTimeout = cmp.Or(cfg.IdleTimeout, 310*time.Second)
	if cfg.Endpoints == nil {
		cfg.Endpoints = new(endpoint.Endpoints)
	}
	unrouted, err := accesslog.NewUnrouted(access, cfg.AccountID, cfg.Region, cmp.Or(cfg.UnroutedPerSecond, 100))
	if err != nil {
		return nil, fmt.Errorf("compile format of unrouted requests: %w", err)
	}
	g := &Gateway{
		cfg:       cfg,
		log:       cmp.Or(cfg.Logger, slog.New(slog.DiscardHandler)),
		access:    access,
		unrouted:  unrouted,
		upstreams: map[upstreamKey]*upstream{},
		caches:    map[string]*responseCache{},
		keys:      map[string]*keyScope{},
		began:     time.Now(),
		keySets:   map[string]*keySet{},
		load:      load{most: int64(cfg.MaxRequests), bytes: cfg.MaxBodyBytes},
		door:      newDoorkeeper(cfg.MaxConnections, cfg.ProxyProtocolFrom),
		proxies:   cfg.TrustedProxies,
		stop:      make(chan struct{}),
	}
	g.patience, g.abort = context.WithCancel(context.Background())
	g.exchanges.New = func() any { return newExchange(g) }
	g.stages.Store(&stageMap{})
	go g.closeIdle()
	return g, nil
}

// Abort gives up on the requests that wait for a back end: they are answered 504 at once, and have their entries. It returns
// how many there were. Requests that come later fare the same.
func (g *Gateway) Abort() (n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, u := range g.upstreams {
		n += int(u.busy.Load()) // before any of them ends
	}
	g.abort()
	for _, u := range g.upstreams {
		u.abort()
	}
	return n
}

// Close ends the connections to back ends that are idle and what runs in the background. Requests should have ended.
func (g *Gateway) Close() error {
	g.stopOnce.Do(func() { close(g.stop) })
	g.abort()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, u := range g.upstreams {
		u.close()
	}
	return nil
}

// SetStage serves t as the stage of the API from the next request on. Requests under way end by the table they began with.
// A table belongs to one stage of one Gateway.
func (g *Gateway) SetStage(apiID, stage string, t *StageTable) {
	g.change(func(next stageMap) {
		apiID = strings.ToLower(apiID)
		api := maps.Clone(next[apiID])
		if api == nil {
			api = map[string]*StageTable{}
		}
		g.bind(t)
		t.keepBuckets(api[stage])
		if t.canary != nil {
			t.canary.table.keepBuckets(t)
		}
		g.unbind(api[stage])
		api[stage] = t
		next[apiID] = api
	})
}

// RemoveStage stops serving a stage. An unknown one is no error.
func (g *Gateway) RemoveStage(apiID, stage string) {
	g.change(func(next stageMap) {
		apiID = strings.ToLower(apiID)
		api := maps.Clone(next[apiID])
		g.unbind(api[stage])
		delete(api, stage)
		next[apiID] = api
		if len(api) == 0 {
			delete(next, apiID)
		}
	})
}

// RemoveAPI stops serving every stage of an API. An unknown one is no error.
func (g *Gateway) RemoveAPI(apiID string) {
	g.change(func(next stageMap) {
		apiID = strings.ToLower(apiID)
		for _, t := range next[apiID] {
			g.unbind(t)
		}
		delete(next, apiID)
	})
}

// change replaces the stages by an edited copy.
func (g *Gateway) change(edit func(next stageMap)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	next := maps.Clone(*g.stages.Load())
	edit(next)
	g.stages.Store(&next)
}

// bind gives a table the shared things that its stage uses: the way to its log group, its meters, and its back ends'
// connections.
func (g *Gateway) bind(t *StageTable) {
	if t.format != nil {
		t.sink = g.access.Sink(t.destination)
		if t.isCanary {
			t.canarySink = g.access.Sink(t.canaryDestination)
		}
	}
	if t.canary != nil {
		g.bind(t.canary.table)
	}
	g.bindCache(t)
	g.bindExecutionLog(t)
	g.bindIssuers(t)
	t.keys = g.keysOf(t.meterKey.account, t.meterKey.region)
	t.meter = g.meters.bind(t.meterKey)
	for _, rt := range t.metered {
		key := t.meterKey
		key.method, key.resource = rt.method, rt.resourcePath
		rt.meter = g.meters.bind(key)
	}
	g.locateServices(t)
	for _, i := range t.integrations {
		if i.uri == nil {
			continue
		}
		u := g.upstreamFor(g.upstreamKeyOf(i), i.certificate)
		u.users++
		i.upstream = u
	}
}

// unbind lets go of the meters and back ends of a table that is no longer served. Requests under way still finish.
func (g *Gateway) unbind(t *StageTable) {
	if t == nil {
		return
	}
	if t.canary != nil {
		g.unbind(t.canary.table)
	}
	g.unbindCache(t)
	g.unbindIssuers(t)
	g.meters.unbind(t.meter)
	for _, rt := range t.metered {
		g.meters.unbind(rt.meter)
	}
	for _, i := range t.integrations {
		if i.upstream == nil {
			continue
		}
		if i.upstream.users--; i.upstream.users == 0 {
			delete(g.upstreams, i.upstream.key)
			i.upstream.close()
		}
	}
}

// closeIdle closes connections that were not used for a while.
func (g *Gateway) closeIdle() {
	ticker := time.NewTicker(g.cfg.UpstreamIdle / 4)
	defer ticker.Stop()
	for {
		select {
		case <-g.stop:
			return
		case now := <-ticker.C:
			g.mu.Lock()
			for _, u := range g.upstreams {
				u.closeBefore(now.Add(-g.cfg.UpstreamIdle))
			}
			g.mu.Unlock()
		}
	}
}
