// Package iam keeps roles, users with their access keys, groups, their inline policies, managed policies with their versions,
// attachments, permissions boundaries and tags, and the root access key of the installation; and it makes and reads
// temporary keys.
//
// It answers the operations of awsiam.Service with AWS' shapes and error texts; the constraints that AWS' service model
// states were checked before a request gets here. What a policy says is the business of package iam/policy, signatures
// that of iam/sigv4. Records live in package state, all of an account under one scope, for IAM has no regions. Other
// services ask through CanAssume, Allowed and CheckLogRole; the check of signatures asks for keys through Signer, sts for temporary
// keys through AssumeRole and SessionToken.
//
// Instance profiles, login profiles and service-linked roles are not built: no operation makes one, and answers about them
// are truthfully empty.
//
// One concept is one file: role.go, role_policy.go (inline), user.go, group.go, access_key.go, policy.go, policy_version.go,
// attachment.go, session.go, and aws_policy.go for the policies that AWS manages, which come with the program and are
// read-only. What roles, users and groups have in common is in entity.go.
package iam

import (
	"cmp"
	"context"
	"crypto/cipher"
	"sync"
	"time"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awsiam"
	"github.com/tollbook/tollbook/state"
)

var _ awsiam.Service = (*Service)(nil)

// Options are what a Service stands on.
type Options struct {
	DB *state.DB
	// AccountID is the account that the root access key belongs to. Default: 000000000000.
	AccountID string
	// Now is the clock of creation dates. Default: time.Now.
	Now func() time.Time
}

// Service implements awsiam.Service. Its methods may be called concurrently.
type Service struct {
	db  *state.DB
	now func() time.Time
	aws *awsPolicies

	account string
	signers signers
	sealing sync.Mutex
	sealer  cipher.AEAD // of session tokens; guarded by sealing, nil until needed
}

// New returns a Service on o.DB.
func New(o Options) *Service {
	s := &Service{db: o.DB, now: o.Now, aws: loadAWSPolicies(), account: cmp.Or(o.AccountID, "000000000000")}
	if s.now == nil {
		s.now = time.Now
	}
	return s
}

// tx is a transaction on the records of one account.
type tx struct {
	*state.Tx
	account string
	aws     *awsPolicies
}

// key names a record of the account; parent is "" for records that stand alone.
func (t tx) key(parent, id string) state.Key {
	return state.Key{Scope: t.scope(), Parent: parent, ID: id}
}

func (t tx) scope() string { return t.account + "/" }

func (s *Service) read(ctx context.Context, f func(tx) error) error {
	return s.readAccount(ctx, awsapi.CallerFrom(ctx).AccountID, f)
}

func (s *Service) readAccount(ctx context.Context, account string, f func(tx) error) error {
	return s.db.Read(ctx, func(t *state.Tx) error { return f(tx{t, account, s.aws}) })
}

func (s *Service) write(ctx context.Context, f func(tx) error) error {
	account := awsapi.CallerFrom(ctx).AccountID
	defer s.signers.forget()
	return s.db.Write(ctx, func(t *state.Tx) error { return f(tx{t, account, s.aws}) })
}

// date is the present as IAM shows it, in whole seconds.
func (s *Service) date() time.Time { return s.now().UTC().Truncate(time.Second) }
