package logs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/state"
)

// deliveryRetentionDays is how long groups of the DELIVERY class keep events, always.
const deliveryRetentionDays = 2

// retentionDays returns the retention periods that AWS allows, in days.
func retentionDays() []int32 {
	return []int32{
		1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
	}
}

// PutRetentionPolicy sets how long a group keeps events. Older ones are out of every read that begins afterwards.
func (s *Service) PutRetentionPolicy(ctx context.Context, in *awslogs.PutRetentionPolicyRequest) error {
	if !slices.Contains(retentionDays(), in.RetentionInDays) {
		return illegalRetention(in.RetentionInDays)
	}
	return s.setRetention(ctx, in.LogGroupName, in.RetentionInDays)
}

// DeleteRetentionPolicy lets a group keep its events for ever.
func (s *Service) DeleteRetentionPolicy(ctx context.Context, in *awslogs.DeleteRetentionPolicyRequest) error {
	return s.setRetention(ctx, in.LogGroupName, 0)
}

func (s *Service) setRetention(ctx context.Context, name string, days int32) error {
	return s.updateGroup(ctx, callersGroup(ctx, name), func(rec *state.LogGroup) error {
		if rec.Class == classDelivery {
			return awslogs.InvalidParameterException(
				"The retention of log groups of the %s class is fixed at %d days.", classDelivery, deliveryRetentionDays)
		}
		rec.RetentionDays = days
		return nil
	})
}

func illegalRetention(days int32) error {
	var allowed []string
	for _, d := range retentionDays() {
		allowed = append(allowed, strconv.Itoa(int(d)))
	}
	return awslogs.InvalidParameterException("1 validation error detected: Value '%d' at 'retentionInDays' failed to satisfy "+
		"constraint: Member must satisfy enum value set: [%s]", days, strings.Join(allowed, ", "))
}

// expire gives up the events that the groups no longer keep. Reads leave them out already; this lets their space be freed.
func (s *Service) expire(ctx context.Context) error {
	var groups []state.LogGroup
	err := s.db.Read(ctx, func(tx *state.Tx) (err error) {
		groups, err = tx.AllLogGroups()
		return err
	})
	if err != nil {
		return err
	}
	now := s.now()
	for i := range groups {
		if groups[i].RetentionDays == 0 {
			continue
		}
		g := &groups[i]
		if failed := s.store.ExpireBefore(ctx, GroupID(g.ID), retentionStart(g, now)); failed != nil {
			err = errors.Join(err, fmt.Errorf("expire events of log group %s: %w", g.Name, failed))
		}
	}
	return err
}
