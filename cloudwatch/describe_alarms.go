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

// DescribeAlarms lists alarms by name: metric alarms unless AlarmTypes asks for others, or those below or above a composite
// alarm.
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
	if in.ChildrenOfAlarmName != nil || in.ParentsOfAlarmName != nil {
		if err := checkRelatives(in); err != nil {
			return nil, err
		}
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
	if in.ChildrenOfAlarmName != nil || in.ParentsOfAlarmName != nil {
		if all, err = s.relatives(ctx, in, all); err != nil {
			return nil, err
		}
	}
	last := ""
	for i := range all {
		if !described(in, &all[i]) {
			continue
		}
		if len(out.MetricAlarms)+len(out.CompositeAlarms) == limit {
			out.NextToken = pageToken(tokenAlarms, last)
			break
		}
		last = all[i].Config.AlarmName
		addAlarm(out, in, &all[i], callersPlace(ctx))
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
	relatives := in.ChildrenOfAlarmName != nil || in.ParentsOfAlarmName != nil
	hasAction := func(action string) bool { return strings.HasPrefix(action, *in.ActionPrefix) }
	switch {
	case !relatives && !asked(in.AlarmTypes, r.kind()),
		len(in.AlarmNames) > 0 && !slices.Contains(in.AlarmNames, r.Config.AlarmName),
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
		if c.Metrics == nil && !all[i].composite() && watchedKey == wanted && agrees(in.Statistic, c.Statistic) &&
			agrees(in.ExtendedStatistic, c.ExtendedStatistic) && agrees(in.Period, c.Period) && agrees(in.Unit, c.Unit) {
			out.MetricAlarms = append(out.MetricAlarms, all[i].toWire(at))
		}
	}
	return out, nil
}

// agrees reports whether a value is the one that a request asks for, if it asks.
func agrees[T comparable](wanted, has *T) bool { return wanted == nil || has != nil && *wanted == *has }

// checkRelatives refuses what cannot be asked together with ChildrenOfAlarmName or ParentsOfAlarmName.
func checkRelatives(in *awscloudwatch.DescribeAlarmsInput) error {
	both := in.ChildrenOfAlarmName != nil && in.ParentsOfAlarmName != nil
	if both || len(in.AlarmNames) > 0 || in.AlarmNamePrefix != nil || len(in.AlarmTypes) > 0 || in.StateValue != nil || in.ActionPrefix != nil {
		return validationError("ChildrenOfAlarmName and ParentsOfAlarmName can only be used with MaxRecords and NextToken.")
	}
	return nil
}

// relatives are those of all alarms that are below a composite alarm, or the composite alarms above an alarm.
func (s *Service) relatives(ctx context.Context, in *awscloudwatch.DescribeAlarmsInput, all []alarmRecord) ([]alarmRecord, error) {
	at := callersPlace(ctx)
	if in.ParentsOfAlarmName != nil {
		return slices.DeleteFunc(all, func(r alarmRecord) bool { return !looksAt(&r, at, *in.ParentsOfAlarmName) }), nil
	}
	s.alarms.mu.RLock()
	parent := s.alarms.alarms[at.key(*in.ChildrenOfAlarmName)]
	s.alarms.mu.RUnlock()
	if parent == nil || parent.rule == nil {
		return nil, nil
	}
	return slices.DeleteFunc(all, func(r alarmRecord) bool { return !slices.Contains(parent.rule.children, r.Config.AlarmName) }), nil
}

// looksAt reports whether an alarm is a composite alarm whose rule has another.
func looksAt(r *alarmRecord, at place, name string) bool {
	if !r.composite() {
		return false
	}
	rule, err := parseRule(r.Rule, at)
	return err == nil && slices.Contains(rule.children, name)
}

// addAlarm adds an alarm to an answer. Of children only the state is told, and of parents only the name.
func addAlarm(out *awscloudwatch.DescribeAlarmsOutput, in *awscloudwatch.DescribeAlarmsInput, r *alarmRecord, at place) {
	metric, composite := r.toWire(at), r.toCompositeWire(at)
	if in.ChildrenOfAlarmName != nil || in.ParentsOfAlarmName != nil {
		metric = awscloudwatch.MetricAlarm{AlarmName: metric.AlarmName, AlarmArn: metric.AlarmArn}
		composite = awscloudwatch.CompositeAlarm{AlarmName: metric.AlarmName, AlarmArn: metric.AlarmArn}
	}
	if in.ChildrenOfAlarmName != nil {
		metric.StateValue, metric.StateUpdatedTimestamp = &r.State.Value, &r.State.Updated
		composite.StateValue, composite.StateUpdatedTimestamp = &r.State.Value, &r.State.Updated
	}
	if r.composite() {
		out.CompositeAlarms = append(out.CompositeAlarms, composite)
	} else {
		out.MetricAlarms = append(out.MetricAlarms, metric)
	}
}
