package logs

import (
	"context"
	"errors"
	"strings"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/state"
)

// Types of destinations. Only log groups are built.
const (
	typeCWL  = "CWL"
	typeS3   = "S3"
	typeFH   = "FH"
	typeXRay = "XRAY"
)

// Formats of what is delivered to a log group.
const (
	formatJSON  = "json"
	formatPlain = "plain"
)

// deliveryDestinationRecord is a log group that logs can be delivered to.
type deliveryDestinationRecord struct {
	Name   string
	Target string // ARN of the log group, as it was sent
	Group  string // its name
	Format string
	Policy string // "" without
	Tags   map[string]string
}

// PutDeliveryDestination makes a destination or gives the one of that name another log group.
func (s *Service) PutDeliveryDestination(
	ctx context.Context, in *awslogs.PutDeliveryDestinationRequest,
) (*awslogs.PutDeliveryDestinationResponse, error) {
	group, err := s.deliveryTarget(ctx, in)
	if err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	rec := deliveryDestinationRecord{
		Name: in.Name, Target: in.DeliveryDestinationConfiguration.DestinationResourceArn, Group: group, Format: formatJSON, Tags: in.Tags,
	}
	if in.OutputFormat != nil {
		rec.Format = *in.OutputFormat
	}
	var changed []string
	err = s.db.Write(ctx, func(tx *state.Tx) (err error) {
		p := callersPlace(ctx, "")
		if err = rec.store(tx, p, in.OutputFormat); err != nil {
			return err
		}
		changed, err = sourcesTo(tx, p, rec.Name)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, resource := range changed {
		s.opts.Sources.DeliveriesChanged(ctx, resource)
	}
	return &awslogs.PutDeliveryDestinationResponse{DeliveryDestination: new(rec.describe(ctx))}, nil
}

// store stores a destination. Of one that is there already only the log group can be replaced; format is what the request
// says, nil for nothing.
func (r *deliveryDestinationRecord) store(tx *state.Tx, p place, format *string) error {
	old, err := deliveryDestinations.Get(tx, p.key(r.Name))
	switch {
	case errors.Is(err, state.ErrNotFound):
		n, err := deliveryDestinations.Count(tx, p.scope, p.parent)
		if err == nil {
			err = checkQuota(n)
		}
		if err != nil {
			return err
		}
		return deliveryDestinations.Insert(tx, p.key(r.Name), *r)
	case err != nil:
		return err
	case format != nil && *format != old.Format: // text unverified
		return awslogs.ConflictException("Update to existing Delivery Destination with new Output Format is not allowed. " +
			"Please create a new Delivery Destination instead.")
	case len(r.Tags) > 0:
		return tagsOnUpdate()
	}
	r.Format, r.Policy, r.Tags = old.Format, old.Policy, old.Tags
	return deliveryDestinations.Put(tx, p.key(r.Name), *r)
}

// deliveryTarget checks where the request wants logs and returns the log group's name. Texts are unverified.
func (s *Service) deliveryTarget(ctx context.Context, in *awslogs.PutDeliveryDestinationRequest) (name string, err error) {
	kind := orZero(in.DeliveryDestinationType)
	if in.DeliveryDestinationConfiguration == nil {
		if kind == typeXRay {
			return "", notBuilt("PutDeliveryDestination for X-Ray")
		}
		return "", awslogs.ValidationException("deliveryDestinationConfiguration must be specified.")
	}
	target := in.DeliveryDestinationConfiguration.DestinationResourceArn
	own := destinationType(target)
	switch {
	case own == "" || kind != "" && kind != own:
		return "", awslogs.ValidationException("The specified destinationResourceArn is not valid: %s", target)
	case own == typeS3:
		return "", notBuilt("PutDeliveryDestination for an S3 bucket")
	case own == typeFH:
		return "", notBuilt("PutDeliveryDestination for a Firehose stream")
	}
	if f := in.OutputFormat; f != nil && *f != formatJSON && *f != formatPlain {
		return "", awslogs.ValidationException("The output format %s is not supported for a destination of type %s.", *f, typeCWL)
	}
	key, err := identifiedGroup(ctx, target)
	if err == nil {
		err = s.groups.use(ctx, key, func(*group) error { return nil })
	}
	if isCode(err, "InvalidParameterException") {
		err = awslogs.ValidationException("The specified destinationResourceArn is not valid: %s", target)
	}
	return key.name, err
}

// destinationType tells by its ARN what kind of destination a resource is; "" for none.
func destinationType(target string) string {
	if strings.HasPrefix(target, "arn:aws:s3:::") {
		return typeS3
	}
	a, _ := parseARN(target)
	switch a.service {
	case "logs":
		return typeCWL
	case "s3":
		return typeS3
	case "firehose":
		return typeFH
	}
	return ""
}

// GetDeliveryDestination returns one destination.
func (s *Service) GetDeliveryDestination(
	ctx context.Context, in *awslogs.GetDeliveryDestinationRequest,
) (*awslogs.GetDeliveryDestinationResponse, error) {
	rec, err := one(ctx, s, deliveryDestinations, in.Name, deliveryDestinationMissing())
	return &awslogs.GetDeliveryDestinationResponse{DeliveryDestination: new(rec.describe(ctx))}, err
}

// DescribeDeliveryDestinations returns a page of the caller's destinations, sorted by name.
func (s *Service) DescribeDeliveryDestinations(
	ctx context.Context, in *awslogs.DescribeDeliveryDestinationsRequest,
) (*awslogs.DescribeDeliveryDestinationsResponse, error) {
	out := &awslogs.DescribeDeliveryDestinationsResponse{DeliveryDestinations: []awslogs.DeliveryDestination{}}
	p := page{deliveryDestinationsByName, in.NextToken, in.Limit, describePage}
	all, next, err := onePage(ctx, s, deliveryDestinations, p, func(r *deliveryDestinationRecord) string { return r.Name })
	for i := range all {
		out.DeliveryDestinations = append(out.DeliveryDestinations, all[i].describe(ctx))
	}
	out.NextToken = next
	return out, err
}

// DeleteDeliveryDestination removes a destination that no delivery needs. Its log group stays.
func (s *Service) DeleteDeliveryDestination(ctx context.Context, in *awslogs.DeleteDeliveryDestinationRequest) error {
	return s.db.Write(ctx, func(tx *state.Tx) error {
		p := callersPlace(ctx, "")
		used, err := deliveriesWhere(tx, p, func(d *logDeliveryRecord) bool { return d.Destination == in.Name })
		if err != nil {
			return err
		}
		if len(used) > 0 { // text unverified
			return awslogs.ConflictException("The Delivery Destination is used by a Delivery. Please delete the Delivery first.")
		}
		return missing(deliveryDestinations.Delete(tx, p.key(in.Name)), deliveryDestinationMissing())
	})
}

func (r *deliveryDestinationRecord) describe(ctx context.Context) awslogs.DeliveryDestination {
	return awslogs.DeliveryDestination{
		Name: &r.Name, Arn: new(callersARN(ctx, "delivery-destination", r.Name)), DeliveryDestinationType: new(typeCWL), OutputFormat: &r.Format,
		DeliveryDestinationConfiguration: &awslogs.DeliveryDestinationConfiguration{DestinationResourceArn: r.Target}, Tags: r.Tags,
	}
}

func deliveryDestinationMissing() *awsapi.Error {
	return awslogs.ResourceNotFoundException("Requested Delivery Destination does not exist in this account.")
}

// PutDeliveryDestinationPolicy sets who may deliver to a destination. It is kept for who asks: destinations of other
// accounts are not here, and log groups cannot be delivered to from other accounts at AWS either.
func (s *Service) PutDeliveryDestinationPolicy(
	ctx context.Context, in *awslogs.PutDeliveryDestinationPolicyRequest,
) (*awslogs.PutDeliveryDestinationPolicyResponse, error) {
	if checkPolicyDocument(in.DeliveryDestinationPolicy) != nil { // text unverified
		return nil, awslogs.ValidationException("The specified deliveryDestinationPolicy is not a valid policy document.")
	}
	out := &awslogs.PutDeliveryDestinationPolicyResponse{Policy: &awslogs.Policy{DeliveryDestinationPolicy: &in.DeliveryDestinationPolicy}}
	return out, s.setDestinationPolicy(ctx, in.DeliveryDestinationName, in.DeliveryDestinationPolicy)
}

// GetDeliveryDestinationPolicy returns the policy of a destination, nothing if it has none.
func (s *Service) GetDeliveryDestinationPolicy(
	ctx context.Context, in *awslogs.GetDeliveryDestinationPolicyRequest,
) (*awslogs.GetDeliveryDestinationPolicyResponse, error) {
	rec, err := one(ctx, s, deliveryDestinations, in.DeliveryDestinationName, deliveryDestinationMissing())
	out := &awslogs.GetDeliveryDestinationPolicyResponse{}
	if rec.Policy != "" {
		out.Policy = &awslogs.Policy{DeliveryDestinationPolicy: &rec.Policy}
	}
	return out, err
}

// DeleteDeliveryDestinationPolicy removes the policy of a destination. That there is none is no error.
func (s *Service) DeleteDeliveryDestinationPolicy(ctx context.Context, in *awslogs.DeleteDeliveryDestinationPolicyRequest) error {
	return s.setDestinationPolicy(ctx, in.DeliveryDestinationName, "")
}

func (s *Service) setDestinationPolicy(ctx context.Context, name, document string) error {
	return s.db.Write(ctx, func(tx *state.Tx) error {
		key := callersPlace(ctx, "").key(name)
		rec, err := deliveryDestinations.Get(tx, key)
		if err != nil {
			return missing(err, deliveryDestinationMissing())
		}
		rec.Policy = document
		return deliveryDestinations.Put(tx, key, rec)
	})
}
