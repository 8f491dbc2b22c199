package apigateway

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/gateway"
)

// Limits of usage plans.
const (
	usagePlanIDLength  = 6
	maxUsagePlans      = 300
	maxMethodThrottles = 20 // of a stage in a plan
)

type usagePlanRecord struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Description string            `json:"description,omitempty"`
	ProductCode string            `json:"productCode,omitempty"`
	Stages      []planStageRecord `json:"apiStages,omitempty"`
	Throttle    *throttleRecord   `json:"throttle,omitempty"`
	Quota       *quotaRecord      `json:"quota,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"`
}

type planStageRecord struct {
	APIID    string                    `json:"apiId"`
	Stage    string                    `json:"stage"`
	Throttle map[string]throttleRecord `json:"throttle,omitempty"` // by "/{resource}/{METHOD}", as the client wrote it
}

// throttleRecord limits by a token bucket. A member that was never given limits nothing: without a rate there is no limit,
// and without a burst the bucket holds what comes back in a second.
type throttleRecord struct {
	BurstLimit *int32   `json:"burstLimit,omitempty"`
	RateLimit  *float64 `json:"rateLimit,omitempty"`
}

type quotaRecord struct {
	Limit  int32  `json:"limit"`
	Offset int32  `json:"offset,omitempty"` // requests less in the first period, which has Since in it
	Period string `json:"period"`
	Since  int32  `json:"since,omitempty"` // days since 1970
}

func errUnknownPlan() error  { return notFound("Invalid Usage Plan ID specified") }
func errInvalidStage() error { return badRequest("Invalid API Stage specified") }

func (v view) usagePlan(id string) (usagePlanRecord, error) {
	return find(v, usagePlans, "", id, errUnknownPlan())
}

// CreateUsagePlan makes a plan.
func (s *Service) CreateUsagePlan(ctx context.Context, in *awsapigateway.CreateUsagePlanRequest) (*awsapigateway.UsagePlan, error) {
	plan := usagePlanRecord{
		Name: in.Name, Description: deref(in.Description), Throttle: newThrottle(in.Throttle), Tags: in.Tags,
	}
	if in.Quota != nil {
		plan.Quota = &quotaRecord{
			Limit: deref(in.Quota.Limit), Offset: deref(in.Quota.Offset), Period: deref(in.Quota.Period), Since: s.today(),
		}
	}
	for _, st := range in.ApiStages {
		stage := planStageRecord{APIID: deref(st.ApiId), Stage: deref(st.Stage)}
		for path, t := range st.Throttle {
			stage.setThrottle(path, *newThrottle(&t))
		}
		plan.Stages = append(plan.Stages, stage)
	}
	err := s.changeKeys(ctx, func(v view, c *changedKeys) error {
		return v.insertPlan(&plan, c)
	})
	if err != nil {
		return nil, err
	}
	return plan.toWire(), nil
}

func newThrottle(in *awsapigateway.ThrottleSettings) *throttleRecord {
	if in == nil {
		return nil
	}
	return &throttleRecord{in.BurstLimit, in.RateLimit}
}

func (v view) insertPlan(plan *usagePlanRecord, c *changedKeys) error {
	n, err := usagePlans.Count(v.tx, v.scope(), "")
	if err != nil {
		return fmt.Errorf("count usage plans: %w", err)
	}
	if n >= maxUsagePlans {
		return tooMany("usage plans", maxUsagePlans)
	}
	if plan.ID, err = insertWithNewID(usagePlanIDLength, func(id string) error {
		return usagePlans.Insert(v.tx, v.key("", id), usagePlanRecord{ID: id})
	}); err != nil {
		return fmt.Errorf("create usage plan: %w", err)
	}
	if err := plan.check(); err != nil {
		return err
	}
	for i, st := range plan.Stages {
		if slices.ContainsFunc(plan.Stages[:i], func(other planStageRecord) bool { return other.id() == st.id() }) {
			return errInvalidStage()
		}
		if err := v.checkPlanStage(*plan, st); err != nil {
			return err
		}
	}
	c.plan(plan.ID)
	return put(v, usagePlans, "", plan.ID, *plan)
}

// check decides whether a plan may be stored, as far as it can be told without others.
func (p usagePlanRecord) check() error {
	if p.Name == "" {
		return badRequest("Usage Plan name cannot be blank")
	}
	if err := p.Throttle.check(); err != nil {
		return err
	}
	if err := p.Quota.check(); err != nil {
		return err
	}
	for _, st := range p.Stages {
		if len(st.Throttle) > maxMethodThrottles {
			return tooMany("method throttles of a stage in a usage plan", maxMethodThrottles)
		}
		for _, path := range sortedKeys(st.Throttle) {
			if !isSettingKey(canonicalSettingKey(path)) {
				return badRequest("Invalid method throttle path specified: %s", path)
			}
			t := st.Throttle[path]
			if err := t.check(); err != nil {
				return err
			}
		}
	}
	return checkTags(p.Tags)
}

func (t *throttleRecord) check() error {
	switch {
	case t == nil:
		return nil
	case t.BurstLimit != nil && *t.BurstLimit < 0:
		return badRequest("Usage Plan throttle burst limit must not be negative")
	case t.RateLimit != nil && !(*t.RateLimit >= 0 && *t.RateLimit <= 1e12): // which NaN is not either
		return badRequest("Usage Plan throttle rate limit must not be negative")
	}
	return nil
}

func (q *quotaRecord) check() error {
	if q == nil {
		return nil
	}
	most, known := map[string]int32{"DAY": 0, "WEEK": 6, "MONTH": 27}[q.Period]
	switch {
	case !known:
		return badRequest("Usage Plan quota period must be one of DAY, WEEK and MONTH")
	case q.Limit < 0:
		return badRequest("Usage Plan quota limit must not be negative")
	case q.Offset < 0 || q.Offset > most:
		return badRequest("Usage Plan quota offset must be between 0 and %d in the %s period", most, q.Period)
	}
	return nil
}

func (s planStageRecord) id() string { return s.APIID + ":" + s.Stage }

func (s *planStageRecord) setThrottle(path string, t throttleRecord) {
	if s.Throttle == nil {
		s.Throttle = map[string]throttleRecord{}
	}
	s.Throttle[path] = t
}

// checkPlanStage decides whether a stage may be in a plan: it is there, and no key of the plan has it by another plan.
func (v view) checkPlanStage(plan usagePlanRecord, st planStageRecord) error {
	if _, ok, err := lookup(v, stages, st.APIID, st.Stage); err != nil || !ok {
		if err != nil {
			return err
		}
		return notFound("Invalid API Stage {api: %s, stage: %s} specified for usageplan %s", st.APIID, st.Stage, plan.ID)
	}
	plans, err := all(v, usagePlans, "")
	if err != nil {
		return err
	}
	for _, other := range plans {
		if other.ID == plan.ID || other.stage(st.id()) == nil {
			continue
		}
		if err := v.checkNoCommonKey(plan.ID, other, st); err != nil {
			return err
		}
	}
	return nil
}

func (v view) checkNoCommonKey(planID string, other usagePlanRecord, st planStageRecord) error {
	keys, err := all(v, usagePlanKeys, planID)
	if err != nil {
		return err
	}
	for _, k := range keys {
		_, both, err := lookup(v, usagePlanKeys, other.ID, k.KeyID)
		if err != nil {
			return err
		}
		if both {
			return errKeyHasStage(k.KeyID, other.ID, st)
		}
	}
	return nil
}

func errKeyHasStage(keyID, planID string, st planStageRecord) error {
	return conflict("API Key %s already has access to API Stage %s through Usage Plan %s", keyID, st.id(), planID)
}

func (p *usagePlanRecord) stage(id string) *planStageRecord {
	for i := range p.Stages {
		if p.Stages[i].id() == id {
			return &p.Stages[i]
		}
	}
	return nil
}

// GetUsagePlan returns one plan.
func (s *Service) GetUsagePlan(ctx context.Context, in *awsapigateway.GetUsagePlanRequest) (*awsapigateway.UsagePlan, error) {
	var plan usagePlanRecord
	err := s.read(ctx, func(v view) (err error) {
		plan, err = v.usagePlan(in.UsagePlanId)
		return err
	})
	if err != nil {
		return nil, err
	}
	return plan.toWireWithTags(), nil
}

// GetUsagePlans lists plans by id; a key leaves only those that it is in.
func (s *Service) GetUsagePlans(ctx context.Context, in *awsapigateway.GetUsagePlansRequest) (*awsapigateway.UsagePlans, error) {
	p, err := parsePage(in.Limit, in.Position)
	if err != nil {
		return nil, err
	}
	var list []usagePlanRecord
	err = s.read(ctx, func(v view) error {
		if list, err = all(v, usagePlans, ""); err != nil || in.KeyId == nil {
			return err
		}
		k, err := v.apiKey(*in.KeyId)
		list = slices.DeleteFunc(list, func(plan usagePlanRecord) bool { return !slices.Contains(k.Plans, plan.ID) })
		return err
	})
	if err != nil {
		return nil, err
	}
	list, next := cutPage(list, p, func(plan usagePlanRecord) string { return plan.ID })
	out := &awsapigateway.UsagePlans{Items: []awsapigateway.UsagePlan{}, Position: next}
	for _, plan := range list {
		out.Items = append(out.Items, *plan.toWire())
	}
	return out, nil
}

// UpdateUsagePlan patches a plan. It is in force on return.
func (s *Service) UpdateUsagePlan(ctx context.Context, in *awsapigateway.UpdateUsagePlanRequest) (*awsapigateway.UsagePlan, error) {
	var plan usagePlanRecord
	err := s.changeKeys(ctx, func(v view, c *changedKeys) (err error) {
		if plan, err = v.usagePlan(in.UsagePlanId); err != nil {
			return err
		}
		before := plan.Quota.period()
		p := planPatcher{view: v, today: s.today()}
		if err := p.apply(&plan, in.PatchOperations); err != nil {
			return err
		}
		if err := plan.check(); err != nil {
			return err
		}
		c.plan(plan.ID)
		if plan.Quota.period() != before { // what keys have used is then counted anew
			if err := v.eachPlanKey(plan.ID, c.key); err != nil {
				return err
			}
		}
		return put(v, usagePlans, "", plan.ID, plan)
	})
	if err != nil {
		return nil, err
	}
	return plan.toWireWithTags(), nil
}

func (q *quotaRecord) period() string {
	if q == nil {
		return ""
	}
	return q.Period
}

// DeleteUsagePlan removes a plan that has no stages. Its keys stay.
func (s *Service) DeleteUsagePlan(ctx context.Context, in *awsapigateway.DeleteUsagePlanRequest) error {
	return s.changeKeys(ctx, func(v view, c *changedKeys) error {
		plan, err := v.usagePlan(in.UsagePlanId)
		if err != nil {
			return err
		}
		if len(plan.Stages) > 0 {
			return badRequest("Cannot delete Usage Plan %s because there are API Stages associated with it, including %s",
				plan.ID, plan.Stages[0].id())
		}
		if err := v.emptyPlan(plan.ID, c); err != nil {
			return err
		}
		c.plan(plan.ID)
		if err := usagePlans.Delete(v.tx, v.key("", plan.ID)); err != nil {
			return fmt.Errorf("delete usage plan %s: %w", plan.ID, err)
		}
		return nil
	})
}

// leavePlans takes a stage that is deleted, or all of an API if stage is empty, out of all plans.
func (v view) leavePlans(apiID, stage string, c *changedKeys) error {
	list, err := all(v, usagePlans, "")
	for _, plan := range list {
		n := len(plan.Stages)
		plan.Stages = slices.DeleteFunc(plan.Stages, func(st planStageRecord) bool {
			return st.APIID == apiID && (stage == "" || st.Stage == stage)
		})
		if len(plan.Stages) == n {
			continue
		}
		c.plan(plan.ID)
		if err := put(v, usagePlans, "", plan.ID, plan); err != nil {
			return err
		}
	}
	return err
}

// compile is the plan as the data plane sees it.
func (p usagePlanRecord) compile() gateway.UsagePlan {
	out := gateway.UsagePlan{ID: p.ID, Throttle: p.Throttle.compile()}
	if q := p.Quota; q != nil {
		out.Quota = &gateway.Quota{Limit: int64(q.Limit), Period: q.Period, Offset: int64(q.Offset), OffsetDay: q.Since}
	}
	for _, st := range p.Stages {
		stage := gateway.PlanStage{APIID: st.APIID, Stage: st.Stage, Throttles: map[string]gateway.Throttle{}}
		for path, t := range st.Throttle {
			if limit := t.compile(); limit != nil {
				stage.Throttles[canonicalSettingKey(path)] = *limit
			}
		}
		out.Stages = append(out.Stages, stage)
	}
	return out
}

func (t *throttleRecord) compile() *gateway.Throttle {
	if t == nil || t.RateLimit == nil {
		return nil
	}
	burst := max(int(math.Ceil(min(*t.RateLimit, math.MaxInt32))), 1)
	if t.BurstLimit != nil {
		burst = int(*t.BurstLimit)
	}
	return &gateway.Throttle{Rate: *t.RateLimit, Burst: burst}
}

func (t *throttleRecord) toWire() *awsapigateway.ThrottleSettings {
	if t == nil {
		return nil
	}
	return &awsapigateway.ThrottleSettings{BurstLimit: t.BurstLimit, RateLimit: t.RateLimit}
}

// toWire is a plan as CreateUsagePlan and lists show it.
func (p usagePlanRecord) toWire() *awsapigateway.UsagePlan {
	out := &awsapigateway.UsagePlan{
		Id: &p.ID, Name: &p.Name, Description: optional(p.Description), ProductCode: optional(p.ProductCode),
		Throttle: p.Throttle.toWire(), ApiStages: []awsapigateway.ApiStage{}, Tags: nilIfEmptyMap(p.Tags),
	}
	for _, st := range p.Stages {
		stage := awsapigateway.ApiStage{ApiId: &st.APIID, Stage: &st.Stage}
		for path, t := range st.Throttle {
			if stage.Throttle == nil {
				stage.Throttle = map[string]awsapigateway.ThrottleSettings{}
			}
			stage.Throttle[path] = *t.toWire()
		}
		out.ApiStages = append(out.ApiStages, stage)
	}
	if q := p.Quota; q != nil {
		out.Quota = &awsapigateway.QuotaSettings{Limit: &q.Limit, Offset: &q.Offset, Period: &q.Period}
	}
	return out
}

// toWireWithTags is a plan as GetUsagePlan and UpdateUsagePlan show it: with tags even when there are none.
func (p usagePlanRecord) toWireWithTags() *awsapigateway.UsagePlan {
	out := p.toWire()
	if out.Tags == nil {
		out.Tags = map[string]string{}
	}
	return out
}
