package logs

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/iam/policy"
	"github.com/tollbook/tollbook/state"
)

// maxResourcePolicies is how many policies an account can have in a region, beside one for each log group.
const maxResourcePolicies = 10

// Scopes of resource policies.
const (
	policyOfAccount  = "ACCOUNT"
	policyOfResource = "RESOURCE"
)

// resourcePolicyRecord is a policy that lets AWS services put events. Name is set in one of an account, Resource and
// Revision in one of a log group.
type resourcePolicyRecord struct {
	Name      string
	Document  string // as it was sent
	UpdatedAt int64  // milliseconds
	Resource  string // ARN of the log group, as DescribeLogGroups has it in logGroupArn
	Revision  string
}

// PutResourcePolicy stores a policy under a name, or as the one of a log group.
func (s *Service) PutResourcePolicy(
	ctx context.Context, in *awslogs.PutResourcePolicyRequest,
) (*awslogs.PutResourcePolicyResponse, error) {
	if in.PolicyDocument == nil {
		return nil, invalid("policyDocument must be specified.")
	}
	if err := oneOf(in.PolicyName, in.ResourceArn); err != nil {
		return nil, err
	}
	if err := checkPolicyDocument(*in.PolicyDocument); err != nil {
		return nil, err
	}
	rec := resourcePolicyRecord{Document: *in.PolicyDocument, UpdatedAt: int64(s.now())}
	put := s.putGroupPolicy
	if in.ResourceArn == nil {
		put = s.putAccountsPolicy
	}
	if err := put(ctx, in, &rec); err != nil {
		return nil, err
	}
	out := &awslogs.PutResourcePolicyResponse{ResourcePolicy: new(rec.describe())}
	out.RevisionId = out.ResourcePolicy.RevisionId
	return out, nil
}

// putAccountsPolicy stores a policy of the whole account.
func (s *Service) putAccountsPolicy(ctx context.Context, in *awslogs.PutResourcePolicyRequest, rec *resourcePolicyRecord) error {
	rec.Name = *in.PolicyName
	return s.db.Write(ctx, func(tx *state.Tx) error {
		p := callersPlace(ctx, "")
		all, err := list(tx, resourcePolicies, p)
		if err != nil {
			return err
		}
		known := slices.ContainsFunc(all, func(r resourcePolicyRecord) bool { return r.Name == rec.Name })
		if !known && len(all) >= maxResourcePolicies {
			return limitExceeded()
		}
		return resourcePolicies.Put(tx, p.key(rec.Name), *rec)
	})
}

// putGroupPolicy stores the policy of a log group. The caller must know the revision that it replaces.
func (s *Service) putGroupPolicy(ctx context.Context, in *awslogs.PutResourcePolicyRequest, rec *resourcePolicyRecord) error {
	key, err := policyGroup(ctx, *in.ResourceArn)
	if err != nil {
		return err
	}
	rec.Resource, rec.Revision = key.arn(), uuid.NewString()
	return s.writeGroup(ctx, key, func(g *group, tx *state.Tx) error {
		old, err := groupResourcePolicies.Get(tx, g.place().key(onlyOne))
		if err != nil && !errors.Is(err, state.ErrNotFound) {
			return err
		}
		if err := old.checkRevision(in.ExpectedRevisionId); err != nil {
			return err
		}
		return groupResourcePolicies.Put(tx, g.place().key(onlyOne), *rec)
	})
}

// checkRevision refuses a change by who does not know the policy as it is now. The zero record stands for none.
func (r *resourcePolicyRecord) checkRevision(expected *string) error {
	switch {
	case orZero(expected) == r.Revision:
		return nil
	case expected == nil:
		return invalid("expectedRevisionId must be specified to change the resource policy of a log group.")
	}
	return awslogs.OperationAbortedException(
		"The resource policy was changed by another request. Read its revision and try again.")
}

// DescribeResourcePolicies returns a page of the policies of the account, sorted by name, or of those of log groups.
func (s *Service) DescribeResourcePolicies(
	ctx context.Context, in *awslogs.DescribeResourcePoliciesRequest,
) (*awslogs.DescribeResourcePoliciesResponse, error) {
	if in.ResourceArn != nil && orZero(in.PolicyScope) == policyOfAccount {
		return nil, invalid("resourceArn cannot be combined with the policyScope %s.", policyOfAccount)
	}
	if in.ResourceArn != nil {
		return s.describeGroupPolicy(ctx, *in.ResourceArn)
	}
	p := page{accountsPolicies, in.NextToken, in.Limit, describePage}
	if orZero(in.PolicyScope) == policyOfResource {
		p.order = groupPolicies
	}
	out := &awslogs.DescribeResourcePoliciesResponse{ResourcePolicies: []awslogs.ResourcePolicy{}}
	return out, s.db.Read(ctx, func(tx *state.Tx) error {
		all, err := resourcePoliciesOf(ctx, tx, p.order)
		if err != nil {
			return err
		}
		all, out.NextToken, err = cut(p, all, "", (*resourcePolicyRecord).id)
		for i := range all {
			out.ResourcePolicies = append(out.ResourcePolicies, all[i].describe())
		}
		return err
	})
}

// The order letters of list tokens for resource policies.
const (
	accountsPolicies = 'r' // by name
	groupPolicies    = 'R' // by ARN
)

// id is what tells the policies of one scope apart.
func (r *resourcePolicyRecord) id() string { return r.Name + r.Resource }

// resourcePoliciesOf returns the caller's policies of one kind, sorted by their IDs.
func resourcePoliciesOf(ctx context.Context, tx *state.Tx, order byte) ([]resourcePolicyRecord, error) {
	p := callersPlace(ctx, "")
	if order == accountsPolicies {
		return list(tx, resourcePolicies, p)
	}
	entries, _, err := groupResourcePolicies.ListAcross(tx, p.key(""), 0)
	all := make([]resourcePolicyRecord, len(entries))
	for i := range entries {
		all[i] = entries[i].Doc
	}
	slices.SortFunc(all, func(a, b resourcePolicyRecord) int { return strings.Compare(a.id(), b.id()) })
	return all, err
}

// describeGroupPolicy returns the policy of one log group, or nothing if it has none.
func (s *Service) describeGroupPolicy(
	ctx context.Context, resource string,
) (*awslogs.DescribeResourcePoliciesResponse, error) {
	out := &awslogs.DescribeResourcePoliciesResponse{ResourcePolicies: []awslogs.ResourcePolicy{}}
	key, err := policyGroup(ctx, resource)
	if err != nil {
		return nil, err
	}
	return out, s.readGroup(ctx, key, func(g *group, tx *state.Tx) error {
		rec, err := groupResourcePolicies.Get(tx, g.place().key(onlyOne))
		if errors.Is(err, state.ErrNotFound) {
			return nil
		}
		out.ResourcePolicies = append(out.ResourcePolicies, rec.describe())
		return err
	})
}

func (r *resourcePolicyRecord) describe() awslogs.ResourcePolicy {
	out := awslogs.ResourcePolicy{PolicyDocument: &r.Document, LastUpdatedTime: &r.UpdatedAt}
	if r.Resource == "" {
		out.PolicyName, out.PolicyScope = &r.Name, new(policyOfAccount)
		return out
	}
	out.PolicyScope, out.ResourceArn, out.RevisionId = new(policyOfResource), &r.Resource, &r.Revision
	return out
}

// DeleteResourcePolicy removes a policy of the account by its name, or the one of a log group.
func (s *Service) DeleteResourcePolicy(ctx context.Context, in *awslogs.DeleteResourcePolicyRequest) error {
	if err := oneOf(in.PolicyName, in.ResourceArn); err != nil {
		return err
	}
	if in.ResourceArn == nil {
		return s.db.Write(ctx, func(tx *state.Tx) error {
			return missing(resourcePolicies.Delete(tx, callersPlace(ctx, "").key(*in.PolicyName)), policyMissing(*in.PolicyName))
		})
	}
	key, err := policyGroup(ctx, *in.ResourceArn)
	if err != nil {
		return err
	}
	return s.writeGroup(ctx, key, func(g *group, tx *state.Tx) error {
		rec, err := groupResourcePolicies.Get(tx, g.place().key(onlyOne))
		if err != nil {
			return missing(err, awslogs.ResourceNotFoundException("The specified log group has no resource policy."))
		}
		if err := rec.checkRevision(in.ExpectedRevisionId); err != nil {
			return err
		}
		return groupResourcePolicies.Delete(tx, g.place().key(onlyOne))
	})
}

// policyMissing is the answer where there is no policy of the name.
func policyMissing(name string) *awsapi.Error {
	return awslogs.ResourceNotFoundException("Policy with name [%s] does not exist.", name)
}

// oneOf asks for a policy's name or a resource, one of the two.
func oneOf(name, resource *string) error {
	if (orZero(name) == "") == (resource == nil) {
		return invalid("Exactly one of policyName and resourceArn must be specified.")
	}
	return nil
}

// policyGroup returns the log group that a resource ARN names.
func policyGroup(ctx context.Context, resource string) (groupKey, error) {
	if !strings.HasPrefix(resource, "arn:") {
		return groupKey{}, invalid("The specified resource ARN is not valid: %s", resource)
	}
	return identifiedGroup(ctx, resource)
}

// awsPrincipal is what can stand for AWS principals in a policy.
var awsPrincipal = regexp.MustCompile(`^(\*|[0-9]{12}|AIDA[A-Z0-9]+|AROA[A-Z0-9]+|arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:.+)$`)

// checkPolicyDocument checks that text is a policy of a resource: statements with effect, principals and actions. What
// the statements are about is left to the policy's author, as AWS does.
func checkPolicyDocument(text string) error {
	unusable := invalid("Could not convert to persistable policy.")
	doc, err := policy.Parse(text)
	if err != nil || len(doc.Statements) == 0 {
		return unusable
	}
	for i := range doc.Statements {
		st := &doc.Statements[i]
		if st.Effect == "" || len(st.Principals)+len(st.NotPrincipals) == 0 || len(st.Actions)+len(st.NotActions) == 0 {
			return unusable
		}
		for _, p := range slices.Concat(st.Principals, st.NotPrincipals) {
			if p.Type == "AWS" && !awsPrincipal.MatchString(p.Value) {
				return unusable
			}
		}
	}
	return nil
}
