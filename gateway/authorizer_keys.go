package gateway

import (
	"context"
	"crypto/rsa"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	jose "github.com/go-jose/go-jose/v4"
)

// issuer is who signs the tokens that an authorizer accepts: a Cognito user pool, or any other by its URL.
type issuer struct {
	name string // as in the claim iss
	pool string // ID of a user pool; empty for others
	// alias is a second name, which tokens of a pool behind another end point may have; set by bind.
	alias string
	keys  *keySet // set by bind
}

// compileIssuers reads user pool ARNs (arn:aws:cognito-idp:{region}:{account}:userpool/{id}). A plain URL names an issuer
// with OpenID Connect discovery, which AWS has for HTTP APIs alone.
func compileIssuers(arns []string, vars map[string]string) (list []*issuer, problem string) {
	for _, arn := range arns {
		text, err := interpolate(arn, vars)
		if err != nil {
			return list, "Invalid provider ARN: " + arn
		}
		i, ok := parseIssuer(text)
		if !ok {
			return list, "Invalid provider ARN: " + arn
		}
		list = append(list, i)
	}
	return list, ""
}

func parseIssuer(text string) (*issuer, bool) {
	if u, err := url.Parse(text); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
		return &issuer{name: text}, true
	}
	parts := strings.Split(text, ":")
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "cognito-idp" || parts[3] == "" {
		return nil, false
	}
	id, ok := strings.CutPrefix(parts[5], "userpool/")
	if !ok || id == "" || strings.ContainsAny(id, "/?#") {
		return nil, false
	}
	return &issuer{name: "https://cognito-idp." + parts[3] + ".amazonaws.com/" + id, pool: id}, true
}

func (z *authorizer) issuer(name string) *issuer {
	for _, i := range z.issuers {
		if name != "" && (i.name == name || i.alias == name) {
			return i
		}
	}
	return nil
}

// bindIssuers gives the issuers of a table their keys. Key sets are shared between stages and stay when one is deployed
// anew. The caller holds g.mu.
func (g *Gateway) bindIssuers(t *StageTable) {
	for _, z := range t.authorizers {
		for _, i := range z.issuers {
			base := i.name
			if i.pool != "" && g.cfg.CognitoEndpoint != "" {
				base = strings.TrimSuffix(g.cfg.CognitoEndpoint, "/") + "/" + i.pool
				i.alias = base
			}
			k := g.keySets[base]
			if k == nil {
				k = newKeySet(base, i.pool == "", g.cfg, g.log)
				g.keySets[base] = k
				go k.refresh(time.Now())
			}
			k.users++
			i.keys = k
		}
	}
}

// unbindIssuers lets go of the keys of a table that is no longer served. The caller holds g.mu.
func (g *Gateway) unbindIssuers(t *StageTable) {
	for _, z := range t.authorizers {
		for _, i := range z.issuers {
			if i.keys == nil {
				continue
			}
			if i.keys.users--; i.keys.users == 0 {
				delete(g.keySets, i.keys.issuer)
			}
		}
	}
}

// keySet holds the public keys of one issuer. They are fetched in the background when the first stage wants them, once an
// hour while they are asked for, and when a token names a key that is not there, but then not more often than every ten
// seconds: made-up key IDs cost the issuer nothing. Only requests whose key is unknown wait for it.
type keySet struct {
	issuer   string // URL
	discover bool   // the set's address is in the issuer's OpenID configuration
	users    int    // issuers of served tables; guarded by Gateway.mu
	client   *http.Client
	log      *slog.Logger

	keys    atomic.Pointer[map[string]*publicKey] // by ID; nil before the first success
	began   time.Time
	fetched atomic.Int64 // time of the last attempt, in ns since began, which no step of the clock moves; 0: long ago
	failed  atomic.Bool  // the last attempt

	mu       sync.Mutex
	fetching chan struct{} // closed when the fetch under way has ended; nil if there is none
}

type publicKey struct {
	id        string
	algorithm string // empty: any
	public    *rsa.PublicKey
	retired   atomic.Bool // a later set does not have it
}

const (
	keysTimeout  = 5 * time.Second  // of one fetch
	keysAge      = time.Hour        // after which they are fetched again
	keysInterval = 10 * time.Second // between fetches
	keysRetry    = time.Second      // after one that failed
	maxKeys      = 150_000          // bytes of a key set or a configuration, as at AWS
)

func newKeySet(issuer string, discover bool, cfg Config, log *slog.Logger) *keySet {
	client := &http.Client{Timeout: keysTimeout}
	if cfg.UpstreamRoots != nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.TLSClientConfig = &tls.Config{RootCAs: cfg.UpstreamRoots, MinVersion: tls.VersionTLS12}
		client.Transport = transport
	}
	return &keySet{issuer: issuer, discover: discover, log: log, client: client, began: time.Now()}
}

// find returns a key. A token without a key ID is good for a set of one key.
func (k *keySet) find(id string, now time.Time) (*publicKey, *Error) {
	if key := k.known(id); key != nil {
		if k.age(now) > keysAge {
			go k.refresh(now)
		}
		return key, nil
	}
	k.refresh(now)
	if key := k.known(id); key != nil {
		return key, nil
	}
	if k.keys.Load() == nil {
		return nil, errAuthorizerConfig // AWS' type for user pools that cannot be reached
	}
	return nil, errUnauthorized
}

func (k *keySet) known(id string) *publicKey {
	keys := k.keys.Load()
	if keys == nil {
		return nil
	}
	if id == "" && len(*keys) == 1 {
		for _, key := range *keys {
			return key
		}
	}
	return (*keys)[id]
}

func (k *keySet) age(now time.Time) time.Duration {
	last := k.fetched.Load()
	if last == 0 {
		return math.MaxInt64
	}
	return now.Sub(k.began) - time.Duration(last)
}

// refresh fetches the keys, or waits for the fetch under way. It does nothing if the last attempt is not long ago.
func (k *keySet) refresh(now time.Time) {
	k.mu.Lock()
	if running := k.fetching; running != nil {
		k.mu.Unlock()
		<-running
		return
	}
	interval := keysInterval
	if k.failed.Load() {
		interval = keysRetry
	}
	if k.age(now) < interval {
		k.mu.Unlock()
		return
	}
	k.fetched.Store(max(1, int64(now.Sub(k.began))))
	done := make(chan struct{})
	k.fetching = done
	k.mu.Unlock()
	keys, err := k.fetch()
	k.failed.Store(err != nil)
	if err == nil {
		k.replace(keys)
	} else {
		k.log.Warn("keys of an issuer of tokens cannot be fetched", "issuer", k.issuer, "err", err)
	}
	k.mu.Lock()
	k.fetching = nil
	k.mu.Unlock()
	close(done)
}

// replace keeps the keys that stay, so that tokens checked with them stay good, and retires those that went.
func (k *keySet) replace(next map[string]*publicKey) {
	if before := k.keys.Load(); before != nil {
		for id, old := range *before {
			if now, ok := next[id]; ok && now.public.Equal(old.public) && now.algorithm == old.algorithm {
				next[id] = old
			} else {
				old.retired.Store(true)
			}
		}
	}
	k.keys.Store(&next)
}

func (k *keySet) fetch() (map[string]*publicKey, error) {
	address := k.issuer + "/.well-known/jwks.json"
	if k.discover {
		var configuration struct {
			Issuer string `json:"issuer"`
			Keys   string `json:"jwks_uri"`
		}
		if err := k.get(strings.TrimSuffix(k.issuer, "/")+"/.well-known/openid-configuration", &configuration); err != nil {
			return nil, err
		}
		if address = configuration.Keys; configuration.Issuer != k.issuer {
			return nil, fmt.Errorf("configuration of %s is of issuer %q", k.issuer, configuration.Issuer)
		}
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := k.get(address, &set); err != nil {
		return nil, err
	}
	return readKeys(set.Keys), nil
}

func (k *keySet) get(address string, into any) error {
	ctx, cancel := context.WithTimeout(context.Background(), keysTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return fmt.Errorf("fetch %s: %w", address, err)
	}
	resp, err := k.client.Do(r)
	if err != nil {
		return fmt.Errorf("fetch %s: %w", address, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("fetch %s: status %d", address, resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxKeys+1))
	switch {
	case err != nil:
		return fmt.Errorf("read %s: %w", address, err)
	case len(body) > maxKeys:
		return fmt.Errorf("read %s: more than %d bytes", address, maxKeys)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("read %s: %w", address, err)
	}
	return nil
}

// readKeys takes the RSA keys for signatures; a set may hold others, which are none of ours.
func readKeys(list []json.RawMessage) map[string]*publicKey {
	keys := map[string]*publicKey{}
	for _, raw := range list {
		var key jose.JSONWebKey
		if key.UnmarshalJSON(raw) != nil || key.Use != "" && key.Use != "sig" {
			continue
		}
		if public, ok := key.Key.(*rsa.PublicKey); ok {
			keys[key.KeyID] = &publicKey{id: key.KeyID, algorithm: key.Algorithm, public: public}
		}
	}
	return keys
}

// fits reports whether the key is for an algorithm.
func (p *publicKey) fits(algorithm string) bool { return p.algorithm == "" || p.algorithm == algorithm }
