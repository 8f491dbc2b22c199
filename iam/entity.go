package iam

import (
	"errors"

	"github.com/tollbook/tollbook/awsapi/awsiam"
	"github.com/tollbook/tollbook/iam/policy"
	"github.com/tollbook/tollbook/state"
)

// entity is what policies can be given to: a role, a user or a group.
type entity struct {
	kind string // "role", "user" or "group"
	name string
	id   string // parent of the records of its policies
}

// A role's name never changes, so it is known by that; users and groups are known by their unique ID, which renaming keeps.
func roleEntity(r roleRecord) entity   { return entity{"role", r.Name, foldName(r.Name)} }
func userEntity(u userRecord) entity   { return entity{"user", u.Name, u.ID} }
func groupEntity(g groupRecord) entity { return entity{"group", g.Name, g.ID} }

// inlineLimit is how long all inline policies of an entity may be together.
func (e entity) inlineLimit() int {
	return map[string]int{"role": maxInlinePolicySize, "user": maxUserInlineSize, "group": maxGroupInlineSize}[e.kind]
}

// attachQuota is the name of the limit on attached policies.
func (e entity) attachQuota() string {
	return map[string]string{"role": "PoliciesPerRole", "user": "PoliciesPerUser", "group": "PoliciesPerGroup"}[e.kind]
}

func (e entity) attachment(arn string) attachmentRecord {
	a := attachmentRecord{PolicyARN: arn}
	switch e.kind {
	case "role":
		a.RoleName = e.name
	case "user":
		a.UserID = e.id
	default:
		a.GroupID = e.id
	}
	return a
}

func (e entity) noInline(name string) error {
	return awsiam.NoSuchEntityException("The %s policy with name %s cannot be found.", e.kind, name)
}

// putInline embeds a policy or replaces the one with its name.
func (t tx) putInline(e entity, name, document string) error {
	if _, err := policy.ParseInline(document); err != nil {
		return malformed(err)
	}
	if err := rolePolicies.Put(t.Tx, t.key(e.id, name), rolePolicyRecord{name, document}); err != nil {
		return err
	}
	all, err := t.inlineOf(e)
	if err != nil {
		return err
	}
	size := 0
	for _, p := range all {
		size += policySize(p.Document)
	}
	if size > e.inlineLimit() {
		return awsiam.LimitExceededException("Maximum policy size of %d bytes exceeded for %s %s", e.inlineLimit(), e.kind, e.name)
	}
	return nil
}

func (t tx) inlineOf(e entity) ([]rolePolicyRecord, error) {
	all, _, err := rolePolicies.List(t.Tx, t.scope(), e.id, "", 0)
	return all, err
}

func (t tx) inline(e entity, name string) (rolePolicyRecord, error) {
	p, err := rolePolicies.Get(t.Tx, t.key(e.id, name))
	if errors.Is(err, state.ErrNotFound) {
		return p, e.noInline(name)
	}
	return p, err
}

func (t tx) deleteInline(e entity, name string) error {
	err := rolePolicies.Delete(t.Tx, t.key(e.id, name))
	if errors.Is(err, state.ErrNotFound) {
		return e.noInline(name)
	}
	return err
}

// inlineNames are the names of an entity's inline policies.
func (t tx) inlineNames(e entity) ([]string, error) {
	all, err := t.inlineOf(e)
	var names []string
	for _, p := range all {
		names = append(names, p.Name)
	}
	return names, err
}

// attach gives an entity a managed policy. Repeating it changes nothing.
func (t tx) attach(e entity, arn string) error {
	p, err := t.attachablePolicy(arn)
	if err != nil {
		return err
	}
	a := e.attachment(p.ARN)
	if err := attachments.Put(t.Tx, t.key(e.id, p.ARN), a); err != nil {
		return err
	}
	all, _, err := attachments.List(t.Tx, t.scope(), e.id, "", 0)
	if err != nil {
		return err
	} else if len(all) > maxAttachments {
		return overQuota(e.attachQuota(), maxAttachments)
	}
	return attachedTo.Put(t.Tx, t.key(p.ARN, e.id), a)
}

// detach takes a managed policy from an entity.
func (t tx) detach(e entity, arn string) error {
	err := attachments.Delete(t.Tx, t.key(e.id, arn))
	if errors.Is(err, state.ErrNotFound) {
		return noSuchPolicy(arn)
	} else if err != nil {
		return err
	}
	return attachedTo.Delete(t.Tx, t.key(arn, e.id))
}

// attached returns the managed policies of an entity, by ARN.
func (t tx) attached(e entity) ([]managedPolicy, error) {
	all, _, err := attachments.List(t.Tx, t.scope(), e.id, "", 0)
	if err != nil {
		return nil, err
	}
	found := make([]managedPolicy, 0, len(all))
	for _, a := range all {
		p, err := t.policy(a.PolicyARN)
		if errors.Is(err, state.ErrNotFound) {
			continue // a policy of AWS that an older version of the program had
		} else if err != nil {
			return nil, err
		}
		found = append(found, p)
	}
	return found, nil
}

// attachedUnder is the answer to ListAttached…Policies.
func (t tx) attachedUnder(e entity, pathPrefix *string) ([]awsiam.AttachedPolicy, error) {
	all, err := t.attached(e)
	var wire []awsiam.AttachedPolicy
	for _, p := range all {
		if underPath(p.Path, pathPrefix) {
			wire = append(wire, awsiam.AttachedPolicy{PolicyName: new(p.Name), PolicyArn: new(p.ARN)})
		}
	}
	return wire, err
}

// checkBare refuses to delete an entity that still has policies.
func (t tx) checkBare(e entity) error {
	if attached, _, err := attachments.List(t.Tx, t.scope(), e.id, "", 1); err != nil {
		return err
	} else if len(attached) > 0 {
		return awsiam.DeleteConflictException("Cannot delete entity, must detach all policies first.")
	}
	if inline, _, err := rolePolicies.List(t.Tx, t.scope(), e.id, "", 1); err != nil {
		return err
	} else if len(inline) > 0 {
		return awsiam.DeleteConflictException("Cannot delete entity, must delete policies first.")
	}
	return nil
}

// documents returns the inline and the attached policies of an entity, parsed.
func (t tx) documents(e entity) ([]*policy.Document, error) {
	inline, err := t.inlineOf(e)
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, p := range inline {
		texts = append(texts, p.Document)
	}
	managed, err := t.attached(e)
	if err != nil {
		return nil, err
	}
	for _, p := range managed {
		text, err := t.document(p)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return parseAll(texts)
}

func parseAll(texts []string) (documents []*policy.Document, err error) {
	documents = make([]*policy.Document, len(texts))
	for i, text := range texts {
		if documents[i], err = policy.Parse(text); err != nil {
			return nil, err
		}
	}
	return documents, nil
}

// boundary returns a permissions boundary as documents; nil where arn is "". One that is gone allows nothing.
func (t tx) boundary(arn string) ([]*policy.Document, error) {
	if arn == "" {
		return nil, nil
	}
	p, err := t.policy(arn)
	if errors.Is(err, state.ErrNotFound) {
		return []*policy.Document{}, nil
	} else if err != nil {
		return nil, err
	}
	text, err := t.document(p)
	if err != nil {
		return nil, err
	}
	return parseAll([]string{text})
}

func boundaryToWire(arn string) *awsiam.AttachedPermissionsBoundary {
	if arn == "" {
		return nil
	}
	return &awsiam.AttachedPermissionsBoundary{PermissionsBoundaryType: new("Policy"), PermissionsBoundaryArn: &arn}
}
