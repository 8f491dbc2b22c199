package logs

import (
	"context"
	"strconv"
	"strings"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/state"
)

// What an account keeps in a region beside its log groups and streams. What belongs to a log group has the group's ID as
// its parent, so it is never found by a later group of the same name; it is deleted with the group.
//
//	logs.MetricFilter          group ID     filter name
//	logs.SubscriptionFilter    group ID     filter name
//	logs.DeliveryPlace         group ID     filter name
//	logs.AccountDeliveryPlace  group ID     policy name
//	logs.IndexPolicy           group ID     "policy"
//	logs.GroupResourcePolicy   group ID     "policy"
//	logs.ResourcePolicy        ""           policy name
//	logs.AccountPolicy         policy type  policy name
//	logs.Destination           ""           destination name
//	logs.QueryDefinition       ""           query definition ID
//	logs.LookupTable           ""           lookup table name
//	logs.LookupTableBody       ""           lookup table name
//	logs.QueryResultKey        ""           "key"
//	logs.DeliverySource        ""           delivery source name
//	logs.DeliveryDestination   ""           delivery destination name
//	logs.LogDelivery           ""           delivery ID
var (
	metricFilters         = state.Collection[metricFilterRecord]{Kind: "logs.MetricFilter"}
	subscriptionFilters   = state.Collection[subscriptionFilterRecord]{Kind: "logs.SubscriptionFilter"}
	indexPolicies         = state.Collection[indexPolicyRecord]{Kind: "logs.IndexPolicy"}
	groupResourcePolicies = state.Collection[resourcePolicyRecord]{Kind: "logs.GroupResourcePolicy"}
	resourcePolicies      = state.Collection[resourcePolicyRecord]{Kind: "logs.ResourcePolicy"}
	accountPolicies       = state.Collection[accountPolicyRecord]{Kind: "logs.AccountPolicy"}
	destinations          = state.Collection[destinationRecord]{Kind: "logs.Destination"}
	queryDefinitions      = state.Collection[queryDefinitionRecord]{Kind: "logs.QueryDefinition"}
	lookupTables          = state.Collection[lookupTableRecord]{Kind: "logs.LookupTable"}
	lookupTableBodies     = state.Collection[string]{Kind: "logs.LookupTableBody"}
	queryResultKeys       = state.Collection[string]{Kind: "logs.QueryResultKey"}
	deliverySources       = state.Collection[deliverySourceRecord]{Kind: "logs.DeliverySource"}
	deliveryDestinations  = state.Collection[deliveryDestinationRecord]{Kind: "logs.DeliveryDestination"}
	logDeliveries         = state.Collection[logDeliveryRecord]{Kind: "logs.LogDelivery"}
)

// onlyOne is the record ID of what there can be one of.
const onlyOne = "policy"

// place is where the records of one parent are.
type place struct{ scope, parent string }

func (p place) key(id string) state.Key { return state.Key{Scope: p.scope, Parent: p.parent, ID: id} }

// callersPlace is where the records of the caller's account and region are.
func callersPlace(ctx context.Context, parent string) place {
	c := awsapi.CallerFrom(ctx)
	return place{c.AccountID + "/" + c.Region, parent}
}

// place is where the records of the group are.
func (g *group) place() place {
	return place{g.key.account + "/" + g.key.region, strconv.FormatInt(g.rec.ID, 10)}
}

// deleteRecords removes what belongs to a group.
func (g *group) deleteRecords(tx *state.Tx) error {
	p := g.place()
	if err := metricFilters.DeleteAll(tx, p.scope, p.parent); err != nil {
		return err
	}
	if err := subscriptionFilters.DeleteAll(tx, p.scope, p.parent); err != nil {
		return err
	}
	if err := deliveryPlaces.DeleteAll(tx, p.scope, p.parent); err != nil {
		return err
	}
	if err := accountDeliveryPlaces.DeleteAll(tx, p.scope, p.parent); err != nil {
		return err
	}
	if err := indexPolicies.DeleteAll(tx, p.scope, p.parent); err != nil {
		return err
	}
	return groupResourcePolicies.DeleteAll(tx, p.scope, p.parent)
}

// readGroup calls f with a group, which cannot be deleted meanwhile, and a snapshot of the records.
func (s *Service) readGroup(ctx context.Context, key groupKey, f func(*group, *state.Tx) error) error {
	return s.groups.use(ctx, key, func(g *group) error {
		return s.db.Read(ctx, func(tx *state.Tx) error { return f(g, tx) })
	})
}

// writeGroup is readGroup for an f that changes records of the group. What f writes is durable when it returns nil.
func (s *Service) writeGroup(ctx context.Context, key groupKey, f func(*group, *state.Tx) error) error {
	return s.groups.use(ctx, key, func(g *group) error {
		return s.db.Write(ctx, func(tx *state.Tx) error { return f(g, tx) })
	})
}

// list returns all records of one place, sorted by the bytes of their IDs.
func list[T any](tx *state.Tx, c state.Collection[T], p place) ([]T, error) {
	all, _, err := c.List(tx, p.scope, p.parent, "", 0)
	return all, err
}

// page is a page of a listing that is short enough to be read whole.
type page struct {
	order byte    // letter of its tokens
	token *string // of the request
	limit *int32  // of the request; nil: size
	size  int
}

// cut returns the items of p out of all, which are sorted by the bytes of their names, and the token of the next page.
// Only items whose names begin with prefix count.
func cut[T any](p page, all []T, prefix string, name func(*T) string) (items []T, next *string, err error) {
	after, err := placeIn(p.token, p.order)
	if err != nil {
		return nil, nil, err
	}
	limit := p.size
	if p.limit != nil {
		limit = int(*p.limit)
	}
	items = []T{}
	for i := range all {
		n := name(&all[i])
		if n <= after || !strings.HasPrefix(n, prefix) {
			continue
		}
		if len(items) == limit {
			return items, listToken(p.order, name(&items[limit-1])), nil
		}
		items = append(items, all[i])
	}
	return items, nil, nil
}

func limitExceeded() *awsapi.Error {
	return awslogs.LimitExceededException("Resource limit exceeded.")
}

func invalid(format string, args ...any) *awsapi.Error {
	return awslogs.InvalidParameterException(format, args...)
}
