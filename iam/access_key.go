package iam

import (
	"context"
	"errors"
	"time"

	"github.com/tollbook/tollbook/awsapi/awsiam"
	"github.com/tollbook/tollbook/state"
)

const (
	keyActive   = "Active"
	keyInactive = "Inactive"
)

// CreateAccessKey makes a key for a user; without a name for who asks. The secret is shown this once.
func (s *Service) CreateAccessKey(ctx context.Context, in *awsiam.CreateAccessKeyRequest) (*awsiam.CreateAccessKeyResponse, error) {
	key := accessKeyRecord{ID: newID(accessKeyPrefix, idLength-1), Secret: newSecret(), Created: s.date(), Status: keyActive}
	var name string
	err := s.write(ctx, func(t tx) error {
		u, err := t.userOrCaller(ctx, in.UserName)
		if err != nil {
			return err
		}
		name, key.Account, key.UserID = u.Name, t.account, u.ID
		have, _, err := userKeys.List(t.Tx, t.scope(), u.ID, "", 0)
		if err != nil {
			return err
		} else if len(have) >= maxAccessKeys {
			return overQuota("AccessKeysPerUser", maxAccessKeys)
		}
		if err := accessKeys.Insert(t.Tx, installation(key.ID), key); err != nil {
			return err
		}
		return userKeys.Insert(t.Tx, t.key(u.ID, key.ID), userKeyRecord{key.ID})
	})
	if err != nil {
		return nil, err
	}
	return &awsiam.CreateAccessKeyResponse{AccessKey: &awsiam.AccessKey{
		UserName: name, AccessKeyId: key.ID, Status: key.Status, SecretAccessKey: key.Secret, CreateDate: &key.Created,
	}}, nil
}

// ListAccessKeys returns a user's keys without their secrets.
func (s *Service) ListAccessKeys(ctx context.Context, in *awsiam.ListAccessKeysRequest) (*awsiam.ListAccessKeysResponse, error) {
	var wire []awsiam.AccessKeyMetadata
	err := s.read(ctx, func(t tx) error {
		u, err := t.userOrCaller(ctx, in.UserName)
		if err != nil {
			return err
		}
		of, _, err := userKeys.List(t.Tx, t.scope(), u.ID, "", 0)
		if err != nil {
			return err
		}
		for _, k := range of {
			key, err := accessKeys.Get(t.Tx, installation(k.AccessKeyID))
			if err != nil {
				return err
			}
			wire = append(wire, awsiam.AccessKeyMetadata{
				UserName: new(u.Name), AccessKeyId: new(key.ID), Status: new(key.Status), CreateDate: new(key.Created),
			})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	p, err := paginate(wire, func(k awsiam.AccessKeyMetadata) string { return *k.AccessKeyId }, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &awsiam.ListAccessKeysResponse{AccessKeyMetadata: p.items, IsTruncated: p.truncated, Marker: p.marker}, nil
}

// userKey finds a key of a user; AWS' error if the user has no such key.
func (t tx) userKey(ctx context.Context, userName *string, id string) (accessKeyRecord, error) {
	u, err := t.userOrCaller(ctx, userName)
	if err != nil {
		return accessKeyRecord{}, err
	}
	key, err := accessKeys.Get(t.Tx, installation(id))
	if errors.Is(err, state.ErrNotFound) || err == nil && (key.UserID != u.ID || key.Account != t.account) {
		return key, awsiam.NoSuchEntityException("The Access Key with id %s cannot be found.", id)
	}
	return key, err
}

// UpdateAccessKey switches a key on or off.
func (s *Service) UpdateAccessKey(ctx context.Context, in *awsiam.UpdateAccessKeyRequest) error {
	return s.write(ctx, func(t tx) error {
		key, err := t.userKey(ctx, in.UserName, in.AccessKeyId)
		if err != nil {
			return err
		}
		key.Status = in.Status
		return accessKeys.Put(t.Tx, installation(key.ID), key)
	})
}

// DeleteAccessKey removes a key.
func (s *Service) DeleteAccessKey(ctx context.Context, in *awsiam.DeleteAccessKeyRequest) error {
	return s.write(ctx, func(t tx) error {
		key, err := t.userKey(ctx, in.UserName, in.AccessKeyId)
		if err != nil {
			return err
		}
		if err := accessKeys.Delete(t.Tx, installation(key.ID)); err != nil {
			return err
		}
		return userKeys.Delete(t.Tx, t.key(key.UserID, key.ID))
	})
}

// keyUse is when and for what a key last signed a request.
type keyUse struct {
	at              time.Time
	service, region string
}

// GetAccessKeyLastUsed says when and for what a key last signed a request since the server was started.
func (s *Service) GetAccessKeyLastUsed(ctx context.Context, in *awsiam.GetAccessKeyLastUsedRequest) (*awsiam.GetAccessKeyLastUsedResponse, error) {
	out := &awsiam.GetAccessKeyLastUsedResponse{AccessKeyLastUsed: &awsiam.AccessKeyLastUsed{ServiceName: "N/A", Region: "N/A"}}
	err := s.read(ctx, func(t tx) error {
		key, err := accessKeys.Get(t.Tx, installation(in.AccessKeyId))
		if errors.Is(err, state.ErrNotFound) || err == nil && key.Account != t.account {
			return awsiam.NoSuchEntityException("The Access Key with id %s cannot be found.", in.AccessKeyId)
		} else if err != nil {
			return err
		}
		u, err := t.userByID(key.UserID)
		out.UserName = new(u.Name)
		return err
	})
	if err != nil {
		return nil, err
	}
	if use, ok := s.signers.lastUse(in.AccessKeyId); ok {
		date := use.at.UTC().Truncate(time.Second)
		out.AccessKeyLastUsed = &awsiam.AccessKeyLastUsed{LastUsedDate: &date, ServiceName: use.service, Region: use.region}
	}
	return out, nil
}

// userByID finds a user by its unique ID; state.ErrNotFound if there is none.
func (t tx) userByID(id string) (userRecord, error) {
	all, _, err := users.List(t.Tx, t.scope(), "", "", 0)
	if err != nil {
		return userRecord{}, err
	}
	for _, u := range all {
		if u.ID == id {
			return u, nil
		}
	}
	return userRecord{}, state.ErrNotFound
}
