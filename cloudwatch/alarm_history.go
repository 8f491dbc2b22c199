package cloudwatch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tollbook/tollbook/awsapi/awscloudwatch"
	"github.com/tollbook/tollbook/state"
)

const (
	historyPage    = 100
	historyKept    = 30 * 24 * time.Hour
	maxHistoryData = 4095 // bytes, as the model has it
)

// historyRecord is an item of an alarm's history. It outlives the alarm.
type historyRecord struct {
	Alarm   string
	Rule    bool // of a composite alarm
	Time    time.Time
	Type    string // ConfigurationUpdate, StateUpdate or Action
	Summary string
	Data    string // JSON
}

// historyID sorts as the items happened.
func historyID(at time.Time, n int) string {
	return fmt.Sprintf("%020d-%08d", at.UnixMicro(), n%100_000_000)
}

// placeOf is where a record belongs.
func placeOf(k state.Key) place {
	account, region, _ := strings.Cut(k.Scope, "/")
	return place{account, region}
}

// jsonText renders data; "{}" where that is longer than an item may hold.
func jsonText(v any, limit int) string {
	text, err := marshal(v)
	if err != nil || len(text) > limit {
		return "{}"
	}
	return string(text)
}

// marshal renders JSON that people read too: reasons have arrows.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func validJSON(text string) bool { return json.Valid([]byte(text)) }

func stateUpdate(old, next alarmState) historyRecord {
	shown := func(s alarmState, withData bool) map[string]any {
		m := map[string]any{"stateValue": s.Value, "stateReason": s.Reason}
		if withData && validJSON(s.ReasonData) {
			m["stateReasonData"] = json.RawMessage(s.ReasonData)
		}
		return m
	}
	item := historyRecord{Type: "StateUpdate", Summary: fmt.Sprintf("Alarm updated from %s to %s", old.Value, next.Value)}
	for _, withData := range []bool{true, false} {
		m := map[string]any{"version": "1.0", "oldState": shown(old, withData), "newState": shown(next, withData)}
		item.Data = jsonText(m, maxHistoryData)
		if item.Data != "{}" {
			break
		}
	}
	return item
}

// describedConfig is an alarm's configuration as history shows it.
func describedConfig(r *alarmRecord) map[string]any {
	c := &r.Config
	m := map[string]any{
		"alarmName": c.AlarmName, "alarmDescription": c.AlarmDescription, "actionsEnabled": r.actionsEnabled(),
		"okActions": c.OKActions, "alarmActions": c.AlarmActions, "insufficientDataActions": c.InsufficientDataActions,
	}
	if r.composite() {
		m["alarmRule"] = r.Rule
		return m
	}
	m["evaluationPeriods"], m["threshold"], m["comparisonOperator"] = c.EvaluationPeriods, c.Threshold, c.ComparisonOperator
	m["treatMissingData"] = c.TreatMissingData
	if c.MetricName != nil {
		m["namespace"], m["metricName"], m["period"], m["statistic"] = c.Namespace, c.MetricName, c.Period, alarmStatistic(c)
	}
	return m
}

// DescribeAlarmHistory lists what happened to one alarm, or to all, deleted ones included; newest first by default.
func (s *Service) DescribeAlarmHistory(
	ctx context.Context, in *awscloudwatch.DescribeAlarmHistoryInput,
) (*awscloudwatch.DescribeAlarmHistoryOutput, error) {
	ascending := valueOf(in.ScanBy) == "TimestampAscending"
	list := byte(tokenHistory)
	if ascending {
		list = tokenBackward
	}
	after, err := pagePlace(in.NextToken, list)
	if err != nil {
		return nil, err
	}
	all, err := s.readHistory(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("read alarm history: %w", err)
	}
	if !ascending {
		slices.Reverse(all)
	}
	out := &awscloudwatch.DescribeAlarmHistoryOutput{AlarmHistoryItems: []awscloudwatch.AlarmHistoryItem{}}
	limit := historyPage
	if in.MaxRecords != nil {
		limit = int(*in.MaxRecords)
	}
	last := ""
	for _, e := range all {
		id := e.Key.ID + "/" + e.Key.Parent
		if after != "" && (ascending && id <= after || !ascending && id >= after) {
			continue
		}
		if len(out.AlarmHistoryItems) == limit {
			out.NextToken = pageToken(list, last)
			break
		}
		out.AlarmHistoryItems = append(out.AlarmHistoryItems, e.Doc.toWire())
		last = id
	}
	return out, nil
}

// readHistory returns the items that a request wants, oldest first.
func (s *Service) readHistory(
	ctx context.Context, in *awscloudwatch.DescribeAlarmHistoryInput,
) (wanted []state.Entry[historyRecord], err error) {
	var all []state.Entry[historyRecord]
	err = s.db.Read(ctx, func(tx *state.Tx) (err error) {
		all, _, err = historyRecords.ListAcross(tx, state.Key{Scope: callersPlace(ctx).scope()}, 0)
		return err
	})
	for _, e := range all {
		switch d := e.Doc; {
		case in.AlarmName != nil && *in.AlarmName != d.Alarm, !asked(in.AlarmTypes, d.kind()),
			in.HistoryItemType != nil && *in.HistoryItemType != d.Type,
			in.StartDate != nil && d.Time.Before(*in.StartDate),
			in.EndDate != nil && d.Time.After(*in.EndDate),
			d.Time.Before(s.now().Add(-historyKept)):
		default:
			wanted = append(wanted, e)
		}
	}
	return wanted, err
}

func (h historyRecord) kind() string {
	if h.Rule {
		return compositeAlarms
	}
	return metricAlarms
}

func (h historyRecord) toWire() awscloudwatch.AlarmHistoryItem {
	return awscloudwatch.AlarmHistoryItem{
		AlarmName: &h.Alarm, AlarmType: new(h.kind()), Timestamp: &h.Time,
		HistoryItemType: &h.Type, HistorySummary: &h.Summary, HistoryData: &h.Data,
	}
}

// expireHistory deletes, once a day, items that are not shown any more.
func (s *Service) expireHistory(ctx context.Context) error {
	now := s.now()
	if now.Sub(s.alarms.expired) < 24*time.Hour {
		return nil
	}
	s.alarms.expired = now
	err := s.db.Write(ctx, func(tx *state.Tx) error {
		all, err := historyRecords.All(tx)
		for _, e := range all {
			if err == nil && e.Doc.Time.Before(now.Add(-historyKept)) {
				err = historyRecords.Delete(tx, e.Key)
			}
		}
		return err
	})
	return asSent("delete old alarm history", err)
}
