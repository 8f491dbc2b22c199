package logs

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/logs/filterpattern"
	"github.com/tollbook/tollbook/state"
)

// AWS' limits on metric filters.
const (
	maxMetricFilters = 100 // of one log group
	maxDimensions    = 3   // of one filter, those of system fields included
)

// metricFilterRecord is a metric filter as it is stored. metric_filter_pump.go makes its metric data.
type metricFilterRecord struct {
	Name      string
	Group     string // name of its log group
	CreatedAt int64  // milliseconds
	From      uint64 // the filter works on events with this arrival and later ones
	eventFilter
	Transformation metricTransformation
	SystemFields   []string // that become dimensions
}

type metricTransformation struct {
	Name       string
	Namespace  string
	Value      string // a number, $name or $.selector
	Default    *float64
	Dimensions map[string]string // values are $name or $.selector
	Unit       *string
}

// PutMetricFilter makes a metric filter or replaces the one of that name. It works on events that come later.
func (s *Service) PutMetricFilter(ctx context.Context, in *awslogs.PutMetricFilterRequest) error {
	rec, err := s.newMetricFilter(in)
	if err != nil {
		return err
	}
	defer s.metrics.hold(ctx)()
	return s.writeGroup(ctx, callersGroup(ctx, in.LogGroupName), func(g *group, tx *state.Tx) error {
		if err := g.standardOnly(); err != nil {
			return err
		}
		rec.From = s.store.NextArrival()
		old, err := list(tx, metricFilters, g.place())
		if err != nil {
			return err
		}
		same := slices.IndexFunc(old, func(f metricFilterRecord) bool { return f.Name == rec.Name })
		if same >= 0 {
			rec.CreatedAt = old[same].CreatedAt
		} else if len(old) >= maxMetricFilters {
			return limitExceeded()
		}
		if err := g.roomForRegexps(tx, rec.eventFilter, "", rec.Name); err != nil {
			return err
		}
		return metricFilters.Put(tx, g.place().key(rec.Name), rec)
	})
}

// newMetricFilter checks what does not depend on the group.
func (s *Service) newMetricFilter(in *awslogs.PutMetricFilterRequest) (rec metricFilterRecord, err error) {
	filter, pattern, err := newEventFilter(in.FilterPattern, in.FieldSelectionCriteria, in.ApplyOnTransformedLogs)
	if err != nil {
		return rec, metricPatternError(err)
	}
	t := in.MetricTransformations[0] // the model has exactly one
	rec = metricFilterRecord{
		Name: in.FilterName, Group: in.LogGroupName, CreatedAt: int64(s.now()), eventFilter: filter,
		Transformation: metricTransformation{
			Name: t.MetricName, Namespace: t.MetricNamespace, Value: t.MetricValue, Default: t.DefaultValue,
			Dimensions: t.Dimensions, Unit: t.Unit,
		},
		SystemFields: in.EmitSystemFieldDimensions,
	}
	if err := checkSystemFields(in.EmitSystemFieldDimensions); err != nil {
		return rec, err
	}
	return rec, rec.checkTransformation(pattern)
}

// metricPatternError puts what is wrong with a pattern as AWS does for metric filters.
func metricPatternError(err error) error {
	var e *awsapi.Error
	if errors.As(err, &e) && e.Message == "Invalid filter pattern" {
		return invalid("Invalid metric filter pattern")
	}
	return err
}

func (f *metricFilterRecord) checkTransformation(p *filterpattern.Pattern) error {
	t := &f.Transformation
	switch {
	case strings.HasPrefix(t.Namespace, "AWS/"): // what the services themselves report; PutMetricData refuses it too
		return invalid("Invalid metric transformation: metric namespace must not begin with AWS/")
	case t.Default != nil && (math.IsNaN(*t.Default) || math.IsInf(*t.Default, 0)):
		return invalid("Invalid metric transformation: default value must be a finite number")
	case !isNumber(t.Value) && !isSelector(t.Value, p):
		return invalid("Invalid metric transformation: metric value must be a valid number or selector")
	case len(t.Dimensions) == 0:
		return f.countDimensions()
	case p.Kind() != filterpattern.JSON && p.Kind() != filterpattern.SpaceDelimited:
		return invalid("The specified filter pattern does not support dimensions")
	case t.Default != nil:
		return invalid("Invalid metric transformation: dimensions and default value are mutually exclusive properties")
	}
	for _, selector := range t.Dimensions {
		if !slices.Contains(p.Names(), selector) {
			return invalid("Invalid metric transformation: dimension value must be valid selector")
		}
	}
	return f.countDimensions()
}

func (f *metricFilterRecord) countDimensions() error {
	if len(f.Transformation.Dimensions)+len(f.SystemFields) > maxDimensions {
		return invalid("Invalid metric transformation: a metric filter can have at most %d dimensions", maxDimensions)
	}
	return nil
}

func isNumber(text string) bool {
	n, err := strconv.ParseFloat(text, 64)
	return err == nil && !math.IsInf(n, 0) && !math.IsNaN(n)
}

// isSelector tells whether text selects a value of the events that the pattern matches: a named field of a
// space-delimited pattern, or any property where the pattern is about JSON.
func isSelector(text string, p *filterpattern.Pattern) bool {
	switch p.Kind() {
	case filterpattern.SpaceDelimited:
		return slices.Contains(p.Names(), text)
	case filterpattern.JSON:
		// A pattern that asks for the selector's existence says whether it can be one.
		_, err := filterpattern.Parse("{ " + text + " = * }")
		return strings.HasPrefix(text, "$") && !strings.ContainsAny(text, " =!<>&|()*") && err == nil
	}
	return false
}

// DescribeMetricFilters returns a page of the metric filters of a log group, or of all log groups, sorted by name.
func (s *Service) DescribeMetricFilters(
	ctx context.Context, in *awslogs.DescribeMetricFiltersRequest,
) (*awslogs.DescribeMetricFiltersResponse, error) {
	if (in.MetricName == nil) != (in.MetricNamespace == nil) {
		return nil, invalid("metricName and metricNamespace must be specified together.")
	}
	find := s.groupMetricFilters
	if in.LogGroupName == nil {
		find = s.allMetricFilters
	}
	found, next, err := find(ctx, in)
	if err != nil {
		return nil, err
	}
	out := &awslogs.DescribeMetricFiltersResponse{MetricFilters: make([]awslogs.MetricFilter, len(found)), NextToken: next}
	for i := range found {
		out.MetricFilters[i] = found[i].describe()
	}
	return out, nil
}

// groupMetricFilters finds a page of one group's filters.
func (s *Service) groupMetricFilters(
	ctx context.Context, in *awslogs.DescribeMetricFiltersRequest,
) (found []metricFilterRecord, next *string, err error) {
	err = s.readGroup(ctx, callersGroup(ctx, *in.LogGroupName), func(g *group, tx *state.Tx) error {
		if err := g.standardOnly(); err != nil {
			return err
		}
		all, err := list(tx, metricFilters, g.place())
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(f metricFilterRecord) bool { return !f.makes(in.MetricName, in.MetricNamespace) })
		p := page{metricFiltersByName, in.NextToken, in.Limit, describePage}
		found, next, err = cut(p, all, orZero(in.FilterNamePrefix), func(f *metricFilterRecord) string { return f.Name })
		return err
	})
	return found, next, err
}

// The order letters of list tokens for the metric filters of one group and of all.
const (
	metricFiltersByName = 'm'
	allMetricFilters    = 'M'
)

// allMetricFilters finds a page of the filters of all groups. Those of one name follow each other in no documented
// order. AWS looks at the prefix only where the request names a group.
func (s *Service) allMetricFilters(
	ctx context.Context, in *awslogs.DescribeMetricFiltersRequest,
) (found []metricFilterRecord, next *string, err error) {
	text, err := placeIn(in.NextToken, allMetricFilters)
	if err != nil {
		return nil, nil, err
	}
	after := callersPlace(ctx, "").key("")
	after.ID, after.Parent, _ = strings.Cut(text, ":") // names have no colons
	limit := describePage
	if in.Limit != nil {
		limit = int(*in.Limit)
	}
	err = s.db.Read(ctx, func(tx *state.Tx) error {
		for more := true; more; {
			var entries []state.Entry[metricFilterRecord]
			if entries, more, err = metricFilters.ListAcross(tx, after, manyFilters); err != nil {
				return err
			}
			for i := range entries {
				if !entries[i].Doc.makes(in.MetricName, in.MetricNamespace) {
					continue
				}
				if len(found) == limit {
					next = listToken(allMetricFilters, after.ID+":"+after.Parent)
					return nil
				}
				found, after = append(found, entries[i].Doc), entries[i].Key
			}
			if len(entries) > 0 && more {
				after = entries[len(entries)-1].Key
			}
		}
		return nil
	})
	return found, next, err
}

// manyFilters is how many filters are looked at in one step when those of all groups are searched.
const manyFilters = 1000

// makes tells whether the filter makes the metric; nil stands for any.
func (f *metricFilterRecord) makes(name, namespace *string) bool {
	return name == nil || f.Transformation.Name == *name && f.Transformation.Namespace == *namespace
}

func (f *metricFilterRecord) describe() awslogs.MetricFilter {
	t := &f.Transformation
	return awslogs.MetricFilter{
		FilterName: &f.Name, FilterPattern: &f.Pattern, LogGroupName: &f.Group, CreationTime: &f.CreatedAt,
		MetricTransformations: []awslogs.MetricTransformation{{
			MetricName: t.Name, MetricNamespace: t.Namespace, MetricValue: t.Value, DefaultValue: t.Default,
			Dimensions: t.Dimensions, Unit: t.Unit,
		}},
		ApplyOnTransformedLogs: new(false), FieldSelectionCriteria: f.selection(), EmitSystemFieldDimensions: f.SystemFields,
	}
}

// DeleteMetricFilter removes a metric filter.
func (s *Service) DeleteMetricFilter(ctx context.Context, in *awslogs.DeleteMetricFilterRequest) error {
	defer s.metrics.hold(ctx)()
	return s.writeGroup(ctx, callersGroup(ctx, in.LogGroupName), func(g *group, tx *state.Tx) error {
		return missing(metricFilters.Delete(tx, g.place().key(in.FilterName)),
			awslogs.ResourceNotFoundException("The specified metric filter does not exist."))
	})
}

// TestMetricFilter says which of some messages a pattern matches, and what it takes from them. Messages count from 0, as
// in AWS' examples.
func (s *Service) TestMetricFilter(
	_ context.Context, in *awslogs.TestMetricFilterRequest,
) (*awslogs.TestMetricFilterResponse, error) {
	pattern, err := parsePattern(in.FilterPattern)
	if err != nil {
		return nil, metricPatternError(err)
	}
	out := &awslogs.TestMetricFilterResponse{Matches: []awslogs.MetricFilterMatchRecord{}}
	for i, message := range in.LogEventMessages {
		if pattern.Match(message) {
			out.Matches = append(out.Matches, awslogs.MetricFilterMatchRecord{
				EventNumber: new(int64(i)), EventMessage: &message, ExtractedValues: pattern.Extract(message),
			})
		}
	}
	return out, nil
}
