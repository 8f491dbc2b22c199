package apigateway_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tollbook/tollbook/apigateway"
	ag "github.com/tollbook/tollbook/awsapi/awsapigateway"
	"github.com/tollbook/tollbook/gateway"
)

// fakeKeys is a data plane of keys that keeps what it is told.
type fakeKeys struct {
	keys  map[string]gateway.APIKey
	plans map[string]gateway.UsagePlan
	used  []gateway.KeyUsage
}

var _ apigateway.KeySink = (*fakeKeys)(nil)

func (k *fakeKeys) UpdateKeys(c gateway.KeyChange) {
	if c.AccountID != account || c.Region != region {
		panic("keys of " + c.AccountID + "/" + c.Region)
	}
	for _, p := range c.Plans {
		k.plans[p.ID] = p
	}
	for _, id := range c.RemovedPlans {
		delete(k.plans, id)
	}
	for _, key := range c.Keys {
		k.keys[key.ID] = key
	}
	for _, id := range c.RemovedKeys {
		delete(k.keys, id)
	}
}

func (k *fakeKeys) DrainUsage() []gateway.KeyUsage {
	used := k.used
	k.used = nil
	return used
}

func (k *fakeKeys) ReturnUsage(used []gateway.KeyUsage) { k.used = append(k.used, used...) }

// keyFixture is a fixture with a data plane of keys.
func keyFixture(t *testing.T) (*fixture, *fakeKeys) {
	f := newFixture(t)
	keys := &fakeKeys{keys: map[string]gateway.APIKey{}, plans: map[string]gateway.UsagePlan{}}
	f.withKeys(keys)
	return f, keys
}

// withKeys makes the service anew, as a restart does.
func (f *fixture) withKeys(keys *fakeKeys) {
	f.Service = apigateway.New(apigateway.Options{
		DB: f.db, Roles: f.roles, LogGroups: f.groups, Stages: f.sink, Keys: keys,
		Now: func() time.Time { *f.clock = f.clock.Add(time.Millisecond); return *f.clock },
	})
}

func (f *fixture) key(t *testing.T, name string) (id string) {
	t.Helper()
	return *must[*ag.ApiKey](t)(f.CreateApiKey(f.ctx, &ag.CreateApiKeyRequest{Name: &name, Enabled: new(true)})).Id
}

// plan makes a plan of stages "api:stage".
func (f *fixture) plan(t *testing.T, quota *ag.QuotaSettings, stages ...string) (id string) {
	t.Helper()
	in := &ag.CreateUsagePlanRequest{Name: "plan", Quota: quota}
	for _, s := range stages {
		api, stage, _ := strings.Cut(s, ":")
		in.ApiStages = append(in.ApiStages, ag.ApiStage{ApiId: &api, Stage: &stage})
	}
	return *must[*ag.UsagePlan](t)(f.CreateUsagePlan(f.ctx, in)).Id
}

func (f *fixture) join(plan, key string) (*ag.UsagePlanKey, error) {
	return f.CreateUsagePlanKey(f.ctx, &ag.CreateUsagePlanKeyRequest{UsagePlanId: plan, KeyId: key, KeyType: "API_KEY"})
}

func (f *fixture) updatePlan(id string, ops ...ag.PatchOperation) (*ag.UsagePlan, error) {
	return f.UpdateUsagePlan(f.ctx, &ag.UpdateUsagePlanRequest{UsagePlanId: id, PatchOperations: ops})
}

const keyValue = "0123456789abcdefghij0123456789"

func TestApiKeys(t *testing.T) {
	t.Parallel()
	f, keys := keyFixture(t)
	create := func(in ag.CreateApiKeyRequest) (*ag.ApiKey, error) { return f.CreateApiKey(f.ctx, &in) }
	made := must[*ag.ApiKey](t)(create(ag.CreateApiKeyRequest{}))
	same(t, len(*made.Value), 40)
	same(t, len(*made.Id), 10)
	same(t, *made.Enabled, false)
	same(t, made.StageKeys, []string{})
	same(t, keys.keys[*made.Id], gateway.APIKey{ID: *made.Id, Value: *made.Value})

	k := must[*ag.ApiKey](t)(create(ag.CreateApiKeyRequest{Name: new("mobile"), Value: new(keyValue), CustomerId: new("c1"), Enabled: new(true)}))
	for _, c := range []struct {
		in            ag.CreateApiKeyRequest
		code, message string
	}{
		{ag.CreateApiKeyRequest{Value: new(keyValue)}, conflict, "API Key already exists"},
		{ag.CreateApiKeyRequest{Value: new("short")}, badRequest, "API Key value should be at least 20 characters"},
		{ag.CreateApiKeyRequest{Value: new(strings.Repeat("x", 129))}, badRequest, "API Key value exceeds maximum size of 128 characters"},
		{ag.CreateApiKeyRequest{Name: new(strings.Repeat("x", 1025))}, badRequest, "Invalid API Key name, can be at most 1024 characters."},
		{ag.CreateApiKeyRequest{Description: new(strings.Repeat("x", 125_001))}, badRequest, "Invalid API Key description specified."},
		{ag.CreateApiKeyRequest{Value: new(strings.Repeat("x", 20) + "\n")}, badRequest, "API Key value can have printable ASCII characters only"},
	} {
		_, err := create(c.in)
		wantError(t, err, c.code, c.message)
	}
	got := must[*ag.ApiKey](t)(f.GetApiKey(f.ctx, &ag.GetApiKeyRequest{ApiKey: *k.Id}))
	same(t, got.Value == nil && got.Tags != nil, true)
	got = must[*ag.ApiKey](t)(f.GetApiKey(f.ctx, &ag.GetApiKeyRequest{ApiKey: *k.Id, IncludeValue: new(true)}))
	same(t, *got.Value, keyValue)

	update := func(ops ...ag.PatchOperation) (*ag.ApiKey, error) {
		return f.UpdateApiKey(f.ctx, &ag.UpdateApiKeyRequest{ApiKey: *k.Id, PatchOperations: ops})
	}
	got = must[*ag.ApiKey](t)(update(patch("replace", "/name", ""), patch("replace", "/enabled", "false"), patch("replace", "/customerId", "c2")))
	same(t, *got.Name+*got.CustomerId, "c2")
	same(t, keys.keys[*k.Id].Enabled, false)
	_, err := update(patch("replace", "/id", "x"))
	wantError(t, err, badRequest, "Invalid patch path  '/id' specified for op 'replace'. Must be one of: [/description, /enabled, /name, /customerId]")

	if err := f.DeleteApiKey(f.ctx, &ag.DeleteApiKeyRequest{ApiKey: *k.Id}); err != nil {
		t.Fatal(err)
	}
	wantError(t, f.DeleteApiKey(f.ctx, &ag.DeleteApiKeyRequest{ApiKey: *k.Id}), notFound, "Invalid API Key identifier specified")
	same(t, len(keys.keys), 1)
	must[*ag.ApiKey](t)(create(ag.CreateApiKeyRequest{Value: new(keyValue)})) // the value is free again
}

func TestListApiKeys(t *testing.T) {
	t.Parallel()
	f, _ := keyFixture(t)
	for i := range 5 {
		f.key(t, fmt.Sprintf("key-%d", i))
	}
	f.key(t, "other-key-1")
	var names []string
	in := &ag.GetApiKeysRequest{NameQuery: new("key-"), Limit: new(int32(2))}
	for {
		out := must[*ag.ApiKeys](t)(f.GetApiKeys(f.ctx, in))
		for _, k := range out.Items {
			names = append(names, *k.Name)
		}
		if in.Position = out.Position; in.Position == nil {
			break
		}
	}
	same(t, names, []string{"key-4", "key-3", "key-2", "key-1", "key-0"})
	out := must[*ag.ApiKeys](t)(f.GetApiKeys(f.ctx, &ag.GetApiKeysRequest{IncludeValues: new(true), CustomerId: new("nobody")}))
	same(t, len(out.Items), 0)
}

func TestImportApiKeys(t *testing.T) {
	t.Parallel()
	f, keys := keyFixture(t)
	api, _, _ := f.deployed(t)
	plan := f.plan(t, nil, api+":prod")
	file := func(lines ...string) *ag.ImportApiKeysRequest {
		return &ag.ImportApiKeysRequest{Format: "csv", Body: []byte(strings.Join(lines, "\n"))}
	}
	long := func(c string) string { return strings.Repeat(c, 30) }
	out := must[*ag.ApiKeyIds](t)(f.ImportApiKeys(f.ctx, file("Key,name,Unknown,ENABLED,UsagePlanIds",
		long("a")+",first,x,,"+plan, long("b")+`,"second, really",x,FALSE,"`+plan+`, nowhere"`, "short,third")))
	same(t, len(out.Ids), 2)
	same(t, out.Warnings, []string{"line 4: API Key value should be at least 30 characters", "line 3: Invalid Usage Plan ID specified"})
	same(t, keys.keys[out.Ids[0]].Enabled, true)
	same(t, keys.keys[out.Ids[1]].Enabled, false)
	same(t, keys.keys[out.Ids[0]].Plans[0].PlanID, plan)

	again := must[*ag.ApiKeyIds](t)(f.ImportApiKeys(f.ctx, file("name,key", "renamed,"+long("a"))))
	same(t, again.Ids, out.Ids[:1])
	same(t, *must[*ag.ApiKey](t)(f.GetApiKey(f.ctx, &ag.GetApiKeyRequest{ApiKey: out.Ids[0]})).Name, "renamed")
	same(t, keys.keys[out.Ids[0]].Plans[0].PlanID, plan) // stays

	_, err := f.ImportApiKeys(f.ctx, file("name,value", "x,y"))
	wantError(t, err, badRequest, "Invalid API key file: the column Key is missing")
	strict := file("name,key", "new,"+long("c"), "bad,short")
	strict.FailOnWarnings = new(true)
	_, err = f.ImportApiKeys(f.ctx, strict)
	wantError(t, err, badRequest, "Failed to import API keys: line 3: API Key value should be at least 30 characters")
	same(t, len(must[*ag.ApiKeys](t)(f.GetApiKeys(f.ctx, &ag.GetApiKeysRequest{})).Items), 2)
	_, err = f.ImportApiKeys(f.ctx, file(`name,key`, `"open`))
	same(t, err != nil, true)
}

func TestUsagePlans(t *testing.T) {
	t.Parallel()
	f, keys := keyFixture(t)
	api, _, _ := f.deployed(t)
	plan := must[*ag.UsagePlan](t)(f.CreateUsagePlan(f.ctx, &ag.CreateUsagePlanRequest{
		Name: "gold", Throttle: &ag.ThrottleSettings{BurstLimit: new(int32(5)), RateLimit: new(2.5)},
		Quota: &ag.QuotaSettings{Limit: new(int32(100)), Period: new("DAY")},
		ApiStages: []ag.ApiStage{{ApiId: &api, Stage: new("prod"),
			Throttle: map[string]ag.ThrottleSettings{"/pets/GET": {BurstLimit: new(int32(1)), RateLimit: new(0.5)}}}},
	}))
	same(t, plan.Tags == nil && len(*plan.Id) == 6, true)
	today := int32(f.clock.Unix() / 86400)
	same(t, keys.plans[*plan.Id], gateway.UsagePlan{
		ID: *plan.Id, Throttle: &gateway.Throttle{Rate: 2.5, Burst: 5}, Quota: &gateway.Quota{Limit: 100, Period: "DAY", OffsetDay: today},
		Stages: []gateway.PlanStage{{APIID: api, Stage: "prod", Throttles: map[string]gateway.Throttle{"pets/GET": {Rate: 0.5, Burst: 1}}}},
	})
	_, err := f.GetUsagePlan(f.ctx, &ag.GetUsagePlanRequest{UsagePlanId: "nowhere"})
	wantError(t, err, notFound, "Invalid Usage Plan ID specified")
	_, err = f.CreateUsagePlan(f.ctx, &ag.CreateUsagePlanRequest{Name: "x", Quota: &ag.QuotaSettings{Limit: new(int32(1)), Period: new("WEEK"), Offset: new(int32(7))}})
	wantError(t, err, badRequest, "Usage Plan quota offset must be between 0 and 6 in the WEEK period")

	stage := "/apiStages/" + api + ":prod"
	got := must[*ag.UsagePlan](t)(f.updatePlan(*plan.Id,
		patch("replace", "/name", "silver"), patch("replace", "/description", "d"), patch("add", "/productCode", "p"),
		patch("replace", "/throttle/rateLimit", "10.5"), patch("replace", "/quota/period", "MONTH"), patch("replace", "/quota/limit", "7"),
		patch("remove", stage+"/throttle//pets/GET"), patch("replace", stage+"/throttle/~1dogs~1{id}/POST/rateLimit", "3"),
		patch("add", stage+"/throttle//dogs/{id}/POST/burstLimit", "4")))
	same(t, got, &ag.UsagePlan{
		Id: plan.Id, Name: new("silver"), Description: new("d"), ProductCode: new("p"), Tags: map[string]string{},
		Throttle: &ag.ThrottleSettings{BurstLimit: new(int32(5)), RateLimit: new(10.5)},
		Quota:    &ag.QuotaSettings{Limit: new(int32(7)), Period: new("MONTH"), Offset: new(int32(0))},
		ApiStages: []ag.ApiStage{{ApiId: &api, Stage: new("prod"),
			Throttle: map[string]ag.ThrottleSettings{"/dogs/{id}/POST": {BurstLimit: new(int32(4)), RateLimit: new(3.0)}}}},
	})
	same(t, keys.plans[*plan.Id].Stages[0].Throttles, map[string]gateway.Throttle{"dogs/{id}/POST": {Rate: 3, Burst: 4}})
	got = must[*ag.UsagePlan](t)(f.updatePlan(*plan.Id, patch("replace", stage+"/throttle", `{"/GET":{"rateLimit":1,"burstLimit":2}}`),
		patch("remove", "/quota"), patch("remove", "/throttle"), patch("remove", "/productCode")))
	same(t, got.Quota == nil && got.Throttle == nil && got.ProductCode == nil && len(got.ApiStages[0].Throttle) == 1, true)

	for _, c := range []struct {
		op            ag.PatchOperation
		code, message string
	}{
		{patch("add", "/apiStages"), badRequest, "Invalid API Stage specified"},
		{patch("add", "/apiStages", "x"), badRequest, "Invalid API Stage specified"},
		{patch("add", "/apiStages", api+":none"), notFound, "Invalid API Stage {api: " + api + ", stage: none} specified for usageplan " + *plan.Id},
		{patch("remove", stage), badRequest, "Invalid patch path  '" + stage + "' specified for op 'remove'. Must be one of: [/apiStages, /quota, " +
			"/throttle, /productCode, /apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>, /apiStages/<apidId:stageName>/throttle]"},
		{patch("replace", "/quota/limit", "x"), badRequest, "Invalid value for quota limit: x"},
		{patch("replace", "/throttle/rateLimit", "NaN"), badRequest, "Usage Plan throttle rate limit must not be negative"},
	} {
		_, err := f.updatePlan(*plan.Id, c.op)
		wantError(t, err, c.code, c.message)
	}
	del := func() error { return f.DeleteUsagePlan(f.ctx, &ag.DeleteUsagePlanRequest{UsagePlanId: *plan.Id}) }
	wantError(t, del(), badRequest, "Cannot delete Usage Plan "+*plan.Id+" because there are API Stages associated with it, including "+api+":prod")
	must[*ag.UsagePlan](t)(f.updatePlan(*plan.Id, patch("remove", "/apiStages", api+":prod")))
	key := f.key(t, "k")
	must[*ag.UsagePlanKey](t)(f.join(*plan.Id, key))
	if err := del(); err != nil {
		t.Fatal(err)
	}
	same(t, len(keys.plans), 0)
	same(t, len(keys.keys[key].Plans), 0)
}

func TestUsagePlanKeys(t *testing.T) {
	t.Parallel()
	f, keys := keyFixture(t)
	api, _, _ := f.deployed(t)
	f.deploy(t, api, "test")
	one, two, three := f.plan(t, nil, api+":prod"), f.plan(t, nil, api+":prod"), f.plan(t, nil, api+":test")
	key := f.key(t, "a")
	got := must[*ag.UsagePlanKey](t)(f.join(one, key))
	same(t, got, &ag.UsagePlanKey{Id: &key, Type: new("API_KEY"), Name: new("a"), Value: got.Value})
	_, err := f.join(one, key)
	wantError(t, err, conflict, "API Key "+key+" is already in Usage Plan "+one)
	_, err = f.join(two, key)
	wantError(t, err, conflict, "API Key "+key+" already has access to API Stage "+api+":prod through Usage Plan "+one)
	must[*ag.UsagePlanKey](t)(f.join(three, key))
	_, err = f.updatePlan(three, patch("add", "/apiStages", api+":prod"))
	wantError(t, err, conflict, "API Key "+key+" already has access to API Stage "+api+":prod through Usage Plan "+one)
	_, err = f.join("nowhere", key)
	wantError(t, err, notFound, "Invalid Usage Plan ID specified")
	_, err = f.join(one, "nowhere")
	wantError(t, err, notFound, "Invalid API Key identifier specified")
	same(t, len(keys.keys[key].Plans), 2)

	must[*ag.UsagePlanKey](t)(f.join(one, f.key(t, "b")))
	list := must[*ag.UsagePlanKeys](t)(f.GetUsagePlanKeys(f.ctx, &ag.GetUsagePlanKeysRequest{UsagePlanId: one}))
	same(t, len(list.Items) == 2 && *list.Items[0].Name == "b", true)
	list = must[*ag.UsagePlanKeys](t)(f.GetUsagePlanKeys(f.ctx, &ag.GetUsagePlanKeysRequest{UsagePlanId: "nowhere"}))
	same(t, len(list.Items), 0)
	plans := must[*ag.UsagePlans](t)(f.GetUsagePlans(f.ctx, &ag.GetUsagePlansRequest{KeyId: &key}))
	same(t, len(plans.Items), 2)

	if err := f.DeleteUsagePlanKey(f.ctx, &ag.DeleteUsagePlanKeyRequest{UsagePlanId: one, KeyId: key}); err != nil {
		t.Fatal(err)
	}
	_, err = f.GetUsagePlanKey(f.ctx, &ag.GetUsagePlanKeyRequest{UsagePlanId: one, KeyId: key})
	wantError(t, err, notFound, "Invalid API Key identifier specified")
	same(t, len(keys.keys[key].Plans), 1)
	if err := f.DeleteRestApi(f.ctx, &ag.DeleteRestApiRequest{RestApiId: api}); err != nil {
		t.Fatal(err)
	}
	same(t, len(keys.plans[three].Stages), 0)
}

func TestUsage(t *testing.T) {
	t.Parallel()
	f, keys := keyFixture(t) // on 4 March 2026, a Wednesday
	api, _, _ := f.deployed(t)
	plan := f.plan(t, &ag.QuotaSettings{Limit: new(int32(100)), Period: new("WEEK"), Offset: new(int32(5))}, api+":prod")
	key := f.key(t, "k")
	must[*ag.UsagePlanKey](t)(f.join(plan, key))
	today := int32(f.clock.Unix() / 86400)
	use := func(day int32, n int64) {
		keys.used = append(keys.used, gateway.KeyUsage{AccountID: account, Region: region, PlanID: plan, KeyID: key, Day: day, Requests: n})
	}
	usage := func(from, to string) [][]int64 {
		t.Helper()
		return must[*ag.Usage](t)(f.GetUsage(f.ctx, &ag.GetUsageRequest{UsagePlanId: plan, StartDate: from, EndDate: to})).Items[key]
	}
	use(today-1, 10)
	use(today, 20)
	use(today, 3)
	same(t, usage("2026-03-01", "2026-03-05"), [][]int64{{0, 100}, {0, 95}, {10, 85}, {23, 62}, {0, 62}})
	same(t, usage("2026-03-08", "2026-03-09"), [][]int64{{0, 62}, {0, 100}})

	out := must[*ag.Usage](t)(f.UpdateUsage(f.ctx, &ag.UpdateUsageRequest{UsagePlanId: plan, KeyId: key,
		PatchOperations: patches(patch("replace", "/remaining", "500"))}))
	same(t, out.Items, map[string][][]int64{key: {{23, 500}}})
	same(t, keys.keys[key].Plans, []gateway.PlanMember{{PlanID: plan, Used: 33, Day: today, Granted: 438, GrantedDay: today}})
	_, err := f.UpdateUsage(f.ctx, &ag.UpdateUsageRequest{UsagePlanId: plan, KeyId: key, PatchOperations: patches(patch("replace", "/used", "1"))})
	wantError(t, err, badRequest, "Invalid patch path  '/used' specified for op 'replace'. Must be one of: [/remaining]")
	_, err = f.GetUsage(f.ctx, &ag.GetUsageRequest{UsagePlanId: plan, StartDate: "2026-03-02", EndDate: "2026-03-01"})
	wantError(t, err, badRequest, "Invalid date range specified: 2026-03-02 to 2026-03-01")

	// After a restart the data plane learns what was used.
	use(today, 1)
	if err := f.CollectUsage(f.ctx); err != nil {
		t.Fatal(err)
	}
	again := &fakeKeys{keys: map[string]gateway.APIKey{}, plans: map[string]gateway.UsagePlan{}}
	f.withKeys(again)
	if err := f.Publish(f.ctx); err != nil {
		t.Fatal(err)
	}
	same(t, again.keys[key].Plans[0].Used, int64(34))
	same(t, again.plans[plan].Quota, &gateway.Quota{Limit: 100, Period: "WEEK", Offset: 5, OffsetDay: today})
}

// What could not be kept is kept later.
func TestUsageIsNotLost(t *testing.T) {
	t.Parallel()
	f, keys := keyFixture(t)
	plan, key := f.plan(t, nil), f.key(t, "k")
	must[*ag.UsagePlanKey](t)(f.join(plan, key))
	keys.used = []gateway.KeyUsage{{AccountID: account, Region: region, PlanID: plan, KeyID: key, Day: 20516, Requests: 4}}
	cancelled, cancel := context.WithCancel(f.ctx)
	cancel()
	if err := f.CollectUsage(cancelled); err == nil {
		t.Fatal("kept in a context that is over")
	}
	same(t, len(keys.used), 1)
	if err := errors.Join(f.CollectUsage(f.ctx), f.CollectUsage(f.ctx)); err != nil {
		t.Fatal(err)
	}
	out := must[*ag.Usage](t)(f.GetUsage(f.ctx, &ag.GetUsageRequest{UsagePlanId: plan, StartDate: "2026-03-04", EndDate: "2026-03-04"}))
	same(t, out.Items, map[string][][]int64{key: {{4, 0}}})
}

func TestPlansLoseDeletedStages(t *testing.T) {
	t.Parallel()
	f, keys := keyFixture(t)
	api, _, _ := f.deployed(t)
	f.deploy(t, api, "test")
	plan := f.plan(t, nil, api+":prod", api+":test")
	if err := f.DeleteStage(f.ctx, &ag.DeleteStageRequest{RestApiId: api, StageName: "prod"}); err != nil {
		t.Fatal(err)
	}
	same(t, keys.plans[plan].Stages, []gateway.PlanStage{{APIID: api, Stage: "test", Throttles: map[string]gateway.Throttle{}}})
	f.deploy(t, api, "prod") // a stage of the same name is another one
	got := must[*ag.UsagePlan](t)(f.GetUsagePlan(f.ctx, &ag.GetUsagePlanRequest{UsagePlanId: plan}))
	same(t, got.ApiStages, []ag.ApiStage{{ApiId: &api, Stage: new("test")}})
}
