package cloudwatch

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awscloudwatch"
	"github.com/tollbook/tollbook/cloudwatch/metricmath"
)

// metricQuery is one of the queries of GetMetricData or of an alarm: a metric or an expression.
type metricQuery struct {
	id         string
	label      string
	labelled   bool // a label was given, if only an empty one
	hidden     bool // ReturnData false
	account    string
	expression *metricmath.Expr // nil for a metric
	period     int64            // 0: not given

	// of a metric
	namespace, name string
	dimensions      []awscloudwatch.Dimension
	statistic       statistic
	unit            unit
}

var queryID = regexp.MustCompile(`^[a-z][A-Za-z0-9_]*$`)

// parseQueries checks queries on their own and together; where names their list in messages.
func parseQueries(where string, in []awscloudwatch.MetricDataQuery) ([]*metricQuery, error) {
	if len(in) > maxQueries {
		return nil, validationError("The collection %s must not have a size greater than %d.", where, maxQueries)
	}
	queries := make([]*metricQuery, len(in))
	ids := map[string]bool{}
	for i := range in {
		q, err := parseQuery(fmt.Sprintf("%s.member.%d", where, i+1), &in[i])
		if err != nil {
			return nil, err
		}
		if ids[q.id] {
			return nil, validationError("The values for parameter id in %s are not unique.", where)
		}
		ids[q.id] = true
		queries[i] = q
	}
	for _, q := range queries {
		if err := checkReferences(q, ids); err != nil {
			return nil, err
		}
	}
	return queries, checkCycles(queries)
}

func checkReferences(q *metricQuery, ids map[string]bool) error {
	if q.expression == nil {
		return nil
	}
	for _, id := range q.expression.References() {
		if !ids[id] {
			return expressionError(q.id, fmt.Errorf("Undefined variable %s", id))
		}
	}
	return nil
}

func expressionError(id string, err error) error {
	return validationError("Error in expression '%s': %v", id, err)
}

func parseQuery(where string, in *awscloudwatch.MetricDataQuery) (*metricQuery, error) {
	q := &metricQuery{
		id: in.Id, label: valueOf(in.Label), labelled: in.Label != nil, hidden: in.ReturnData != nil && !*in.ReturnData,
		account: valueOf(in.AccountId), period: int64(valueOf(in.Period)),
	}
	switch {
	case !queryID.MatchString(in.Id):
		return nil, validationError("The value %s for parameter %s.Id is invalid. It must begin with a lowercase letter "+
			"and contain only letters, numbers and underscores.", in.Id, where)
	case in.MetricStat != nil && in.Expression != nil:
		return nil, validationError("The parameters %s.Expression and %s.MetricStat are mutually exclusive "+
			"and you have specified both.", where, where)
	case in.MetricStat == nil && in.Expression == nil:
		return nil, validationError("At least one of the parameters %s.Expression and %s.MetricStat must be specified.", where, where)
	case in.Period != nil && !validPeriod(q.period):
		return nil, periodError(where)
	case in.Expression != nil:
		return q, q.parseExpression(*in.Expression)
	}
	return q, q.readMetric(where+".MetricStat", in.MetricStat)
}

func periodError(where string) error {
	return validationError("The parameter %s.Period must be 1, 5, 10, 20, 30 or a multiple of 60.", where)
}

func (q *metricQuery) parseExpression(text string) (err error) {
	if word, _, _ := strings.Cut(strings.TrimSpace(text), " "); strings.EqualFold(word, "SELECT") {
		return validationError("Metrics Insights queries are not supported by this server.")
	}
	if q.expression, err = metricmath.Parse(text); err != nil {
		return expressionError(q.id, err)
	}
	return nil
}

func (q *metricQuery) readMetric(where string, in *awscloudwatch.MetricStat) error {
	if in.Metric == nil || in.Metric.Namespace == nil || in.Metric.MetricName == nil {
		return validationError("The parameters %s.Metric.Namespace and %s.Metric.MetricName are required.", where, where)
	}
	q.period = int64(in.Period)
	if !validPeriod(q.period) {
		return periodError(where)
	}
	q.namespace, q.name, q.dimensions = *in.Metric.Namespace, *in.Metric.MetricName, in.Metric.Dimensions
	var ok bool
	if q.statistic, ok = parseStatistic(in.Stat); !ok {
		return validationError("The value %s for parameter %s.Stat is not supported.", in.Stat, where)
	}
	if q.unit, ok = unitNamed(valueOf(in.Unit)); !ok {
		return validationError("The value %s for parameter %s.Unit is not supported.", *in.Unit, where)
	}
	return nil
}

// checkCycles refuses expressions that need each other. METRICS is no such need: it takes only metrics.
func checkCycles(queries []*metricQuery) error {
	const open, done = 1, 2
	state := map[string]int{}
	var visit func(q *metricQuery) error
	visit = func(q *metricQuery) error {
		switch {
		case state[q.id] == open:
			return expressionError(q.id, fmt.Errorf("The expression refers to itself"))
		case state[q.id] == done || q.expression == nil:
			return nil
		}
		state[q.id] = open
		for _, id := range q.expression.References() {
			i := slices.IndexFunc(queries, func(o *metricQuery) bool { return o.id == id })
			if err := visit(queries[i]); err != nil {
				return err
			}
		}
		state[q.id] = done
		return nil
	}
	for _, q := range queries {
		if err := visit(q); err != nil {
			return err
		}
	}
	return nil
}
