package cli

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

// importTarget is the log group that an import goes to. It is safe for concurrent use.
type importTarget struct {
	logs  *cloudwatchlogs.Client
	group string
	kept  time.Duration // the group's retention; 0 is for ever

	mu      sync.Mutex
	created map[string]int64 // creation time of streams that were looked up, in milliseconds; 0 is absent
}

// findTarget looks at the group, which need not be there.
func findTarget(ctx context.Context, logs *cloudwatchlogs.Client, group string) (*importTarget, error) {
	t := &importTarget{logs: logs, group: group, created: map[string]int64{}}
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(logs, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &group})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("find log group %s: %w", group, err)
		}
		for _, g := range page.LogGroups {
			if aws.ToString(g.LogGroupName) == group {
				t.kept = time.Duration(aws.ToInt32(g.RetentionInDays)) * 24 * time.Hour
				return t, nil
			}
		}
	}
	return t, nil
}

// streamCreated tells when a stream was created, in milliseconds since 1970, or 0 if there is none.
func (t *importTarget) streamCreated(ctx context.Context, stream string) (int64, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if created, known := t.created[stream]; known {
		return created, nil
	}
	pages := cloudwatchlogs.NewDescribeLogStreamsPaginator(t.logs, &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: &t.group, LogStreamNamePrefix: &stream})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if hasCode(err, "ResourceNotFoundException") {
			break
		} else if err != nil {
			return 0, fmt.Errorf("find log stream %s: %w", stream, err)
		}
		for _, s := range page.LogStreams {
			t.created[aws.ToString(s.LogStreamName)] = aws.ToInt64(s.CreationTime)
		}
		if t.created[stream] != 0 {
			break
		}
	}
	return t.created[stream], nil
}

// create makes the group and the stream where they are absent and tells when the stream was created.
func (t *importTarget) create(ctx context.Context, stream string) (int64, error) {
	if created, err := t.streamCreated(ctx, stream); created != 0 || err != nil {
		return created, err
	}
	_, err := t.logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &t.group})
	if err != nil && !hasCode(err, "ResourceAlreadyExistsException") {
		return 0, fmt.Errorf("create log group %s: %w", t.group, err)
	}
	_, err = t.logs.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &t.group, LogStreamName: &stream})
	if err != nil && !hasCode(err, "ResourceAlreadyExistsException") {
		return 0, fmt.Errorf("create log stream %s: %w", stream, err)
	}
	t.mu.Lock()
	delete(t.created, stream)
	t.mu.Unlock()
	return t.streamCreated(ctx, stream)
}

// keptSince is the lowest timestamp that the group keeps now, in milliseconds since 1970.
func (t *importTarget) keptSince() int64 {
	if t.kept == 0 {
		return 0
	}
	return time.Now().Add(-t.kept).UnixMilli()
}
