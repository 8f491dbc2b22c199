package logs_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/logs"
)

func TestIllegalRetention(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	err := f.PutRetentionPolicy(f.ctx, &awslogs.PutRetentionPolicyRequest{LogGroupName: "g", RetentionInDays: 42})
	expectError(t, "42 days", err, "InvalidParameterException: 1 validation error detected: Value '42' at 'retentionInDays' "+
		"failed to satisfy constraint: Member must satisfy enum value set: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, "+
		"400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]")
}

func TestRetentionHoldsForReadsAtOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	f.createStream("g", "s")
	f.put("g", "s", event(-3*day, "old"))
	f.put("g", "s", event(-day, "at the edge"), event(0, "new"))
	set := func(days int32) {
		f.must(f.PutRetentionPolicy(f.ctx, &awslogs.PutRetentionPolicyRequest{LogGroupName: "g", RetentionInDays: days}))
	}
	expect := func(want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, f.filter("g")); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(want, messages(f.getEvents("g", "s"))); diff != "" {
			t.Error(diff)
		}
	}
	set(1)
	expect("at the edge", "new")
	f.clock.Add(1)
	expect("new")
	f.must(f.DeleteRetentionPolicy(f.ctx, &awslogs.DeleteRetentionPolicyRequest{LogGroupName: "g"}))
	expect("old", "at the edge", "new")
}

func TestDeliveryClassRetentionIsFixed(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.must(f.CreateLogGroup(f.ctx, &awslogs.CreateLogGroupRequest{LogGroupName: "g", LogGroupClass: new("DELIVERY")}))
	err := f.PutRetentionPolicy(f.ctx, &awslogs.PutRetentionPolicyRequest{LogGroupName: "g", RetentionInDays: 7})
	expectError(t, "delivery", err,
		"InvalidParameterException: The retention of log groups of the DELIVERY class is fixed at 2 days.")
}

// The sweep in the background takes expired events out of the store, and those of no other group.
func TestSweepExpires(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, name := range []string{"keeps", "expires"} {
		f.createGroup(name)
		f.createStream(name, "s")
		f.put(name, "s", event(-2*day, "old"))
		f.put(name, "s", event(0, "new"))
	}
	f.must(f.PutRetentionPolicy(f.ctx, &awslogs.PutRetentionPolicyRequest{LogGroupName: "expires", RetentionInDays: 1}))
	f.must(f.Close())
	synctest.Test(t, func(t *testing.T) {
		swept := make(chan logs.GroupID)
		store := sweptStore{f.store, swept}
		s, err := logs.New(f.db, store, logs.Options{Now: func() time.Time { return time.UnixMilli(start) }, SweepEvery: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		<-swept
		if took := time.Since(begin); took != time.Minute {
			t.Errorf("the first sweep came after %v", took)
		}
		_ = s.Close()
	})
	if f.store.held() != 3 {
		t.Errorf("the store holds %d events, want 3", f.store.held())
	}
}
