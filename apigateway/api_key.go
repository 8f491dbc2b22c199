package apigateway

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
)

// Limits of API keys.
const (
	apiKeyIDLength = 10
	apiKeyLength   = 40 // of a value that is made here
	minKeyLength   = 20
	maxKeyLength   = 128
	maxKeyName     = 1024
	maxKeyText     = 125_000 // characters of a description
	maxAPIKeys     = 10_000
	maxKeyPlans    = 10
)

// apiKeyRecord is an API key. Its value is claimed by a record of its own, so that no two keys have the same.
type apiKeyRecord struct {
	ID              string            `json:"id"`
	Value           string            `json:"value"`
	Name            string            `json:"name,omitempty"`
	HasName         bool              `json:"hasName,omitempty"` // an empty name was given
	Description     string            `json:"description,omitempty"`
	CustomerID      string            `json:"customerId,omitempty"`
	Enabled         bool              `json:"enabled,omitempty"`
	CreatedDate     time.Time         `json:"createdDate"`
	LastUpdatedDate time.Time         `json:"lastUpdatedDate"`
	Order           int64             `json:"order"` // of creation, in nanoseconds
	StageKeys       []string          `json:"stageKeys,omitempty"`
	Labels          []string          `json:"labels,omitempty"`
	Tags            map[string]string `json:"tags,omitempty"`
	Plans           []string          `json:"plans,omitempty"` // usage plans that it is in
}

func errUnknownKey() error { return notFound("Invalid API Key identifier specified") }

func (v view) apiKey(id string) (apiKeyRecord, error) {
	return find(v, apiKeys, "", id, errUnknownKey())
}

func (v view) putKey(k apiKeyRecord) error { return put(v, apiKeys, "", k.ID, k) }

// CreateApiKey makes a key, with a value of its own if none is given.
func (s *Service) CreateApiKey(ctx context.Context, in *awsapigateway.CreateApiKeyRequest) (*awsapigateway.ApiKey, error) {
	k := apiKeyRecord{
		Value: deref(in.Value), Name: deref(in.Name), HasName: in.Name != nil, Description: deref(in.Description),
		CustomerID: deref(in.CustomerId), Enabled: deref(in.Enabled), Tags: in.Tags,
	}
	if k.Value == "" {
		k.Value = newKeyValue()
	}
	err := s.changeKeys(ctx, func(v view, c *changedKeys) error {
		if err := k.check(minKeyLength); err != nil {
			return err
		}
		for _, sk := range in.StageKeys {
			if _, err := v.stage(deref(sk.RestApiId), deref(sk.StageName)); err != nil {
				return err
			}
			k.StageKeys = append(k.StageKeys, deref(sk.RestApiId)+"/"+deref(sk.StageName))
		}
		return v.insertKey(&k, s.now(), c)
	})
	if err != nil {
		return nil, err
	}
	return k.toWire(true), nil
}

// newKeyValue returns a random value: 62 letters and digits to the power of 40.
func newKeyValue() string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	value := make([]byte, 0, apiKeyLength)
	var b [64]byte
	for len(value) < apiKeyLength {
		_, _ = rand.Read(b[:]) // crypto/rand never returns an error
		for _, c := range b {
			if c &= 63; int(c) < len(alphabet) && len(value) < apiKeyLength {
				value = append(value, alphabet[c])
			}
		}
	}
	return string(value)
}

func (k apiKeyRecord) check(minLength int) error {
	switch {
	case len(k.Value) < minLength:
		return badRequest("API Key value should be at least %d characters", minLength)
	case len(k.Value) > maxKeyLength:
		return badRequest("API Key value exceeds maximum size of %d characters", maxKeyLength)
	case strings.ContainsFunc(k.Value, func(c rune) bool { return c <= ' ' || c > '~' }):
		return badRequest("API Key value can have printable ASCII characters only") // it must fit into a header
	case len([]rune(k.Name)) > maxKeyName:
		return badRequest("Invalid API Key name, can be at most %d characters.", maxKeyName)
	case len([]rune(k.Description)) > maxKeyText:
		return badRequest("Invalid API Key description specified.")
	}
	return checkTags(k.Tags)
}

// insertKey stores a new key.
func (v view) insertKey(k *apiKeyRecord, now time.Time, c *changedKeys) error {
	n, err := apiKeys.Count(v.tx, v.scope(), "")
	if err != nil {
		return fmt.Errorf("count api keys: %w", err)
	}
	if n >= maxAPIKeys {
		return tooMany("API keys", maxAPIKeys)
	}
	if _, taken, err := lookup(v, apiKeyValues, "", k.Value); err != nil || taken {
		if err != nil {
			return err
		}
		return conflict("API Key already exists")
	}
	k.CreatedDate = now.UTC().Truncate(time.Second)
	k.LastUpdatedDate = k.CreatedDate
	k.Order = now.UnixNano() + int64(len(c.keys)) // of several at once the order counts, too
	_, err = insertWithNewID(apiKeyIDLength, func(id string) error {
		k.ID = id
		return apiKeys.Insert(v.tx, v.key("", id), *k)
	})
	if err != nil {
		return fmt.Errorf("create api key: %w", err)
	}
	c.key(k.ID)
	return put(v, apiKeyValues, "", k.Value, k.ID)
}

// GetApiKey returns one key; its value only if asked for.
func (s *Service) GetApiKey(ctx context.Context, in *awsapigateway.GetApiKeyRequest) (*awsapigateway.ApiKey, error) {
	var k apiKeyRecord
	err := s.read(ctx, func(v view) (err error) {
		k, err = v.apiKey(in.ApiKey)
		return err
	})
	if err != nil {
		return nil, err
	}
	return k.toWireWithTags(deref(in.IncludeValue)), nil
}

// GetApiKeys lists keys, newest first, by the beginning of their names and by customer.
func (s *Service) GetApiKeys(ctx context.Context, in *awsapigateway.GetApiKeysRequest) (*awsapigateway.ApiKeys, error) {
	p, err := parsePage(in.Limit, in.Position)
	if err != nil {
		return nil, err
	}
	var list []apiKeyRecord
	err = s.read(ctx, func(v view) (err error) {
		list, err = all(v, apiKeys, "")
		return err
	})
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(k apiKeyRecord) bool {
		return !strings.HasPrefix(k.Name, deref(in.NameQuery)) || in.CustomerId != nil && k.CustomerID != *in.CustomerId
	})
	slices.SortFunc(list, newestFirst(func(k apiKeyRecord) (int64, string) { return k.Order, k.ID }))
	list, next := cutPage(list, p, func(k apiKeyRecord) string { return orderKey(k.Order, k.ID) })
	out := &awsapigateway.ApiKeys{Items: []awsapigateway.ApiKey{}, Position: next}
	for _, k := range list {
		out.Items = append(out.Items, *k.toWire(deref(in.IncludeValues)))
	}
	return out, nil
}

// newestFirst orders by time and then by id.
func newestFirst[T any](of func(T) (order int64, id string)) func(a, b T) int {
	return func(a, b T) int {
		orderA, idA := of(a)
		orderB, idB := of(b)
		return cmp.Or(cmp.Compare(orderB, orderA), cmp.Compare(idA, idB))
	}
}

// orderKey is a place in a list that is newest first: a text that grows along the list.
func orderKey(order int64, id string) string { return fmt.Sprintf("%019d %s", 1<<62-order, id) }

// cutPage is the page of a sorted list that begins behind p.after; next resumes behind it.
func cutPage[T any](list []T, p page, key func(T) string) (_ []T, next *string) {
	first, _ := slices.BinarySearchFunc(list, p.after, func(doc T, after string) int {
		if p.after != "" && key(doc) <= after {
			return -1
		}
		return 1
	})
	list = list[first:]
	if len(list) <= p.limit {
		return list, nil
	}
	return list[:p.limit], position(key(list[p.limit-1]), true)
}

// UpdateApiKey patches a key.
func (s *Service) UpdateApiKey(ctx context.Context, in *awsapigateway.UpdateApiKeyRequest) (*awsapigateway.ApiKey, error) {
	var k apiKeyRecord
	err := s.changeKeys(ctx, func(v view, c *changedKeys) (err error) {
		if k, err = v.apiKey(in.ApiKey); err != nil {
			return err
		}
		if err := apiKeyPatches(v).apply(&k, in.PatchOperations); err != nil {
			return err
		}
		if err := k.check(0); err != nil {
			return err
		}
		k.LastUpdatedDate = s.timestamp()
		c.key(k.ID)
		return v.putKey(k)
	})
	if err != nil {
		return nil, err
	}
	return k.toWireWithTags(false), nil
}

func apiKeyPatches(v view) patchTable[apiKeyRecord] {
	type key = apiKeyRecord
	stages := valueSetRule("/stages", func(k *key) *[]string { return &k.StageKeys })
	store := stages.apply
	stages.apply = func(k *key, op patchOp) error {
		apiID, stage, _ := strings.Cut(op.text(), "/")
		if _, err := v.stage(apiID, stage); err != nil && op.op == opAdd {
			return err
		}
		return store(k, op)
	}
	return listingTable(
		replaceText("/description", func(k *key) *string { return &k.Description }),
		replaceFlag("/enabled", func(k *key) *bool { return &k.Enabled }),
		replaceRule("/name", func(k *key, op patchOp) error {
			k.Name, k.HasName = op.text(), true
			return nil
		}),
		replaceText("/customerId", func(k *key) *string { return &k.CustomerID }),
		valueSetRule("/labels", func(k *key) *[]string { return &k.Labels }),
		stages,
	).listingByOp()
}

// DeleteApiKey removes a key from its usage plans and altogether.
func (s *Service) DeleteApiKey(ctx context.Context, in *awsapigateway.DeleteApiKeyRequest) error {
	return s.changeKeys(ctx, func(v view, c *changedKeys) error {
		k, err := v.apiKey(in.ApiKey)
		if err != nil {
			return err
		}
		for _, planID := range slices.Clone(k.Plans) {
			if err := v.leavePlan(&k, planID); err != nil {
				return err
			}
		}
		if err := apiKeyValues.Delete(v.tx, v.key("", k.Value)); err != nil {
			return fmt.Errorf("delete value of api key %s: %w", k.ID, err)
		}
		if err := apiKeys.Delete(v.tx, v.key("", k.ID)); err != nil {
			return fmt.Errorf("delete api key %s: %w", k.ID, err)
		}
		c.key(k.ID)
		return nil
	})
}

// toWire is a key as CreateApiKey and lists show it.
func (k apiKeyRecord) toWire(withValue bool) *awsapigateway.ApiKey {
	out := &awsapigateway.ApiKey{
		Id: &k.ID, Description: optional(k.Description), CustomerId: optional(k.CustomerID), Enabled: &k.Enabled,
		CreatedDate: &k.CreatedDate, LastUpdatedDate: &k.LastUpdatedDate, StageKeys: k.StageKeys, Tags: nilIfEmptyMap(k.Tags),
	}
	if k.HasName {
		out.Name = &k.Name
	}
	if out.StageKeys == nil {
		out.StageKeys = []string{}
	}
	if withValue {
		out.Value = &k.Value
	}
	return out
}

// toWireWithTags is a key as GetApiKey and UpdateApiKey show it: with tags even when there are none.
func (k apiKeyRecord) toWireWithTags(withValue bool) *awsapigateway.ApiKey {
	out := k.toWire(withValue)
	if out.Tags == nil {
		out.Tags = map[string]string{}
	}
	return out
}
