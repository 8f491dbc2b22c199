package sigv4

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrUnknownKey is what Verifier.Secret returns (it may be wrapped) for a key that nobody has or that is not active.
var ErrUnknownKey = errors.New("unknown access key")

// ErrExpired is for those who look up temporary keys: the session that the key belongs to is over.
var ErrExpired = errors.New("session is over")

// Verifier checks signatures. It holds no state and may be used concurrently.
type Verifier struct {
	// Secret returns the secret access key that belongs to an access key ID, or ErrUnknownKey.
	Secret func(ctx context.Context, accessKeyID string) (secret string, err error)
	// Now is the server's clock. Default: time.Now.
	Now func() time.Time
	// Skew is how far a request's time may be from Now, either way. Default: DefaultSkew.
	Skew time.Duration
}

// Verify checks the signature of a request as the server received it; body is the body's bytes on the wire. A refusal
// is an *Error; any other error is a failure to look up the secret.
func (v *Verifier) Verify(r *http.Request, body []byte) (Credential, error) {
	sig, err := parse(r)
	if err != nil {
		return Credential{}, err
	}
	if err := sig.checkScope(); err != nil {
		return Credential{}, err
	}
	secret, err := v.secret(r.Context(), sig.Credential)
	if err != nil {
		return Credential{}, err
	}
	if err := v.checkTime(sig); err != nil {
		return Credential{}, err
	}
	hash, err := payloadHash(r, sig, body)
	if err != nil {
		return Credential{}, err
	}
	for _, path := range canonicalPaths(r, sig.Service) {
		want := sign(secret, sig, canonicalRequest(r, sig, path, hash))
		if subtle.ConstantTimeCompare([]byte(want), []byte(sig.value)) == 1 {
			return sig.Credential, nil
		}
	}
	return Credential{}, doesNotMatch()
}

// secret looks the key up. A long-term key comes without a session token.
func (v *Verifier) secret(ctx context.Context, cred Credential) (string, error) {
	if cred.SecurityToken != "" && strings.HasPrefix(cred.AccessKeyID, "AKIA") {
		return "", unknownKey()
	}
	secret, err := v.Secret(ctx, cred.AccessKeyID)
	if errors.Is(err, ErrUnknownKey) {
		return "", unknownKey()
	} else if err != nil {
		return "", fmt.Errorf("look up access key %s: %w", cred.AccessKeyID, err)
	}
	return secret, nil
}

// checkScope: the day of the scope is the day of the request, and the host is part of what was signed.
func (s signature) checkScope() error {
	if day := s.date[:len("20060102")]; s.Date != day {
		return refuse(BadSignature, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'.",
			clip(s.Date), day, clip(s.date))
	}
	if !slices.Contains(s.signedHeaders, "host") && !slices.Contains(s.signedHeaders, ":authority") {
		return refuse(BadSignature, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	}
	return nil
}

func (v *Verifier) checkTime(sig signature) error {
	now, skew := time.Now(), DefaultSkew
	if v.Now != nil {
		now = v.Now()
	}
	if v.Skew != 0 {
		skew = v.Skew
	}
	validFor := skew
	if sig.Presigned {
		validFor = sig.expires
	}
	now = now.UTC().Truncate(time.Second)
	switch {
	case sig.time.Add(validFor).Before(now):
		return refuse(NotCurrent, "Signature expired: %s is now earlier than %s (%s - %s min.)",
			sig.date, now.Add(-validFor).Format(timeFormat), now.Format(timeFormat), minutes(validFor))
	case sig.time.After(now.Add(skew)):
		return refuse(NotCurrent, "Signature not yet current: %s is still later than %s (%s + %s min.)",
			sig.date, now.Add(skew).Format(timeFormat), now.Format(timeFormat), minutes(skew))
	}
	return nil
}

func minutes(d time.Duration) string {
	return strconv.FormatFloat(math.Round(d.Minutes()*100)/100, 'f', -1, 64)
}

// payloadHash gives the last line of the canonical request: the hash of the body, checked against the one that the client
// states, or the word that leaves the body unsigned.
func payloadHash(r *http.Request, sig signature, body []byte) (string, error) {
	sum := sha256.Sum256(body)
	actual, stated := hex.EncodeToString(sum[:]), r.Header.Get("X-Amz-Content-Sha256")
	switch {
	case stated == unsignedPayload, stated == "" && sig.Presigned && sig.Service == "s3":
		return unsignedPayload, nil
	case stated != "" && subtle.ConstantTimeCompare([]byte(stated), []byte(actual)) != 1:
		return "", refuse(BadSignature, "The provided 'x-amz-content-sha256' header does not match what was computed.")
	}
	return actual, nil
}

// sign computes the signature of a canonical request as lower-case hex.
func sign(secret string, sig signature, canonical string) string {
	sum := sha256.Sum256([]byte(canonical))
	toSign := algorithm + "\n" + sig.date + "\n" + sig.scope() + "\n" + hex.EncodeToString(sum[:])
	key := []byte("AWS4" + secret)
	for _, part := range []string{sig.Date, sig.Region, sig.Service, terminator, toSign} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return hex.EncodeToString(key)
}
