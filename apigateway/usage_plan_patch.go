package apigateway

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
)

// planPatcher applies patch operations to a usage plan.
type planPatcher struct {
	view  view
	today int32
}

// The paths that AWS names when it refuses one, by operation; they are no patterns of ours.
var planPaths = map[string]string{
	opAdd: "/apiStages, /quota/limit, /quota/offset, /quota/period, /throttle/burstLimit, /throttle/rateLimit, /productCode, " +
		"/apiStages/<apidId:stageName>/throttle, /apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>/rateLimit, " +
		"/apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>/burstLimit",
	opReplace: "/name, /description, /quota/limit, /quota/offset, /quota/period, /throttle/burstLimit, /throttle/rateLimit, " +
		"/productCode, /apiStages/<apidId:stageName>/throttle, " +
		"/apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>/rateLimit, " +
		"/apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>/burstLimit",
	opRemove: "/apiStages, /quota, /throttle, /productCode, " +
		"/apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>, /apiStages/<apidId:stageName>/throttle",
}

func errPlanPath(op patchOp) error {
	return badRequest("Invalid patch path  '%s' specified for op '%s'. Must be one of: [%s]", op.path, op.op, planPaths[op.op])
}

func (p planPatcher) apply(plan *usagePlanRecord, ops []awsapigateway.PatchOperation) error {
	type record = usagePlanRecord
	set := []string{opAdd, opReplace}
	table := patchTable[record]{
		rules: []patchRule[record]{
			replaceText("/name", func(r *record) *string { return &r.Name }),
			replaceText("/description", func(r *record) *string { return &r.Description }),
			{"/productCode", []string{opAdd, opReplace, opRemove}, func(r *record, op patchOp) error {
				r.ProductCode = op.text() // nothing, of a remove
				return nil
			}},
			{"/throttle", []string{opRemove}, func(r *record, _ patchOp) error { r.Throttle = nil; return nil }},
			{"/throttle/*", set, func(r *record, op patchOp) error {
				if r.Throttle == nil {
					r.Throttle = &throttleRecord{}
				}
				return patchThrottle(r.Throttle, op.last(), op)
			}},
			{"/quota", []string{opRemove}, func(r *record, _ patchOp) error { r.Quota = nil; return nil }},
			{"/quota/*", set, p.patchQuota},
			{"/apiStages", []string{opAdd, opRemove}, p.patchStages},
		},
		fallback:      p.patchStageThrottle,
		unknownPath:   func(op patchOp, _ []string) error { return errPlanPath(op) },
		unsupportedOp: func(op patchOp, _ []string) error { return errPlanPath(op) },
	}
	return table.apply(plan, ops)
}

func patchThrottle(t *throttleRecord, member string, op patchOp) error {
	switch member {
	case "burstLimit":
		n, err := strconv.ParseInt(op.text(), 10, 32)
		if err != nil {
			return badRequest("Invalid value for throttling burst limit: %s", op.text())
		}
		t.BurstLimit = new(int32(n))
	case "rateLimit":
		n, err := strconv.ParseFloat(op.text(), 64)
		if err != nil {
			return badRequest("Invalid value for throttling rate limit: %s", op.text())
		}
		t.RateLimit = &n
	default:
		return errPlanPath(op)
	}
	return nil
}

func (p planPatcher) patchQuota(plan *usagePlanRecord, op patchOp) error {
	if plan.Quota == nil {
		plan.Quota = &quotaRecord{Since: p.today}
	}
	quota := *plan.Quota // others may look at the one that was
	plan.Quota = &quota
	number := func(field *int32) error {
		n, err := strconv.ParseInt(op.text(), 10, 32)
		if err != nil {
			return badRequest("Invalid value for quota %s: %s", op.last(), op.text())
		}
		*field = int32(n)
		return nil
	}
	switch op.last() {
	case "limit":
		return number(&quota.Limit)
	case "offset":
		quota.Since = p.today
		return number(&quota.Offset)
	case "period":
		quota.Period = op.text()
		return nil
	}
	return errPlanPath(op)
}

// patchStages adds or removes the stage that the value names as api:stage.
func (p planPatcher) patchStages(plan *usagePlanRecord, op patchOp) error {
	apiID, stage, ok := strings.Cut(op.text(), ":")
	if !ok || apiID == "" || stage == "" {
		return errInvalidStage()
	}
	st := planStageRecord{APIID: apiID, Stage: stage}
	at := slices.IndexFunc(plan.Stages, func(other planStageRecord) bool { return other.id() == st.id() })
	if op.op == opRemove {
		if at < 0 {
			return errPlanStage(*plan, st)
		}
		plan.Stages = slices.Delete(plan.Stages, at, at+1)
		return nil
	}
	if at >= 0 {
		return nil
	}
	if err := p.view.checkPlanStage(*plan, st); err != nil {
		return err
	}
	plan.Stages = append(plan.Stages, st)
	return nil
}

func errPlanStage(plan usagePlanRecord, st planStageRecord) error {
	return notFound("Invalid API Stage {api: %s, stage: %s} specified for usageplan %s", st.APIID, st.Stage, plan.ID)
}

// patchStageThrottle takes the paths below a stage:
//
//	/apiStages/{api}:{stage}/throttle                                 all throttles of the stage, as JSON
//	/apiStages/{api}:{stage}/throttle/{resource}/{METHOD}             one, to remove it
//	/apiStages/{api}:{stage}/throttle/{resource}/{METHOD}/rateLimit   one member
//
// A resource is written with its slashes, or with ~1 for each.
func (p planPatcher) patchStageThrottle(plan *usagePlanRecord, op patchOp) error {
	rest, ok := strings.CutPrefix(op.path, "/apiStages/")
	id, rest, found := strings.Cut(rest, "/throttle")
	if !ok || !found || rest != "" && rest[0] != '/' {
		return errPlanPath(op)
	}
	st := plan.stage(unescapePointer(id))
	if st == nil {
		apiID, stage, _ := strings.Cut(id, ":")
		return errPlanStage(*plan, planStageRecord{APIID: apiID, Stage: stage})
	}
	path := unescapePointer(strings.TrimPrefix(rest, "/"))
	switch {
	case op.op == opRemove && path == "":
		st.Throttle = nil
		return nil
	case op.op == opRemove:
		return st.removeThrottle(path)
	case op.op != opAdd && op.op != opReplace:
		return errPlanPath(op)
	case path == "":
		return st.replaceThrottles(op)
	}
	cut := strings.LastIndexByte(path, '/')
	if cut < 0 {
		return errPlanPath(op)
	}
	key := st.throttleKey(path[:cut])
	t := st.Throttle[key]
	if err := patchThrottle(&t, path[cut+1:], op); err != nil {
		return err
	}
	st.setThrottle(key, t)
	return nil
}

// throttleKey is the form in which the plan has a method's throttle already, or the one given.
func (s *planStageRecord) throttleKey(path string) string {
	for key := range s.Throttle {
		if canonicalSettingKey(key) == canonicalSettingKey(path) {
			return key
		}
	}
	return path
}

func (s *planStageRecord) removeThrottle(path string) error {
	key := s.throttleKey(path)
	if _, ok := s.Throttle[key]; !ok {
		return notFound("Invalid method throttle path specified: %s", path)
	}
	delete(s.Throttle, key)
	return nil
}

func (s *planStageRecord) replaceThrottles(op patchOp) error {
	throttles := map[string]throttleRecord{}
	if err := json.Unmarshal([]byte(op.text()), &throttles); err != nil {
		return badRequest("Invalid value for throttle: %s", op.text())
	}
	if op.op == opReplace {
		s.Throttle = nil
	}
	for path, t := range throttles {
		s.setThrottle(s.throttleKey(path), t)
	}
	return nil
}
