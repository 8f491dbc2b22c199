package logs

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/state"
)

// maxQueryDefinitions is how many query definitions an account can have in a region; it is also the size of a page.
const maxQueryDefinitions = 1000

// languageCWLI is the language of a query definition that names none.
const languageCWLI = "CWLI"

// queryDefinitionRecord is a saved query.
type queryDefinitionRecord struct {
	ID          string
	Name        string
	Query       string
	Language    string
	Groups      []string // names of log groups
	Parameters  []queryParameter
	ModifiedAt  int64  // milliseconds
	ClientToken string // of the request that made it; "" without
}

type queryParameter struct {
	Name                 string
	Default, Description *string
}

// PutQueryDefinition saves a query, or replaces everything of the one that queryDefinitionId names. Whether the query
// can be run and the log groups exist is not looked at, as with AWS.
func (s *Service) PutQueryDefinition(
	ctx context.Context, in *awslogs.PutQueryDefinitionRequest,
) (*awslogs.PutQueryDefinitionResponse, error) {
	rec := queryDefinitionRecord{
		Name: in.Name, Query: in.QueryString, Language: languageCWLI, Groups: in.LogGroupNames,
		ModifiedAt: int64(s.now()), ClientToken: orZero(in.ClientToken),
	}
	if in.QueryLanguage != nil {
		rec.Language = *in.QueryLanguage
	}
	for _, p := range in.Parameters {
		rec.Parameters = append(rec.Parameters, queryParameter{p.Name, p.DefaultValue, p.Description})
	}
	if err := rec.checkParameters(); err != nil {
		return nil, err
	}
	put := rec.insert
	if in.QueryDefinitionId != nil {
		rec.ID = *in.QueryDefinitionId
		put = rec.replace
	}
	if err := s.db.Write(ctx, func(tx *state.Tx) error { return put(tx, callersPlace(ctx, "")) }); err != nil {
		return nil, err
	}
	return &awslogs.PutQueryDefinitionResponse{QueryDefinitionId: &rec.ID}, nil
}

func (d *queryDefinitionRecord) checkParameters() error {
	if len(d.Parameters) > 0 && d.Language != languageCWLI {
		return invalid("Query parameters are supported only for Logs Insights QL queries.")
	}
	for i, p := range d.Parameters {
		if slices.ContainsFunc(d.Parameters[:i], func(q queryParameter) bool { return q.Name == p.Name }) {
			return invalid("Query parameter %s is defined twice.", p.Name)
		}
	}
	return nil
}

// insert adds a definition and gives it an ID. A request sent twice with one clientToken makes one.
func (d *queryDefinitionRecord) insert(tx *state.Tx, p place) error {
	all, err := list(tx, queryDefinitions, p)
	if err != nil {
		return err
	}
	for i := range all {
		if d.ClientToken != "" && all[i].ClientToken == d.ClientToken {
			d.ID = all[i].ID
			return nil
		}
	}
	if len(all) >= maxQueryDefinitions {
		return limitExceeded()
	}
	d.ID = uuid.NewString()
	return queryDefinitions.Insert(tx, p.key(d.ID), *d)
}

func (d *queryDefinitionRecord) replace(tx *state.Tx, p place) error {
	old, err := queryDefinitions.Get(tx, p.key(d.ID))
	if err != nil {
		return missing(err, definitionMissing())
	}
	d.ClientToken = old.ClientToken
	return queryDefinitions.Put(tx, p.key(d.ID), *d)
}

func definitionMissing() *awsapi.Error {
	return awslogs.ResourceNotFoundException("The specified query definition does not exist.")
}

// DescribeQueryDefinitions returns a page of the caller's query definitions, sorted by name.
func (s *Service) DescribeQueryDefinitions(
	ctx context.Context, in *awslogs.DescribeQueryDefinitionsRequest,
) (*awslogs.DescribeQueryDefinitionsResponse, error) {
	out := &awslogs.DescribeQueryDefinitionsResponse{QueryDefinitions: []awslogs.QueryDefinition{}}
	return out, s.db.Read(ctx, func(tx *state.Tx) error {
		all, err := list(tx, queryDefinitions, callersPlace(ctx, ""))
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(d queryDefinitionRecord) bool {
			return in.QueryLanguage != nil && *in.QueryLanguage != d.Language
		})
		slices.SortFunc(all, func(a, b queryDefinitionRecord) int { return cmp.Compare(a.sortKey(), b.sortKey()) })
		p := page{definitionsByName, in.NextToken, in.MaxResults, maxQueryDefinitions}
		all, out.NextToken, err = cut(p, all, orZero(in.QueryDefinitionNamePrefix), (*queryDefinitionRecord).sortKey)
		for i := range all {
			out.QueryDefinitions = append(out.QueryDefinitions, all[i].describe())
		}
		return err
	})
}

// definitionsByName is the order letter of list tokens for query definitions.
const definitionsByName = 'q'

// sortKey orders definitions by name, and those of one name by ID.
func (d *queryDefinitionRecord) sortKey() string { return d.Name + "\x00" + d.ID }

func (d *queryDefinitionRecord) describe() awslogs.QueryDefinition {
	out := awslogs.QueryDefinition{
		QueryDefinitionId: &d.ID, Name: &d.Name, QueryString: &d.Query, QueryLanguage: &d.Language,
		LastModified: &d.ModifiedAt, LogGroupNames: d.Groups,
	}
	if out.LogGroupNames == nil {
		out.LogGroupNames = []string{}
	}
	for i := range d.Parameters {
		p := &d.Parameters[i]
		out.Parameters = append(out.Parameters,
			awslogs.QueryParameter{Name: p.Name, DefaultValue: p.Default, Description: p.Description})
	}
	return out
}

// DeleteQueryDefinition removes a query definition.
func (s *Service) DeleteQueryDefinition(
	ctx context.Context, in *awslogs.DeleteQueryDefinitionRequest,
) (*awslogs.DeleteQueryDefinitionResponse, error) {
	err := s.db.Write(ctx, func(tx *state.Tx) error {
		err := queryDefinitions.Delete(tx, callersPlace(ctx, "").key(in.QueryDefinitionId))
		return missing(err, definitionMissing())
	})
	return &awslogs.DeleteQueryDefinitionResponse{Success: new(err == nil)}, err
}
