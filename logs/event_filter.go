package logs

import (
	"slices"

	"github.com/tollbook/tollbook/awsapi/awslogs"
	"github.com/tollbook/tollbook/logs/filterpattern"
	"github.com/tollbook/tollbook/state"
)

// maxRegexpPatterns is how many of a group's metric and subscription filters may have regular expressions.
const maxRegexpPatterns = 5

// eventFilter selects events of a log group: what metric filters and subscription filters have in common.
type eventFilter struct {
	Pattern   string // filter pattern, as it was sent
	Regexps   int    // regular expressions in it
	Selection string // fieldSelectionCriteria; "" without
}

// newEventFilter checks and makes a filter.
func newEventFilter(pattern string, selection *string, transformed *bool) (f eventFilter, p *filterpattern.Pattern, err error) {
	if orZero(transformed) {
		return f, nil, awslogs.InvalidOperationException(
			"applyOnTransformedLogs is valid only for log groups that have an active log transformer.")
	}
	if p, err = parsePattern(pattern); err != nil {
		return f, nil, err
	}
	f = eventFilter{Pattern: pattern, Regexps: p.Regexps(), Selection: orZero(selection)}
	if f.Selection == "" {
		return f, p, nil
	}
	if _, err := parseSelection(f.Selection, systemFields()...); err != nil {
		return f, nil, invalid("Invalid fieldSelectionCriteria: %v", err)
	}
	return f, p, nil
}

func (f *eventFilter) selection() *string {
	if f.Selection == "" {
		return nil
	}
	return &f.Selection
}

// systemFields returns the fields that say where an event came from.
func systemFields() []string { return []string{"@aws.account", "@aws.region"} }

func checkSystemFields(fields []string) error {
	for i, field := range fields {
		if !slices.Contains(systemFields(), field) || slices.Contains(fields[:i], field) {
			return invalid("Invalid system field: %s. Valid values are @aws.account and @aws.region, each at most once.", field)
		}
	}
	return nil
}

// roomForRegexps refuses a filter that would be one more with regular expressions than a group can have. The filter
// replaces the subscription filter or the metric filter of the given name; "" is no filter's name.
func (g *group) roomForRegexps(tx *state.Tx, f eventFilter, subscription, metric string) error {
	if f.Regexps == 0 {
		return nil
	}
	subscriptions, err := list(tx, subscriptionFilters, g.place())
	if err != nil {
		return err
	}
	metrics, err := list(tx, metricFilters, g.place())
	if err != nil {
		return err
	}
	n := 0
	for _, other := range subscriptions {
		if other.Regexps > 0 && other.Name != subscription {
			n++
		}
	}
	for _, other := range metrics {
		if other.Regexps > 0 && other.Name != metric {
			n++
		}
	}
	if n >= maxRegexpPatterns {
		return limitExceeded()
	}
	return nil
}
