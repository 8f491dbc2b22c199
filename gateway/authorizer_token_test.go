package gateway_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/tollbook/tollbook/gateway"
)

const (
	poolARN    = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_Abc123"
	poolIssuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Abc123"
)

// tokenIssuer serves the keys of a user pool and of an OpenID issuer, and signs tokens.
type tokenIssuer struct {
	t       testing.TB
	url     string
	fetches atomic.Int64
	mu      sync.Mutex
	keys    map[string]*rsa.PrivateKey
	down    bool
}

func newTokenIssuer(t testing.TB) *tokenIssuer {
	t.Helper()
	i := &tokenIssuer{t: t, keys: map[string]*rsa.PrivateKey{}}
	i.rotate("k1")
	s := httptest.NewServer(http.HandlerFunc(i.serve))
	t.Cleanup(s.Close)
	i.url = s.URL
	return i
}

// rotate replaces all keys by a new one.
func (i *tokenIssuer) rotate(id string) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		i.t.Fatal(err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys = map[string]*rsa.PrivateKey{id: key}
}

func (i *tokenIssuer) serve(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.down {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if r.URL.Path == "/issuer/.well-known/openid-configuration" {
		fmt.Fprintf(w, `{"issuer":"%s/issuer","jwks_uri":"%s/keys"}`, i.url, i.url)
		return
	}
	if r.URL.Path != "/keys" && r.URL.Path != "/us-east-1_Abc123/.well-known/jwks.json" {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	i.fetches.Add(1)
	set := []any{map[string]any{"kty": "XYZ", "kid": "of a kind to come"}}
	for id, key := range i.keys {
		set = append(set, jose.JSONWebKey{Key: &key.PublicKey, KeyID: id, Algorithm: "RS256", Use: "sig"})
	}
	if err := json.NewEncoder(w).Encode(map[string]any{"keys": set}); err != nil {
		i.t.Error(err)
	}
}

type tokenClaims map[string]any

// sign makes a token of the current key with the usual claims of an ID token, changed by those given; nil removes one.
func (i *tokenIssuer) sign(changes tokenClaims) string {
	now := time.Now().Unix()
	all := tokenClaims{"iss": poolIssuer, "aud": "client1", "token_use": "id", "sub": "7a3c", "exp": now + 600, "iat": now,
		"cognito:groups": []string{"admin", "dev"}, "email_verified": true}
	for name, value := range changes {
		if all[name] = value; value == nil {
			delete(all, name)
		}
	}
	payload, err := json.Marshal(all)
	if err != nil {
		i.t.Fatal(err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	for id, key := range i.keys {
		return signJWT(i.t, jose.SigningKey{Algorithm: jose.RS256, Key: key}, id, payload)
	}
	return ""
}

func signJWT(t testing.TB, key jose.SigningKey, id string, payload []byte) string {
	t.Helper()
	signer, err := jose.NewSigner(key, (&jose.SignerOptions{}).WithHeader("kid", id))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func poolStage(providers ...string) gateway.Stage {
	s := authorized(gateway.Authorizer{
		Type: "COGNITO_USER_POOLS", ProviderARNs: providers, IdentitySource: "method.request.header.Authorization",
		IdentityValidation: "client[0-9]",
	}, "COGNITO_USER_POOLS")
	s.Routes[1].AuthorizationScopes = []string{"notes/read", "notes/write"}
	s.AccessLog.Format = "$context.status sub=$context.authorizer.claims.sub groups=$context.authorizer.claims.cognito:groups " +
		"email=$context.authorizer.claims.email_verified $context.authorizer.status $context.authorizer.error"
	return s
}

func TestTokensAreChecked(t *testing.T) {
	t.Parallel()
	i := newTokenIssuer(t)
	b := startWith(t, gateway.Config{CognitoEndpoint: i.url}, poolStage(poolARN, i.url+"/issuer"))
	now := time.Now().Unix()
	const unauthorized, expired = `{"message":"Unauthorized"}`, `{"message":"The incoming token has expired"}`
	other := newTokenIssuer(t)
	payload := []byte(fmt.Sprintf(`{"iss":%q,"aud":"client1","token_use":"id","exp":%d}`, poolIssuer, now+600))
	i.mu.Lock()
	public, err := json.Marshal(i.keys["k1"].N.Bytes())
	i.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	access := tokenClaims{"token_use": "access", "aud": nil, "client_id": "client1", "scope": "openid notes/write"}
	for _, c := range []struct {
		name, token, path string
		status            int
		body              string
	}{
		{"good", i.sign(nil), "/a", 200, "a"},
		{"with Bearer", "Bearer " + i.sign(nil), "/a", 200, "a"},
		{"of the end point", i.sign(tokenClaims{"iss": i.url + "/us-east-1_Abc123"}), "/a", 200, "a"},
		{"of a plain issuer", i.sign(tokenClaims{"iss": i.url + "/issuer", "token_use": nil}), "/a", 200, "a"},
		{"expired", i.sign(tokenClaims{"exp": now - 1}), "/a", 401, expired},
		{"without an end", i.sign(tokenClaims{"exp": nil}), "/a", 401, unauthorized},
		{"end is no number", i.sign(tokenClaims{"exp": "soon"}), "/a", 401, unauthorized},
		{"not yet", i.sign(tokenClaims{"nbf": now + 300}), "/a", 401, unauthorized},
		{"of the future", i.sign(tokenClaims{"iat": now + 300}), "/a", 401, unauthorized},
		{"a clock that is ahead", i.sign(tokenClaims{"iat": now + 20}), "/a", 200, "a"},
		{"for another client", i.sign(tokenClaims{"aud": "customer"}), "/a", 401, unauthorized},
		{"for several", i.sign(tokenClaims{"aud": []string{"x", "client2"}}), "/a", 200, "a"},
		{"of another issuer", i.sign(tokenClaims{"iss": "https://example.com"}), "/a", 401, unauthorized},
		{"without issuer", i.sign(tokenClaims{"iss": nil}), "/a", 401, unauthorized},
		{"signed by another", other.sign(nil), "/a", 401, unauthorized},
		{"changed", strings.Replace(i.sign(nil), ".", ".e30", 1), "/a", 401, unauthorized},
		{"HMAC", signJWT(t, jose.SigningKey{Algorithm: jose.HS256, Key: public}, "k1", payload), "/a", 401, unauthorized},
		{"none", "eyJhbGciOiJub25lIn0.e30.", "/a", 401, unauthorized},
		{"another hash than the key's", func() string {
			i.mu.Lock()
			defer i.mu.Unlock()
			return signJWT(t, jose.SigningKey{Algorithm: jose.RS512, Key: i.keys["k1"]}, "k1", payload)
		}(), "/a", 401, unauthorized},
		{"rubbish", "rubbish", "/a", 401, unauthorized},
		{"nothing", "", "/a", 401, unauthorized},
		{"access token where an ID token is wanted", i.sign(access), "/a", 401, unauthorized},
		{"access token with a scope", i.sign(access), "/b/1", 200, "b"},
		{"ID token where scopes are wanted", i.sign(tokenClaims{"scope": "notes/read"}), "/b/1", 401, unauthorized},
		{"access token without the scope", i.sign(tokenClaims{"token_use": "access", "scope": "notes"}), "/b/1", 401, unauthorized},
	} {
		got := b.do("GET", "/prod"+c.path, "", "Authorization", c.token)
		if got.status != c.status || got.body != c.body {
			t.Errorf("%s: got %d %s", c.name, got.status, got.body)
		}
	}
	log := b.lines(group)
	for _, want := range []string{
		"200 sub=7a3c groups=admin,dev email=true 200 -",
		"401 sub=- groups=- email=- 401 The incoming token has expired",
		"401 sub=- groups=- email=- 401 Unauthorized",
	} {
		if !slices.Contains(log, want) {
			t.Errorf("no entry %s", want)
		}
	}
}

func TestKeysOfIssuersChange(t *testing.T) {
	t.Parallel()
	i := newTokenIssuer(t)
	b := startWith(t, gateway.Config{CognitoEndpoint: i.url}, poolStage(poolARN))
	get := func(token string) int { return b.do("GET", "/prod/a", "", "Authorization", token).status }
	old := i.sign(nil)
	if got := get(old); got != 200 {
		t.Fatalf("got %d", got)
	}
	i.rotate("k2")
	fresh := i.sign(nil)
	before := i.fetches.Load()
	for range 5 {
		if got := get(fresh); got != 401 {
			t.Errorf("a key that is not known yet: %d", got)
		}
	}
	if i.fetches.Load() != before {
		t.Error("made-up key IDs have the keys fetched again and again")
	}
	if got := get(old); got != 200 {
		t.Errorf("a token of the key that is known: %d", got)
	}
	b.gw.AgeKeys()
	if got := get(fresh); got != 200 {
		t.Errorf("a token of the new key: %d", got)
	}
	if got := get(old); got != 401 {
		t.Errorf("a kept token of a key that was withdrawn: %d", got)
	}
}

func TestIssuerIsAway(t *testing.T) {
	t.Parallel()
	i := newTokenIssuer(t)
	i.down = true
	b := startWith(t, gateway.Config{CognitoEndpoint: i.url}, poolStage(poolARN))
	if got := b.do("GET", "/prod/a", "", "Authorization", i.sign(nil)); got.status != 500 || got.body != `{"message":null}` ||
		got.header.Get("x-amzn-ErrorType") != "AuthorizerConfigurationException" {
		t.Errorf("got %d %s", got.status, got.body)
	}
	i.mu.Lock()
	i.down = false
	i.mu.Unlock()
	b.gw.AgeKeys()
	if got := b.do("GET", "/prod/a", "", "Authorization", i.sign(nil)); got.status != 200 {
		t.Errorf("got %d %s", got.status, got.body)
	}
}
