package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// A stage's execution log may be delivered to log groups of the user's own, as JSON or as plain lines.

// deliveredLog is a log group that has the execution log of a stage.
type deliveredLog struct{ group, apiID, stage string }

// searchDelivered returns the lines of the request in the first group that has some: each has them all.
func (s *storySearch) searchDelivered(ctx context.Context, st *story) ([]hit, error) {
	logs, err := s.deliveredLogs(ctx)
	if err != nil {
		return nil, err
	}
	for _, l := range logs {
		if st.stage != nil && (l.apiID != st.APIID || l.stage != st.Stage) {
			continue
		}
		found, err := s.search(ctx, []string{l.group})
		if err != nil {
			return nil, err
		}
		var lines []hit
		for _, h := range found {
			if text, ok := delivered(aws.ToString(h.event.Message), s.id); ok {
				h.event.Message, h.of = &text, &l
				lines = append(lines, h)
			}
		}
		if len(lines) > 0 {
			return lines, nil
		}
	}
	return nil, nil
}

// executionOf tells which stage's execution log a hit is in; it is not ok if it is in none.
func (h hit) executionOf() (apiID, stage string, ok bool) {
	if h.of != nil {
		return h.of.apiID, h.of.stage, true
	}
	return strings.Cut(strings.TrimPrefix(strings.TrimSuffix(h.group, "/Canary"), executionPrefix), "/")
}

// deliveredLogs are the groups that execution logs of the stages are delivered to.
func (s *storySearch) deliveredLogs(ctx context.Context) ([]deliveredLog, error) {
	sources, err := s.deliverySources(ctx)
	if err != nil || len(sources) == 0 {
		return nil, err
	}
	groups, err := s.deliveryGroups(ctx)
	if err != nil {
		return nil, err
	}
	var all []deliveredLog
	pages := cloudwatchlogs.NewDescribeDeliveriesPaginator(s.logs, &cloudwatchlogs.DescribeDeliveriesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list log deliveries: %w", err)
		}
		for _, d := range page.Deliveries {
			l, known := sources[aws.ToString(d.DeliverySourceName)]
			if l.group = groups[aws.ToString(d.DeliveryDestinationArn)]; known && l.group != "" {
				all = append(all, l)
			}
		}
	}
	return all, nil
}

// deliverySources are the stages that are sources, by the source's name.
func (s *storySearch) deliverySources(ctx context.Context) (map[string]deliveredLog, error) {
	all := map[string]deliveredLog{}
	pages := cloudwatchlogs.NewDescribeDeliverySourcesPaginator(s.logs, &cloudwatchlogs.DescribeDeliverySourcesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list delivery sources: %w", err)
		}
		for _, source := range page.DeliverySources {
			_, path, _ := strings.Cut(strings.Join(source.ResourceArns, " "), ":/restapis/")
			if api, stage, ok := strings.Cut(path, "/stages/"); ok {
				all[aws.ToString(source.Name)] = deliveredLog{apiID: api, stage: stage}
			}
		}
	}
	return all, nil
}

// deliveryGroups are the names of log groups, by the ARNs of the delivery destinations.
func (s *storySearch) deliveryGroups(ctx context.Context) (map[string]string, error) {
	all := map[string]string{}
	pages := cloudwatchlogs.NewDescribeDeliveryDestinationsPaginator(s.logs, &cloudwatchlogs.DescribeDeliveryDestinationsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list delivery destinations: %w", err)
		}
		for _, d := range page.DeliveryDestinations {
			if d.DeliveryDestinationType == types.DeliveryDestinationTypeCwl && d.DeliveryDestinationConfiguration != nil {
				_, group, _ := strings.Cut(aws.ToString(d.DeliveryDestinationConfiguration.DestinationResourceArn), ":log-group:")
				all[aws.ToString(d.Arn)] = strings.TrimSuffix(group, ":*")
			}
		}
	}
	return all, nil
}

// delivered is the text of a delivered line that belongs to a request: the field payload of a record.
func delivered(message, requestID string) (text string, ok bool) {
	var record struct{ Payload string }
	if json.Unmarshal([]byte(message), &record) == nil {
		message = record.Payload
	}
	if i := strings.Index(message, "("+requestID+") "); i >= 0 {
		return message[i:], true
	}
	return "", false
}
