package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/tollbook/tollbook/accesslog"
)

// executionPrefix begins the names of execution log groups: API-Gateway-Execution-Logs_{apiId}/{stage}.
const executionPrefix = "API-Gateway-Execution-Logs_"

// storySearch looks for all that one request has left.
type storySearch struct {
	*clients
	id       string
	from, to *int64

	stages []stageOfAPI
	groups int // looked at
}

// stageOfAPI is a stage with what is needed of its API.
type stageOfAPI struct {
	types.Stage
	apiID, apiName string
}

// hit is an event that mentions the request.
type hit struct {
	group string
	event logtypes.FilteredLogEvent
	of    *deliveredLog // of a delivered execution log; nil: the group's name tells what it is
}

// find looks for the entry first: it tells which stage's execution log to look at. Without an entry, all are looked at.
func (s *storySearch) find(ctx context.Context, groups []string) (*story, error) {
	if err := s.listStages(ctx); err != nil {
		return nil, err
	}
	if len(groups) == 0 {
		groups = s.accessGroups()
	}
	hits, err := s.search(ctx, groups)
	if err != nil {
		return nil, err
	}
	st := &story{RequestID: s.id}
	st.takeEntry(hits, s.stages)
	executions, err := s.executionGroups(ctx, st)
	if err != nil {
		return nil, err
	}
	lines, err := s.search(ctx, executions)
	if err == nil && len(lines) == 0 {
		lines, err = s.searchDelivered(ctx, st)
	}
	if err != nil {
		return nil, err
	}
	st.takeExecution(lines, s.stages)
	return st, s.addMetrics(ctx, st)
}

func (s *storySearch) listStages(ctx context.Context) error {
	pages := apigateway.NewGetRestApisPaginator(s.apigateway, &apigateway.GetRestApisInput{Limit: aws.Int32(500)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list APIs: %w", err)
		}
		for _, api := range page.Items {
			list, err := s.apigateway.GetStages(ctx, &apigateway.GetStagesInput{RestApiId: api.Id})
			if err != nil {
				return fmt.Errorf("list stages of API %s: %w", aws.ToString(api.Id), err)
			}
			for _, stage := range list.Item {
				s.stages = append(s.stages, stageOfAPI{stage, aws.ToString(api.Id), aws.ToString(api.Name)})
			}
		}
	}
	return nil
}

// accessGroups are the groups that stages log to, and that of requests which reached no stage.
func (s *storySearch) accessGroups() []string {
	groups := []string{accesslog.UnroutedGroup}
	for i := range s.stages {
		if group := s.stages[i].accessGroup(); group != "" {
			groups = append(groups, group)
			if s.stages[i].CanarySettings != nil {
				groups = append(groups, group+"/Canary")
			}
		}
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

// accessGroup is the name of the stage's access log group; empty if it has none.
func (s *stageOfAPI) accessGroup() string {
	if s.AccessLogSettings == nil {
		return ""
	}
	_, group, _ := strings.Cut(aws.ToString(s.AccessLogSettings.DestinationArn), ":log-group:")
	return strings.TrimSuffix(group, ":*")
}

// executionGroups are those that exist of the stages that the entry may be of.
func (s *storySearch) executionGroups(ctx context.Context, st *story) ([]string, error) {
	prefix := executionPrefix
	if st.stage != nil {
		prefix += st.stage.apiID + "/" + aws.ToString(st.stage.StageName)
	}
	var names []string
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(s.logs, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list log groups: %w", err)
		}
		for _, g := range page.LogGroups {
			names = append(names, aws.ToString(g.LogGroupName))
		}
	}
	return names, nil
}

// searches is how many groups are searched at the same time.
const searches = 8

// search returns the events of the groups that mention the request, by time. A group that does not exist has none.
func (s *storySearch) search(ctx context.Context, groups []string) ([]hit, error) {
	s.groups += len(groups)
	found, errs := make([][]hit, len(groups)), make([]error, len(groups))
	var wg sync.WaitGroup
	slots := make(chan struct{}, searches)
	for i, group := range groups {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			found[i], errs[i] = s.searchGroup(ctx, group)
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	hits := slices.Concat(found...)
	slices.SortStableFunc(hits, func(a, b hit) int { return int(aws.ToInt64(a.event.Timestamp) - aws.ToInt64(b.event.Timestamp)) })
	return hits, nil
}

func (s *storySearch) searchGroup(ctx context.Context, group string) (hits []hit, err error) {
	in := cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: &group, FilterPattern: aws.String(`"` + s.id + `"`), StartTime: s.from, EndTime: s.to,
	}
	for e, err := range filtered(ctx, s.logs, in) {
		if hasCode(err, "ResourceNotFoundException") {
			return nil, nil
		} else if err != nil {
			return nil, fmt.Errorf("search %s: %w", group, err)
		}
		hits = append(hits, hit{group: group, event: e})
	}
	return hits, nil
}
