package logs

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tollbook/tollbook/logs/filterpattern"
)

// minuteMillis is the resolution of metrics out of logs.
const minuteMillis = Millis(60_000)

func minuteOf(t Millis) Millis { return t - (t%minuteMillis+minuteMillis)%minuteMillis }

// maxDimensionSets is how many different sets of dimensions a filter may make within an hour. AWS disables a filter that
// makes more; here, further sets are left out until the hour is over.
const maxDimensionSets = 1000

// runningFilter is a metric filter at work.
type runningFilter struct {
	*metricFilterRecord
	target     metricTarget
	pattern    *filterpattern.Pattern
	number     float64           // the value, unless selector is set
	selector   string            // of the value
	selectors  []MetricDimension // of dimensions, by name: the values are selectors
	system     []MetricDimension // the same for each event
	dimensions []MetricDimension // scratch

	hour    Millis // of sets
	sets    map[string]bool
	refused int // events of this hour beyond maxDimensionSets
}

// newRunningFilter returns nil for a filter that cannot match: one whose criteria do not select the group.
func newRunningFilter(rec *metricFilterRecord, key groupKey) (*runningFilter, error) {
	pattern, err := filterpattern.Parse(rec.Pattern)
	if err != nil {
		return nil, err
	}
	from := systemValues(key)
	if selected, err := rec.selects(from); err != nil || !selected {
		return nil, err
	}
	t := &rec.Transformation
	f := &runningFilter{
		metricFilterRecord: rec, target: metricTarget{key.account, key.region, t.Namespace}, pattern: pattern,
		sets: map[string]bool{},
	}
	if f.number, err = strconv.ParseFloat(t.Value, 64); err != nil {
		f.selector = t.Value
	}
	for name, selector := range t.Dimensions {
		f.selectors = append(f.selectors, MetricDimension{name, selector})
	}
	for _, name := range rec.SystemFields {
		f.system = append(f.system, MetricDimension{name, from[name]})
	}
	return f, nil
}

// systemValues are the values of the system fields for the events of a group.
func systemValues(key groupKey) map[string]string {
	return map[string]string{"@aws.account": key.account, "@aws.region": key.region}
}

// selects tells whether the filter's criteria select events that come from there.
func (f *eventFilter) selects(from map[string]string) (bool, error) {
	if f.Selection == "" {
		return true, nil
	}
	s, err := parseSelection(f.Selection, systemFields()...)
	return err == nil && s.holds(from), err
}

// holds evaluates criteria.
func (s *selection) holds(values map[string]string) bool {
	switch s.Operator {
	case "AND":
		return !slices.ContainsFunc(s.Parts, func(part selection) bool { return !part.holds(values) })
	case "OR":
		return slices.ContainsFunc(s.Parts, func(part selection) bool { return part.holds(values) })
	}
	return slices.Contains(s.Test.Values, values[s.Test.Field]) != s.Test.Not
}

func (f *runningFilter) key(minute Millis) metricKey {
	t := &f.Transformation
	k := metricKey{target: f.target, name: t.Name, unit: "None", minute: minute}
	if t.Unit != nil {
		k.unit = *t.Unit
	}
	return k
}

// count adds what an event makes to the sums and reports whether the filter matches it. A message that matches but has no
// number where the value should be, or lacks a dimension, makes nothing.
func (f *runningFilter) count(sums metricSums, e *LogEvent) (matched bool) {
	if !f.pattern.Match(e.Message) {
		return false
	}
	value, ok := f.value(e.Message)
	if ok && f.setDimensions(e.Message) && f.allowed(e.Ingestion) {
		sums.add(f.key(minuteOf(e.Timestamp)), f.dimensions, value)
	}
	return true
}

func (f *runningFilter) value(message string) (value float64, ok bool) {
	if f.selector == "" {
		return f.number, true
	}
	text, ok := f.pattern.Value(message, f.selector)
	if !ok || strings.Trim(text, "0123456789+-.eE") != "" {
		return 0, false
	}
	value, err := strconv.ParseFloat(text, 64)
	return value, err == nil && math.Abs(value) <= maxMetricValue
}

// setDimensions sets dimensions to those of an event, sorted by name; false if it lacks one.
func (f *runningFilter) setDimensions(message string) bool {
	f.dimensions = append(f.dimensions[:0], f.system...)
	for _, d := range f.selectors {
		value, ok := f.pattern.Value(message, d.Value)
		if !ok || !isDimensionValue(value) {
			return false
		}
		f.dimensions = append(f.dimensions, MetricDimension{d.Name, strings.Clone(value)})
	}
	slices.SortFunc(f.dimensions, func(a, b MetricDimension) int { return strings.Compare(a.Name, b.Name) })
	return true
}

// allowed tells whether the event may have its set of dimensions.
func (f *runningFilter) allowed(now Millis) bool {
	if len(f.selectors) == 0 {
		return true
	}
	if hour := now / (60 * minuteMillis); hour != f.hour {
		f.hour, f.refused = hour, 0
		clear(f.sets)
	}
	set := dimensionsKey(f.dimensions)
	if f.sets[set] {
		return true
	}
	if len(f.sets) >= maxDimensionSets {
		f.refused++
		return false
	}
	f.sets[set] = true
	return true
}
