package iam

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tollbook/tollbook/iam/policy"
	"github.com/tollbook/tollbook/iam/sigv4"
	"github.com/tollbook/tollbook/state"
)

// Temporary keys are not stored. All that is to know of a session is in its token, encrypted and authenticated with a key
// of the installation:
//
//	token = base64( version 1 | nonce, 12 bytes | AES-256-GCM( session as JSON ) )
//
// So sessions cost no writes and leave nothing to clean up; they end with their time, or with their role or user.

// session is the content of a token.
type session struct {
	KeyID, Secret   string
	Account         string
	Issued, Expires time.Time
	UserID          string            `json:",omitempty"` // of GetSessionToken; empty for roles and the root
	Role, RoleID    string            `json:",omitempty"`
	Name            string            `json:",omitempty"` // of a role's session
	Bounded         bool              `json:",omitempty"` // has session policies
	Policies        []string          `json:",omitempty"`
	PolicyARNs      []string          `json:",omitempty"`
	Tags            map[string]string `json:",omitempty"`
	SourceIdentity  string            `json:",omitempty"`
}

const sessionVersion = 1

// seal makes the token of a session.
func (s *Service) seal(ctx context.Context, of session) (string, error) {
	aead, err := s.sessionCipher(ctx)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(of)
	if err != nil {
		return "", fmt.Errorf("encode session: %w", err)
	}
	token := make([]byte, 1+aead.NonceSize(), 1+aead.NonceSize()+len(text)+aead.Overhead())
	token[0] = sessionVersion
	_, _ = rand.Read(token[1:]) // crypto/rand never returns an error
	token = aead.Seal(token, token[1:], text, token[:1])
	return base64.StdEncoding.EncodeToString(token), nil
}

// unseal reads a token; sigv4.ErrUnknownKey if it is none of ours.
func (s *Service) unseal(ctx context.Context, token string) (of session, err error) {
	aead, err := s.sessionCipher(ctx)
	if err != nil {
		return of, err
	}
	data, err := base64.StdEncoding.DecodeString(token)
	head := 1 + aead.NonceSize()
	if err != nil || len(data) < head || data[0] != sessionVersion {
		return of, sigv4.ErrUnknownKey
	}
	text, err := aead.Open(nil, data[1:head], data[head:], data[:1])
	if err != nil {
		return of, sigv4.ErrUnknownKey
	}
	if err := json.Unmarshal(text, &of); err != nil {
		return of, fmt.Errorf("decode session: %w", err)
	}
	return of, nil
}

// sessionCipher uses the installation's key, which is made when the first session is.
func (s *Service) sessionCipher(ctx context.Context) (cipher.AEAD, error) {
	s.sealing.Lock()
	defer s.sealing.Unlock()
	if s.sealer != nil {
		return s.sealer, nil
	}
	var key sessionKeyRecord
	err := s.db.Write(ctx, func(t *state.Tx) (err error) {
		key, err = sessionKeys.Get(t, installation("session"))
		if !errors.Is(err, state.ErrNotFound) {
			return err
		}
		key.Key = make([]byte, 32)
		_, _ = rand.Read(key.Key)
		return sessionKeys.Insert(t, installation("session"), key)
	})
	if err != nil {
		return nil, fmt.Errorf("make the key of session tokens: %w", err)
	}
	block, err := aes.NewCipher(key.Key)
	if err != nil {
		return nil, fmt.Errorf("key of session tokens: %w", err)
	}
	if s.sealer, err = cipher.NewGCM(block); err != nil {
		return nil, fmt.Errorf("key of session tokens: %w", err)
	}
	return s.sealer, nil
}

// findSession finds out who a session's key belongs to, from its token.
func (s *Service) findSession(ctx context.Context, cred sigv4.Credential) (signer, error) {
	if cred.SecurityToken == "" {
		return signer{}, sigv4.ErrUnknownKey
	}
	of, err := s.unseal(ctx, cred.SecurityToken)
	if err != nil {
		return signer{}, err
	}
	if of.KeyID != cred.AccessKeyID {
		return signer{}, sigv4.ErrUnknownKey
	}
	k := signer{secret: of.Secret, token: cred.SecurityToken, expires: of.Expires}
	err = s.db.Read(ctx, func(st *state.Tx) (err error) {
		k.who, err = tx{st, of.Account, s.aws}.sessionIdentity(of)
		return err
	})
	if errors.Is(err, state.ErrNotFound) { // the role or user is gone, or another has its name
		return signer{}, sigv4.ErrUnknownKey
	}
	return k, err
}

func (t tx) sessionIdentity(of session) (who *policy.Identity, err error) {
	switch {
	case of.RoleID != "":
		who, err = t.roleSession(of)
	case of.UserID != "":
		var u userRecord
		if u, err = t.userByID(of.UserID); err == nil {
			who, err = t.userIdentity(u)
		}
	default:
		who = rootIdentity(of.Account)
	}
	if err != nil {
		return nil, err
	}
	who.Context["aws:TokenIssueTime"] = []string{of.Issued.UTC().Format(time.RFC3339)}
	return who, nil
}

// roleSession is a session of a role with the role's policies as they are now, bounded by those of the session.
func (t tx) roleSession(of session) (*policy.Identity, error) {
	role, err := roles.Get(t.Tx, t.key("", foldName(of.Role)))
	if err == nil && role.ID != of.RoleID {
		err = state.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	who := &policy.Identity{
		Caller: policy.Caller{
			ARN: sessionARN(t.account, role.Name, of.Name), RoleARN: roleARN(t.account, role), AccountID: t.account,
		},
		UserID: role.ID + ":" + of.Name,
	}
	if who.Policies, err = t.documents(roleEntity(role)); err != nil {
		return nil, err
	}
	if who.Boundary, err = t.boundary(role.Boundary); err != nil {
		return nil, err
	}
	if of.Bounded {
		if who.Session, err = t.sessionPolicies(of); err != nil {
			return nil, err
		}
	}
	who.Context = principalKeys(who, "AssumedRole", role.Tags)
	for key, value := range of.Tags {
		who.Context["aws:PrincipalTag/"+key] = []string{value}
	}
	if of.SourceIdentity != "" {
		who.Context["aws:SourceIdentity"] = []string{of.SourceIdentity}
	}
	return who, nil
}

// sessionPolicies are never nil.
func (t tx) sessionPolicies(of session) ([]*policy.Document, error) {
	documents, err := parseAll(of.Policies)
	for _, arn := range of.PolicyARNs {
		if err != nil {
			return nil, err
		}
		var more []*policy.Document
		more, err = t.boundary(arn)
		documents = append(documents, more...)
	}
	return documents, err
}

func sessionARN(account, role, name string) string {
	return "arn:aws:sts::" + account + ":assumed-role/" + role + "/" + name
}
