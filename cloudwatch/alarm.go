package cloudwatch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awscloudwatch"
	"github.com/tollbook/tollbook/state"
)

// What an account keeps beside its data points. Dashboards are global: their scope has no region.
//
//	cloudwatch.Alarm          ""           alarm name
//	cloudwatch.AlarmHistory   alarm name   time and number
//	cloudwatch.AlarmAction    ""           time and number
//	cloudwatch.Dashboard      ""           dashboard name
var (
	alarmRecords   = state.Collection[alarmRecord]{Kind: "cloudwatch.Alarm"}
	historyRecords = state.Collection[historyRecord]{Kind: "cloudwatch.AlarmHistory"}
	actionRecords  = state.Collection[actionRecord]{Kind: "cloudwatch.AlarmAction"}
	boardRecords   = state.Collection[boardRecord]{Kind: "cloudwatch.Dashboard"}
)

const (
	maxAlarms = 5000 // of an account's region
	maxTags   = 50
)

// The states of an alarm.
const (
	stateOK           = "OK"
	stateAlarm        = "ALARM"
	stateInsufficient = "INSUFFICIENT_DATA"
)

// alarmRecord is an alarm as it is stored.
type alarmRecord struct {
	Config     awscloudwatch.PutMetricAlarmInput // without its Tags
	Rule       string                            // of a composite alarm, as it was put; empty for others
	Tags       map[string]string
	Configured time.Time
	State      alarmState
	Changed    time.Time // when the state's value changed
}

type alarmState struct {
	Value      string
	Reason     string
	ReasonData string // JSON; may be empty
	Updated    time.Time
}

// PutMetricAlarm makes an alarm or replaces the one of its name, whose state and tags it keeps.
func (s *Service) PutMetricAlarm(ctx context.Context, in *awscloudwatch.PutMetricAlarmInput) error {
	rec := alarmRecord{Config: *in, Configured: s.now()}
	if err := checkAlarm(&rec.Config); err != nil {
		return err
	}
	var err error
	if rec.Tags, err = withTags(nil, in.Tags); err != nil {
		return err
	}
	rec.Config.Tags = nil
	at := callersPlace(ctx)
	return s.changeAlarms(ctx, func(c *alarmChange) error {
		_, err := c.putConfigured(at, rec)
		return err
	})
}

// putConfigured stores an alarm with a new configuration; one that there was keeps its state and tags. It returns what was
// done: created, or updated.
func (c *alarmChange) putConfigured(at place, rec alarmRecord) (done string, err error) {
	name := rec.Config.AlarmName
	old, err := alarmRecords.Get(c.tx, at.key(name))
	switch {
	case err == nil && old.composite() != rec.composite():
		return "", validationError("There is already an alarm of another type with the name %s.", name)
	case err == nil:
		rec.State, rec.Changed, rec.Tags = old.State, old.Changed, old.Tags
		return "updated", c.put(at, rec, configured("updated", "Update", rec))
	case !errors.Is(err, state.ErrNotFound):
		return "", err
	}
	if n, err := alarmRecords.Count(c.tx, at.scope(), ""); err != nil {
		return "", err
	} else if n >= maxAlarms {
		return "", awscloudwatch.LimitExceededFault("The maximum number of alarms (%d) has been reached.", maxAlarms)
	}
	rec.State = alarmState{Value: stateInsufficient, Reason: "Unchecked: Initial alarm creation", Updated: rec.Configured}
	rec.Changed = rec.Configured
	return "created", c.put(at, rec, configured("created", "Create", rec))
}

// configured is the history of a change of configuration.
func configured(done, kind string, rec alarmRecord) historyRecord {
	return historyRecord{
		Type: "ConfigurationUpdate", Summary: fmt.Sprintf("Alarm %q %s", rec.Config.AlarmName, done),
		Data: jsonText(map[string]any{"version": "1.0", "type": kind, done + "Alarm": describedConfig(&rec)}, maxHistoryData),
	}
}

func (p place) key(id string) state.Key { return state.Key{Scope: p.scope(), ID: id} }

// DeleteAlarms deletes alarms, of which one can be a composite alarm, and all of which none that stays may look at; those
// that do not exist are no error. Their history stays.
func (s *Service) DeleteAlarms(ctx context.Context, in *awscloudwatch.DeleteAlarmsInput) error {
	if len(in.AlarmNames) > 100 {
		return validationError("The collection AlarmNames must not have a size greater than 100.")
	}
	at := callersPlace(ctx)
	return s.changeAlarms(ctx, func(c *alarmChange) error {
		composites := 0
		for _, name := range in.AlarmNames {
			rec, err := alarmRecords.Get(c.tx, at.key(name))
			if errors.Is(err, state.ErrNotFound) {
				continue
			}
			if rec.composite() {
				if composites++; composites > 1 {
					return validationError("Only one composite alarm can be deleted at a time.")
				}
			}
			if err == nil {
				err = c.checkParents(at, name, in.AlarmNames)
			}
			if err == nil {
				err = c.remove(at, rec)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// EnableAlarmActions has alarms execute their actions again; unknown ones are no error.
func (s *Service) EnableAlarmActions(ctx context.Context, in *awscloudwatch.EnableAlarmActionsInput) error {
	return s.setActionsEnabled(ctx, in.AlarmNames, true)
}

// DisableAlarmActions keeps alarms from executing actions; unknown ones are no error.
func (s *Service) DisableAlarmActions(ctx context.Context, in *awscloudwatch.DisableAlarmActionsInput) error {
	return s.setActionsEnabled(ctx, in.AlarmNames, false)
}

func (s *Service) setActionsEnabled(ctx context.Context, names []string, enabled bool) error {
	at := callersPlace(ctx)
	return s.changeAlarms(ctx, func(c *alarmChange) error {
		for _, name := range names {
			rec, err := alarmRecords.Get(c.tx, at.key(name))
			if errors.Is(err, state.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			rec.Config.ActionsEnabled = &enabled
			rec.Configured = s.now()
			if err := c.put(at, rec, configured("updated", "Update", rec)); err != nil {
				return err
			}
		}
		return nil
	})
}

// SetAlarmState sets the state, and executes the actions of a change, until the alarm is evaluated next.
func (s *Service) SetAlarmState(ctx context.Context, in *awscloudwatch.SetAlarmStateInput) error {
	if data := valueOf(in.StateReasonData); data != "" && !validJSON(data) {
		return awscloudwatch.InvalidFormatFault("StateReasonData is not valid JSON.")
	}
	at := callersPlace(ctx)
	return s.changeAlarms(ctx, func(c *alarmChange) error {
		rec, err := alarmRecords.Get(c.tx, at.key(in.AlarmName))
		if err != nil {
			return missing(err, awscloudwatch.ResourceNotFound(""))
		}
		return c.setState(at, rec, alarmState{
			Value: in.StateValue, Reason: in.StateReason, ReasonData: valueOf(in.StateReasonData), Updated: s.now(),
		})
	})
}

// alarmARN names an alarm.
func alarmARN(at place, name string) string {
	return fmt.Sprintf("arn:aws:cloudwatch:%s:%s:alarm:%s", at.region, at.account, name)
}

// isURL reports whether an action is Tollbook's own kind: a URL that the alarm is posted to.
func isURL(action string) bool {
	return strings.HasPrefix(action, "http://") || strings.HasPrefix(action, "https://")
}

// actions are those that a state has the alarm execute.
func (r *alarmRecord) actions(value string) []string {
	switch value {
	case stateOK:
		return r.Config.OKActions
	case stateAlarm:
		return r.Config.AlarmActions
	}
	return r.Config.InsufficientDataActions
}

func (r *alarmRecord) actionsEnabled() bool {
	return r.Config.ActionsEnabled == nil || *r.Config.ActionsEnabled
}

func (r *alarmRecord) toWire(at place) awscloudwatch.MetricAlarm {
	c := &r.Config
	return awscloudwatch.MetricAlarm{
		AlarmName: &c.AlarmName, AlarmArn: new(alarmARN(at, c.AlarmName)), AlarmDescription: c.AlarmDescription,
		AlarmConfigurationUpdatedTimestamp: &r.Configured, ActionsEnabled: new(r.actionsEnabled()),
		OKActions: orEmpty(c.OKActions), AlarmActions: orEmpty(c.AlarmActions), InsufficientDataActions: orEmpty(c.InsufficientDataActions),
		StateValue: &r.State.Value, StateReason: &r.State.Reason, StateReasonData: optional(r.State.ReasonData),
		StateUpdatedTimestamp: &r.State.Updated, StateTransitionedTimestamp: &r.Changed,
		MetricName: c.MetricName, Namespace: c.Namespace, Statistic: c.Statistic, ExtendedStatistic: c.ExtendedStatistic,
		Dimensions: orEmpty(c.Dimensions), Period: c.Period, Unit: c.Unit,
		EvaluationPeriods: c.EvaluationPeriods, DatapointsToAlarm: c.DatapointsToAlarm, Threshold: c.Threshold,
		ComparisonOperator: c.ComparisonOperator, TreatMissingData: c.TreatMissingData,
		EvaluateLowSampleCountPercentile: c.EvaluateLowSampleCountPercentile, Metrics: c.Metrics,
	}
}

// alarmNotBuilt refuses kinds of alarms that this program does not have.
func alarmNotBuilt(what string) *awsapi.Error {
	return awsapi.NewError(501, "NotImplemented", "%s are not supported by this server.", what)
}
