package cloudwatch

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// verdict is what an evaluation comes to.
type verdict struct {
	state    string  // "": the state stays
	data     []datum // that were evaluated, oldest first; without missing ones
	breaches int     // of them
	filled   int     // missing data points that were needed to make up the number
	treated  string  // how they were treated: breaching, notBreaching, missing or ignore
}

// judge applies AWS' rules ("Configuring how CloudWatch alarms treat missing data") to the data of the evaluation range,
// oldest first. Of N evaluation periods M must breach:
//
//   - With N data points or more, the newest N decide, and how missing ones are treated does not matter.
//   - With fewer, all count, and the rest are filled in: as breaching, as not breaching, or (missing, ignore) not at all.
//     Then M breaching ones are an alarm, and without any breach pending the state is OK once one data point does not
//     breach.
//   - With missing, breaching data points alone, but fewer than M, are an alarm if the oldest is M periods old or more: only
//     missing ones have followed. Before that, and without any data, there is not enough data.
//   - With ignore, the state stays where missing would find too little.
func (w *watched) judge(data []datum) verdict {
	c := &w.rec.Config
	n, m := int(valueOf(c.EvaluationPeriods)), w.toAlarm()
	v := verdict{treated: "missing"}
	if c.TreatMissingData != nil {
		v.treated = *c.TreatMissingData
	}
	for _, d := range data {
		if !d.missing {
			v.data = append(v.data, d)
		}
	}
	v.data = v.data[max(0, len(v.data)-n):]
	for _, d := range v.data {
		if w.breaches(d) {
			v.breaches++
		}
	}
	v.filled = n - len(v.data)
	if w.tooFewSamples(v.data) {
		return v
	}
	v.state = v.decide(m, w.oldestBreach(data))
	return v
}

// decide names the state; age is how many periods ago the oldest breaching data point was, the newest period being 1.
func (v *verdict) decide(m, age int) string {
	breaches := v.breaches
	if v.filled > 0 && v.treated == "breaching" {
		breaches += v.filled
	}
	switch {
	case breaches >= m:
		return stateAlarm
	case v.filled == 0 || v.treated == "breaching" || v.treated == "notBreaching" || len(v.data) > v.breaches:
		return stateOK
	case v.treated == "ignore":
		return ""
	case v.breaches > 0 && age >= m:
		return stateAlarm
	}
	return stateInsufficient
}

func (w *watched) toAlarm() int {
	if m := w.rec.Config.DatapointsToAlarm; m != nil {
		return int(*m)
	}
	return int(valueOf(w.rec.Config.EvaluationPeriods))
}

func (w *watched) breaches(d datum) bool {
	c := &w.rec.Config
	return comparisons[valueOf(c.ComparisonOperator)].holds(d.value, valueOf(c.Threshold))
}

func (w *watched) oldestBreach(data []datum) int {
	i := slices.IndexFunc(data, func(d datum) bool { return !d.missing && w.breaches(d) })
	if i < 0 {
		return 0
	}
	return len(data) - i
}

// tooFewSamples applies EvaluateLowSampleCountPercentile ignore: a percentile p needs 10/(1-p) samples, or 10/p below the
// median.
func (w *watched) tooFewSamples(data []datum) bool {
	c := &w.rec.Config
	st, _ := parseStatistic(alarmStatistic(c))
	if valueOf(c.EvaluateLowSampleCountPercentile) != "ignore" || st.kind != "P" || len(data) == 0 {
		return false
	}
	samples := 0.0
	for _, d := range data {
		samples += d.samples
	}
	p := st.high / 100
	if p >= 0.5 {
		p = 1 - p
	}
	return p > 0 && samples < math.Floor(10/p)
}

// reason says in AWS' words why the state is what it is.
func (w *watched) reason(v verdict) string {
	c := &w.rec.Config
	n := valueOf(c.EvaluationPeriods)
	missing := fmt.Sprintf("%s treated as [%s]", counted(v.filled, "missing datapoint", "was", "were"), treatedAs(v.treated))
	switch {
	case v.state == stateInsufficient:
		return fmt.Sprintf("Insufficient Data: %s unknown.", counted(v.filled, "datapoint", "was", "were"))
	case len(v.data) == 0:
		return fmt.Sprintf("Threshold Crossed: no datapoints were received for %s and %s.", periods(int(n)), missing)
	}
	shown, count, not := v.data, v.breaches, ""
	if v.state == stateOK {
		count, not = len(v.data)-v.breaches, "not "
	}
	shown = slices.DeleteFunc(slices.Clone(shown), func(d datum) bool { return w.breaches(d) != (v.state == stateAlarm) })
	was := fmt.Sprintf("%s %s%s the threshold (%s)", wasOrWere(count), not, comparisons[valueOf(c.ComparisonOperator)].words,
		double(valueOf(c.Threshold)))
	if v.filled > 0 && (v.treated == "breaching" || v.treated == "notBreaching") {
		return fmt.Sprintf("Threshold Crossed: %s %s %s and %s.", plural(count, "datapoint"), listed5(shown), was, missing)
	}
	least, transition := w.toAlarm(), "OK -> ALARM"
	if v.state == stateOK {
		least, transition = int(n)-w.toAlarm()+1, "ALARM -> OK"
	}
	return fmt.Sprintf("Threshold Crossed: %d out of the last %d datapoints %s %s (minimum %s for %s transition).",
		count, len(v.data), listed5(shown), was, plural(least, "datapoint"), transition)
}

// listed5 shows data points, newest first, at most five.
func listed5(data []datum) string {
	var items []string
	for _, d := range slices.Backward(data) {
		if len(items) == 5 {
			break
		}
		items = append(items, fmt.Sprintf("%s (%s)", double(d.value), time.Unix(d.time, 0).UTC().Format("02/01/06 15:04:05")))
	}
	return "[" + strings.Join(items, ", ") + "]"
}

// double prints a number as Java does, with a digit behind the point at least.
func double(v float64) string {
	text := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

func treatedAs(treatment string) string {
	switch treatment {
	case "breaching":
		return "Breaching"
	case "notBreaching":
		return "NonBreaching"
	}
	return "Missing"
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func periods(n int) string { return plural(n, "period") }

func counted(n int, noun, one, many string) string {
	if n == 1 {
		return plural(n, noun) + " " + one
	}
	return plural(n, noun) + " " + many
}

func wasOrWere(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

// maxReasonData is how long StateReasonData may be.
const maxReasonData = 4000

// awsTime is the form of times in JSON about alarms.
const awsTime = "2006-01-02T15:04:05.000-0700"

// reasonData says the same in JSON.
func (w *watched) reasonData(v verdict, end int64, now time.Time) string {
	c := &w.rec.Config
	recent := make([]float64, 0, len(v.data))
	evaluated := []map[string]any{}
	for _, d := range v.data {
		recent = append(recent, d.value)
		item := map[string]any{"timestamp": unixTime(d.time), "value": d.value}
		if d.samples > 0 {
			item["sampleCount"] = d.samples
		}
		evaluated = slices.Insert(evaluated, 0, item) // newest first
	}
	m := map[string]any{
		"version": "1.0", "queryDate": now.UTC().Format(awsTime), "period": w.period(), "recentDatapoints": recent,
		"threshold": valueOf(c.Threshold), "evaluatedDatapoints": evaluated,
	}
	if len(v.data) > 0 {
		m["startDate"] = unixTime(v.data[0].time)
	}
	if c.Unit != nil {
		m["unit"] = *c.Unit
	}
	if name := alarmStatistic(c); name != "" {
		m["statistic"] = name
	}
	for {
		text, err := json.Marshal(m)
		if err == nil && len(text) <= maxReasonData {
			return string(text)
		}
		if len(evaluated) == 0 {
			return ""
		}
		evaluated, recent = evaluated[:len(evaluated)/2], recent[(len(recent)+1)/2:]
		m["evaluatedDatapoints"], m["recentDatapoints"] = evaluated, recent
	}
}

func unixTime(t int64) string { return time.Unix(t, 0).UTC().Format(awsTime) }
