package logs

import (
	"context"
	"errors"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/iam/policy"
	"github.com/tollbook/tollbook/state"
)

// maxDestinationPolicy is AWS' limit of an access policy, in bytes.
const maxDestinationPolicy = 5120

// destinationRecord is a destination: a stream that log groups of other accounts may send to.
type destinationRecord struct {
	Name         string
	ARN          string
	Target       string // ARN of a Kinesis or Firehose stream, or URL
	Role         string // ARN
	AccessPolicy string // "" without
	CreatedAt    int64  // milliseconds
	Tags         map[string]string
}

// PutDestination makes a destination or gives the one of that name another target and role. The target can also be a URL,
// as with PutSubscriptionFilter. Tags in a request about a
// destination that is there already are added to its own.
func (s *Service) PutDestination(
	ctx context.Context, in *awslogs.PutDestinationRequest,
) (*awslogs.PutDestinationResponse, error) {
	if err := s.checkDestination(in); err != nil {
		return nil, err
	}
	defer wake(s.deliveries.ear)
	c := awsapi.CallerFrom(ctx)
	out := &awslogs.PutDestinationResponse{}
	return out, s.db.Write(ctx, func(tx *state.Tx) error {
		key := callersPlace(ctx, "").key(in.DestinationName)
		rec, err := destinations.Get(tx, key)
		if errors.Is(err, state.ErrNotFound) {
			rec = destinationRecord{
				Name: in.DestinationName, CreatedAt: int64(s.now()),
				ARN: "arn:aws:logs:" + c.Region + ":" + c.AccountID + ":destination:" + in.DestinationName,
			}
		} else if err != nil {
			return err
		}
		rec.Target, rec.Role = in.TargetArn, in.RoleArn
		if rec.Tags, err = tagged(rec.Tags, in.Tags); err != nil {
			return err
		}
		out.Destination = new(rec.describe())
		return destinations.Put(tx, key, rec)
	})
}

func (s *Service) checkDestination(in *awslogs.PutDestinationRequest) error {
	if isURL(in.TargetArn) {
		receiver, err := s.dial(in.TargetArn)
		if err != nil {
			return invalid("The specified targetArn is not valid: %s: %v", in.TargetArn, err)
		}
		receiver.Close()
		return checkRole(in.RoleArn)
	}
	target, ok := parseARN(in.TargetArn)
	switch {
	case !ok:
		return invalid("The specified targetArn is not valid: %s", in.TargetArn)
	case target.service != "kinesis" && target.service != "firehose":
		return invalid("PutDestination operation cannot work with targetArn for vendor %s", target.service)
	}
	return checkRole(in.RoleArn)
}

// PutDestinationPolicy sets who may send to a destination. forceUpdate has no effect: it lifts a protection of
// subscriptions in other accounts from a policy that names an organization, and there are no organizations here.
func (s *Service) PutDestinationPolicy(ctx context.Context, in *awslogs.PutDestinationPolicyRequest) error {
	if len(in.AccessPolicy) > maxDestinationPolicy {
		return invalid("The specified accessPolicy exceeds %d bytes.", maxDestinationPolicy)
	}
	if err := checkPolicyDocument(in.AccessPolicy); err != nil {
		return err
	}
	return s.updateDestination(ctx, in.DestinationName, destinationMissing(), func(rec *destinationRecord) error {
		rec.AccessPolicy = in.AccessPolicy
		return nil
	})
}

// updateDestination stores what f changes of a destination of the caller.
func (s *Service) updateDestination(
	ctx context.Context, name string, absent *awsapi.Error, f func(*destinationRecord) error,
) error {
	return s.db.Write(ctx, func(tx *state.Tx) error {
		key := callersPlace(ctx, "").key(name)
		rec, err := destinations.Get(tx, key)
		if err != nil {
			return missing(err, absent)
		}
		if err := f(&rec); err != nil {
			return err
		}
		return destinations.Put(tx, key, rec)
	})
}

// DescribeDestinations returns a page of the caller's destinations, sorted by name.
func (s *Service) DescribeDestinations(
	ctx context.Context, in *awslogs.DescribeDestinationsRequest,
) (*awslogs.DescribeDestinationsResponse, error) {
	out := &awslogs.DescribeDestinationsResponse{Destinations: []awslogs.Destination{}}
	return out, s.db.Read(ctx, func(tx *state.Tx) error {
		all, err := list(tx, destinations, callersPlace(ctx, ""))
		if err != nil {
			return err
		}
		p := page{destinationsByName, in.NextToken, in.Limit, describePage}
		all, out.NextToken, err = cut(p, all, orZero(in.DestinationNamePrefix), func(d *destinationRecord) string { return d.Name })
		for i := range all {
			out.Destinations = append(out.Destinations, all[i].describe())
		}
		return err
	})
}

// destinationsByName is the order letter of list tokens for destinations.
const destinationsByName = 'd'

func (d *destinationRecord) describe() awslogs.Destination {
	out := awslogs.Destination{
		DestinationName: &d.Name, Arn: &d.ARN, TargetArn: &d.Target, RoleArn: &d.Role, CreationTime: &d.CreatedAt,
	}
	if d.AccessPolicy != "" {
		out.AccessPolicy = &d.AccessPolicy
	}
	return out
}

// DeleteDestination removes a destination. Subscription filters that name it stay and reach nothing.
func (s *Service) DeleteDestination(ctx context.Context, in *awslogs.DeleteDestinationRequest) error {
	defer wake(s.deliveries.ear)
	return s.db.Write(ctx, func(tx *state.Tx) error {
		return missing(destinations.Delete(tx, callersPlace(ctx, "").key(in.DestinationName)), destinationMissing())
	})
}

func destinationMissing() *awsapi.Error {
	return awslogs.ResourceNotFoundException("The specified destination does not exist.")
}

// checkLogicalDestination checks, where the ARN names a destination of this service, that it is there and that it admits
// the caller. A destination admits its own account without a policy.
func checkLogicalDestination(ctx context.Context, tx *state.Tx, destination string) error {
	to, ok := parseARN(destination)
	if !ok || to.service != "logs" {
		return nil
	}
	absent := invalid("Could not deliver test message to specified destination. Check if the destination is valid.")
	if to.kind != "destination" {
		return absent
	}
	rec, err := destinations.Get(tx, place{scope: to.account + "/" + to.region}.key(to.name))
	if err != nil {
		return missing(err, absent)
	}
	c := awsapi.CallerFrom(ctx)
	if c.AccountID == to.account || rec.admits(c) {
		return nil
	}
	return awslogs.AccessDeniedException("User with accountId: %s is not authorized to perform: "+
		"logs:PutSubscriptionFilter on resource: %s", c.AccountID, destination)
}

func (d *destinationRecord) admits(c awsapi.Caller) bool {
	if d.AccessPolicy == "" {
		return false
	}
	doc, err := policy.Parse(d.AccessPolicy)
	return err == nil && policy.Allow == policy.Evaluate(policy.Request{
		Caller: policy.Caller{ARN: c.ARN, AccountID: c.AccountID},
		Action: "logs:PutSubscriptionFilter", Resource: d.ARN,
	}, doc)
}
