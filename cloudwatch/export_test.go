package cloudwatch

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Evaluate does what the clock does to alarms.
func (s *Service) Evaluate(ctx context.Context) { s.evaluateAlarms(ctx) }

// Flush moves data points into chunks.
func (s *Service) Flush(ctx context.Context) error { return s.store.flush(ctx) }

// FlushOne moves the data points of one series into chunks, as a flush that ends too early.
func (s *Service) FlushOne() error { return s.store.flushSeries(s.store.withHeads()[:1]) }

// RollUp coarsens old data points.
func (s *Service) RollUp(ctx context.Context) error { return s.store.rollUp(ctx) }

// ExpireHistory deletes old history.
func (s *Service) ExpireHistory(ctx context.Context) error { return s.expireHistory(ctx) }

// Settle waits until all actions of alarms have ended.
func (s *Service) Settle() { s.alarms.notices.Wait() }

// Chunks says how many chunks there are of each resolution, how many batches wait and how many points are in memory.
func (s *Service) Chunks() string {
	var parts []string
	for _, r := range resolutions {
		var n int
		if err := s.store.db.QueryRow("SELECT count(*) FROM chunks WHERE resolution = $1", r.seconds).Scan(&n); err != nil {
			return err.Error()
		}
		parts = append(parts, fmt.Sprintf("%d:%d", r.seconds, n))
	}
	var batches int
	if err := s.store.db.QueryRow("SELECT count(*) FROM arrived").Scan(&batches); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s arrived:%d head:%d", strings.Join(parts, " "), batches, s.store.points)
}

// Damage overwrites the bytes of everything stored.
func (s *Service) Damage(ctx context.Context) error {
	_, err := s.store.db.ExecContext(ctx, "UPDATE chunks SET points = x'01ff03ff'; UPDATE arrived SET batch = x'01ff03ff'")
	return err
}

// Judge gives an alarm's verdict on data points written as 0 (not breaching), X (breaching) and - (missing), oldest first:
// the state, or "" if it stays.
func Judge(data, treat string, periods, toAlarm int32) string {
	w := &watched{}
	c := &w.rec.Config
	c.EvaluationPeriods, c.DatapointsToAlarm, c.TreatMissingData = &periods, &toAlarm, &treat
	c.Threshold, c.ComparisonOperator = new(5.0), new("GreaterThanThreshold")
	var all []datum
	for i, mark := range strings.Fields(data) {
		d := datum{time: int64(i) * 60, missing: mark == "-"}
		if mark == "X" {
			d.value = 10
		}
		all = append(all, d)
	}
	return w.judge(all).state
}

// Statistic computes a statistic of values; NaN if they do not have it, and "unknown" if there is no such statistic.
func Statistic(name string, values, counts []float64) (float64, error) {
	st, ok := parseStatistic(name)
	if !ok {
		return 0, fmt.Errorf("unknown")
	}
	v, ok := st.of(summarize(values, counts))
	if !ok {
		v = math.NaN()
	}
	return v, nil
}

// Encoded writes and reads a summary of values, merged one by one, and returns a statistic before and after.
func Encoded(values []float64, statisticName string) (before, after float64, err error) {
	sum := newSummary(values[0], 1)
	for _, v := range values[1:] {
		sum.merge(newSummary(v, 1))
	}
	st, _ := parseStatistic(statisticName)
	before, _ = st.of(sum)
	d := decoder{data: appendSummary(nil, sum)}
	after, _ = st.of(d.summary())
	if d.more() {
		err = fmt.Errorf("bytes are left")
	}
	return before, after, errorOr(d.err, err)
}

func errorOr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// DecodeAny reads bytes as a chunk and as a batch.
func DecodeAny(data []byte) {
	_ = decodeChunk(data, 60, 0, func(_ pointKey, s *summary) { s.clone().merge(s) })
	_ = decodeBatch(data, func(_ int64, _ pointKey, s *summary) { s.clone().merge(s) })
}

// HoldsRule says whether a rule of a composite alarm holds, or what is wrong with it. States are by the names of alarms; of
// others they are INSUFFICIENT_DATA.
func HoldsRule(rule, account, region string, states map[string]string) string {
	r, err := parseRule(rule, place{account, region})
	if err != nil {
		return err.Error()
	}
	return strconv.FormatBool(r.holds(func(alarm string) string { return cmp.Or(states[alarm], stateInsufficient) }))
}
