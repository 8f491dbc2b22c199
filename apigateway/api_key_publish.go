package apigateway

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/gateway"
	"github.com/tollbook/tollbook/state"
)

// KeySink is the data plane as API keys and usage plans see it. They are no part of a deployment: what is new about them is
// in force at once.
type KeySink interface {
	// UpdateKeys puts a change in force. Calls come one at a time and in commit order.
	UpdateKeys(gateway.KeyChange)
	// DrainUsage returns what keys have used since the last call; ReturnUsage takes it back if it could not be kept.
	DrainUsage() []gateway.KeyUsage
	ReturnUsage([]gateway.KeyUsage)
}

// noKeys stands for a data plane that serves no keys.
type noKeys struct{}

func (noKeys) UpdateKeys(gateway.KeyChange)   {}
func (noKeys) DrainUsage() []gateway.KeyUsage { return nil }
func (noKeys) ReturnUsage([]gateway.KeyUsage) {}

// changedKeys are the keys and plans that a change is about, made, changed or deleted.
type changedKeys struct{ keys, plans []string }

func (c *changedKeys) key(id string) {
	if !slices.Contains(c.keys[max(len(c.keys)-4, 0):], id) { // mostly the same as just before
		c.keys = append(c.keys, id)
	}
}

func (c *changedKeys) plan(id string) { c.plans = append(c.plans, id) }

// changeKeys runs a change of keys and plans and puts it in force after it is durable. What has been used until now is kept
// first, since a member that begins anew begins with what is kept.
func (s *Service) changeKeys(ctx context.Context, change func(v view, c *changedKeys) error) error {
	s.keysMu.Lock()
	defer s.keysMu.Unlock()
	if err := s.collectUsage(ctx); err != nil {
		return err
	}
	var c changedKeys
	err := s.write(ctx, func(v view) error {
		c = changedKeys{}
		return change(v, &c)
	})
	if err != nil {
		return err
	}
	return s.publishKeys(ctx, c)
}

// publishKeys hands keys and plans, as they are stored now, to the data plane. The caller holds keysMu.
func (s *Service) publishKeys(ctx context.Context, c changedKeys) error {
	if len(c.keys) == 0 && len(c.plans) == 0 {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	var out gateway.KeyChange
	err := s.read(ctx, func(v view) error {
		out = gateway.KeyChange{AccountID: v.accountID, Region: v.region}
		for _, id := range c.plans {
			if err := v.compilePlan(&out, id); err != nil {
				return err
			}
		}
		for _, id := range c.keys {
			if err := v.compileKey(&out, id, s.today()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("put API keys in force: %w", err)
	}
	s.keys.UpdateKeys(out)
	return nil
}

func (v view) compilePlan(out *gateway.KeyChange, id string) error {
	plan, ok, err := lookup(v, usagePlans, "", id)
	switch {
	case err != nil:
		return err
	case ok:
		out.Plans = append(out.Plans, plan.compile())
	default:
		out.RemovedPlans = append(out.RemovedPlans, id)
	}
	return nil
}

func (v view) compileKey(out *gateway.KeyChange, id string, today int32) error {
	k, ok, err := lookup(v, apiKeys, "", id)
	switch {
	case err != nil:
		return err
	case !ok:
		out.RemovedKeys = append(out.RemovedKeys, id)
		return nil
	}
	compiled := gateway.APIKey{ID: k.ID, Value: k.Value, Enabled: k.Enabled}
	for _, planID := range k.Plans {
		m, err := v.compileMember(planID, k.ID, today)
		if err != nil {
			return err
		}
		compiled.Plans = append(compiled.Plans, m)
	}
	out.Keys = append(out.Keys, compiled)
	return nil
}

func (v view) compileMember(planID, keyID string, today int32) (gateway.PlanMember, error) {
	plan, member, err := v.planMember(planID, keyID)
	if err != nil {
		return gateway.PlanMember{}, err
	}
	used, err := v.usedInPeriod(plan, keyID, today)
	return gateway.PlanMember{
		PlanID: planID, Used: used, Day: today, Granted: member.Granted, GrantedDay: member.GrantedDay,
	}, err
}

func (v view) planMember(planID, keyID string) (usagePlanRecord, usagePlanKeyRecord, error) {
	plan, err := v.usagePlan(planID)
	if err != nil {
		return plan, usagePlanKeyRecord{}, err
	}
	member, err := find(v, usagePlanKeys, planID, keyID, errUnknownKey())
	return plan, member, err
}

// publishAllKeys hands all keys and plans of every account and region to the data plane, at start-up.
func (s *Service) publishAllKeys(ctx context.Context) error {
	s.keysMu.Lock()
	defer s.keysMu.Unlock()
	changes := map[string]*changedKeys{}
	of := func(scope string) *changedKeys {
		if changes[scope] == nil {
			changes[scope] = &changedKeys{}
		}
		return changes[scope]
	}
	err := s.db.Read(ctx, func(tx *state.Tx) error {
		keys, err := apiKeys.All(tx)
		if err != nil {
			return err
		}
		for _, e := range keys {
			of(e.Key.Scope).keys = append(of(e.Key.Scope).keys, e.Key.ID)
		}
		plans, err := usagePlans.All(tx)
		for _, e := range plans {
			of(e.Key.Scope).plan(e.Key.ID)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("publish API keys: %w", err)
	}
	for scope, c := range changes {
		if err := s.publishKeys(inScope(ctx, scope), *c); err != nil {
			return err
		}
	}
	return nil
}

// tooMany refuses what would go beyond one of AWS' limits.
func tooMany(what string, most int) error {
	return limitExceeded("Maximum number of %s has been reached: %d", what, most)
}

// isClientError reports an error that the request is to blame for.
func isClientError(err error) bool {
	var e *awsapi.Error
	return errors.As(err, &e) && e.Status < 500
}

// messageOf is what a client is told of an error.
func messageOf(err error) string {
	var e *awsapi.Error
	if errors.As(err, &e) {
		return e.Message
	}
	return err.Error()
}
