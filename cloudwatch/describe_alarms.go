package cloudwatch

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awscloudwatch"
	"github.com/tollbook/tollbook/state"
)

// alarmsPage is how many alarms a page has unless the request says otherwise.
const alarmsPage = 50

// DescribeAlarms lists alarms by name. There are metric alarms only, so what asks for others finds none.
func (s *Service) DescribeAlarms(ctx context.Context, in *awscloudwatch.DescribeAlarmsInput) (*awscloudwatch.DescribeAlarmsOutput, error) {
	if len(in.AlarmNames) > 0 && in.AlarmNamePrefix != nil {
		return nil, invalidCombination("The parameters AlarmNames and AlarmNamePrefix are mutually exclusive and you have specified both.")
	}
	after, err := pagePlace(in.NextToken, tokenAlarms)
	if err != nil {
		return nil, err
	}
	out := &awscloudwatch.DescribeAlarmsOutput{
		MetricAlarms: []awscloudwatch.MetricAlarm{}, CompositeAlarms: []awscloudwatch.CompositeAlarm{},
	}
	others := len(in.AlarmTypes) > 0 && !slices.Contains(in.AlarmTypes, "MetricAlarm")
	if others || in.ChildrenOfAlarmName != nil || in.ParentsOfAlarmName != nil {
		return out, nil
	}
	all, err := s.listAlarms(ctx, after)
	if err != nil {
		return nil, err
	}
	limit := alarmsPage
	if in.MaxRecords != nil {
		limit = int(*in.MaxRecords)
	} else if len(in.AlarmNames) > 0 {
		limit = len(in.AlarmNames)
	}
	for i := range all {
		if !described(in, &all[i]) {
			continue
		}
		if n := len(out.MetricAlarms); n == limit {
			out.NextToken = pageToken(tokenAlarms, *out.MetricAlarms[n-1].AlarmName)
			break
		}
		out.MetricAlarms = append(out.MetricAlarms, all[i].toWire(callersPlace(ctx)))
	}
	return out, nil
}

func (s *Service) listAlarms(ctx context.Context, after string) (all []alarmRecord, err error) {
	err = s.db.Read(ctx, func(tx *state.Tx) (err error) {
		all, _, err = alarmRecords.List(tx, callersPlace(ctx).scope(), "", after, 0)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list alarms: %w", err)
	}
	return all, nil
}

// described applies the filters of a request to an alarm.
func described(in *awscloudwatch.DescribeAlarmsInput, r *alarmRecord) bool {
	hasAction := func(action string) bool { return strings.HasPrefix(action, *in.ActionPrefix) }
	switch {
	case len(in.AlarmNames) > 0 && !slices.Contains(in.AlarmNames, r.Config.AlarmName),
		in.AlarmNamePrefix != nil && !strings.HasPrefix(r.Config.AlarmName, *in.AlarmNamePrefix),
		in.StateValue != nil && *in.StateValue != r.State.Value:
		return false
	}
	return in.ActionPrefix == nil ||
		slices.ContainsFunc(slices.Concat(r.Config.OKActions, r.Config.AlarmActions, r.Config.InsufficientDataActions), hasAction)
}

// DescribeAlarmsForMetric lists the alarms that watch one metric by itself.
func (s *Service) DescribeAlarmsForMetric(
	ctx context.Context, in *awscloudwatch.DescribeAlarmsForMetricInput,
) (*awscloudwatch.DescribeAlarmsForMetricOutput, error) {
	at := callersPlace(ctx)
	all, err := s.listAlarms(ctx, "")
	if err != nil {
		return nil, err
	}
	out := &awscloudwatch.DescribeAlarmsForMetricOutput{MetricAlarms: []awscloudwatch.MetricAlarm{}}
	wanted := keyOf(at, in.Namespace, in.MetricName, in.Dimensions).String()
	for i := range all {
		c := &all[i].Config
		watchedKey := keyOf(at, valueOf(c.Namespace), valueOf(c.MetricName), c.Dimensions).String()
		if c.Metrics == nil && watchedKey == wanted && agrees(in.Statistic, c.Statistic) &&
			agrees(in.ExtendedStatistic, c.ExtendedStatistic) && agrees(in.Period, c.Period) && agrees(in.Unit, c.Unit) {
			out.MetricAlarms = append(out.MetricAlarms, all[i].toWire(at))
		}
	}
	return out, nil
}

// agrees reports whether a value is the one that a request asks for, if it asks.
func agrees[T comparable](wanted, has *T) bool { return wanted == nil || has != nil && *wanted == *has }
