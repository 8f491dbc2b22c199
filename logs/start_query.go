package logs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/logs/insights"
	"github.com/tollbook/tollbook/logs/insights/syntax"
	"github.com/tollbook/tollbook/state"
)

// maxSourceGroups is how many log groups a SOURCE can select.
const maxSourceGroups = 10_000

// StartQuery begins a Logs Insights query over log groups (spec §6.1). A query that cannot be understood is refused with
// the place of the error; one that can is run in the background, whoever leaves.
func (s *Service) StartQuery(ctx context.Context, in *awslogs.StartQueryRequest) (*awslogs.StartQueryResponse, error) {
	if l := orZero(in.QueryLanguage); l != "" && l != languageCWLI {
		return nil, malformedQuery(ctx, &syntax.Error{
			Span: syntax.Span{End: utf8.RuneCountInString(in.QueryString)}, Message: "Tollbook does not answer queries in " + l + " yet: use " + languageCWLI,
		})
	}
	if in.StartTime > in.EndTime {
		return nil, invalid("Query's start time must not be after its end time") // text unverified
	}
	parsed, err := syntax.ParseQuery(in.QueryString)
	if err != nil {
		return nil, malformedQuery(ctx, err)
	}
	q := s.newQuery(ctx, in)
	within := insights.TimeRange{From: in.StartTime * 1000, To: in.EndTime*1000 + 1000}
	plan, data, err := s.planQuery(ctx, q, in, parsed, within)
	if err != nil {
		return nil, err
	}
	run, cancel := context.WithTimeout(context.WithoutCancel(ctx), queryTimeout)
	q.cancel = cancel
	if err := s.queries.add(q); err != nil {
		cancel()
		return nil, err
	}
	go s.runQuery(run, q, plan, data)
	return &awslogs.StartQueryResponse{QueryId: &q.id}, nil
}

func (s *Service) newQuery(ctx context.Context, in *awslogs.StartQueryRequest) *query {
	c := awsapi.CallerFrom(ctx)
	return &query{
		id: uuid.NewString(), account: c.AccountID, region: c.Region, caller: c.ARN, text: in.QueryString, createdAt: s.now(),
		status: queryScheduled, done: make(chan struct{}),
	}
}

// planQuery finds the query's groups and plans it.
func (s *Service) planQuery(
	ctx context.Context, q *query, in *awslogs.StartQueryRequest, parsed *syntax.Query, within insights.TimeRange,
) (*insights.Query, *queryData, error) {
	keys, err := s.queriedGroups(ctx, in, parsed.Source)
	if err != nil {
		return nil, nil, err
	}
	for _, key := range keys {
		q.groups = append(q.groups, key.name)
	}
	if parsed.Source == nil {
		q.text = fmt.Sprintf("SOURCE %s START=%d END=%d | %s", quotedNames(q.groups), within.From, within.To-1, in.QueryString)
	}
	data, err := s.queryData(ctx, keys)
	if err != nil {
		return nil, nil, err
	}
	if wrong := data.allowedIn(parsed.Commands); wrong != nil {
		return nil, nil, malformedQuery(ctx, wrong)
	}
	options := insights.Options{
		Within: within, Now: int64(s.now()), MemoryBytes: maxQueryBytes, Region: q.region,
		Lookups: queryTables{s.db, callersPlace(ctx, "")},
	}
	if in.Limit != nil {
		options.Limit = int(*in.Limit)
	}
	plan, err := insights.Compile(parsed, options)
	if err != nil {
		return nil, nil, malformedQuery(ctx, err)
	}
	return plan, data, nil
}

func quotedNames(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = `"` + name + `"`
	}
	return strings.Join(quoted, ", ")
}

// queriedGroups returns the groups that the request or its SOURCE names, each once.
func (s *Service) queriedGroups(ctx context.Context, in *awslogs.StartQueryRequest, source *syntax.Source) ([]groupKey, error) {
	given := 0
	for _, present := range []bool{in.LogGroupName != nil, in.LogGroupNames != nil, in.LogGroupIdentifiers != nil} {
		if present {
			given++
		}
	}
	switch {
	case source != nil && given > 0:
		return nil, invalid("Log groups must not be specified both as parameters and by SOURCE in the query") // text unverified
	case source != nil:
		return s.sourceGroups(ctx, source)
	case given != 1:
		return nil, invalid("Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be specified") // text unverified
	case in.LogGroupName != nil:
		return []groupKey{callersGroup(ctx, *in.LogGroupName)}, nil
	}
	var keys []groupKey
	for _, name := range slices.Concat(in.LogGroupNames, in.LogGroupIdentifiers) {
		key, err := identifiedGroup(ctx, name)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return distinct(keys), nil
}

// distinct drops what occurred before.
func distinct(keys []groupKey) (once []groupKey) {
	seen := map[groupKey]bool{}
	for _, key := range keys {
		if !seen[key] {
			once = append(once, key)
		}
		seen[key] = true
	}
	return once
}

// sourceGroups returns the groups that a SOURCE selects.
func (s *Service) sourceGroups(ctx context.Context, source *syntax.Source) ([]groupKey, error) {
	if len(source.DataSources) > 0 {
		return nil, malformedQuery(ctx, &syntax.Error{Span: source.Span, Message: "SOURCE dataSource is not supported: log groups have no data sources here"})
	}
	if !source.ByRule {
		var keys []groupKey
		for _, name := range source.Groups {
			key, err := identifiedGroup(ctx, name)
			if err != nil {
				return nil, err
			}
			keys = append(keys, key)
		}
		return distinct(keys), nil
	}
	c := awsapi.CallerFrom(ctx)
	if len(source.Accounts) > 0 && !slices.Contains(source.Accounts, c.AccountID) {
		return nil, nil
	}
	prefixes := source.NamePrefixes
	if len(prefixes) == 0 {
		prefixes = []string{""}
	}
	var keys []groupKey
	err := s.db.Read(ctx, func(tx *state.Tx) error {
		for _, prefix := range prefixes {
			recs, _, err := tx.ListLogGroups(state.LogGroupQuery{Account: c.AccountID, Region: c.Region, Prefix: prefix})
			if err != nil {
				return err
			}
			keys = append(keys, selectClass(recs, source.Classes)...)
		}
		return nil
	})
	keys = distinct(keys)
	return keys[:min(len(keys), maxSourceGroups)], err
}

// selectClass keeps the groups of some classes; without any, those that can be queried.
func selectClass(recs []state.LogGroup, classes []string) (keys []groupKey) {
	if len(classes) == 0 {
		classes = []string{classStandard, classInfrequentAccess}
	}
	for _, rec := range recs {
		if slices.Contains(classes, rec.Class) {
			keys = append(keys, groupKey{rec.Account, rec.Region, rec.Name})
		}
	}
	return keys
}

// malformedQuery tells a client what is wrong with its query, and where.
func malformedQuery(ctx context.Context, err error) error {
	var wrong *syntax.Error
	if !errors.As(err, &wrong) {
		return err
	}
	e := awslogs.MalformedQueryException("%s", wrong.Message+innerTail(ctx, "MalformedQueryException"))
	e.Members = map[string]any{"queryCompileError": map[string]any{
		"location": map[string]any{"startCharOffset": wrong.Start, "endCharOffset": wrong.End},
		"message":  wrong.Message,
	}}
	return e
}

// queriedGroupMissing words a missing group as queries do.
func queriedGroupMissing(ctx context.Context, key groupKey) error {
	return awslogs.ResourceNotFoundException("Log group '%s' does not exist for account ID '%s'%s",
		key.name, key.account, innerTail(ctx, "ResourceNotFoundException"))
}

// innerTail is what AWS' query service has behind its messages, which come from another service inside.
func innerTail(ctx context.Context, code string) string {
	return fmt.Sprintf(" (Service: AWSLogs; Status Code: 400; Error Code: %s; Request ID: %s; Proxy: null)", code, awsapi.CallerFrom(ctx).RequestID)
}
