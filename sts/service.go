// Package sts tells callers who they are, and gives them temporary keys to act as a role or as themselves.
//
// It answers the operations of awssts.Service: it checks what is asked for, with AWS' texts. Who calls was found out by
// awswire, from the signature, and is in the context. Whether a role may be assumed, and how keys are made, is the business
// of package iam, which it reaches through Keys. There is no state.
package sts

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awssts"
	"github.com/tollbook/tollbook/iam/policy"
)

var _ awssts.Service = (*Service)(nil)

// Keys makes temporary keys and knows whose keys there are. Errors for the client are *awsapi.Error.
type Keys interface {
	// AssumeRole makes a key to act as a role, if the role trusts the caller.
	AssumeRole(ctx context.Context, in RoleSession) (TemporaryKey, error)
	// SessionToken makes a temporary key of the caller's own.
	SessionToken(ctx context.Context, duration time.Duration) (TemporaryKey, error)
	// KeyAccount is the account that an access key belongs to.
	KeyAccount(ctx context.Context, accessKeyID string) (string, error)
}

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

// Service implements awssts.Service. Its methods may be called concurrently.
type Service struct{ keys Keys }

// New returns a Service.
func New(keys Keys) *Service { return &Service{keys} }

// GetCallerIdentity returns account, ARN and unique ID of the caller. Nobody can be denied it.
func (*Service) GetCallerIdentity(ctx context.Context, _ *awssts.GetCallerIdentityRequest) (*awssts.GetCallerIdentityResponse, error) {
	caller := awsapi.CallerFrom(ctx)
	return &awssts.GetCallerIdentityResponse{Account: new(caller.AccountID), Arn: new(caller.ARN), UserId: new(caller.UserID)}, nil
}

// The lengths of sessions that are asked for without one.
const (
	roleDuration  = time.Hour
	tokenDuration = 12 * time.Hour
)

// AssumeRole returns a temporary key to act as a role.
func (s *Service) AssumeRole(ctx context.Context, in *awssts.AssumeRoleRequest) (*awssts.AssumeRoleResponse, error) {
	tags, err := sessionTags(in)
	if err != nil {
		return nil, err
	}
	ask := RoleSession{RoleARN: in.RoleArn, Name: in.RoleSessionName, Duration: seconds(in.DurationSeconds, roleDuration), Tags: tags}
	if in.ExternalId != nil {
		ask.ExternalID = *in.ExternalId
	}
	if in.SourceIdentity != nil {
		ask.SourceIdentity = *in.SourceIdentity
	}
	if in.Policy != nil {
		if _, err := policy.ParseInline(*in.Policy); err != nil {
			return nil, awsapi.NewError(400, "MalformedPolicyDocument", "%s", err)
		}
		ask.Policies = []string{*in.Policy}
	}
	for _, p := range in.PolicyArns {
		if p.Arn != nil {
			ask.PolicyARNs = append(ask.PolicyARNs, *p.Arn)
		}
	}
	key, err := s.keys.AssumeRole(ctx, ask)
	if err != nil {
		return nil, err
	}
	return &awssts.AssumeRoleResponse{
		Credentials:     key.toWire(),
		AssumedRoleUser: &awssts.AssumedRoleUser{AssumedRoleId: key.UserID, Arn: key.ARN},
		SourceIdentity:  in.SourceIdentity,
	}, nil
}

// sessionTags refuses keys that are there twice and transitive keys that are not there.
func sessionTags(in *awssts.AssumeRoleRequest) (map[string]string, error) {
	tags, folded := map[string]string{}, map[string]bool{}
	for _, tag := range in.Tags {
		key := strings.ToLower(tag.Key)
		if folded[key] {
			return nil, awsapi.NewError(400, "InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		folded[key], tags[tag.Key] = true, tag.Value
	}
	for _, key := range in.TransitiveTagKeys {
		if !slices.Contains(slices.Collect(maps.Keys(folded)), strings.ToLower(key)) {
			return nil, awsapi.NewError(400, "InvalidParameterValue", "The specified transitive tag key must be included in the requested tags.")
		}
	}
	return tags, nil
}

func seconds(n *int32, otherwise time.Duration) time.Duration {
	if n == nil {
		return otherwise
	}
	return time.Duration(*n) * time.Second
}

// GetSessionToken returns a temporary key of the caller's own.
func (s *Service) GetSessionToken(ctx context.Context, in *awssts.GetSessionTokenRequest) (*awssts.GetSessionTokenResponse, error) {
	key, err := s.keys.SessionToken(ctx, seconds(in.DurationSeconds, tokenDuration))
	if err != nil {
		return nil, err
	}
	return &awssts.GetSessionTokenResponse{Credentials: key.toWire()}, nil
}

// GetAccessKeyInfo returns the account that a key belongs to.
func (s *Service) GetAccessKeyInfo(ctx context.Context, in *awssts.GetAccessKeyInfoRequest) (*awssts.GetAccessKeyInfoResponse, error) {
	account, err := s.keys.KeyAccount(ctx, in.AccessKeyId)
	if err != nil {
		return nil, err
	}
	return &awssts.GetAccessKeyInfoResponse{Account: &account}, nil
}

func (k TemporaryKey) toWire() *awssts.Credentials {
	return &awssts.Credentials{
		AccessKeyId: k.AccessKeyID, SecretAccessKey: k.SecretAccessKey, SessionToken: k.SessionToken, Expiration: k.Expiration,
	}
}
