package logs

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/state"
)

// logDeliveryRecord joins a source with a destination, which it names.
type logDeliveryRecord struct {
	ID          string
	Source      string
	Destination string
	Fields      []string // in order; never empty
	Delimiter   *string
	Tags        map[string]string
}

// defaultDelimiter is between the fields of a plain line if nothing else is asked for. Unverified.
const defaultDelimiter = "\t"

// CreateDelivery has the logs of a source delivered to a destination. Execution logs then no longer go to the group that
// API Gateway makes for them.
func (s *Service) CreateDelivery(ctx context.Context, in *awslogs.CreateDeliveryRequest) (*awslogs.CreateDeliveryResponse, error) {
	rec := logDeliveryRecord{ID: newDeliveryID(), Source: in.DeliverySourceName, Tags: in.Tags}
	if err := rec.configure(in.RecordFields, in.FieldDelimiter, in.S3DeliveryConfiguration); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	var source deliverySourceRecord
	err := s.db.Write(ctx, func(tx *state.Tx) (err error) {
		if source, err = s.joinDelivery(ctx, tx, in.DeliveryDestinationArn, &rec); err != nil {
			return err
		}
		return logDeliveries.Insert(tx, callersPlace(ctx, "").key(rec.ID), rec)
	})
	if err != nil {
		return nil, err
	}
	s.opts.Sources.DeliveriesChanged(ctx, source.ResourceARN)
	return &awslogs.CreateDeliveryResponse{Delivery: new(rec.describe(ctx))}, nil
}

// joinDelivery finds source and destination of a new delivery and completes it by what they say.
func (s *Service) joinDelivery(
	ctx context.Context, tx *state.Tx, destinationARN string, rec *logDeliveryRecord,
) (source deliverySourceRecord, err error) {
	p := callersPlace(ctx, "")
	if source, err = deliverySources.Get(tx, p.key(rec.Source)); err != nil {
		return source, missing(err, deliverySourceMissing())
	}
	to, _ := parseARN(destinationARN)
	if destinationARN != callersARN(ctx, "delivery-destination", to.name) {
		return source, deliveryDestinationMissing()
	}
	destination, err := deliveryDestinations.Get(tx, p.key(to.name))
	if err != nil {
		return source, missing(err, deliveryDestinationMissing())
	}
	rec.Destination = destination.Name
	if destination.Format == formatPlain && rec.Delimiter == nil {
		rec.Delimiter = new(defaultDelimiter)
	}
	all, err := list(tx, logDeliveries, p)
	if err != nil {
		return source, err
	}
	same := func(d logDeliveryRecord) bool { return d.Source == rec.Source && d.Destination == rec.Destination }
	if slices.ContainsFunc(all, same) { // text unverified
		return source, awslogs.ConflictException("A Delivery from the Delivery Source to the Delivery Destination already exists.")
	}
	return source, checkQuota(len(all))
}

// configure sets what a request says of the lines. Without fields a line has all of them.
func (d *logDeliveryRecord) configure(fields []string, delimiter *string, s3 *awslogs.S3DeliveryConfiguration) error {
	if s3 != nil {
		return awslogs.ValidationException("Provided delivery configuration is invalid for the destination type.")
	}
	known := accesslog.RecordFields()
	for i, name := range fields { // texts unverified
		if !slices.Contains(known, name) {
			return awslogs.ValidationException("The record field %s is not valid. Valid record fields: %v", name, known)
		}
		if slices.Contains(fields[:i], name) {
			return awslogs.ValidationException("The record field %s is there twice.", name)
		}
	}
	if d.Fields = fields; len(fields) == 0 {
		d.Fields = known
	}
	if delimiter != nil {
		d.Delimiter = delimiter
	}
	return nil
}

// newDeliveryID makes an ID as AWS has them: 16 letters and digits.
func newDeliveryID() string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails
	for i, b := range id {
		id[i] = digits[int(b)%len(digits)]
	}
	return string(id)
}

// GetDelivery returns one delivery.
func (s *Service) GetDelivery(ctx context.Context, in *awslogs.GetDeliveryRequest) (*awslogs.GetDeliveryResponse, error) {
	rec, err := one(ctx, s, logDeliveries, in.Id, deliveryMissing())
	return &awslogs.GetDeliveryResponse{Delivery: new(rec.describe(ctx))}, err
}

// DescribeDeliveries returns a page of the caller's deliveries, sorted by ID.
func (s *Service) DescribeDeliveries(
	ctx context.Context, in *awslogs.DescribeDeliveriesRequest,
) (*awslogs.DescribeDeliveriesResponse, error) {
	out := &awslogs.DescribeDeliveriesResponse{Deliveries: []awslogs.Delivery{}}
	p := page{logDeliveriesByID, in.NextToken, in.Limit, describePage}
	all, next, err := onePage(ctx, s, logDeliveries, p, func(d *logDeliveryRecord) string { return d.ID })
	for i := range all {
		out.Deliveries = append(out.Deliveries, all[i].describe(ctx))
	}
	out.NextToken = next
	return out, err
}

// UpdateDeliveryConfiguration changes what a delivery's lines look like. What the request does not name stays.
func (s *Service) UpdateDeliveryConfiguration(
	ctx context.Context, in *awslogs.UpdateDeliveryConfigurationRequest,
) (*awslogs.UpdateDeliveryConfigurationResponse, error) {
	err := s.changeDelivery(ctx, in.Id, func(tx *state.Tx, key state.Key, rec logDeliveryRecord) error {
		fields := in.RecordFields
		if fields == nil {
			fields = rec.Fields
		}
		if err := rec.configure(fields, in.FieldDelimiter, in.S3DeliveryConfiguration); err != nil {
			return err
		}
		return logDeliveries.Put(tx, key, rec)
	})
	return &awslogs.UpdateDeliveryConfigurationResponse{}, err
}

// DeleteDelivery ends a delivery. Execution logs of which it was the only one go to the group that API Gateway makes for
// them again.
func (s *Service) DeleteDelivery(ctx context.Context, in *awslogs.DeleteDeliveryRequest) error {
	return s.changeDelivery(ctx, in.Id, func(tx *state.Tx, key state.Key, _ logDeliveryRecord) error {
		return logDeliveries.Delete(tx, key)
	})
}

// changeDelivery has f change a delivery and brings that to its source.
func (s *Service) changeDelivery(ctx context.Context, id string, f func(*state.Tx, state.Key, logDeliveryRecord) error) error {
	var source deliverySourceRecord
	err := s.db.Write(ctx, func(tx *state.Tx) error {
		p := callersPlace(ctx, "")
		rec, err := logDeliveries.Get(tx, p.key(id))
		if err != nil {
			return missing(err, deliveryMissing())
		}
		if source, err = deliverySources.Get(tx, p.key(rec.Source)); err != nil {
			return err
		}
		return f(tx, p.key(id), rec)
	})
	if err == nil {
		s.opts.Sources.DeliveriesChanged(ctx, source.ResourceARN)
	}
	return err
}

func (d *logDeliveryRecord) describe(ctx context.Context) awslogs.Delivery {
	return awslogs.Delivery{
		Id: &d.ID, Arn: new(callersARN(ctx, "delivery", d.ID)), DeliverySourceName: &d.Source,
		DeliveryDestinationArn:  new(callersARN(ctx, "delivery-destination", d.Destination)),
		DeliveryDestinationType: new(typeCWL), RecordFields: d.Fields, FieldDelimiter: d.Delimiter, Tags: d.Tags,
	}
}

func deliveryMissing() *awsapi.Error {
	return awslogs.ResourceNotFoundException("Requested Delivery does not exist in this account.")
}

// deliveriesWhere returns the deliveries that match.
func deliveriesWhere(tx *state.Tx, p place, match func(*logDeliveryRecord) bool) ([]logDeliveryRecord, error) {
	all, err := list(tx, logDeliveries, p)
	return slices.DeleteFunc(all, func(d logDeliveryRecord) bool { return !match(&d) }), err
}

// sourcesTo returns the resources whose logs go to a destination.
func sourcesTo(tx *state.Tx, p place, destination string) (resources []string, err error) {
	used, err := deliveriesWhere(tx, p, func(d *logDeliveryRecord) bool { return d.Destination == destination })
	for _, d := range used {
		source, err := deliverySources.Get(tx, p.key(d.Source))
		if err != nil {
			return nil, err
		}
		resources = append(resources, source.ResourceARN)
	}
	return resources, err
}

// LogDeliveries returns where the execution log of a resource of the caller's account and region is delivered; nothing if
// it is not delivered.
func (s *Service) LogDeliveries(ctx context.Context, resourceARN string) (all []accesslog.Delivery, err error) {
	err = s.db.Read(ctx, func(tx *state.Tx) error {
		p := callersPlace(ctx, "")
		sources, err := list(tx, deliverySources, p)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(sources, func(r deliverySourceRecord) bool { return r.ResourceARN == resourceARN })
		if i < 0 {
			return nil
		}
		deliveries, err := deliveriesWhere(tx, p, func(d *logDeliveryRecord) bool { return d.Source == sources[i].Name })
		for _, d := range deliveries {
			to, err := deliveryDestinations.Get(tx, p.key(d.Destination))
			if errors.Is(err, state.ErrNotFound) {
				continue
			} else if err != nil {
				return err
			}
			all = append(all, accesslog.Delivery{
				Destination: accesslog.Destination(callersDestination(ctx, to.Group)),
				Plain:       to.Format == formatPlain, Delimiter: orZero(d.Delimiter), Fields: d.Fields,
			})
		}
		return err
	})
	return all, err
}

// callersDestination is a log group of the caller.
func callersDestination(ctx context.Context, group string) Destination {
	c := awsapi.CallerFrom(ctx)
	return Destination{AccountID: c.AccountID, Region: c.Region, Group: group}
}
