package cloudwatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awscloudwatch"
	"github.com/tollbook/tollbook/state"
)

// A composite alarm goes by a rule over the states of other alarms. It is stored as other alarms are, with a rule and only
// those parts of the configuration that it has. Its state follows within the transaction that changes an alarm below it.

// PutCompositeAlarm makes a composite alarm or replaces the one of its name, whose state and tags it keeps. Its rule is
// evaluated at once. Alarms that suppress its actions are not supported.
func (s *Service) PutCompositeAlarm(ctx context.Context, in *awscloudwatch.PutCompositeAlarmInput) error {
	at := callersPlace(ctx)
	rule, err := checkComposite(in, at)
	if err != nil {
		return err
	}
	rec := alarmRecord{
		Rule: in.AlarmRule, Configured: s.now(),
		Config: awscloudwatch.PutMetricAlarmInput{
			AlarmName: in.AlarmName, AlarmDescription: in.AlarmDescription, ActionsEnabled: in.ActionsEnabled,
			OKActions: in.OKActions, AlarmActions: in.AlarmActions, InsufficientDataActions: in.InsufficientDataActions,
		},
	}
	if err := checkActions(&rec.Config); err != nil {
		return err
	}
	if rec.Tags, err = withTags(nil, in.Tags); err != nil {
		return err
	}
	return s.changeAlarms(ctx, func(c *alarmChange) error {
		if err := c.checkChildren(at, rule); err != nil {
			return err
		}
		done, err := c.putConfigured(at, rec)
		if err != nil {
			return err
		}
		return c.evaluate(at, in.AlarmName, alarmARN(at, in.AlarmName)+" was "+done+" and its alarm rule evaluates to ", nil)
	})
}

func checkComposite(in *awscloudwatch.PutCompositeAlarmInput, at place) (*alarmRule, error) {
	if in.ActionsSuppressor != nil || in.ActionsSuppressorWaitPeriod != nil || in.ActionsSuppressorExtensionPeriod != nil {
		return nil, alarmNotBuilt("Alarms that suppress the actions of a composite alarm")
	}
	if in.AlarmRule != strings.TrimSpace(in.AlarmRule) || in.AlarmRule == "" {
		return nil, validationError("AlarmRule must not contain leading or trailing whitespace or be null")
	}
	rule, err := parseRule(in.AlarmRule, at)
	if err != nil {
		return nil, validationError("Error in AlarmRule: %s", err.Error())
	}
	if len(rule.children) > maxChildren {
		return nil, validationError("A composite alarm can have at most %d alarms in its rule.", maxChildren)
	}
	return rule, nil
}

// checkChildren refuses a rule about alarms that do not exist.
func (c *alarmChange) checkChildren(at place, rule *alarmRule) error {
	var unknown []string
	for _, name := range rule.children {
		_, err := alarmRecords.Get(c.tx, at.key(name))
		if errors.Is(err, state.ErrNotFound) {
			unknown = append(unknown, name)
		} else if err != nil {
			return err
		}
	}
	if unknown != nil {
		return validationError("Could not save the composite alarm as alarms [%s] in the alarm rule do not exist", strings.Join(unknown, ", "))
	}
	return nil
}

// watched returns an alarm as it is after the change; nil if there is none.
func (c *alarmChange) watched(key state.Key) *watched {
	if w, changed := c.replace[key]; changed {
		return w
	}
	return c.s.alarms.alarms[key] // its lock is not needed to read, since this change holds changing
}

// composites are the composite alarms of a place, by name.
func (c *alarmChange) composites(at place) []*watched {
	all := maps.Clone(c.s.alarms.alarms)
	maps.Copy(all, c.replace)
	var found []*watched
	for _, w := range all {
		if w != nil && w.rule != nil && w.at == at {
			found = append(found, w)
		}
	}
	slices.SortFunc(found, func(a, b *watched) int { return cmp.Compare(a.rec.Config.AlarmName, b.rec.Config.AlarmName) })
	return found
}

// evaluate gives a composite alarm the state that its rule says. reason is completed by the state. by is what triggered it.
func (c *alarmChange) evaluate(at place, name, reason string, by *watched) error {
	w := c.watched(at.key(name))
	value := stateOK
	if w.rule.holds(func(child string) string {
		if x := c.watched(at.key(child)); x != nil {
			return x.rec.State.Value
		}
		return stateInsufficient
	}) {
		value = stateAlarm
	}
	if value == w.rec.State.Value {
		return nil
	}
	next := alarmState{Value: value, Reason: reason, Updated: c.now}
	if by == nil {
		next.Reason += value
	} else {
		next.ReasonData = jsonText(map[string]any{"triggeringAlarms": []any{triggeringAlarm(by)}}, maxHistoryData)
	}
	return c.setState(at, w.rec, next)
}

func triggeringAlarm(w *watched) map[string]any {
	return map[string]any{
		"arn":   alarmARN(w.at, w.rec.Config.AlarmName),
		"state": map[string]any{"value": w.rec.State.Value, "timestamp": w.rec.State.Updated.UTC().Format(awsTime)},
	}
}

// follow evaluates the composite alarms above an alarm whose state has changed, and those above these. One that is above
// itself is evaluated once only.
func (c *alarmChange) follow(at place, name string) error {
	if c.following[at.key(name)] {
		return nil
	}
	c.following[at.key(name)] = true
	defer delete(c.following, at.key(name))
	by := c.watched(at.key(name))
	for _, w := range c.composites(at) {
		if !slices.Contains(w.rule.children, name) || c.following[at.key(w.rec.Config.AlarmName)] {
			continue
		}
		reason := fmt.Sprintf("%s transitioned to %s at %s", alarmARN(at, name), by.rec.State.Value,
			by.rec.State.Updated.UTC().Format("Monday 02 January, 2006 15:04:05 MST"))
		if err := c.evaluate(at, w.rec.Config.AlarmName, reason, by); err != nil {
			return err
		}
	}
	return nil
}

// checkParents refuses to delete an alarm that a composite alarm looks at which stays.
func (c *alarmChange) checkParents(at place, name string, deleted []string) error {
	for _, w := range c.composites(at) {
		if slices.Contains(w.rule.children, name) && !slices.Contains(deleted, w.rec.Config.AlarmName) {
			return validationError("Cannot delete %s as there are composite alarm(s) depending on it.", name)
		}
	}
	return nil
}

func (r *alarmRecord) composite() bool { return r.Rule != "" }

// kind is what AlarmTypes calls it.
func (r *alarmRecord) kind() string {
	if r.composite() {
		return compositeAlarms
	}
	return metricAlarms
}

// The values of AlarmTypes.
const (
	metricAlarms    = "MetricAlarm"
	compositeAlarms = "CompositeAlarm"
)

// asked says whether a request wants alarms of a kind: metric alarms only unless it says otherwise.
func asked(types []string, kind string) bool {
	if len(types) == 0 {
		return kind == metricAlarms
	}
	return slices.Contains(types, kind)
}

func (r *alarmRecord) toCompositeWire(at place) awscloudwatch.CompositeAlarm {
	c := &r.Config
	return awscloudwatch.CompositeAlarm{
		AlarmName: &c.AlarmName, AlarmArn: new(alarmARN(at, c.AlarmName)), AlarmDescription: c.AlarmDescription, AlarmRule: &r.Rule,
		AlarmConfigurationUpdatedTimestamp: &r.Configured, ActionsEnabled: new(r.actionsEnabled()),
		OKActions: orEmpty(c.OKActions), AlarmActions: orEmpty(c.AlarmActions), InsufficientDataActions: orEmpty(c.InsufficientDataActions),
		StateValue: &r.State.Value, StateReason: &r.State.Reason, StateReasonData: optional(r.State.ReasonData),
		StateUpdatedTimestamp: &r.State.Updated, StateTransitionedTimestamp: &r.Changed,
	}
}
