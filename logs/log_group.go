package logs

import (
	"context"
	"errors"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/state"
)

// Log group classes. A group keeps the class that it was created with.
const (
	classStandard         = "STANDARD"
	classInfrequentAccess = "INFREQUENT_ACCESS"
	classDelivery         = "DELIVERY"
)

// CreateLogGroup makes a log group.
func (s *Service) CreateLogGroup(ctx context.Context, in *awslogs.CreateLogGroupRequest) error {
	if len(in.LogGroupName) >= 4 && strings.EqualFold(in.LogGroupName[:4], "aws/") {
		return awslogs.InvalidParameterException("Log groups starting with AWS/ are reserved for AWS.")
	}
	if err := checkTags(in.Tags); err != nil {
		return err
	}
	if in.KmsKeyId != nil && !isKmsKey(*in.KmsKeyId) {
		return invalid("The specified KMS Key Id could not be found. '%s'", in.LogGroupName)
	}
	rec := s.newGroup(callersGroup(ctx, in.LogGroupName))
	rec.KMSKey = orZero(in.KmsKeyId)
	rec.DeletionProtection = orZero(in.DeletionProtectionEnabled)
	if in.Tags != nil {
		rec.Tags = in.Tags
	}
	if in.LogGroupClass != nil {
		rec.Class = *in.LogGroupClass
	}
	if rec.Class == classDelivery {
		rec.RetentionDays = deliveryRetentionDays
	}
	return s.insertGroup(ctx, rec)
}

func (s *Service) newGroup(key groupKey) state.LogGroup {
	return state.LogGroup{
		Account: key.account, Region: key.region, Name: key.name, Class: classStandard, Tags: map[string]string{},
		CreatedAt: int64(s.now()),
	}
}

func (s *Service) insertGroup(ctx context.Context, rec state.LogGroup) error {
	err := s.db.Write(ctx, func(tx *state.Tx) error {
		_, err := tx.InsertLogGroup(rec)
		return err
	})
	if errors.Is(err, state.ErrExists) {
		return awslogs.ResourceAlreadyExistsException("The specified log group already exists")
	}
	if err == nil && s.deliveries.accountWide.Load() {
		wake(s.deliveries.ear)
	}
	return err
}

// DeleteLogGroup removes a log group with its streams and events, its filters and its policies.
func (s *Service) DeleteLogGroup(ctx context.Context, in *awslogs.DeleteLogGroupRequest) error {
	return s.groups.change(ctx, callersGroup(ctx, in.LogGroupName), func(g *group) error {
		if g.rec.DeletionProtection {
			return awslogs.ValidationException(
				"Cannot delete log group with deletion protection enabled. Disable deletion protection first.")
		}
		err := s.db.Write(ctx, func(tx *state.Tx) error {
			if err := g.deleteRecords(tx); err != nil {
				return err
			}
			if err := (deletion{Group: g.id}).note(tx); err != nil {
				return err
			}
			return tx.DeleteLogGroup(g.rec.ID)
		})
		if err != nil {
			return err
		}
		s.groups.remove(g)
		s.metrics.changed.Store(true)
		wake(s.deliveries.ear)
		s.deleteEvents(ctx, deletion{Group: g.id})
		return nil
	})
}

// PutLogGroupDeletionProtection guards a group against DeleteLogGroup, or no longer.
func (s *Service) PutLogGroupDeletionProtection(
	ctx context.Context, in *awslogs.PutLogGroupDeletionProtectionRequest,
) error {
	key, err := identifiedGroup(ctx, in.LogGroupIdentifier)
	if err != nil {
		return err
	}
	return s.updateGroup(ctx, key, func(rec *state.LogGroup) error {
		rec.DeletionProtection = in.DeletionProtectionEnabled
		return nil
	})
}

// updateGroup stores what f changes of a group's record. f must replace the tags rather than change them in place.
func (s *Service) updateGroup(ctx context.Context, key groupKey, f func(*state.LogGroup) error) error {
	return s.groups.change(ctx, key, func(g *group) error {
		rec := g.rec
		if err := f(&rec); err != nil {
			return err
		}
		if err := s.db.Write(ctx, func(tx *state.Tx) error { return tx.UpdateLogGroup(rec) }); err != nil {
			return err
		}
		g.rec = rec
		return nil
	})
}

// orZero returns what p points to, or the zero value.
func orZero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
