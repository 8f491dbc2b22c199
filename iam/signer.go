package iam

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/tollbook/tollbook/iam/policy"
	"github.com/tollbook/tollbook/iam/sigv4"
	"github.com/tollbook/tollbook/state"
)

// signers remembers whom keys belong to, so that signed requests need not read the database. It forgets everything when
// anything in IAM changes, and so is never behind.
type signers struct {
	mu      sync.RWMutex
	changes int // counts writes
	byKey   map[string]signer
	used    map[string]keyUse
}

type signer struct {
	secret  string
	token   string
	expires time.Time // zero: never
	who     *policy.Identity
}

// maxSigners bounds the keys that are remembered.
const maxSigners = 10_000

func (s *signers) get(id string) (signer, int, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	k, ok := s.byKey[id]
	return k, s.changes, ok
}

// put remembers a signer, unless something has changed since it was read.
func (s *signers) put(id string, k signer, changes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changes != changes {
		return
	}
	if s.byKey == nil || len(s.byKey) >= maxSigners {
		s.byKey = map[string]signer{}
	}
	s.byKey[id] = k
}

func (s *signers) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	s.byKey = nil
}

// note keeps when a lasting key was used, to the minute.
func (s *signers) note(cred sigv4.Credential, now time.Time) {
	s.mu.RLock()
	last := s.used[cred.AccessKeyID]
	s.mu.RUnlock()
	if now.Sub(last.at) < time.Minute && last.service == cred.Service {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used == nil || len(s.used) >= maxSigners {
		s.used = map[string]keyUse{}
	}
	s.used[cred.AccessKeyID] = keyUse{now, cred.Service, cred.Region}
}

func (s *signers) lastUse(id string) (keyUse, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	use, ok := s.used[id]
	return use, ok
}

// Signer returns the secret of an access key and whom it belongs to: the root, a user, or a session. The error wraps
// sigv4.ErrUnknownKey if nobody has the key, it is inactive, or the session token is not its own, and sigv4.ErrExpired if
// the session is over.
func (s *Service) Signer(ctx context.Context, cred sigv4.Credential) (secret string, who *policy.Identity, err error) {
	k, changes, ok := s.signers.get(cred.AccessKeyID)
	if !ok {
		if k, err = s.findSigner(ctx, cred); err != nil {
			return "", nil, fmt.Errorf("access key %s: %w", cred.AccessKeyID, err)
		}
		s.signers.put(cred.AccessKeyID, k, changes)
	}
	switch {
	case k.token != cred.SecurityToken:
		return "", nil, fmt.Errorf("access key %s: %w", cred.AccessKeyID, sigv4.ErrUnknownKey)
	case !k.expires.IsZero() && !s.now().Before(k.expires):
		return "", nil, fmt.Errorf("access key %s: %w", cred.AccessKeyID, sigv4.ErrExpired)
	case k.token == "":
		s.signers.note(cred, s.now())
	}
	return k.secret, k.who, nil
}

func (s *Service) findSigner(ctx context.Context, cred sigv4.Credential) (k signer, err error) {
	if strings.HasPrefix(cred.AccessKeyID, sessionPrefix) {
		return s.findSession(ctx, cred)
	}
	err = s.db.Read(ctx, func(st *state.Tx) error {
		key, err := accessKeys.Get(st, installation(cred.AccessKeyID))
		if errors.Is(err, state.ErrNotFound) || err == nil && key.Status == keyInactive {
			return sigv4.ErrUnknownKey
		} else if err != nil {
			return err
		}
		k.secret = key.Secret
		if key.UserID == "" {
			k.who = rootIdentity(s.account)
			return nil
		}
		t := tx{st, key.Account, s.aws}
		u, err := t.userByID(key.UserID)
		if err != nil {
			return err
		}
		k.who, err = t.userIdentity(u)
		return err
	})
	return k, err
}

func rootIdentity(account string) *policy.Identity {
	arn := "arn:aws:iam::" + account + ":root"
	return &policy.Identity{
		Caller: policy.Caller{ARN: arn, AccountID: account}, UserID: account, Root: true,
		Context: map[string][]string{"aws:PrincipalArn": {arn}, "aws:PrincipalAccount": {account}, "aws:PrincipalType": {"Account"}, "aws:userid": {account}},
	}
}

// userIdentity is a user with its own policies and those of its groups.
func (t tx) userIdentity(u userRecord) (*policy.Identity, error) {
	who := &policy.Identity{Caller: policy.Caller{ARN: userARN(t.account, u), AccountID: t.account}, UserID: u.ID}
	entities := []entity{userEntity(u)}
	of, err := t.groupsOf(u)
	if err != nil {
		return nil, err
	}
	for _, g := range of {
		entities = append(entities, groupEntity(g))
	}
	for _, e := range entities {
		documents, err := t.documents(e)
		if err != nil {
			return nil, err
		}
		who.Policies = append(who.Policies, documents...)
	}
	if who.Boundary, err = t.boundary(u.Boundary); err != nil {
		return nil, err
	}
	who.Context = principalKeys(who, "User", u.Tags)
	who.Context["aws:username"] = []string{u.Name}
	return who, nil
}

// principalKeys are the condition keys that say who a principal is.
func principalKeys(who *policy.Identity, kind string, tags []tagRecord) map[string][]string {
	keys := map[string][]string{
		"aws:PrincipalArn": {who.ARN}, "aws:PrincipalAccount": {who.AccountID}, "aws:PrincipalType": {kind}, "aws:userid": {who.UserID},
	}
	if who.RoleARN != "" {
		keys["aws:PrincipalArn"] = []string{who.RoleARN}
	}
	for _, tag := range tags {
		keys["aws:PrincipalTag/"+tag.Key] = []string{tag.Value}
	}
	return keys
}
