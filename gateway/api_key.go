package gateway

import (
	"time"

	"github.com/tollbook/tollbook/accesslog"
)

var (
	errNoKey = early(403, "INVALID_API_KEY", "ForbiddenException", "Forbidden")
	errQuota = early(429, "QUOTA_EXCEEDED", "LimitExceededException", "Limit Exceeded")
)

// meterKey finds the API key and the usage plan that a method asks for, and takes the request from the plan's throttle and
// quota. Keys and plans are those of this moment, not of the deployment. A method that asks for no key meters nothing.
func (x *exchange) meterKey() *Error {
	if !x.route.apiKeyRequired {
		return nil
	}
	value := str(x.known.apiKey)
	if x.table.keyByAuthorizer {
		value = x.usageKey
	}
	x.entry.Identity.APIKey = value
	keys := x.table.keys.table.Load()
	stage := stageID{x.table.values.APIID, x.table.values.Name}
	if key := keys.byValue[value]; key != nil {
		x.entry.Identity.APIKeyID = key.id
		for i := range key.members {
			m := &key.members[i]
			if plan := keys.plans[m.plan]; key.enabled && plan != nil && plan.stages[stage] != nil {
				return x.meterPlan(m, plan, plan.stages[stage])
			}
		}
	}
	x.logNoKey(keys, stage)
	return errNoKey
}

// meterPlan takes the request from the key's share of a plan. A request that is throttled does not count for the quota.
func (x *exchange) meterPlan(m *member, plan *usagePlan, stage *planStage) *Error {
	l, b := m.limit(plan, stage, x.route.key)
	if l != nil && !b.take(x.now(), l) {
		x.logKeyThrottled(l)
		return errThrottled
	}
	if !m.meter.count(dayOf(x.start), plan.quota, m.more) {
		x.logQuota(plan.quota)
		return errQuota
	}
	x.logKey(plan)
	return nil
}

// dayOf counts the days since 1970, in UTC.
func dayOf(t time.Time) int32 { return int32(t.Unix() / secondsPerDay) }

const secondsPerDay = 24 * 60 * 60

// The lines of the execution log. Those of methods that ask for no key are among the lines of every request.

func (x *exchange) logVerify() (key string) {
	key = accesslog.Mask(x.entry.Identity.APIKey)
	x.exec.Info("Verifying Usage Plan for request: %s. API Key: %s API Stage: %s/%s",
		x.entry.RequestID, key, x.table.values.APIID, x.table.values.Name)
	return key
}

func (x *exchange) logKey(plan *usagePlan) {
	if x.exec == nil {
		return
	}
	key, api, stage := x.logVerify(), x.table.values.APIID, x.table.values.Name
	x.exec.Info("API Key %s authorized because method '%s %s' requires API Key and API Key is associated with Usage Plan %s "+
		"for API Stage %s/%s", key, x.method, x.route.resourcePath, plan.id, api, stage)
	x.exec.Info("Usage Plan check succeeded for API Key %s and API Stage %s/%s", key, api, stage)
}

func (x *exchange) logNoKey(keys *keyTable, stage stageID) {
	if x.exec == nil {
		return
	}
	why := "No Usage Plan found for key and API Stage"
	if !keys.planned(stage) {
		why = "API Stage is not in a Usage Plan"
	}
	key := x.logVerify()
	x.exec.Error("API Key %s not authorized because method '%s %s' requires API Key and API Key is not associated with a Usage "+
		"Plan for API Stage %s/%s: %s", key, x.method, x.route.resourcePath, stage.api, stage.name, why)
}

func (x *exchange) logKeyThrottled(l *limit) {
	if x.exec != nil {
		x.logVerify()
		x.exec.Error("Key throttle limit exceeded for RestApi %s, Stage %s, Resource %s, HttpMethod %s. Limit: %.2f Burst: %d",
			x.table.values.APIID, x.table.values.Name, x.route.resourceID, x.method, l.throttle.Rate, l.throttle.Burst)
	}
}

func (x *exchange) logQuota(q *Quota) {
	if x.exec != nil {
		x.logVerify()
		x.exec.Error("Key quota limit exceeded for RestApi %s, Stage %s, Resource %s, HttpMethod %s. Limit: %d Period: %s",
			x.table.values.APIID, x.table.values.Name, x.route.resourceID, x.method, q.Limit, q.Period)
	}
}
