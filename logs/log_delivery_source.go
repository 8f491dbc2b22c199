package logs

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/state"
)

// AWS' log delivery is three kinds of records: a source is a resource that sends logs, a destination is where logs can go,
// and a delivery joins one of each. What is delivered does not pass here: the resource's own service asks for
// LogDeliveries and writes to the log groups itself.

// LogSources are the services whose resources send logs.
type LogSources interface {
	// LogSource tells whether a resource is there and whether its logging is on. It belongs to the caller's account and
	// region, or it is not there.
	LogSource(ctx context.Context, resourceARN string) (exists, logging bool, err error)
	// DeliveriesChanged has a resource ask again for its LogDeliveries, so that they are in force when it returns.
	DeliveriesChanged(ctx context.Context, resourceARN string)
}

// noLogSources is for a Service without any.
type noLogSources struct{}

func (noLogSources) LogSource(context.Context, string) (exists, logging bool, err error) {
	return false, false, nil
}
func (noLogSources) DeliveriesChanged(context.Context, string) {}

// Where logs come from: the execution logs of API Gateway's stages.
const (
	sourceService = "apigateway"
	executionLogs = "EXECUTION_LOGS"
)

// maxLogDeliveries is how many sources, destinations and deliveries an account can have in a region, of each.
const maxLogDeliveries = 1000

// deliverySourceRecord is a resource that sends logs.
type deliverySourceRecord struct {
	Name        string
	ResourceARN string
	LogType     string
	Tags        map[string]string
}

// PutDeliverySource makes a source. One that is there already can be put again and stays as it is.
func (s *Service) PutDeliverySource(
	ctx context.Context, in *awslogs.PutDeliverySourceRequest,
) (*awslogs.PutDeliverySourceResponse, error) {
	if err := s.checkDeliverySource(ctx, in); err != nil {
		return nil, err
	}
	rec := deliverySourceRecord{Name: in.Name, ResourceARN: in.ResourceArn, LogType: in.LogType, Tags: in.Tags}
	err := s.db.Write(ctx, func(tx *state.Tx) error { return rec.store(tx, callersPlace(ctx, "")) })
	return &awslogs.PutDeliverySourceResponse{DeliverySource: new(rec.describe(ctx))}, err
}

// store stores a source, unless it is there already: then it becomes that.
func (r *deliverySourceRecord) store(tx *state.Tx, p place) error {
	all, err := list(tx, deliverySources, p)
	if err != nil {
		return err
	}
	for _, old := range all {
		same := old.ResourceARN == r.ResourceARN && old.LogType == r.LogType
		switch {
		case old.Name != r.Name && same:
			return awslogs.ConflictException("This ResourceId has already been used in another Delivery Source in this account.")
		case old.Name != r.Name:
		case !same:
			return awslogs.ConflictException(
				"Update to existing Delivery Source with new ResourceId is not allowed. Please create a new Delivery Source instead.")
		case len(r.Tags) > 0:
			return tagsOnUpdate()
		default:
			*r = old
			return nil
		}
	}
	if err := checkQuota(len(all)); err != nil {
		return err
	}
	return deliverySources.Insert(tx, p.key(r.Name), *r)
}

// checkDeliverySource decides whether a resource can be a source. Texts are unverified but for that of a resource which is
// not there.
func (s *Service) checkDeliverySource(ctx context.Context, in *awslogs.PutDeliverySourceRequest) error {
	if !strings.HasPrefix(in.ResourceArn, "arn:") {
		return awslogs.ValidationException("The specified resource ARN is not valid: %s", in.ResourceArn)
	}
	if in.LogType != executionLogs {
		return awslogs.ValidationException("The log type %s is not valid. Valid log types: [%s]", in.LogType, executionLogs)
	}
	if names := slices.Sorted(maps.Keys(in.DeliverySourceConfiguration)); len(names) > 0 {
		return awslogs.ValidationException("The delivery source configuration %s is not valid for the log type %s.", names[0], in.LogType)
	}
	if err := checkTags(in.Tags); err != nil {
		return err
	}
	exists, logging, err := s.opts.Sources.LogSource(ctx, in.ResourceArn)
	switch {
	case err != nil:
		return err
	case !exists:
		return awslogs.ResourceNotFoundException("Cannot access provided service.")
	case !logging:
		return awslogs.ValidationException(
			"Execution logging is off for %s. Set its logging level to ERROR or INFO first.", in.ResourceArn)
	}
	return nil
}

func tagsOnUpdate() *awsapi.Error {
	return awslogs.ConflictException("Tags can only be provided when a resource is being created, not updated.")
}

// checkQuota refuses a record beside n of its kind.
func checkQuota(n int) error {
	if n >= maxLogDeliveries {
		return awslogs.ServiceQuotaExceededException("Resource limit exceeded.")
	}
	return nil
}

// GetDeliverySource returns one source.
func (s *Service) GetDeliverySource(
	ctx context.Context, in *awslogs.GetDeliverySourceRequest,
) (*awslogs.GetDeliverySourceResponse, error) {
	rec, err := one(ctx, s, deliverySources, in.Name, deliverySourceMissing())
	return &awslogs.GetDeliverySourceResponse{DeliverySource: new(rec.describe(ctx))}, err
}

// DescribeDeliverySources returns a page of the caller's sources, sorted by name.
func (s *Service) DescribeDeliverySources(
	ctx context.Context, in *awslogs.DescribeDeliverySourcesRequest,
) (*awslogs.DescribeDeliverySourcesResponse, error) {
	out := &awslogs.DescribeDeliverySourcesResponse{DeliverySources: []awslogs.DeliverySource{}}
	p := page{deliverySourcesByName, in.NextToken, in.Limit, describePage}
	all, next, err := onePage(ctx, s, deliverySources, p, func(r *deliverySourceRecord) string { return r.Name })
	for i := range all {
		out.DeliverySources = append(out.DeliverySources, all[i].describe(ctx))
	}
	out.NextToken = next
	return out, err
}

// The order letters of list tokens.
const (
	deliverySourcesByName      = 'v'
	deliveryDestinationsByName = 'w'
	logDeliveriesByID          = 'x'
)

// DeleteDeliverySource removes a source that no delivery needs.
func (s *Service) DeleteDeliverySource(ctx context.Context, in *awslogs.DeleteDeliverySourceRequest) error {
	return s.db.Write(ctx, func(tx *state.Tx) error {
		p := callersPlace(ctx, "")
		used, err := deliveriesWhere(tx, p, func(d *logDeliveryRecord) bool { return d.Source == in.Name })
		if err != nil {
			return err
		}
		if len(used) > 0 { // text unverified
			return awslogs.ConflictException("The Delivery Source is used by a Delivery. Please delete the Delivery first.")
		}
		return missing(deliverySources.Delete(tx, p.key(in.Name)), deliverySourceMissing())
	})
}

func (r *deliverySourceRecord) describe(ctx context.Context) awslogs.DeliverySource {
	return awslogs.DeliverySource{
		Name: &r.Name, Arn: new(callersARN(ctx, "delivery-source", r.Name)), ResourceArns: []string{r.ResourceARN},
		Service: new(sourceService), LogType: &r.LogType, Tags: r.Tags,
	}
}

func deliverySourceMissing() *awsapi.Error {
	return awslogs.ResourceNotFoundException("Requested Delivery Source does not exist in this account.")
}

// callersARN is the ARN of something that the caller's account has in the region.
func callersARN(ctx context.Context, kind, name string) string {
	c := awsapi.CallerFrom(ctx)
	return "arn:aws:logs:" + c.Region + ":" + c.AccountID + ":" + kind + ":" + name
}

// one returns the caller's record of that ID.
func one[T any](ctx context.Context, s *Service, c state.Collection[T], id string, absent *awsapi.Error) (rec T, err error) {
	err = s.db.Read(ctx, func(tx *state.Tx) error {
		rec, err = c.Get(tx, callersPlace(ctx, "").key(id))
		return missing(err, absent)
	})
	return rec, err
}

// onePage returns a page of the caller's records, and the token of the next.
func onePage[T any](
	ctx context.Context, s *Service, c state.Collection[T], p page, name func(*T) string,
) (items []T, next *string, err error) {
	err = s.db.Read(ctx, func(tx *state.Tx) error {
		all, err := list(tx, c, callersPlace(ctx, ""))
		if err != nil {
			return err
		}
		items, next, err = cut(p, all, "", name)
		return err
	})
	if isCode(err, "InvalidParameterException") { // which these operations do not have
		err = awslogs.ValidationException("The specified nextToken is invalid.")
	}
	return items, next, err
}
