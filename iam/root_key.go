package iam

import (
	"context"
	"errors"
	"fmt"

	"github.com/tollbook/tollbook/state"
)

// installation names records that belong to no account.
func installation(id string) state.Key { return state.Key{Scope: "/", ID: id} }

// EnsureRootKey returns the access key of the installation's root user, making it when there is none; created says so,
// and that is the one time to show the secret to the operator.
func EnsureRootKey(ctx context.Context, db *state.DB) (accessKeyID, secret string, created bool, err error) {
	var key accessKeyRecord
	err = db.Write(ctx, func(t *state.Tx) error {
		root, err := rootKeys.Get(t, installation("root"))
		if err == nil {
			key, err = accessKeys.Get(t, installation(root.AccessKeyID))
			return err
		} else if !errors.Is(err, state.ErrNotFound) {
			return err
		}
		key, created = accessKeyRecord{ID: newID(accessKeyPrefix, idLength-1), Secret: newSecret()}, true
		if err := accessKeys.Insert(t, installation(key.ID), key); err != nil {
			return err
		}
		return rootKeys.Insert(t, installation("root"), rootKeyRecord{key.ID})
	})
	if err != nil {
		return "", "", false, fmt.Errorf("make the root access key: %w", err)
	}
	return key.ID, key.Secret, created, nil
}
