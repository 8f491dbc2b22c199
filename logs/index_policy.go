package logs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/state"
)

// AWS' limits on an index policy.
const (
	maxIndexFields    = 20
	maxIndexFieldName = 100 // characters
)

// defaultIndexes returns the fields that are indexed in every log group of the STANDARD class.
func defaultIndexes() []string {
	return []string{
		"@logStream", "@aws.region", "@aws.account", "@source.log", "@data_source_name", "@data_source_type", "@data_format",
		"traceId", "severityText", "attributes.session.id",
	}
}

// indexPolicyRecord is the index policy of a log group. Fields need no index here to be found fast; a policy says which
// ones filterIndex and ListLogGroups know.
type indexPolicyRecord struct {
	Document  string // as it was sent
	UpdatedAt int64  // milliseconds
}

// PutIndexPolicy makes or replaces the index policy of a log group.
func (s *Service) PutIndexPolicy(
	ctx context.Context, in *awslogs.PutIndexPolicyRequest,
) (*awslogs.PutIndexPolicyResponse, error) {
	key, err := identifiedGroup(ctx, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	if _, err := indexedFields(in.PolicyDocument); err != nil {
		return nil, invalid("Invalid index policy document: %v", err)
	}
	rec := indexPolicyRecord{Document: in.PolicyDocument, UpdatedAt: int64(s.now())}
	err = s.writeGroup(ctx, key, func(g *group, tx *state.Tx) error {
		if err := g.standardOnly(); err != nil {
			return err
		}
		return indexPolicies.Put(tx, g.place().key(onlyOne), rec)
	})
	return &awslogs.PutIndexPolicyResponse{IndexPolicy: new(rec.describe(key))}, err
}

// indexedFields returns the fields that an index policy names. The error says what is wrong with it.
func indexedFields(document string) ([]string, error) {
	var doc struct {
		Fields   []string
		FieldsV2 map[string]struct {
			Type string `json:"type"`
		}
	}
	if err := decodeObject(document, &doc); err != nil {
		return nil, err
	}
	for name, field := range doc.FieldsV2 {
		if field.Type != "FIELD_INDEX" && field.Type != "FACET" {
			return nil, fmt.Errorf("the type of field %s is neither FIELD_INDEX nor FACET", name)
		}
	}
	fields := slices.Concat(doc.Fields, slices.Sorted(maps.Keys(doc.FieldsV2)))
	if len(fields) == 0 || len(fields) > maxIndexFields {
		return nil, fmt.Errorf("it must name 1 to %d fields", maxIndexFields)
	}
	for i, name := range fields {
		if n := utf8.RuneCountInString(name); n == 0 || n > maxIndexFieldName {
			return nil, fmt.Errorf("the name of a field must have 1 to %d characters", maxIndexFieldName)
		}
		if slices.Contains(fields[:i], name) {
			return nil, fmt.Errorf("it names field %s twice", name)
		}
	}
	return fields, nil
}

// decodeObject reads a policy document into a struct that has all members it may have.
func decodeObject(document string, into any) error {
	if !json.Valid([]byte(document)) {
		return errors.New("it is not a JSON document")
	}
	d := json.NewDecoder(strings.NewReader(document))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return errors.New("it has an unknown member or one of another type")
	}
	return nil
}

// DescribeIndexPolicies returns the index policy in force for a log group: its own, or else one of the account.
func (s *Service) DescribeIndexPolicies(
	ctx context.Context, in *awslogs.DescribeIndexPoliciesRequest,
) (*awslogs.DescribeIndexPoliciesResponse, error) {
	key, err := identifiedGroup(ctx, in.LogGroupIdentifiers[0]) // the model has exactly one
	if err != nil {
		return nil, err
	}
	if in.NextToken != nil {
		return nil, invalidToken() // all fit in the first page
	}
	out := &awslogs.DescribeIndexPoliciesResponse{IndexPolicies: []awslogs.IndexPolicy{}}
	return out, s.readGroup(ctx, key, func(g *group, tx *state.Tx) error {
		if err := g.standardOnly(); err != nil {
			return err
		}
		found, err := indexPolicyOf(tx, &g.rec)
		if found != nil {
			out.IndexPolicies = append(out.IndexPolicies, *found)
		}
		return err
	})
}

// indexPolicyOf returns the index policy in force for a log group, nil if there is none.
func indexPolicyOf(tx *state.Tx, rec *state.LogGroup) (*awslogs.IndexPolicy, error) {
	g := group{key: groupKey{rec.Account, rec.Region, rec.Name}, rec: *rec}
	own, err := indexPolicies.Get(tx, g.place().key(onlyOne))
	if err == nil {
		return new(own.describe(g.key)), nil
	}
	if !errors.Is(err, state.ErrNotFound) {
		return nil, err
	}
	all, err := list(tx, accountPolicies, place{g.place().scope, fieldIndexPolicy})
	for i := range all {
		if all[i].indexes(rec.Name) {
			return &awslogs.IndexPolicy{
				LogGroupIdentifier: new(g.key.arn()), PolicyDocument: &all[i].Document, PolicyName: &all[i].Name,
				LastUpdateTime: &all[i].UpdatedAt, Source: new("ACCOUNT"),
			}, nil
		}
	}
	return nil, err
}

// indexes tells whether a log group has an index on each of the fields. Only the STANDARD class has indexes.
func indexes(tx *state.Tx, rec *state.LogGroup, fields []string) (bool, error) {
	if len(fields) == 0 || rec.Class != classStandard {
		return len(fields) == 0, nil
	}
	known := defaultIndexes()
	policy, err := indexPolicyOf(tx, rec)
	if err != nil {
		return false, err
	}
	if policy != nil {
		named, err := indexedFields(*policy.PolicyDocument)
		if err != nil {
			return false, fmt.Errorf("read the index policy of log group %s: %w", rec.Name, err)
		}
		known = append(known, named...)
	}
	for _, field := range fields {
		if !slices.Contains(known, field) {
			return false, nil
		}
	}
	return true, nil
}

func (r *indexPolicyRecord) describe(key groupKey) awslogs.IndexPolicy {
	return awslogs.IndexPolicy{
		LogGroupIdentifier: new(key.arn()), PolicyDocument: &r.Document, LastUpdateTime: &r.UpdatedAt, Source: new("LOG_GROUP"),
	}
}

// DeleteIndexPolicy removes the index policy of a log group.
func (s *Service) DeleteIndexPolicy(
	ctx context.Context, in *awslogs.DeleteIndexPolicyRequest,
) (*awslogs.DeleteIndexPolicyResponse, error) {
	key, err := identifiedGroup(ctx, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	return &awslogs.DeleteIndexPolicyResponse{}, s.writeGroup(ctx, key, func(g *group, tx *state.Tx) error {
		return missing(indexPolicies.Delete(tx, g.place().key(onlyOne)), noIndexPolicy())
	})
}

func noIndexPolicy() *awsapi.Error {
	return awslogs.ResourceNotFoundException("The specified log group has no index policy.")
}
