package apigateway

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
)

// usagePlanKeyRecord is an API key's place in a usage plan.
type usagePlanKeyRecord struct {
	KeyID string `json:"keyId"`
	Order int64  `json:"order"` // of joining, in nanoseconds
	// Granted is how many more requests than its limit the quota has in the period with GrantedDay in it.
	Granted    int64 `json:"granted,omitempty"`
	GrantedDay int32 `json:"grantedDay,omitempty"` // since 1970
}

const typeAPIKey = "API_KEY"

// CreateUsagePlanKey puts a key into a plan. It is in force on return.
func (s *Service) CreateUsagePlanKey(ctx context.Context, in *awsapigateway.CreateUsagePlanKeyRequest) (*awsapigateway.UsagePlanKey, error) {
	var k apiKeyRecord
	err := s.changeKeys(ctx, func(v view, c *changedKeys) (err error) {
		if _, err := v.usagePlan(in.UsagePlanId); err != nil {
			return err
		}
		if in.KeyType != typeAPIKey {
			return badRequest("Usage Plan Key type must be %s", typeAPIKey)
		}
		if k, err = v.apiKey(in.KeyId); err != nil {
			return err
		}
		return v.joinPlan(&k, in.UsagePlanId, s.now(), c)
	})
	if err != nil {
		return nil, err
	}
	return k.toPlanKey(), nil
}

// joinPlan puts a key into a plan, unless one of the plan's stages is open to it already.
func (v view) joinPlan(k *apiKeyRecord, planID string, now time.Time, c *changedKeys) error {
	plan, err := v.usagePlan(planID)
	if err != nil {
		return err
	}
	if slices.Contains(k.Plans, planID) {
		return conflict("API Key %s is already in Usage Plan %s", k.ID, planID)
	}
	if len(k.Plans) >= maxKeyPlans {
		return tooMany("usage plans of an API key", maxKeyPlans)
	}
	for _, otherID := range k.Plans {
		other, err := v.usagePlan(otherID)
		if err != nil {
			return err
		}
		for _, st := range plan.Stages {
			if other.stage(st.id()) != nil {
				return errKeyHasStage(k.ID, otherID, st)
			}
		}
	}
	k.Plans = append(k.Plans, planID)
	c.key(k.ID)
	if err := v.putKey(*k); err != nil {
		return err
	}
	return put(v, usagePlanKeys, planID, k.ID, usagePlanKeyRecord{KeyID: k.ID, Order: now.UnixNano() + int64(len(c.keys))})
}

// leavePlan takes a key out of a plan, with what it has used of it.
func (v view) leavePlan(k *apiKeyRecord, planID string) error {
	k.Plans = withoutMember(k.Plans, planID)
	if err := usagePlanKeys.Delete(v.tx, v.key(planID, k.ID)); err != nil {
		return fmt.Errorf("take api key %s out of usage plan %s: %w", k.ID, planID, err)
	}
	if err := v.dropUsage(planID, k.ID); err != nil {
		return err
	}
	return v.putKey(*k)
}

// emptyPlan takes all keys out of a plan.
func (v view) emptyPlan(planID string, c *changedKeys) error {
	list, err := all(v, usagePlanKeys, planID)
	for _, member := range list {
		k, err := v.apiKey(member.KeyID)
		if err != nil {
			return err
		}
		k.Plans = withoutMember(k.Plans, planID)
		if err := v.putKey(k); err != nil {
			return err
		}
		c.key(k.ID)
	}
	if err != nil {
		return err
	}
	if err := usagePlanKeys.DeleteAll(v.tx, v.scope(), planID); err != nil {
		return fmt.Errorf("delete keys of usage plan %s: %w", planID, err)
	}
	if err := usages.DeleteAll(v.tx, v.scope(), planID); err != nil {
		return fmt.Errorf("delete usage of usage plan %s: %w", planID, err)
	}
	return nil
}

func (v view) eachPlanKey(planID string, f func(keyID string)) error {
	list, err := all(v, usagePlanKeys, planID)
	for _, member := range list {
		f(member.KeyID)
	}
	return err
}

// planKey finds a key that is in a plan.
func (v view) planKey(planID, keyID string) (apiKeyRecord, usagePlanKeyRecord, error) {
	if _, err := v.usagePlan(planID); err != nil {
		return apiKeyRecord{}, usagePlanKeyRecord{}, err
	}
	member, err := find(v, usagePlanKeys, planID, keyID, errUnknownKey())
	if err != nil {
		return apiKeyRecord{}, member, err
	}
	k, err := v.apiKey(keyID)
	return k, member, err
}

// GetUsagePlanKey returns a key of a plan.
func (s *Service) GetUsagePlanKey(ctx context.Context, in *awsapigateway.GetUsagePlanKeyRequest) (*awsapigateway.UsagePlanKey, error) {
	var k apiKeyRecord
	err := s.read(ctx, func(v view) (err error) {
		k, _, err = v.planKey(in.UsagePlanId, in.KeyId)
		return err
	})
	if err != nil {
		return nil, err
	}
	return k.toPlanKey(), nil
}

// GetUsagePlanKeys lists the keys of a plan, newest first, by the beginning of their names. An unknown plan has none.
func (s *Service) GetUsagePlanKeys(ctx context.Context, in *awsapigateway.GetUsagePlanKeysRequest) (*awsapigateway.UsagePlanKeys, error) {
	p, err := parsePage(in.Limit, in.Position)
	if err != nil {
		return nil, err
	}
	type member struct {
		usagePlanKeyRecord
		key apiKeyRecord
	}
	var list []member
	err = s.read(ctx, func(v view) error {
		records, err := all(v, usagePlanKeys, in.UsagePlanId)
		for _, r := range records {
			k, err := v.apiKey(r.KeyID)
			if err != nil {
				return err
			}
			if strings.HasPrefix(k.Name, deref(in.NameQuery)) {
				list = append(list, member{r, k})
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, newestFirst(func(m member) (int64, string) { return m.Order, m.KeyID }))
	list, next := cutPage(list, p, func(m member) string { return orderKey(m.Order, m.KeyID) })
	out := &awsapigateway.UsagePlanKeys{Items: []awsapigateway.UsagePlanKey{}, Position: next}
	for _, m := range list {
		out.Items = append(out.Items, *m.key.toPlanKey())
	}
	return out, nil
}

// DeleteUsagePlanKey takes a key out of a plan, and forgets what it has used of it.
func (s *Service) DeleteUsagePlanKey(ctx context.Context, in *awsapigateway.DeleteUsagePlanKeyRequest) error {
	return s.changeKeys(ctx, func(v view, c *changedKeys) error {
		k, _, err := v.planKey(in.UsagePlanId, in.KeyId)
		if err != nil {
			return err
		}
		c.key(k.ID)
		return v.leavePlan(&k, in.UsagePlanId)
	})
}

func (k apiKeyRecord) toPlanKey() *awsapigateway.UsagePlanKey {
	return &awsapigateway.UsagePlanKey{Id: &k.ID, Type: new(typeAPIKey), Name: optional(k.Name), Value: &k.Value}
}
