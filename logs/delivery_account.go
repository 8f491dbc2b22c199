package logs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/tollbook/tollbook/state"
)

// A subscription filter policy of an account is at work in each of its log groups of the STANDARD class that the criteria
// select, now and later, as a subscription filter of the group would be. Its deliverers share one receiver.

// accountDeliveryPlaces has the places of policies: by the ID of a group, the name of the policy. A group without one
// begins where the policy did.
var accountDeliveryPlaces = state.Collection[deliveryPlace]{Kind: "logs.AccountDeliveryPlace"}

// accountSpecs adds the policies to specs, a spec for each group.
func (d *deliverySet) accountSpecs(ctx context.Context, specs map[deliveryID]deliverySpec) error {
	d.accountWide.Store(true) // before it is read which groups there are
	found := false
	var made []deliverySpec
	err := d.service.db.Read(ctx, func(tx *state.Tx) error {
		policies, err := accountPolicies.All(tx)
		if err != nil {
			return err
		}
		for i := range policies {
			p := &policies[i]
			if p.Doc.Type != subscriptionPolicy {
				continue
			}
			found = true
			own, err := p.Doc.specs(tx, p.Key.Scope)
			if err != nil {
				return err
			}
			made = append(made, own...)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read subscription filter policies: %w", err)
	}
	if !found {
		d.accountWide.Store(false)
		return nil
	}
	for _, spec := range made {
		g, err := d.service.groups.find(ctx, spec.key)
		if isMissing(err) {
			continue
		} else if err != nil {
			return err
		}
		spec.group = g
		spec.id.group = g.id
		specs[spec.id] = spec
	}
	return nil
}

// specs returns what a policy is in each group that it selects, as far as the records tell.
func (r *accountPolicyRecord) specs(tx *state.Tx, scope string) (specs []deliverySpec, err error) {
	var sub accountSubscription
	if err := decodeObject(r.Document, &sub); err != nil {
		return nil, err
	}
	url, err := deliveryURL(tx, sub.DestinationArn)
	if err != nil {
		return nil, err
	}
	groups, err := r.subscribedGroups(tx, scope)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		specs = append(specs, deliverySpec{
			id: deliveryID{filter: r.Name, account: true}, key: groupKey{g.Account, g.Region, g.Name}, url: url, since: r.Since,
			rec: subscriptionFilterRecord{
				Name: r.Name, Group: g.Name, eventFilter: eventFilter{Pattern: sub.FilterPattern},
				Destination: sub.DestinationArn, Role: sub.RoleArn, Distribution: sub.Distribution,
			},
		})
	}
	return specs, nil
}

// subscribedGroups returns the groups that a subscription filter policy selects.
func (r *accountPolicyRecord) subscribedGroups(tx *state.Tx, scope string) ([]state.LogGroup, error) {
	tests, err := r.tests()
	if err != nil {
		return nil, fmt.Errorf("read the criteria of account policy %s: %w", r.Name, err)
	}
	account, region, _ := strings.Cut(scope, "/")
	groups, _, err := tx.ListLogGroups(state.LogGroupQuery{Account: account, Region: region, Class: classStandard})
	return slices.DeleteFunc(groups, func(g state.LogGroup) bool {
		return len(tests) > 0 && slices.Contains(tests[0].Values, g.Name) // LogGroupName NOT IN
	}), err
}

// keepPlaces sets from when a policy that replaces old, which may be nil, delivers: from here on, or, with a destination by
// URL before and now, from where it is. What it did not select before begins here.
func (r *accountPolicyRecord) keepPlaces(tx *state.Tx, scope string, old *accountPolicyRecord, next uint64) error {
	r.Since = next
	if old == nil {
		return nil
	}
	before, err := old.subscriptionURL(tx)
	if err != nil || before == "" {
		return err
	}
	now, err := r.subscriptionURL(tx)
	if err != nil || now == "" {
		return err
	}
	r.Since = old.Since
	was, err := old.subscribedGroups(tx, scope)
	if err != nil {
		return err
	}
	is, err := r.subscribedGroups(tx, scope)
	selected := map[int64]bool{}
	for _, g := range was {
		selected[g.ID] = true
	}
	for _, g := range is {
		if err == nil && !selected[g.ID] {
			key := state.Key{Scope: scope, Parent: strconv.FormatInt(g.ID, 10), ID: r.Name}
			err = accountDeliveryPlaces.Put(tx, key, deliveryPlace{Since: r.Since, Next: next})
		}
	}
	return err
}

// deletePlaces removes where a policy is in each group.
func deletePlaces(tx *state.Tx, scope, policy string) error {
	all, err := accountDeliveryPlaces.All(tx)
	for _, e := range all {
		if err == nil && e.Key.Scope == scope && e.Key.ID == policy {
			err = accountDeliveryPlaces.Delete(tx, e.Key)
		}
	}
	return err
}

func (r *accountPolicyRecord) subscriptionURL(tx *state.Tx) (string, error) {
	var sub accountSubscription
	if err := decodeObject(r.Document, &sub); err != nil {
		return "", err
	}
	return deliveryURL(tx, sub.DestinationArn)
}

// loadPlace returns the place that is stored of a delivery, and where its filter began.
func (spec *deliverySpec) loadPlace(tx *state.Tx) (place deliveryPlace, found bool, err error) {
	if !spec.id.account {
		place, err = deliveryPlaces.Get(tx, spec.placeKey())
	} else {
		place, err = accountDeliveryPlaces.Get(tx, spec.placeKey())
	}
	switch {
	case err != nil && !errors.Is(err, state.ErrNotFound):
		return place, false, err
	case spec.id.account && (err != nil || place.Since != spec.since):
		return deliveryPlace{spec.since, spec.since}, true, nil
	}
	return place, err == nil, nil
}

// storePlace stores the place of a delivery whose filter began at place.Since, if that filter is still there.
func (spec *deliverySpec) storePlace(tx *state.Tx, place deliveryPlace) error {
	if !spec.id.account {
		stored, err := deliveryPlaces.Get(tx, spec.placeKey())
		if errors.Is(err, state.ErrNotFound) || err == nil && stored.Since != place.Since {
			return nil
		} else if err != nil {
			return err
		}
		return deliveryPlaces.Put(tx, spec.placeKey(), place)
	}
	scope := spec.group.place().scope
	policy, err := accountPolicies.Get(tx, state.Key{Scope: scope, Parent: subscriptionPolicy, ID: spec.rec.Name})
	if err == nil && policy.Since == place.Since {
		_, err = tx.LogGroupByID(spec.group.rec.ID)
	} else if err == nil {
		return nil
	}
	if err != nil {
		return orAbsent(err)
	}
	return accountDeliveryPlaces.Put(tx, spec.placeKey(), place)
}

func (spec *deliverySpec) placeKey() state.Key { return spec.group.place().key(spec.rec.Name) }

// sharedReceivers are receivers that several deliverers use, by their URLs.
type sharedReceivers struct {
	mu    sync.Mutex
	byURL map[string]*sharedReceiver
}

// sharedReceiver sends for one deliverer at a time.
type sharedReceiver struct {
	Receiver
	of      *sharedReceivers
	url     string
	sending chan struct{} // holds a place for who sends
	users   int           // guarded by of.mu
	warning deliveryWarning
}

// use returns the receiver for a URL, which dial makes if there is none. Each user closes it.
func (s *sharedReceivers) use(url string, dial func(url string) (Receiver, error)) (*sharedReceiver, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.byURL[url]
	if r == nil {
		receiver, err := dial(url)
		if err != nil {
			return nil, err
		}
		r = &sharedReceiver{Receiver: receiver, of: s, url: url, sending: make(chan struct{}, 1)}
		s.byURL[url] = r
	}
	r.users++
	return r, nil
}

// Send waits for its turn.
func (r *sharedReceiver) Send(ctx context.Context, payloads []*Delivery) {
	select {
	case r.sending <- struct{}{}:
		defer func() { <-r.sending }()
		r.Receiver.Send(ctx, payloads)
	case <-ctx.Done():
		for _, d := range payloads {
			d.Err = ctx.Err()
		}
	}
}

// Close gives the connection up when nobody uses it any more.
func (r *sharedReceiver) Close() {
	r.of.mu.Lock()
	defer r.of.mu.Unlock()
	if r.users--; r.users == 0 {
		delete(r.of.byURL, r.url)
		r.Receiver.Close()
	}
}
