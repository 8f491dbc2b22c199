package logs

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/state"
)

// Types of account policies that are built.
const (
	subscriptionPolicy     = "SUBSCRIPTION_FILTER_POLICY"
	fieldIndexPolicy       = "FIELD_INDEX_POLICY"
	metricExtractionPolicy = "METRIC_EXTRACTION_POLICY"
)

// AWS' limits on account policies.
const (
	maxAccountDocument   = 30_720 // characters
	maxSelectionCriteria = 25_600 // bytes
	maxIndexPolicies     = 20     // with criteria about log groups, and as many with criteria about data sources
	maxMetricPolicies    = 5      // with criteria
	maxMetricCriteria    = 50     // names in a list
)

// accountPolicyRecord is a policy for all log groups of an account in a region, or for those that its criteria select.
type accountPolicyRecord struct {
	Name      string
	Type      string
	Document  string // as it was sent
	Criteria  string // selectionCriteria, as it was sent; "" without
	UpdatedAt int64  // milliseconds
	Since     uint64 // of a subscription filter policy: the arrival from which on it delivers
}

// PutAccountPolicy makes a policy or replaces the one of that type and name. Policies that mask or transform events are
// refused: an event that a policy should have changed must not be stored as it is.
func (s *Service) PutAccountPolicy(
	ctx context.Context, in *awslogs.PutAccountPolicyRequest,
) (*awslogs.PutAccountPolicyResponse, error) {
	rec := accountPolicyRecord{
		Name: in.PolicyName, Type: in.PolicyType, Document: in.PolicyDocument, Criteria: orZero(in.SelectionCriteria),
		UpdatedAt: int64(s.now()),
	}
	if err := rec.check(ctx); err != nil {
		return nil, err
	}
	if err := rec.tryDestination(ctx, s); err != nil {
		return nil, err
	}
	defer wake(s.deliveries.ear)
	err := s.db.Write(ctx, func(tx *state.Tx) error {
		p := callersPlace(ctx, rec.Type)
		others, err := list(tx, accountPolicies, p)
		if err != nil {
			return err
		}
		if err := rec.begin(tx, p, others, s.store.NextArrival()); err != nil {
			return err
		}
		others = slices.DeleteFunc(others, func(o accountPolicyRecord) bool { return o.Name == rec.Name })
		if err := rec.checkBeside(others); err != nil {
			return err
		}
		if err := rec.checkDestination(ctx, tx); err != nil {
			return err
		}
		return accountPolicies.Put(tx, p.key(rec.Name), rec)
	})
	return &awslogs.PutAccountPolicyResponse{AccountPolicy: new(rec.describe(ctx))}, err
}

// tryDestination tries the destination of a subscription filter policy, as PutSubscriptionFilter does.
func (r *accountPolicyRecord) tryDestination(ctx context.Context, s *Service) error {
	if r.Type != subscriptionPolicy {
		return nil
	}
	sub, err := subscriptionOf(ctx, r.Document)
	if err != nil {
		return err
	}
	return s.tryDestination(ctx, sub.DestinationArn)
}

// begin sets from when a subscription filter policy delivers.
func (r *accountPolicyRecord) begin(tx *state.Tx, p place, all []accountPolicyRecord, next uint64) error {
	if r.Type != subscriptionPolicy {
		return nil
	}
	var old *accountPolicyRecord
	if i := slices.IndexFunc(all, func(o accountPolicyRecord) bool { return o.Name == r.Name }); i >= 0 {
		old = &all[i]
	}
	return r.keepPlaces(tx, p.scope, old, next)
}

// check checks a policy by itself.
func (r *accountPolicyRecord) check(ctx context.Context) error {
	switch {
	case r.Name == "" || strings.HasPrefix(strings.ToLower(r.Name), "aws/"):
		return invalid("The policy name must not be empty and must not start with aws/.")
	case utf8.RuneCountInString(r.Document) > maxAccountDocument:
		return invalid("The policy document exceeds %d characters.", maxAccountDocument)
	case len(r.Criteria) > maxSelectionCriteria:
		return invalid("selectionCriteria exceeds %d bytes.", maxSelectionCriteria)
	}
	if err := r.checkDocument(ctx); err != nil {
		return err
	}
	if r.Criteria == "" {
		return nil
	}
	if _, err := r.tests(); err != nil {
		return invalid("Invalid selectionCriteria: %v", err)
	}
	return nil
}

func (r *accountPolicyRecord) checkDocument(ctx context.Context) error {
	switch r.Type {
	case subscriptionPolicy:
		_, err := subscriptionOf(ctx, r.Document)
		return err
	case fieldIndexPolicy:
		if _, err := indexedFields(r.Document); err != nil {
			return invalid("Invalid index policy document: %v", err)
		}
		return nil
	case metricExtractionPolicy:
		var object map[string]json.RawMessage
		if err := json.Unmarshal([]byte(r.Document), &object); err != nil || object == nil {
			return invalid("Invalid metric extraction policy document: it is not a JSON object")
		}
		return nil
	}
	return notBuilt("PutAccountPolicy for " + r.Type)
}

// accountSubscription is the document of a subscription filter policy.
type accountSubscription struct {
	DestinationArn string
	RoleArn        string
	FilterPattern  string
	Distribution   string
}

// subscriptionOf reads and checks the document of a subscription filter policy.
func subscriptionOf(ctx context.Context, document string) (sub accountSubscription, err error) {
	if err := decodeObject(document, &sub); err != nil {
		return sub, invalid("Invalid subscription filter policy document: %v", err)
	}
	if !slices.Contains([]string{"", "Random", "ByLogStream"}, sub.Distribution) {
		return sub, invalid("Invalid subscription filter policy document: Distribution is neither Random nor ByLogStream")
	}
	if isURL(sub.DestinationArn) {
		err = checkRole(sub.RoleArn)
	} else {
		err = checkSubscribed(ctx, "PutAccountPolicy", sub.DestinationArn, sub.RoleArn)
	}
	if err != nil {
		return sub, err
	}
	_, err = parsePattern(sub.FilterPattern)
	return sub, err
}

// checkDestination checks the destination of a subscription filter policy.
func (r *accountPolicyRecord) checkDestination(ctx context.Context, tx *state.Tx) error {
	if r.Type != subscriptionPolicy {
		return nil
	}
	sub, err := subscriptionOf(ctx, r.Document)
	if err != nil {
		return err
	}
	return checkLogicalDestination(ctx, tx, sub.DestinationArn)
}

// DescribeAccountPolicies returns the policies of one type, sorted by name. An account cannot have more of them than fit
// in one page.
func (s *Service) DescribeAccountPolicies(
	ctx context.Context, in *awslogs.DescribeAccountPoliciesRequest,
) (*awslogs.DescribeAccountPoliciesResponse, error) {
	out := &awslogs.DescribeAccountPoliciesResponse{AccountPolicies: []awslogs.AccountPolicy{}}
	if in.NextToken != nil {
		return nil, invalidToken()
	}
	if len(in.AccountIdentifiers) > 1 {
		return nil, invalid("Only one account identifier can be specified.")
	}
	if !ownAccount(ctx, new(true), in.AccountIdentifiers) {
		return out, nil
	}
	err := s.db.Read(ctx, func(tx *state.Tx) error {
		all, err := list(tx, accountPolicies, callersPlace(ctx, in.PolicyType))
		for i := range all {
			if in.PolicyName == nil || *in.PolicyName == all[i].Name {
				out.AccountPolicies = append(out.AccountPolicies, all[i].describe(ctx))
			}
		}
		return err
	})
	if err == nil && in.PolicyName != nil && len(out.AccountPolicies) == 0 {
		return nil, policyMissing(*in.PolicyName)
	}
	return out, err
}

func (r *accountPolicyRecord) describe(ctx context.Context) awslogs.AccountPolicy {
	out := awslogs.AccountPolicy{
		PolicyName: &r.Name, PolicyType: &r.Type, PolicyDocument: &r.Document, LastUpdatedTime: &r.UpdatedAt,
		Scope: new("ALL"), AccountId: new(awsapi.CallerFrom(ctx).AccountID),
	}
	if r.Criteria != "" {
		out.SelectionCriteria = &r.Criteria
	}
	return out
}

// DeleteAccountPolicy removes a policy.
func (s *Service) DeleteAccountPolicy(ctx context.Context, in *awslogs.DeleteAccountPolicyRequest) error {
	defer wake(s.deliveries.ear)
	return s.db.Write(ctx, func(tx *state.Tx) error {
		key := callersPlace(ctx, in.PolicyType).key(in.PolicyName)
		if err := accountPolicies.Delete(tx, key); err != nil {
			return missing(err, policyMissing(in.PolicyName))
		}
		if in.PolicyType != subscriptionPolicy {
			return nil
		}
		return deletePlaces(tx, key.Scope, in.PolicyName)
	})
}
