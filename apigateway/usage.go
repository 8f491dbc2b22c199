package apigateway

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/gateway"
)

// Requests of keys are counted by the data plane, in memory. CollectUsage keeps the counts, every few seconds and before
// anything that looks at them; so a process that is killed loses those of the last seconds, and one that ends loses none.

// usageRecord is what a key used of a plan in a month. Its ID is the key's, a slash, and the month: "k3y…/2026-03".
type usageRecord struct {
	KeyID string        `json:"keyId"`
	Month string        `json:"month"`
	Days  map[int]int64 `json:"days"` // requests by day of the month
}

// maxUsageDays bounds what one GetUsage answers.
const maxUsageDays = 366

const (
	dateForm  = "2006-01-02"
	monthForm = "2006-01"
)

// today counts the days since 1970, in UTC.
func (s *Service) today() int32 { return dayOf(s.now()) }

func dayOf(t time.Time) int32        { return int32(t.Unix() / (24 * 60 * 60)) }
func dateOf(day int32) time.Time     { return time.Unix(int64(day)*24*60*60, 0).UTC() }
func usageID(keyID, m string) string { return keyID + "/" + m }

// CollectUsage keeps what keys have used since the last call. On an error nothing is lost: it is tried again.
func (s *Service) CollectUsage(ctx context.Context) error {
	s.keysMu.Lock()
	defer s.keysMu.Unlock()
	return s.collectUsage(ctx)
}

// collectUsage is CollectUsage for who holds keysMu.
func (s *Service) collectUsage(ctx context.Context) error {
	used := s.keys.DrainUsage()
	if len(used) == 0 {
		return nil
	}
	byScope := map[string][]gateway.KeyUsage{}
	for _, u := range used {
		byScope[u.AccountID+"/"+u.Region] = append(byScope[u.AccountID+"/"+u.Region], u)
	}
	var failure error
	for scope, list := range byScope {
		if err := s.write(inScope(ctx, scope), func(v view) error { return v.addUsage(list) }); err != nil {
			s.keys.ReturnUsage(list)
			failure = fmt.Errorf("keep usage of API keys: %w", err)
		}
	}
	return failure
}

func (v view) addUsage(list []gateway.KeyUsage) error {
	for _, u := range list {
		if _, ok, err := lookup(v, usagePlanKeys, u.PlanID, u.KeyID); err != nil || !ok {
			if err != nil {
				return err
			}
			continue // the key has left the plan
		}
		date := dateOf(u.Day)
		id := usageID(u.KeyID, date.Format(monthForm))
		r, ok, err := lookup(v, usages, u.PlanID, id)
		if err != nil {
			return err
		}
		if !ok {
			r = usageRecord{KeyID: u.KeyID, Month: date.Format(monthForm), Days: map[int]int64{}}
		}
		r.Days[date.Day()] += u.Requests
		if err := put(v, usages, u.PlanID, id, r); err != nil {
			return err
		}
	}
	return nil
}

// usageOf is what a key used of a plan on each day from first to last.
func (v view) usageOf(planID, keyID string, first, last int32) ([]int64, error) {
	out := make([]int64, 0, last-first+1)
	var month usageRecord
	var loaded string
	for day := first; day <= last; day++ {
		date := dateOf(day)
		if name := date.Format(monthForm); name != loaded {
			r, _, err := lookup(v, usages, planID, usageID(keyID, name))
			if err != nil {
				return nil, err
			}
			month, loaded = r, name
		}
		out = append(out, month.Days[date.Day()])
	}
	return out, nil
}

// usedInPeriod is what a key has used of a plan in the period that has the day in it.
func (v view) usedInPeriod(plan usagePlanRecord, keyID string, day int32) (sum int64, err error) {
	days, err := v.usageOf(plan.ID, keyID, gateway.PeriodStart(plan.Quota.period(), day), day)
	for _, n := range days {
		sum += n
	}
	return sum, err
}

// dropUsage forgets what a key has used of a plan.
func (v view) dropUsage(planID, keyID string) error {
	months, _, err := usages.List(v.tx, v.scope(), planID, usageID(keyID, ""), 0)
	if err != nil {
		return fmt.Errorf("list usage of plan %s: %w", planID, err)
	}
	for _, r := range months {
		if r.KeyID != keyID { // of the next key
			break
		}
		if err := usages.Delete(v.tx, v.key(planID, usageID(keyID, r.Month))); err != nil {
			return fmt.Errorf("delete usage of plan %s: %w", planID, err)
		}
	}
	return nil
}

// limitIn is what a quota allows in the period that has the day in it, with what was granted to a member of the plan.
func (q *quotaRecord) limitIn(day int32, member usagePlanKeyRecord) int64 {
	start := gateway.PeriodStart(q.Period, day)
	limit := int64(q.Limit)
	if gateway.PeriodStart(q.Period, q.Since) == start {
		limit -= int64(q.Offset)
	}
	if gateway.PeriodStart(q.Period, member.GrantedDay) == start {
		limit += member.Granted
	}
	return limit
}

// usageByDay is what clients see: for each day what was used, and what of the quota remained. Without a quota nothing
// remains.
func (v view) usageByDay(plan usagePlanRecord, member usagePlanKeyRecord, first, last int32) ([][]int64, error) {
	begin := gateway.PeriodStart(plan.Quota.period(), first)
	days, err := v.usageOf(plan.ID, member.KeyID, begin, last)
	if err != nil {
		return nil, err
	}
	out := make([][]int64, 0, last-first+1)
	var sum int64 // in the period
	for day := begin; day <= last; day++ {
		if gateway.PeriodStart(plan.Quota.period(), day) == day {
			sum = 0
		}
		used := days[day-begin]
		sum += used
		if day < first {
			continue
		}
		var remaining int64
		if plan.Quota != nil {
			remaining = max(plan.Quota.limitIn(day, member)-sum, 0)
		}
		out = append(out, []int64{used, remaining})
	}
	return out, nil
}

// GetUsage tells what the keys of a plan have used, up to this moment, by day.
func (s *Service) GetUsage(ctx context.Context, in *awsapigateway.GetUsageRequest) (*awsapigateway.Usage, error) {
	p, err := parsePage(in.Limit, in.Position)
	if err != nil {
		return nil, err
	}
	first, last, err := parseDates(in.StartDate, in.EndDate)
	if err != nil {
		return nil, err
	}
	if err := s.CollectUsage(ctx); err != nil {
		return nil, err
	}
	out := &awsapigateway.Usage{
		UsagePlanId: &in.UsagePlanId, StartDate: &in.StartDate, EndDate: &in.EndDate, Items: map[string][][]int64{},
	}
	err = s.read(ctx, func(v view) error {
		plan, err := v.usagePlan(in.UsagePlanId)
		if err != nil {
			return err
		}
		members, err := all(v, usagePlanKeys, plan.ID)
		if err != nil {
			return err
		}
		members = slices.DeleteFunc(members, func(m usagePlanKeyRecord) bool { return in.KeyId != nil && m.KeyID != *in.KeyId })
		members, out.Position = cutPage(members, p, func(m usagePlanKeyRecord) string { return m.KeyID })
		for _, m := range members {
			if out.Items[m.KeyID], err = v.usageByDay(plan, m, first, last); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func parseDates(start, end string) (first, last int32, err error) {
	from, err := time.Parse(dateForm, start)
	if err != nil {
		return 0, 0, badRequest("Invalid start date specified: %s", start)
	}
	to, err := time.Parse(dateForm, end)
	if err != nil {
		return 0, 0, badRequest("Invalid end date specified: %s", end)
	}
	first, last = dayOf(from), dayOf(to)
	if last < first || last-first >= maxUsageDays || from.Year() < 2000 {
		return 0, 0, badRequest("Invalid date range specified: %s to %s", start, end)
	}
	return first, last, nil
}

// UpdateUsage sets what remains of a key's quota in the current period. It is in force on return.
func (s *Service) UpdateUsage(ctx context.Context, in *awsapigateway.UpdateUsageRequest) (*awsapigateway.Usage, error) {
	day := s.today()
	var values [][]int64
	err := s.changeKeys(ctx, func(v view, c *changedKeys) error {
		if _, _, err := v.planKey(in.UsagePlanId, in.KeyId); err != nil {
			return err
		}
		plan, member, err := v.planMember(in.UsagePlanId, in.KeyId)
		if err != nil {
			return err
		}
		used, err := v.usedInPeriod(plan, in.KeyId, day)
		if err != nil {
			return err
		}
		if err := usagePatches(plan, used, day).apply(&member, in.PatchOperations); err != nil {
			return err
		}
		c.key(in.KeyId)
		if err := put(v, usagePlanKeys, plan.ID, in.KeyId, member); err != nil {
			return err
		}
		values, err = v.usageByDay(plan, member, day, day)
		return err
	})
	if err != nil {
		return nil, err
	}
	date := dateOf(day).Format(dateForm)
	return &awsapigateway.Usage{
		UsagePlanId: &in.UsagePlanId, StartDate: &date, EndDate: &date, Items: map[string][][]int64{in.KeyId: values},
	}, nil
}

func usagePatches(plan usagePlanRecord, used int64, day int32) patchTable[usagePlanKeyRecord] {
	return listingTable(replaceRule("/remaining", func(m *usagePlanKeyRecord, op patchOp) error {
		remaining, err := strconv.ParseInt(op.text(), 10, 32)
		if err != nil || remaining < 0 {
			return badRequest("Invalid value for remaining quota: %s", op.text())
		}
		if plan.Quota == nil {
			return badRequest("Usage Plan %s has no quota", plan.ID)
		}
		m.Granted, m.GrantedDay = 0, day
		m.Granted = remaining - (plan.Quota.limitIn(day, *m) - used)
		return nil
	}))
}
