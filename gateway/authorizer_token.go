package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	jose "github.com/go-jose/go-jose/v4"
)

// token is a JSON Web Token that was found to be good: signed by a key of its issuer, meant for us, and not yet expired.
// It is never changed: requests with the same token share it.
type token struct {
	claims  map[string]string
	scopes  []string
	use     string // id, access, or empty where the issuer does not say
	expires time.Time
	retired *atomic.Bool // its key was withdrawn since
}

// clockSkew is how far ahead of ours an issuer's clock may be.
const clockSkew = time.Minute

// checkToken looks whether the client has a good token of one of the authorizer's issuers, with one of the scopes if the
// method asks for any.
func (x *exchange) checkToken(z *authorizer, scopes []string) *Error {
	begin := time.Now()
	if x.exec != nil {
		x.exec.Info("Starting authorizer: %s for request: %s", z.id, x.entry.RequestID)
	}
	t, err := x.token(z, begin)
	if err == nil && !t.serves(scopes) {
		err = errUnauthorized
	}
	e := &x.entry.Authorizer
	e.Status = 200
	if err != nil {
		e.LatencyMilli = time.Since(begin).Milliseconds()
		x.refusedByAuthorizer(err)
		return err
	}
	e.Claims = t.claims
	x.exec.Info("Successfully completed authorizer execution")
	return nil
}

// serves: a method without scopes wants an ID token, one with scopes an access token that has one of them. Issuers other
// than Cognito do not say which kind a token is, so any will do.
func (t *token) serves(scopes []string) bool {
	if len(scopes) == 0 {
		return t.use != "access"
	}
	return t.use != "id" && slices.ContainsFunc(t.scopes, func(s string) bool { return slices.Contains(scopes, s) })
}

// token finds what is known of the client's token, or checks it. Tokens are kept until they expire; bad ones are not kept.
func (x *exchange) token(z *authorizer, now time.Time) (*token, *Error) {
	if z.problem != "" {
		x.exec.Error("Execution failed due to configuration error: %s", z.problem)
		return nil, errAuthorizerConfig
	}
	text := bearer(x.identity(&z.sources[0]))
	if text == "" {
		return nil, errUnauthorized
	}
	t, ok := z.tokens.get(text)
	if ok && !t.retired.Load() {
		if now.Before(t.expires) {
			return t, nil
		}
		return nil, errTokenExpired
	}
	t, err := z.verify(text, now)
	if err == nil {
		z.tokens.put(text, t, t.size())
	}
	return t, err
}

// bearer takes "Bearer " off, which a client may put in front of the token.
func bearer(header string) string {
	const scheme = "bearer "
	if len(header) > len(scheme) && strings.EqualFold(header[:len(scheme)], scheme) {
		return strings.TrimSpace(header[len(scheme):])
	}
	return header
}

func (t *token) size() int {
	n := 512
	for name, value := range t.claims {
		n += 64 + len(name) + len(value)
	}
	for _, scope := range t.scopes {
		n += 16 + len(scope)
	}
	return n
}

// signatureAlgorithms are those of Cognito's family, all with RSA keys. "none" and the symmetric ones are no members.
var signatureAlgorithms = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512}

// verify checks a token: its issuer is one of the authorizer's, one of the issuer's keys has signed it, and its claims hold.
func (z *authorizer) verify(text string, now time.Time) (*token, *Error) {
	signed, err := jose.ParseSignedCompact(text, signatureAlgorithms)
	if err != nil {
		return nil, errUnauthorized
	}
	claimed, err := parseClaims(signed.UnsafePayloadWithoutVerification())
	if err != nil {
		return nil, errUnauthorized
	}
	i := z.issuer(claimed.Issuer)
	if i == nil {
		return nil, errUnauthorized
	}
	key, failure := i.keys.find(signed.Signatures[0].Header.KeyID, now)
	if failure != nil {
		return nil, failure
	}
	if !key.fits(signed.Signatures[0].Header.Algorithm) {
		return nil, errUnauthorized
	}
	if _, err := signed.Verify(key.public); err != nil {
		return nil, errUnauthorized
	}
	if failure := claimed.check(z, now); failure != nil {
		return nil, failure
	}
	return claimed.token(&key.retired), nil
}

// claims are the registered claims of a token, and all of them.
type claims struct {
	Issuer    string          `json:"iss"`
	Audience  audience        `json:"aud"`
	ClientID  string          `json:"client_id"`
	Use       string          `json:"token_use"`
	Expires   *json.Number    `json:"exp"`
	NotBefore *json.Number    `json:"nbf"`
	IssuedAt  *json.Number    `json:"iat"`
	Scope     json.RawMessage `json:"scope"`
	Scp       json.RawMessage `json:"scp"`

	all map[string]any
}

// audience is one name or a list.
type audience []string

// UnmarshalJSON reads either form.
func (a *audience) UnmarshalJSON(data []byte) error {
	*a = words(data)
	return nil
}

// words reads a list, or a text of words between blanks.
func words(raw json.RawMessage) []string {
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return list
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return nil
	}
	return strings.Fields(text)
}

var errClaims = errors.New("claims are no JSON object")

func parseClaims(payload []byte) (*claims, error) {
	c := &claims{}
	if err := decodeNumbers(payload, &c.all); err != nil || c.all == nil {
		return nil, errClaims
	}
	return c, decodeNumbers(payload, c)
}

func decodeNumbers(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode(v)
}

// check looks at what a token says of its time and whom it is for. The validation expression is for the audience, which
// Cognito's access tokens call client_id.
func (c *claims) check(z *authorizer, now time.Time) *Error {
	expires, ok := instant(c.Expires)
	switch {
	case !ok:
		return errUnauthorized
	case !now.Before(expires):
		return errTokenExpired
	case later(c.NotBefore, now), later(c.IssuedAt, now):
		return errUnauthorized
	}
	whom := []string(c.Audience)
	if len(whom) == 0 {
		whom = []string{c.ClientID}
	}
	if !slices.ContainsFunc(whom, z.valid) {
		return errUnauthorized
	}
	return nil
}

// instant reads a number of seconds since 1970.
func instant(n *json.Number) (time.Time, bool) {
	if n == nil {
		return time.Time{}, false
	}
	seconds, err := n.Float64()
	const most = 1 << 40
	if err != nil || seconds < 0 || seconds > most {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0), true
}

// later reports whether a claim that is there names a time that has not come, or none.
func later(n *json.Number, now time.Time) bool {
	if n == nil {
		return false
	}
	t, ok := instant(n)
	return !ok || t.After(now.Add(clockSkew))
}

func (c *claims) token(retired *atomic.Bool) *token {
	t := &token{use: c.Use, claims: make(map[string]string, len(c.all)), retired: retired}
	t.expires, _ = instant(c.Expires)
	if t.scopes = words(c.Scope); t.scopes == nil {
		t.scopes = words(c.Scp)
	}
	for name, value := range c.all {
		t.claims[name] = claimText(name, value)
	}
	return t
}

// claimText is a claim as $context.authorizer.claims has it: times as Java prints them, lists with commas between.
func claimText(name string, value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		if t, ok := instant(&v); ok && (name == "exp" || name == "iat" || name == "nbf") {
			return t.UTC().Format("Mon Jan 02 15:04:05 UTC 2006")
		}
		return v.String()
	case []any:
		texts := make([]string, len(v))
		for i, member := range v {
			texts[i] = claimText("", member)
		}
		return strings.Join(texts, ",")
	}
	text, _ := json.Marshal(value) // it was JSON before
	return string(text)
}
