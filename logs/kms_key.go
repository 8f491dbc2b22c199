package logs

import (
	"context"
	"errors"
	"strings"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/state"
)

// The keys of log groups and of query results are kept for who asks. Nothing is encrypted with them: there is no KMS
// here that holds such keys.

// queryResultKeyID is the record ID of the key for query results.
const queryResultKeyID = "key"

// AssociateKmsKey sets the key of a log group, or of the results of the caller's queries.
func (s *Service) AssociateKmsKey(ctx context.Context, in *awslogs.AssociateKmsKeyRequest) error {
	if !isKmsKey(in.KmsKeyId) {
		return invalid("The specified KMS Key Id could not be found.")
	}
	return s.setKmsKey(ctx, in.LogGroupName, in.ResourceIdentifier, in.KmsKeyId)
}

// DisassociateKmsKey removes the key of a log group, or of the results of the caller's queries. It is no error if there
// is none.
func (s *Service) DisassociateKmsKey(ctx context.Context, in *awslogs.DisassociateKmsKeyRequest) error {
	return s.setKmsKey(ctx, in.LogGroupName, in.ResourceIdentifier, "")
}

// isKmsKey tells whether text is the ARN of a key. AWS finds no key by its ID alone.
func isKmsKey(text string) bool {
	arn, ok := parseARN(text)
	return ok && arn.service == "kms"
}

// setKmsKey sets the key of what the request names; "" removes it.
func (s *Service) setKmsKey(ctx context.Context, group, resource *string, key string) error {
	switch {
	case (group == nil) == (resource == nil):
		return invalid("Exactly one of logGroupName and resourceIdentifier must be specified.")
	case group != nil:
		return s.setGroupKey(ctx, callersGroup(ctx, *group), key)
	}
	c := awsapi.CallerFrom(ctx)
	if *resource == "arn:aws:logs:"+c.Region+":"+c.AccountID+":query-result:*" {
		return s.setQueryResultKey(ctx, key)
	}
	if !strings.HasPrefix(*resource, "arn:") {
		return invalid("The specified resourceIdentifier is not valid: %s", *resource)
	}
	named, err := identifiedGroup(ctx, *resource)
	if err != nil {
		return err
	}
	return s.setGroupKey(ctx, named, key)
}

func (s *Service) setGroupKey(ctx context.Context, group groupKey, key string) error {
	return s.updateGroup(ctx, group, func(rec *state.LogGroup) error { rec.KMSKey = key; return nil })
}

func (s *Service) setQueryResultKey(ctx context.Context, key string) error {
	return s.db.Write(ctx, func(tx *state.Tx) error {
		at := callersPlace(ctx, "").key(queryResultKeyID)
		if key != "" {
			return queryResultKeys.Put(tx, at, key)
		}
		if err := queryResultKeys.Delete(tx, at); !errors.Is(err, state.ErrNotFound) {
			return err
		}
		return nil
	})
}
