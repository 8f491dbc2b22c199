package logs

import (
	"context"
	"slices"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/state"
)

// maxSubscriptionFilters is how many subscription filters a log group can have.
const maxSubscriptionFilters = 2

// subscriptionFilterRecord is a subscription filter as it is stored. delivery_set.go puts it to work.
type subscriptionFilterRecord struct {
	Name      string
	Group     string // name of its log group
	CreatedAt int64  // milliseconds
	eventFilter
	Destination  string // ARN, or URL
	Role         string // ARN; "" without
	Distribution string // Random or ByLogStream
	SystemFields []string
}

// PutSubscriptionFilter makes a subscription filter or replaces the one of that name. A destination can also be a URL of
// what package logs/delivery delivers to. It is tried with a message, as AWS does, and the filter is refused if that fails;
// what is named by ARNs of services that are not here is not looked for.
func (s *Service) PutSubscriptionFilter(ctx context.Context, in *awslogs.PutSubscriptionFilterRequest) error {
	rec, err := s.newSubscriptionFilter(ctx, in)
	if err != nil {
		return err
	}
	key := callersGroup(ctx, in.LogGroupName)
	room := func(g *group, tx *state.Tx) error { return rec.checkRoom(ctx, g, tx) }
	if err := s.readGroup(ctx, key, room); err != nil {
		return err // before anything is sent
	}
	if err := s.tryDestination(ctx, rec.Destination); err != nil {
		return err
	}
	defer wake(s.deliveries.ear)
	return s.writeGroup(ctx, key, func(g *group, tx *state.Tx) error {
		if err := room(g, tx); err != nil {
			return err
		}
		url, err := deliveryURL(tx, rec.Destination)
		if err != nil {
			return err
		}
		if err := keepDeliveryPlace(tx, g.place().key(rec.Name), url, s.store.NextArrival()); err != nil {
			return err
		}
		return subscriptionFilters.Put(tx, g.place().key(rec.Name), rec)
	})
}

// checkRoom checks what depends on the group and what it has. A filter that replaces one takes over when that was made.
func (f *subscriptionFilterRecord) checkRoom(ctx context.Context, g *group, tx *state.Tx) error {
	if err := g.standardOnly(); err != nil {
		return err
	}
	old, err := list(tx, subscriptionFilters, g.place())
	if err != nil {
		return err
	}
	same := slices.IndexFunc(old, func(o subscriptionFilterRecord) bool { return o.Name == f.Name })
	if same >= 0 {
		f.CreatedAt = old[same].CreatedAt
	} else if len(old) >= maxSubscriptionFilters {
		return limitExceeded()
	}
	if err := g.roomForRegexps(tx, f.eventFilter, f.Name, ""); err != nil {
		return err
	}
	return checkLogicalDestination(ctx, tx, f.Destination)
}

// newSubscriptionFilter checks what does not depend on the group: AWS refuses a destination before it looks for the
// group.
func (s *Service) newSubscriptionFilter(
	ctx context.Context, in *awslogs.PutSubscriptionFilterRequest,
) (rec subscriptionFilterRecord, err error) {
	if isURL(in.DestinationArn) {
		err = checkRole(orZero(in.RoleArn))
	} else {
		err = checkSubscribed(ctx, "PutSubscriptionFilter", in.DestinationArn, orZero(in.RoleArn))
	}
	if err != nil {
		return rec, err
	}
	filter, _, err := newEventFilter(in.FilterPattern, in.FieldSelectionCriteria, in.ApplyOnTransformedLogs)
	if err != nil {
		return rec, err
	}
	rec = subscriptionFilterRecord{
		Name: in.FilterName, Group: in.LogGroupName, CreatedAt: int64(s.now()), eventFilter: filter,
		Destination: in.DestinationArn, Role: orZero(in.RoleArn), Distribution: "ByLogStream",
		SystemFields: in.EmitSystemFields,
	}
	if in.Distribution != nil {
		rec.Distribution = *in.Distribution
	}
	return rec, checkSystemFields(in.EmitSystemFields)
}

// checkSubscribed checks a destination and its role by what their ARNs say. The destinations are Lambda functions,
// Kinesis and Firehose streams, and the destinations of this service.
func checkSubscribed(ctx context.Context, operation, destination, role string) error {
	arn, ok := parseARN(destination)
	if !ok {
		return invalid("The specified destinationArn is not valid: %s", destination)
	}
	switch {
	case arn.service == "lambda" && arn.account != awsapi.CallerFrom(ctx).AccountID:
		return awslogs.AccessDeniedException("Cross-account lambda invocation passing is not allowed. " +
			"You must use DestinationPolicies to create cross account lambda triggers.")
	case arn.service == "lambda" && role != "":
		return invalid("destinationArn for vendor lambda cannot be used with roleArn")
	case arn.service != "lambda" && arn.service != "logs" && role == "":
		return invalid("destinationArn for vendor %s cannot be used without roleArn", arn.service)
	case !slices.Contains([]string{"lambda", "kinesis", "firehose", "logs"}, arn.service):
		return invalid("%s operation cannot work with destinationArn for vendor %s", operation, arn.service)
	}
	return checkRole(role)
}

// checkRole checks the form of a role's ARN; "" stands for no role.
func checkRole(role string) error {
	if role == "" {
		return nil
	}
	if arn, ok := parseARN(role); !ok || arn.service != "iam" || arn.kind != "role" {
		return invalid("The specified roleArn is not valid: %s", role)
	}
	return nil
}

// DescribeSubscriptionFilters returns a page of the subscription filters of a log group, sorted by name.
func (s *Service) DescribeSubscriptionFilters(
	ctx context.Context, in *awslogs.DescribeSubscriptionFiltersRequest,
) (*awslogs.DescribeSubscriptionFiltersResponse, error) {
	out := &awslogs.DescribeSubscriptionFiltersResponse{SubscriptionFilters: []awslogs.SubscriptionFilter{}}
	err := s.readGroup(ctx, callersGroup(ctx, in.LogGroupName), func(g *group, tx *state.Tx) error {
		if err := g.standardOnly(); err != nil {
			return err
		}
		all, err := list(tx, subscriptionFilters, g.place())
		if err != nil {
			return err
		}
		p := page{subscriptionFiltersByName, in.NextToken, in.Limit, describePage}
		name := func(f *subscriptionFilterRecord) string { return f.Name }
		all, out.NextToken, err = cut(p, all, orZero(in.FilterNamePrefix), name)
		for i := range all {
			out.SubscriptionFilters = append(out.SubscriptionFilters, all[i].describe())
		}
		return err
	})
	return out, err
}

// subscriptionFiltersByName is the order letter of list tokens for subscription filters.
const subscriptionFiltersByName = 's'

func (f *subscriptionFilterRecord) describe() awslogs.SubscriptionFilter {
	out := awslogs.SubscriptionFilter{
		FilterName: &f.Name, LogGroupName: &f.Group, FilterPattern: &f.Pattern, CreationTime: &f.CreatedAt,
		DestinationArn: &f.Destination, Distribution: &f.Distribution, ApplyOnTransformedLogs: new(false),
		FieldSelectionCriteria: f.selection(), EmitSystemFields: f.SystemFields,
	}
	if f.Role != "" {
		out.RoleArn = &f.Role
	}
	return out
}

// DeleteSubscriptionFilter removes a subscription filter.
func (s *Service) DeleteSubscriptionFilter(ctx context.Context, in *awslogs.DeleteSubscriptionFilterRequest) error {
	defer wake(s.deliveries.ear)
	return s.writeGroup(ctx, callersGroup(ctx, in.LogGroupName), func(g *group, tx *state.Tx) error {
		key := g.place().key(in.FilterName)
		if err := subscriptionFilters.Delete(tx, key); err != nil {
			return missing(err, awslogs.ResourceNotFoundException("The specified subscription filter does not exist."))
		}
		return keepDeliveryPlace(tx, key, "", 0)
	})
}
