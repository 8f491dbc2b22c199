package iam

import (
	"context"

	"github.com/tollbook/tollbook/awsapi/awsiam"
)

// What users, groups and roles do with policies is the same but for AWS' names of the operations.

// entityFinder finds what policies can be given to, by its name.
type entityFinder func(t tx, name string) (entity, error)

func findUser(t tx, name string) (entity, error) {
	u, err := t.user(name)
	return userEntity(u), err
}

func findGroup(t tx, name string) (entity, error) {
	g, err := t.group(name)
	return groupEntity(g), err
}

func findRole(t tx, name string) (entity, error) {
	r, err := t.role(name)
	return roleEntity(r), err
}

// of calls f in a transaction with an entity.
func (s *Service) of(ctx context.Context, find entityFinder, name string, f func(tx, entity) error) error {
	return s.write(ctx, func(t tx) error {
		e, err := find(t, name)
		if err != nil {
			return err
		}
		return f(t, e)
	})
}

// inlinePolicy reads an inline policy of an entity.
func (s *Service) inlinePolicy(ctx context.Context, find entityFinder, name, policy string) (e entity, p rolePolicyRecord, err error) {
	err = s.read(ctx, func(t tx) (err error) {
		if e, err = find(t, name); err != nil {
			return err
		}
		p, err = t.inline(e, policy)
		return err
	})
	return e, p, err
}

// inlinePage is a page of the names of an entity's inline policies.
func (s *Service) inlinePage(ctx context.Context, find entityFinder, name string, marker *string, maxItems *int32) (page[string], error) {
	var names []string
	err := s.read(ctx, func(t tx) error {
		e, err := find(t, name)
		if err == nil {
			names, err = t.inlineNames(e)
		}
		return err
	})
	if err != nil {
		return page[string]{}, err
	}
	return paginate(names, func(name string) string { return name }, marker, maxItems)
}

// attachedPage is a page of an entity's managed policies, those under a path.
func (s *Service) attachedPage(
	ctx context.Context, find entityFinder, name string, pathPrefix, marker *string, maxItems *int32,
) (page[awsiam.AttachedPolicy], error) {
	var wire []awsiam.AttachedPolicy
	err := s.read(ctx, func(t tx) error {
		e, err := find(t, name)
		if err == nil {
			wire, err = t.attachedUnder(e, pathPrefix)
		}
		return err
	})
	if err != nil {
		return page[awsiam.AttachedPolicy]{}, err
	}
	return paginate(wire, func(a awsiam.AttachedPolicy) string { return *a.PolicyArn }, marker, maxItems)
}
