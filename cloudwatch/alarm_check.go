package cloudwatch

import (
	"slices"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awscloudwatch"
)

// comparisons are the operators of alarms with a threshold, by what they say in reasons.
var comparisons = map[string]struct {
	words string
	holds func(value, threshold float64) bool
}{
	"GreaterThanThreshold":          {"greater than", func(v, t float64) bool { return v > t }},
	"GreaterThanOrEqualToThreshold": {"greater than or equal to", func(v, t float64) bool { return v >= t }},
	"LessThanThreshold":             {"less than", func(v, t float64) bool { return v < t }},
	"LessThanOrEqualToThreshold":    {"less than or equal to", func(v, t float64) bool { return v <= t }},
}

const (
	day  = 86400
	week = 7 * day
)

// checkAlarm checks what the model does not.
func checkAlarm(in *awscloudwatch.PutMetricAlarmInput) error {
	for _, check := range []func(*awscloudwatch.PutMetricAlarmInput) error{
		checkBuilt, checkEvaluation, checkWatched, checkActions,
	} {
		if err := check(in); err != nil {
			return err
		}
	}
	return nil
}

func checkBuilt(in *awscloudwatch.PutMetricAlarmInput) error {
	switch op := valueOf(in.ComparisonOperator); {
	case in.EvaluationCriteria != nil || in.EvaluationInterval != nil:
		return alarmNotBuilt("Alarms on PromQL queries")
	case in.ThresholdMetricId != nil || strings.HasSuffix(op, "UpperThreshold") || strings.HasSuffix(op, "LowerThreshold"):
		return alarmNotBuilt("Alarms on anomaly detection")
	}
	return nil
}

func checkEvaluation(in *awscloudwatch.PutMetricAlarmInput) error {
	switch {
	case in.EvaluationPeriods == nil:
		return missingParameter("The parameter EvaluationPeriods is required.")
	case in.ComparisonOperator == nil:
		return missingParameter("The parameter ComparisonOperator is required.")
	case in.Threshold == nil:
		return missingParameter("The parameter Threshold is required.")
	case !finite(*in.Threshold):
		return invalidValue("The value %v for parameter Threshold is invalid.", *in.Threshold)
	case comparisons[*in.ComparisonOperator].holds == nil:
		return invalidValue("The value %s for parameter ComparisonOperator is invalid.", *in.ComparisonOperator)
	case in.DatapointsToAlarm != nil && *in.DatapointsToAlarm > *in.EvaluationPeriods:
		return validationError("The parameter DatapointsToAlarm must be less than or equal to the parameter EvaluationPeriods.")
	}
	if t := in.TreatMissingData; t != nil && !slices.Contains([]string{"breaching", "notBreaching", "ignore", "missing"}, *t) {
		return invalidValue("The value %s is not supported for TreatMissingData parameter. Supported values are "+
			"[breaching, notBreaching, ignore, missing].", *t)
	}
	if e := in.EvaluateLowSampleCountPercentile; e != nil && *e != "evaluate" && *e != "ignore" {
		return invalidValue("Option %s is not supported. Supported options for parameter EvaluateLowSampleCountPercentile "+
			"are evaluate and ignore.", *e)
	}
	return nil
}

// checkWatched checks what the alarm looks at: one metric, or queries of which one gives the values.
func checkWatched(in *awscloudwatch.PutMetricAlarmInput) error {
	single := in.MetricName != nil || in.Namespace != nil || in.Statistic != nil || in.ExtendedStatistic != nil ||
		in.Dimensions != nil || in.Period != nil || in.Unit != nil
	switch {
	case in.Metrics != nil && single:
		return validationError("The parameters MetricName, Namespace, Dimensions, Period, Unit, Statistic and ExtendedStatistic " +
			"cannot be specified together with the parameter Metrics.")
	case in.Metrics != nil:
		queries, err := parseAlarmQueries(in.Metrics)
		if err != nil {
			return err
		}
		return checkSpan(alarmPeriod(in, queries), int64(*in.EvaluationPeriods))
	}
	if in.MetricName == nil || in.Namespace == nil || in.Period == nil {
		return missingParameter("The parameters MetricName, Namespace and Period are required for an alarm on a metric.")
	}
	switch {
	case in.Statistic == nil && in.ExtendedStatistic == nil:
		return missingParameter("Exactly one of Statistic and ExtendedStatistic must be specified.")
	case in.Statistic != nil && in.ExtendedStatistic != nil:
		return invalidCombination("Exactly one of Statistic and ExtendedStatistic must be specified.")
	}
	if st, ok := parseStatistic(alarmStatistic(in)); !ok || st.isPlain() != (in.Statistic != nil) {
		return unsupported(alarmStatistic(in), "Statistic")
	}
	if _, ok := unitNamed(valueOf(in.Unit)); !ok {
		return invalidValue("The value %s for parameter Unit is invalid.", *in.Unit)
	}
	return checkSpan(int64(*in.Period), int64(*in.EvaluationPeriods))
}

func alarmStatistic(in *awscloudwatch.PutMetricAlarmInput) string {
	return valueOf(in.Statistic) + valueOf(in.ExtendedStatistic)
}

func checkSpan(period, periods int64) error {
	if !validPeriod(period) || period < 10 {
		return validationError("The parameter Period must be 10, 20, 30 or a multiple of 60.")
	}
	switch {
	case period >= 3600 && period*periods > week:
		return validationError("Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= %d).", week)
	case period < 3600 && period*periods > day:
		return validationError("Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= %d).", day)
	}
	return nil
}

// parseAlarmQueries reads the queries of an alarm.
func parseAlarmQueries(in []awscloudwatch.MetricDataQuery) ([]*metricQuery, error) {
	queries, err := parseQueries("Metrics", in)
	if err != nil {
		return nil, err
	}
	shown, period := 0, int64(0)
	for _, q := range queries {
		if !q.hidden {
			shown++
		}
		switch {
		case q.expression != nil && q.expression.Calls("SEARCH"):
			return nil, validationError("SEARCH is not supported in alarms.")
		case q.expression == nil && period != 0 && q.period != period:
			return nil, validationError("Metrics list contains metrics with different periods.")
		case q.expression == nil:
			period = q.period
		}
	}
	if shown != 1 {
		return nil, validationError("Exactly one element of the metrics list should return data.")
	}
	if period == 0 {
		return nil, validationError("The metrics list must contain at least one metric.")
	}
	return queries, nil
}

// alarmPeriod is the length of the periods that an alarm looks at, in seconds.
func alarmPeriod(in *awscloudwatch.PutMetricAlarmInput, queries []*metricQuery) int64 {
	for _, q := range queries {
		if q.expression == nil {
			return q.period
		}
	}
	return int64(valueOf(in.Period))
}

func checkActions(in *awscloudwatch.PutMetricAlarmInput) error {
	for _, action := range slices.Concat(in.OKActions, in.AlarmActions, in.InsufficientDataActions) {
		if !isURL(action) && (!strings.HasPrefix(action, "arn:") || strings.Count(action, ":") < 5) {
			return validationError("Invalid arn syntax: %s", action)
		}
	}
	return nil
}
