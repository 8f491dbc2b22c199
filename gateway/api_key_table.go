package gateway

import (
	"maps"
	"sync"
	"sync/atomic"
)

// KeyChange says what is new about the API keys and usage plans of one account and region. What is in force is a table that
// never changes and is replaced in one step, so that a request takes no lock for it:
//
//	keyTable ─ byValue ─ apiKey ─ members ─ keyMeter   what the key used of a plan; lives on from table to table
//	         └ plans ─ usagePlan ─ stages ─ planStage  what a plan allows
type KeyChange struct {
	AccountID, Region string
	// Plans and Keys replace those of the same IDs.
	Plans        []UsagePlan
	Keys         []APIKey
	RemovedPlans []string // IDs
	RemovedKeys  []string // IDs
}

// UsagePlan is what each of its keys may do.
type UsagePlan struct {
	ID       string
	Throttle *Throttle // of a key over all stages of the plan; nil: none
	Quota    *Quota    // nil: none
	Stages   []PlanStage
}

// PlanStage is a stage that the keys of a plan open.
type PlanStage struct {
	APIID, Stage string
	// Throttles hold, in place of the plan's, for single methods: by the resource's path without the slash in front, a
	// slash, and the method, such as "pets/{id}/GET", or "/GET" for the root; "*/*" stands for all others.
	Throttles map[string]Throttle
}

// Quota is how many requests a key may make in a period.
type Quota struct {
	Limit  int64
	Period string // DAY, WEEK or MONTH
	// Offset is subtracted from the limit in the period that has OffsetDay in it. Days count from 1970, in UTC.
	Offset    int64
	OffsetDay int32
}

// APIKey is a client's key.
type APIKey struct {
	ID, Value string
	Enabled   bool
	Plans     []PlanMember
}

// PlanMember is a key's place in a plan.
type PlanMember struct {
	PlanID string
	// Used is how many requests the key has made in the period of the plan's quota that has Day in it. It counts for a
	// member that is new, or when the plan's period has become another; otherwise the gateway knows better.
	Used int64
	Day  int32
	// Granted is how many more requests than the plan's limit the key may make in the period that has GrantedDay in it.
	Granted    int64
	GrantedDay int32
}

// keyTable is the keys and plans of one account and region at one moment.
type keyTable struct {
	byID, byValue map[string]*apiKey
	plans         map[string]*usagePlan
}

type apiKey struct {
	id, value string
	enabled   bool
	members   []member
}

type member struct {
	plan  string
	meter *keyMeter
	more  extension
}

// extension is how much more of a quota there is in one period.
type extension struct {
	requests int64
	day      int32
}

type usagePlan struct {
	id     string
	limit  *limit
	quota  *Quota
	stages map[stageID]*planStage
}

type stageID struct{ api, name string }

type planStage struct {
	id     stageID
	limits map[string]*limit
}

// limit finds what holds for a key at a method, and the bucket for it; nil without a limit.
func (m *member) limit(plan *usagePlan, stage *planStage, key string) (*limit, *bucket) {
	if len(stage.limits) > 0 {
		if l, ok := stage.limits[key]; ok {
			return l, m.meter.bucketOf(bucketID{stage.id, key})
		}
		if l, ok := stage.limits[allMethods]; ok {
			return l, m.meter.bucketOf(bucketID{stage.id, allMethods})
		}
	}
	return plan.limit, &m.meter.bucket
}

const allMethods = "*/*"

// planned reports whether any plan has the stage.
func (t *keyTable) planned(stage stageID) bool {
	for _, p := range t.plans {
		if p.stages[stage] != nil {
			return true
		}
	}
	return false
}

// keyScope is the keys of one account and region.
type keyScope struct {
	account, region string
	table           atomic.Pointer[keyTable]

	mu     sync.Mutex
	meters map[meterID]*keyMeter
}

type meterID struct{ plan, key string }

// keysOf finds a scope, or begins it. The caller holds g.mu.
func (g *Gateway) keysOf(account, region string) *keyScope {
	name := account + "/" + region
	s := g.keys[name]
	if s == nil {
		s = &keyScope{account: account, region: region, meters: map[meterID]*keyMeter{}}
		s.table.Store(&keyTable{})
		g.keys[name] = s
	}
	return s
}

// UpdateKeys puts a change of keys and plans in force, from the next request on. A change that names a key twice, or the
// value of another key, leaves the later one in place.
func (g *Gateway) UpdateKeys(c KeyChange) {
	g.mu.Lock()
	s := g.keysOf(c.AccountID, c.Region)
	g.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.table.Load()
	next := &keyTable{byID: cloned(old.byID), byValue: cloned(old.byValue), plans: cloned(old.plans)}
	for _, id := range c.RemovedPlans {
		delete(next.plans, id)
	}
	for _, p := range c.Plans {
		next.plans[p.ID] = compilePlan(p)
	}
	for _, id := range c.RemovedKeys {
		next.remove(id)
	}
	for _, k := range c.Keys {
		next.remove(k.ID)
		compiled := s.compileKey(k, next)
		next.byID[k.ID], next.byValue[k.Value] = compiled, compiled
	}
	s.table.Store(next)
	s.forget(next)
}

func cloned[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return maps.Clone(m)
}

func (t *keyTable) remove(id string) {
	key := t.byID[id]
	if key == nil {
		return
	}
	delete(t.byID, id)
	if t.byValue[key.value] == key {
		delete(t.byValue, key.value)
	}
}

func compilePlan(p UsagePlan) *usagePlan {
	plan := &usagePlan{id: p.ID, limit: compileLimit(p.Throttle), quota: p.Quota, stages: map[stageID]*planStage{}}
	for _, s := range p.Stages {
		stage := &planStage{id: stageID{s.APIID, s.Stage}, limits: map[string]*limit{}}
		for key, t := range s.Throttles {
			stage.limits[key] = compileLimit(&t)
		}
		plan.stages[stage.id] = stage
	}
	return plan
}

// compileKey gives a key the meters that it had, or new ones.
func (s *keyScope) compileKey(k APIKey, t *keyTable) *apiKey {
	key := &apiKey{id: k.ID, value: k.Value, enabled: k.Enabled}
	for _, m := range k.Plans {
		period := ""
		if plan := t.plans[m.PlanID]; plan != nil && plan.quota != nil {
			period = plan.quota.Period
		}
		id := meterID{m.PlanID, k.ID}
		meter := s.meters[id]
		if meter == nil {
			meter = &keyMeter{id: id}
			s.meters[id] = meter
			meter.begin(period, m.Day, m.Used)
		} else if meter.period() != period {
			meter.begin(period, m.Day, m.Used)
		}
		key.members = append(key.members, member{m.PlanID, meter, extension{m.Granted, m.GrantedDay}})
	}
	return key
}

// forget drops the meters of members that are gone.
func (s *keyScope) forget(t *keyTable) {
	for id := range s.meters {
		if t.plans[id.plan] == nil || !t.byID[id.key].isIn(id.plan) {
			delete(s.meters, id)
		}
	}
}

func (k *apiKey) isIn(plan string) bool {
	if k == nil {
		return false
	}
	for _, m := range k.members {
		if m.plan == plan {
			return true
		}
	}
	return false
}
