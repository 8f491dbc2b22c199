package cloudwatch

import (
	"context"
	"fmt"
	"time"

	"github.com/tollbook/tollbook/awsapi/awscloudwatch"
)

// maxStatistics is how many periods a GetMetricStatistics may ask for.
const maxStatistics = 1440

// GetMetricStatistics aggregates one metric. Periods begin at the start time, rounded down as AWS does, and data of
// different units is kept apart.
func (s *Service) GetMetricStatistics(
	ctx context.Context, in *awscloudwatch.GetMetricStatisticsInput,
) (*awscloudwatch.GetMetricStatisticsOutput, error) {
	wanted, err := checkStatistics(in)
	if err != nil {
		return nil, err
	}
	u, ok := unitNamed(valueOf(in.Unit))
	if !ok {
		return nil, invalidValue("The value %s for parameter Unit is invalid.", *in.Unit)
	}
	out := &awscloudwatch.GetMetricStatisticsOutput{Label: &in.MetricName, Datapoints: []awscloudwatch.Datapoint{}}
	ser := s.store.lookup(keyOf(callersPlace(ctx), in.Namespace, in.MetricName, in.Dimensions))
	if ser == nil {
		return out, nil
	}
	buckets, err := s.store.read(ctx, ser, query{
		from: roundedStart(in.StartTime, s.now(), int64(in.Period)), to: in.EndTime.Unix(), period: int64(in.Period), unit: u,
	})
	for _, b := range buckets {
		out.Datapoints = append(out.Datapoints, datapoint(b, wanted))
	}
	return out, err
}

// checkStatistics checks what the model does not, and reads the statistics.
func checkStatistics(in *awscloudwatch.GetMetricStatisticsInput) (wanted []statistic, err error) {
	if !in.StartTime.Before(in.EndTime) {
		return nil, invalidValue("The parameter StartTime must be less than the parameter EndTime.")
	}
	if !validPeriod(int64(in.Period)) {
		return nil, invalidValue("The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.")
	}
	period := time.Duration(in.Period) * time.Second
	if n := (in.EndTime.Sub(in.StartTime) + period - 1) / period; n > maxStatistics {
		return nil, invalidCombination("You have requested up to %d datapoints, which exceeds the limit of %d. "+
			"You may reduce the datapoints requested by increasing Period, or decreasing the time range.", n, maxStatistics)
	}
	switch {
	case len(in.Statistics) == 0 && len(in.ExtendedStatistics) == 0:
		return nil, missingParameter("Must specify either Statistics or ExtendedStatistics.")
	case len(in.Statistics) > 0 && len(in.ExtendedStatistics) > 0:
		return nil, invalidCombination("The parameters Statistics and ExtendedStatistics are mutually exclusive and you have specified both.")
	}
	for i, name := range in.Statistics {
		st, ok := parseStatistic(name)
		if !ok || !st.isPlain() {
			return nil, unsupported(name, fmt.Sprintf("Statistics.member.%d", i+1))
		}
		wanted = append(wanted, st)
	}
	for i, name := range in.ExtendedStatistics {
		st, ok := parseStatistic(name)
		if !ok || st.isPlain() {
			return nil, unsupported(name, fmt.Sprintf("ExtendedStatistics.member.%d", i+1))
		}
		wanted = append(wanted, st)
	}
	return wanted, nil
}

func unsupported(value, parameter string) error {
	return invalidValue("The value %s for parameter %s is not supported.", value, parameter)
}

func validPeriod(seconds int64) bool {
	switch seconds {
	case 1, 5, 10, 20, 30:
		return true
	}
	return seconds > 0 && seconds%60 == 0
}

// roundedStart rounds a start time down: to minutes, from 15 days ago on to 5 minutes, from 63 days on to hours; periods
// below a minute to that grid.
func roundedStart(start, now time.Time, period int64) int64 {
	step := finest(now.Sub(start))
	switch {
	case step == 0:
		step = 3600
	case step <= 60 && period < 60:
		step = period
	case step < 60:
		step = 60
	}
	return floor(start.Unix(), step)
}

// datapoint shows a bucket. A statistic that it does not have is left out.
func datapoint(b bucket, wanted []statistic) awscloudwatch.Datapoint {
	d := awscloudwatch.Datapoint{Timestamp: new(time.Unix(b.time, 0).UTC()), Unit: new(b.unit.String())}
	for _, st := range wanted {
		v, ok := st.of(b.summary)
		if !ok {
			continue
		}
		switch st.kind {
		case "SampleCount":
			d.SampleCount = &v
		case "Average":
			d.Average = &v
		case "Sum":
			d.Sum = &v
		case "Minimum":
			d.Minimum = &v
		case "Maximum":
			d.Maximum = &v
		default:
			if d.ExtendedStatistics == nil {
				d.ExtendedStatistics = map[string]float64{}
			}
			d.ExtendedStatistics[st.name] = v
		}
	}
	return d
}
