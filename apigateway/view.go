package apigateway

import (
	"context"
	"errors"
	"fmt"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/iam/policy"
	"github.com/tollbook/tollbook/state"
)

// view is one transaction as one caller sees it: the records of their account and region. Its finders return AWS'
// errors for what is not there.
type view struct {
	tx        *state.Tx
	accountID string
	region    string
	who       *policy.Identity // who asks; nil if no policies count
}

func (s *Service) read(ctx context.Context, f func(v view) error) error {
	return s.db.Read(ctx, func(tx *state.Tx) error { return f(viewOf(ctx, tx)) })
}

func (s *Service) write(ctx context.Context, f func(v view) error) error {
	return s.db.Write(ctx, func(tx *state.Tx) error { return f(viewOf(ctx, tx)) })
}

func viewOf(ctx context.Context, tx *state.Tx) view {
	caller := awsapi.CallerFrom(ctx)
	return view{tx: tx, accountID: caller.AccountID, region: caller.Region, who: policy.IdentityFrom(ctx)}
}

func (v view) scope() string { return v.accountID + "/" + v.region }

func (v view) key(parent, id string) state.Key {
	return state.Key{Scope: v.scope(), Parent: parent, ID: id}
}

// find gets a record, or absent where there is none.
func find[T any](v view, c state.Collection[T], parent, id string, absent error) (T, error) {
	doc, ok, err := lookup(v, c, parent, id)
	if err == nil && !ok {
		err = absent
	}
	return doc, err
}

// lookup gets a record that may be absent.
func lookup[T any](v view, c state.Collection[T], parent, id string) (doc T, ok bool, err error) {
	doc, err = c.Get(v.tx, v.key(parent, id))
	if errors.Is(err, state.ErrNotFound) {
		return doc, false, nil
	}
	if err != nil {
		return doc, false, fmt.Errorf("get %s %s: %w", c.Kind, id, err)
	}
	return doc, true, nil
}

// put stores a record, new or not.
func put[T any](v view, c state.Collection[T], parent, id string, doc T) error {
	if err := c.Put(v.tx, v.key(parent, id), doc); err != nil {
		return fmt.Errorf("put %s %s: %w", c.Kind, id, err)
	}
	return nil
}

// all lists every record below parent.
func all[T any](v view, c state.Collection[T], parent string) ([]T, error) {
	docs, _, err := c.List(v.tx, v.scope(), parent, "", 0)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", c.Kind, err)
	}
	return docs, nil
}

func (v view) account() (accountRecord, error) {
	acc, _, err := lookup(v, accounts, "", "account") // until something is set, the zero record
	return acc, err
}

func (v view) restApi(id string) (restApiRecord, error) {
	return find(v, restApis, "", id, errUnknownAPI(v.accountID, id))
}

// resource finds a resource after it made sure of its API.
func (v view) resource(apiID, id string) (resourceRecord, error) {
	if _, err := v.restApi(apiID); err != nil {
		return resourceRecord{}, err
	}
	return find(v, resources, apiID, id, errUnknownResource())
}

// method finds a method and the resource that it is stored in; what is changed in it is kept by putResource.
func (v view) method(apiID, resourceID, httpMethod string) (resourceRecord, *methodRecord, error) {
	res, err := v.resource(apiID, resourceID)
	if err != nil {
		return res, nil, err
	}
	m := res.Methods[httpMethod]
	if m == nil {
		return res, nil, errUnknownMethod()
	}
	return res, m, nil
}

// integration finds a method's integration, as method does.
func (v view) integration(apiID, resourceID, httpMethod string) (resourceRecord, *methodRecord, error) {
	res, m, err := v.method(apiID, resourceID, httpMethod)
	if err == nil && m.Integration == nil {
		err = errUnknownIntegration()
	}
	return res, m, err
}

func (v view) putResource(apiID string, res resourceRecord) error {
	return put(v, resources, apiID, res.ID, res)
}

func (v view) deployment(apiID, id string) (deploymentRecord, error) {
	if _, err := v.restApi(apiID); err != nil {
		return deploymentRecord{}, err
	}
	return find(v, deployments, apiID, id, errUnknownDeployment())
}

func (v view) stage(apiID, name string) (stageRecord, error) {
	if _, err := v.restApi(apiID); err != nil {
		return stageRecord{}, err
	}
	return find(v, stages, apiID, name, errUnknownStage())
}
