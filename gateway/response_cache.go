package gateway

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/tollbook/tollbook/iam/policy"
)

// Responses of methods with caching are kept for a time, by stage. A key is the method's cache namespace and the values of
// its cache key parameters; so what the parameters do not tell apart shares a response, as at AWS.

const (
	maxCachedBody = 1 << 20 // AWS' limit
	maxCacheTTL   = time.Hour
)

// cachedResponse is never changed once it is in a cache.
type cachedResponse struct {
	status  int
	headers []cachedHeader
	body    []byte
	ttl     time.Duration
}

type cachedHeader struct{ name, value string }

func (r *cachedResponse) weight() uint32 {
	n := len(r.body) + 128
	for _, h := range r.headers {
		n += len(h.name) + len(h.value) + 32
	}
	return uint32(n)
}

// responseCache is that of a stage; it stays when the stage is deployed anew.
type responseCache struct {
	entries *otter.Cache[string, *cachedResponse]
	users   int // tables; under Gateway.mu
}

// newResponseCache makes a cache that holds so many bytes of responses.
func newResponseCache(limit int64) *responseCache {
	return &responseCache{entries: otter.Must(&otter.Options[string, *cachedResponse]{
		MaximumWeight: uint64(limit),
		Weigher:       func(key string, r *cachedResponse) uint32 { return r.weight() + uint32(len(key)) },
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[string, *cachedResponse]) time.Duration {
			return e.Value.ttl
		}),
	})}
}

// caching is what a route needs to know to use its stage's cache. Nil: the method is not cached.
type caching struct {
	namespace  string
	parameters []source
	ttl        time.Duration
	// needsPermission and unauthorized: see MethodSettings.
	needsPermission bool
	unauthorized    string
}

func compileCaching(r Route, vars map[string]string) *caching {
	s := r.Settings
	if !s.CachingEnabled || s.CacheTTL <= 0 {
		return nil
	}
	c := &caching{
		namespace: r.Integration.CacheNamespace, ttl: min(s.CacheTTL, maxCacheTTL),
		needsPermission: s.CacheControlNeedsPermission, unauthorized: s.UnauthorizedCacheControl,
	}
	if c.namespace == "" {
		c.namespace = r.ResourceID
	}
	for _, expression := range r.Integration.CacheKeyParameters {
		if mapped, ok := r.Integration.RequestParameters[expression]; ok {
			expression = mapped // integration.request.… stands for what it is mapped from
		}
		if src := compileSource(expression, "method.request.", vars); src.problem() == nil {
			c.parameters = append(c.parameters, src)
		}
	}
	return c
}

// useCache answers from the stage's cache, if it can; else it calls the integration and keeps what it answers.
func (x *exchange) useCache(c *caching, cache *responseCache) *Error {
	fresh, err := x.wantsFresh(c)
	if err != nil {
		return err
	}
	key := x.cacheKey(c)
	if !fresh {
		if r, ok := cache.entries.GetIfPresent(key); ok {
			x.entry.Cache = cacheHit
			x.answerFrom(r)
			return nil
		}
	}
	x.entry.Cache = cacheMiss
	if err := x.integrate(); err != nil {
		return err
	}
	if r := x.cacheable(c); r != nil {
		cache.entries.Set(key, r)
	}
	return nil
}

const (
	cacheHit  = "hit"
	cacheMiss = "miss"
)

// cacheKey joins what tells responses apart. Each value comes with its length, so that no two requests share a key by the
// way their values are cut.
func (x *exchange) cacheKey(c *caching) string {
	key := append(make([]byte, 0, 128), x.method...)
	key = append(append(key, ' '), c.namespace...)
	for p := range c.parameters {
		values := x.requestValues(&c.parameters[p])
		key = append(strconv.AppendInt(append(key, ' '), int64(len(values)), 10), ':')
		for _, value := range values {
			key = append(strconv.AppendInt(key, int64(len(value)), 10), ':')
			key = append(key, value...)
		}
	}
	return string(key)
}

// cacheable copies the response, if it may be kept: a success that is not too large.
func (x *exchange) cacheable(c *caching) *cachedResponse {
	status, body := x.resp.status, x.resp.body
	if status < 200 || status > 299 || len(body) > maxCachedBody {
		return nil
	}
	r := &cachedResponse{status: status, body: bytes.Clone(body), ttl: c.ttl}
	for name, value := range x.resp.header.all() {
		if strings.EqualFold(str(name), "Content-Length") || strings.EqualFold(str(name), "X-Amzn-Trace-Id") {
			continue // of this one request
		}
		r.headers = append(r.headers, cachedHeader{string(name), string(value)})
	}
	return r
}

func (x *exchange) answerFrom(r *cachedResponse) {
	x.resp.status = r.status
	for _, h := range r.headers {
		x.resp.header.add(h.name, h.value)
	}
	x.resp.body = r.body
}

// wantsFresh reports whether the client asks for a response that does not come from the cache, and may.
func (x *exchange) wantsFresh(c *caching) (bool, *Error) {
	asked := false
	for _, value := range headerValues(x.headers, "Cache-Control") {
		for directive := range strings.SplitSeq(value, ",") {
			asked = asked || strings.EqualFold(strings.ReplaceAll(directive, " ", ""), "max-age=0")
		}
	}
	if !asked {
		return false, nil
	}
	if !c.needsPermission || x.mayInvalidateCache() {
		return true, nil
	}
	switch c.unauthorized {
	case "FAIL_WITH_403":
		return false, errCacheControl
	case "SUCCEED_WITHOUT_RESPONSE_HEADER":
	default:
		x.resp.header.add("Warning", `199 api-gateway "Cache-Control headers were ignored because the caller was unauthorized."`)
	}
	return false, nil
}

// mayInvalidateCache asks the policies of the caller, who is known for methods with AWS_IAM alone.
func (x *exchange) mayInvalidateCache() bool {
	who := x.caller
	if who == nil {
		return false
	}
	request := x.question(who.Caller)
	request.Action = "execute-api:InvalidateCache"
	return who.Decide(request).Decision == policy.Allow
}

// FlushCache empties the response cache of a stage, its canary's too. Unknown stages are no error.
func (g *Gateway) FlushCache(apiID, stage string) {
	t := g.find(apiID, stage)
	if t == nil {
		return
	}
	if t.cache != nil {
		t.cache.entries.InvalidateAll()
	}
	if t.canary != nil && t.canary.table.cache != nil {
		t.canary.table.cache.entries.InvalidateAll()
	}
}

// cacheName names the cache of a table: canaries have their own, unless they share the stage's.
func (t *StageTable) cacheName() string {
	name := strings.ToLower(t.values.APIID) + "/" + t.values.Name
	if t.isCanary && !t.sharesCache {
		name += canarySuffix
	}
	return name
}

// bindCache gives a table the cache of its stage, which it makes if need be. It is called under g.mu.
func (g *Gateway) bindCache(t *StageTable) {
	if t.cacheBytes <= 0 {
		return
	}
	c := g.caches[t.cacheName()]
	if c == nil {
		c = newResponseCache(min(t.cacheBytes, g.cfg.CacheBytes))
		g.caches[t.cacheName()] = c
	}
	c.users++
	t.cache = c
}

func (g *Gateway) unbindCache(t *StageTable) {
	if t.cache == nil {
		return
	}
	if t.cache.users--; t.cache.users == 0 {
		delete(g.caches, t.cacheName())
	}
}
