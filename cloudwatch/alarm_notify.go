package cloudwatch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/tollbook/tollbook/state"
)

// actionRecord is an action to execute for a change of state. It is stored with the change, until it has ended.
type actionRecord struct {
	Alarm  alarmRecord // after the change
	Old    string      // state value before
	Action string
}

// notice is an action under way.
type notice struct {
	at place
	id string // of its record
	actionRecord
}

// resumeActions executes what had not ended when the process did.
func (s *Service) resumeActions(ctx context.Context) error {
	var all []state.Entry[actionRecord]
	err := s.db.Read(ctx, func(tx *state.Tx) (err error) {
		all, err = actionRecords.All(tx)
		return err
	})
	for _, e := range all {
		s.notify(notice{placeOf(e.Key), e.Key.ID, e.Doc})
	}
	return err
}

// maxAttempts is how often an alarm is sent; the pauses between double, so with RetryAfter 1 s the last is after 2 min.
const maxAttempts = 8

// notify executes an action in the background: a URL is sent the alarm, until it answers 2xx. Any other action is AWS' own,
// of which the history says that it was not delivered. What has not ended when the process does begins anew with the next.
func (s *Service) notify(n notice) {
	s.alarms.notices.Go(func() {
		ctx := s.running
		err := errors.New("no such destination in this installation: only http:// and https:// URLs are delivered to")
		if isURL(n.Action) {
			err = s.deliver(ctx, n)
		}
		if ctx.Err() != nil {
			return
		}
		if err := s.recordAction(ctx, n, err); err != nil {
			s.opts.Log.Error("record an alarm's action", "alarm", n.Alarm.Config.AlarmName, "error", err)
		}
	})
}

// deliver sends the alarm, with retries.
func (s *Service) deliver(ctx context.Context, n notice) (err error) {
	body, err := marshal(n.message())
	if err != nil {
		return fmt.Errorf("render alarm: %w", err)
	}
	pause := s.opts.RetryAfter
	for attempt := 1; ; attempt++ {
		if err = s.post(ctx, n.Action, body); err == nil || attempt == maxAttempts {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
			pause *= 2
		}
	}
}

func (s *Service) post(ctx context.Context, url string, body []byte) error {
	select {
	case s.alarms.sending <- struct{}{}:
		defer func() { <-s.alarms.sending }()
	case <-ctx.Done():
		return ctx.Err()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Tollbook-CloudWatch-Alarm")
	resp, err := s.opts.Client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) // so that the connection can be used again
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("the endpoint answered %s", resp.Status)
	}
	return nil
}

// recordAction notes in the history how an action ended, and forgets it.
func (s *Service) recordAction(ctx context.Context, n notice, failure error) error {
	item := historyRecord{Type: "Action", Summary: "Successfully executed action " + n.Action}
	data := map[string]any{
		"actionState": "Succeeded", "notificationResource": n.Action, "stateUpdateTimestamp": n.Alarm.State.Updated.UnixMilli(),
	}
	if failure != nil {
		item.Summary = fmt.Sprintf("Failed to execute action %s. Received error: %q", n.Action, failure.Error())
		data["actionState"], data["error"] = "Failed", failure.Error()
	} else {
		data["publishedMessage"] = n.message()
	}
	if len(item.Summary) > 255 {
		item.Summary = strings.ToValidUTF8(item.Summary[:255], "")
	}
	item.Data = jsonText(data, maxHistoryData)
	return s.changeAlarms(ctx, func(c *alarmChange) error {
		if err := actionRecords.Delete(c.tx, n.at.key(n.id)); err != nil && !errors.Is(err, state.ErrNotFound) {
			return err
		}
		return c.addHistory(n.at, n.Alarm, item)
	})
}

// message is what AWS publishes to SNS of an alarm.
func (n *notice) message() map[string]any {
	c := &n.Alarm.Config
	m := map[string]any{
		"AlarmName": c.AlarmName, "AlarmDescription": c.AlarmDescription, "AWSAccountId": n.at.account, "Region": n.at.region,
		"AlarmConfigurationUpdatedTimestamp": n.Alarm.Configured.UTC().Format(awsTime),
		"AlarmArn":                           alarmARN(n.at, c.AlarmName),
		"NewStateValue":                      n.Alarm.State.Value, "NewStateReason": n.Alarm.State.Reason,
		"StateChangeTime": n.Alarm.State.Updated.UTC().Format(awsTime), "OldStateValue": n.Old,
		"OKActions": orEmpty(c.OKActions), "AlarmActions": orEmpty(c.AlarmActions),
		"InsufficientDataActions": orEmpty(c.InsufficientDataActions),
	}
	if !n.Alarm.composite() {
		m["Trigger"] = n.trigger()
		return m
	}
	m["AlarmRule"] = n.Alarm.Rule
	var data struct {
		TriggeringAlarms []struct {
			ARN   string `json:"arn"`
			State struct{ Value, Timestamp string }
		}
	}
	children := []map[string]any{}
	_ = json.Unmarshal([]byte(n.Alarm.State.ReasonData), &data) // it is ours, and empty if its rule was changed
	for _, child := range data.TriggeringAlarms {
		children = append(children, map[string]any{"Arn": child.ARN, "State": child.State})
	}
	m["TriggeringChildren"] = children
	return m
}

// orEmpty returns a copy that is never nil: answers show empty lists.
func orEmpty[T any](list []T) []T { return append([]T{}, list...) }

// trigger is what the alarm looks at.
func (n *notice) trigger() map[string]any {
	c := &n.Alarm.Config
	t := map[string]any{
		"Period": valueOf(c.Period), "EvaluationPeriods": valueOf(c.EvaluationPeriods), "ComparisonOperator": c.ComparisonOperator,
		"Threshold": c.Threshold, "TreatMissingData": valueOf(c.TreatMissingData),
		"EvaluateLowSampleCountPercentile": valueOf(c.EvaluateLowSampleCountPercentile),
	}
	if c.DatapointsToAlarm != nil {
		t["DatapointsToAlarm"] = *c.DatapointsToAlarm
	}
	if c.Metrics != nil {
		t["Metrics"] = c.Metrics
		return t
	}
	dims := []map[string]string{}
	for _, d := range c.Dimensions {
		dims = append(dims, map[string]string{"name": d.Name, "value": d.Value})
	}
	t["MetricName"], t["Namespace"], t["Dimensions"], t["Unit"] = c.MetricName, c.Namespace, dims, c.Unit
	t["StatisticType"], t["Statistic"] = "Statistic", statisticInMessage(valueOf(c.Statistic))
	if c.ExtendedStatistic != nil {
		t["StatisticType"], t["ExtendedStatistic"] = "ExtendedStatistic", *c.ExtendedStatistic
		delete(t, "Statistic")
	}
	return t
}

// statisticInMessage spells a statistic as messages do: SAMPLE_COUNT, AVERAGE, …
func statisticInMessage(name string) string {
	if name == "SampleCount" {
		return "SAMPLE_COUNT"
	}
	return strings.ToUpper(name)
}
