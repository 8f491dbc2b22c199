package logs

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/logs/insights"
)

// The time that GetLogGroupFields looks at: what stands around the time that is given, or else the last while.
const (
	fieldsAround = Millis(8 * 60 * 1000)
	fieldsLast   = Millis(15 * 60 * 1000)
)

// fieldsSample is how many events are read for the fields of messages that are no JSON objects.
const fieldsSample = 1000

// maxGroupFields is how many discovered fields AWS keeps for a group.
const maxGroupFields = 1000

// GetLogGroupFields returns the fields that the events of a stretch of time have, with how many percent of the events
// have them, the commonest first. Fields of messages that are no JSON objects themselves, such as those of VPC flow logs,
// Lambda's lines and objects behind other text, are counted in the newest events and taken to be as common in the others.
func (s *Service) GetLogGroupFields(
	ctx context.Context, in *awslogs.GetLogGroupFieldsRequest,
) (*awslogs.GetLogGroupFieldsResponse, error) {
	key, err := namedGroup(ctx, in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	q := ScanQuery{From: s.now() - fieldsLast, To: math.MaxInt64}
	if in.Time != nil {
		at := Millis(min(*in.Time, math.MaxInt64/2000)) * 1000
		q.From, q.To = at-fieldsAround, at+fieldsAround+1
	}
	err = s.groups.use(ctx, key, func(g *group) error {
		q.Group = g.id
		q.From = max(q.From, retentionStart(&g.rec, s.now()))
		return nil
	})
	if err != nil {
		return nil, err
	}
	counts, events, err := s.store.Fields(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("count the fields of log group %s: %w", key.name, err)
	}
	for i := range counts {
		counts[i].Name = insights.FieldName(counts[i].Name)
	}
	if counts, err = s.addLooseFields(ctx, q, counts, events); err != nil {
		return nil, fmt.Errorf("sample the events of log group %s: %w", key.name, err)
	}
	return &awslogs.GetLogGroupFieldsResponse{LogGroupFields: groupFields(counts, events)}, nil
}

// addLooseFields adds the fields of messages that do not begin as JSON objects.
func (s *Service) addLooseFields(ctx context.Context, q ScanQuery, counts []FieldCount, events int64) ([]FieldCount, error) {
	q.Descending = true
	sampled, found := int64(0), map[string]int64{}
	for e, err := range s.store.Scan(ctx, q) {
		if err != nil {
			return nil, err
		}
		if sampled++; !strings.HasPrefix(strings.TrimLeft(e.Message, " \t\r\n"), "{") {
			once := map[string]bool{}
			for _, f := range insights.DiscoverFields(e.Message) {
				once[f.Name] = true
			}
			for name := range once {
				found[name]++
			}
		}
		if sampled == fieldsSample {
			break
		}
	}
	for i := range counts {
		counts[i].Events = min(counts[i].Events+scaled(found[counts[i].Name], events, sampled), events)
		delete(found, counts[i].Name)
	}
	for name, n := range found {
		counts = append(counts, FieldCount{name, min(scaled(n, events, sampled), events)})
	}
	return counts, nil
}

// scaled is how many of all events there are if there are n among the sampled.
func scaled(n, events, sampled int64) int64 {
	if n == 0 {
		return 0
	}
	return int64(math.Ceil(float64(n) * float64(events) / float64(sampled)))
}

// groupFields adds the fields that every event has. Without events there are none.
func groupFields(counts []FieldCount, events int64) []awslogs.LogGroupField {
	if events == 0 {
		return []awslogs.LogGroupField{}
	}
	slices.SortFunc(counts, func(a, b FieldCount) int {
		return cmp.Or(cmp.Compare(b.Events, a.Events), cmp.Compare(a.Name, b.Name))
	})
	counts = counts[:min(len(counts), maxGroupFields)]
	var fields []awslogs.LogGroupField
	for _, name := range []string{"@ingestionTime", "@log", "@logStream", "@message", "@timestamp"} {
		fields = append(fields, awslogs.LogGroupField{Name: &name, Percent: new(int32(100))})
	}
	for _, c := range counts {
		fields = append(fields, awslogs.LogGroupField{Name: &c.Name, Percent: new(percent(c.Events, events))})
	}
	return fields
}

// percent rounds to a whole number, which is at least 1 for what occurs at all and below 100 for what does not always.
func percent(part, whole int64) int32 {
	rounded := int32(math.Round(100 * float64(part) / float64(whole)))
	if part < whole {
		return min(max(rounded, 1), 99)
	}
	return rounded
}
