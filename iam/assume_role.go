package iam

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/iam/policy"
	"github.com/tollbook/tollbook/state"
)

// RoleSession is what a caller asks for who wants to act as a role.
type RoleSession struct {
	RoleARN        string
	Name           string // of the session
	Duration       time.Duration
	Policies       []string // session policies, as JSON
	PolicyARNs     []string // managed policies that bound the session
	Tags           map[string]string
	ExternalID     string
	SourceIdentity string
}

// TemporaryKey is an access key that ends.
type TemporaryKey struct {
	AccessKeyID, SecretAccessKey, SessionToken string
	Expiration                                 time.Time
	ARN, UserID                                string // of the session
}

// chained is the longest session that a session may ask for.
const chained = time.Hour

// AssumeRole makes a key to act as a role. The role's trust policy must allow it to the caller; where it allows it to the
// caller's account as a whole, the caller's own policies must allow it, too. What does not exist and what is not allowed get
// the same answer.
func (s *Service) AssumeRole(ctx context.Context, in RoleSession) (TemporaryKey, error) {
	caller := awsapi.CallerFrom(ctx)
	who := policy.IdentityFrom(ctx)
	switch {
	case who == nil: // nobody's policies count
		who = rootIdentity(caller.AccountID)
	case who.Root:
		return TemporaryKey{}, awsapi.NewError(403, "AccessDenied", "Roles may not be assumed by root accounts.")
	}
	account, ok := roleAccount(in.RoleARN)
	if !ok {
		return TemporaryKey{}, validationError("%s is invalid", in.RoleARN)
	}
	var role roleRecord
	denied := "sts:AssumeRole"
	err := s.readAccount(ctx, account, func(t tx) (err error) {
		if role, err = t.roleByARN(in.RoleARN); err != nil {
			return err
		}
		for _, arn := range in.PolicyARNs {
			if _, err := t.existingPolicy(arn); err != nil {
				return err
			}
		}
		denied, err = s.mayAssume(access{t, role, caller.Region, s.now()}, who, in)
		return err
	})
	switch {
	case errors.Is(err, state.ErrNotFound) || err == nil && denied != "":
		return TemporaryKey{}, awsapi.NewError(403, "AccessDenied", "User: %s is not authorized to perform: %s on resource: %s", who.ARN, denied, in.RoleARN)
	case err != nil:
		return TemporaryKey{}, fmt.Errorf("assume role %s: %w", in.RoleARN, err)
	case who.RoleARN != "" && in.Duration > chained:
		return TemporaryKey{}, validationError("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	case in.Duration > time.Duration(role.MaxSessionDuration)*time.Second:
		return TemporaryKey{}, validationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	key, err := s.temporaryKey(ctx, session{
		Account: account, Role: role.Name, RoleID: role.ID, Name: in.Name, Bounded: len(in.Policies)+len(in.PolicyARNs) > 0,
		Policies: in.Policies, PolicyARNs: in.PolicyARNs, Tags: in.Tags, SourceIdentity: in.SourceIdentity,
	}, in.Duration)
	key.ARN, key.UserID = sessionARN(account, role.Name, in.Name), role.ID+":"+in.Name
	return key, err
}

// roleAccount is the account of a role's ARN.
func roleAccount(arn string) (string, bool) {
	rest, ok := strings.CutPrefix(arn, "arn:aws:iam::")
	account, name, cut := strings.Cut(rest, ":role/")
	return account, ok && cut && len(account) == 12 && name != ""
}

// mayAssume is the first action of those that the session takes which is not allowed; "" if all are.
func (s *Service) mayAssume(a access, who *policy.Identity, in RoleSession) (denied string, err error) {
	trust, err := policy.Parse(a.role.TrustPolicy)
	if err != nil {
		return "", fmt.Errorf("trust policy of role %s: %w", a.role.Name, err)
	}
	actions := []string{"sts:AssumeRole"}
	if len(in.Tags) > 0 {
		actions = append(actions, "sts:TagSession")
	}
	if in.SourceIdentity != "" {
		actions = append(actions, "sts:SetSourceIdentity")
	}
	for _, action := range actions {
		req := policy.Request{
			Caller: who.Caller, Action: action, Resource: roleARN(a.account, a.role), Context: who.Keys(a.sessionKeys(in)),
		}
		if !trusts(trust, who, req) {
			return action, nil
		}
	}
	return "", nil
}

// trusts combines the trust policy with the caller's own. One account's roles trust a caller whom they name at once.
func trusts(trust *policy.Document, who *policy.Identity, req policy.Request) bool {
	if policy.Evaluate(req, trust) != policy.Allow {
		return false
	}
	own := who.Decide(req)
	if own.Decision != policy.ImplicitDeny {
		return own.Decision == policy.Allow
	}
	sameAccount := strings.HasPrefix(req.Resource, "arn:aws:iam::"+who.AccountID+":")
	req.Caller.AccountID = "" // so that only the caller itself is named
	named := policy.Evaluate(req, trust) == policy.Allow
	return sameAccount && named && (who.RoleARN == "" || !own.Bounded)
}

// sessionKeys are the condition keys of a request for a session.
func (a access) sessionKeys(in RoleSession) map[string][]string {
	keys := a.context()
	keys["sts:RoleSessionName"] = []string{in.Name}
	keys["sts:DurationSeconds"] = []string{strconv.Itoa(int(in.Duration.Seconds()))}
	if in.ExternalID != "" {
		keys["sts:ExternalId"] = []string{in.ExternalID}
	}
	if in.SourceIdentity != "" {
		keys["sts:SourceIdentity"] = []string{in.SourceIdentity}
	}
	for _, tag := range a.role.Tags {
		keys["aws:ResourceTag/"+tag.Key] = []string{tag.Value}
	}
	if len(in.Tags) > 0 {
		keys["aws:TagKeys"] = slices.Sorted(maps.Keys(in.Tags))
	}
	for key, value := range in.Tags {
		keys["aws:RequestTag/"+key] = []string{value}
	}
	return keys
}

// SessionToken makes a temporary key of the caller's own, who must have signed with a lasting one.
func (s *Service) SessionToken(ctx context.Context, duration time.Duration) (TemporaryKey, error) {
	caller := awsapi.CallerFrom(ctx)
	who := policy.IdentityFrom(ctx)
	if who != nil && (who.RoleARN != "" || strings.HasPrefix(caller.AccessKeyID, sessionPrefix)) {
		return TemporaryKey{}, awsapi.NewError(403, "AccessDenied", "Cannot call GetSessionToken with session credentials")
	}
	of := session{Account: caller.AccountID}
	if strings.HasPrefix(caller.UserID, userPrefix) {
		of.UserID = caller.UserID
	}
	return s.temporaryKey(ctx, of, duration)
}

func (s *Service) temporaryKey(ctx context.Context, of session, duration time.Duration) (TemporaryKey, error) {
	of.KeyID, of.Secret = newID(sessionPrefix, idLength-1), newSecret()
	of.Issued = s.date()
	of.Expires = of.Issued.Add(duration)
	token, err := s.seal(ctx, of)
	if err != nil {
		return TemporaryKey{}, err
	}
	return TemporaryKey{AccessKeyID: of.KeyID, SecretAccessKey: of.Secret, SessionToken: token, Expiration: of.Expires}, nil
}

// KeyAccount is the account that an access key belongs to. Of temporary keys nothing is kept, so they are taken for keys of
// the caller's account.
func (s *Service) KeyAccount(ctx context.Context, accessKeyID string) (string, error) {
	caller := awsapi.CallerFrom(ctx).AccountID
	if strings.HasPrefix(accessKeyID, sessionPrefix) {
		return caller, nil
	}
	account := ""
	err := s.db.Read(ctx, func(t *state.Tx) error {
		key, err := accessKeys.Get(t, installation(accessKeyID))
		if account = key.Account; account == "" {
			account = s.account // the root's
		}
		return err
	})
	if errors.Is(err, state.ErrNotFound) {
		return "", validationError("Access key %s does not exist", accessKeyID)
	}
	return account, err
}
