package logs

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Fields that the criteria of account policies are about.
const (
	byLogGroupName   = "LogGroupName"
	byLogGroupPrefix = "LogGroupNamePrefix"
	byDataSourceName = "DataSourceName"
	byDataSourceType = "DataSourceType"
)

// tests returns the tests of a policy's criteria, each of the kind that AWS has for the type of policy. The error says
// what is wrong with the criteria.
func (r *accountPolicyRecord) tests() ([]selectionTest, error) {
	if r.Criteria == "" {
		return nil, nil
	}
	parsed, err := parseSelection(r.Criteria, byLogGroupName, byLogGroupPrefix, byDataSourceName, byDataSourceType)
	if err != nil {
		return nil, err
	}
	tests, ok := parsed.tests()
	if !ok {
		return nil, errors.New("OR is not supported")
	}
	switch r.Type {
	case subscriptionPolicy:
		return tests, subscriptionCriteria(tests)
	case fieldIndexPolicy:
		return tests, indexCriteria(tests)
	}
	return tests, metricCriteria(tests)
}

func subscriptionCriteria(tests []selectionTest) error {
	if t := tests[0]; len(tests) > 1 || t.Field != byLogGroupName || !t.Not || !t.List {
		return errors.New("a subscription filter policy supports LogGroupName NOT IN [] only")
	}
	return nil
}

func indexCriteria(tests []selectionTest) error {
	fields := []string{}
	for _, t := range tests {
		if t.Not || len(t.Values) == 0 {
			return fmt.Errorf("%s supports = and IN with at least one text only", t.Field)
		}
		fields = append(fields, t.Field)
	}
	slices.Sort(fields)
	if !slices.Equal(fields, []string{byLogGroupPrefix}) && !slices.Equal(fields, []string{byDataSourceName, byDataSourceType}) {
		return errors.New("a field index policy supports LogGroupNamePrefix, or DataSourceName AND DataSourceType, only")
	}
	return nil
}

func metricCriteria(tests []selectionTest) error {
	t := tests[0]
	switch {
	case len(tests) > 1 || !t.List || t.Field != byLogGroupName && t.Field != byLogGroupPrefix:
		return errors.New("a metric extraction policy supports one list (IN, NOT IN) of LogGroupName or LogGroupNamePrefix only")
	case len(t.Values) == 0 || len(t.Values) > maxMetricCriteria:
		return fmt.Errorf("a list must have 1 to %d texts", maxMetricCriteria)
	}
	return nil
}

// indexes tells whether a field index policy is about a log group. None comes from a data source.
func (r *accountPolicyRecord) indexes(group string) bool {
	tests, err := r.tests()
	if err != nil {
		return false
	}
	for _, t := range tests {
		if t.Field != byLogGroupPrefix || !slices.ContainsFunc(t.Values, func(v string) bool { return strings.HasPrefix(group, v) }) {
			return false
		}
	}
	return true
}

// checkBeside refuses a policy beside which the others of its type cannot be: there are too many, or two would be about
// the same log group.
func (r *accountPolicyRecord) checkBeside(others []accountPolicyRecord) error {
	switch r.Type {
	case subscriptionPolicy:
		if len(others) > 0 {
			return limitExceeded()
		}
		return nil
	case fieldIndexPolicy:
		return r.checkIndexesBeside(others)
	}
	return r.checkMetricsBeside(others)
}

func (r *accountPolicyRecord) checkIndexesBeside(others []accountPolicyRecord) error {
	own, err := r.tests()
	if err != nil {
		return err
	}
	alike := 0
	for i := range others {
		tests, err := others[i].tests()
		if err != nil {
			return fmt.Errorf("read the criteria of account policy %s: %w", others[i].Name, err)
		}
		if ofDataSources(own) != ofDataSources(tests) {
			continue
		}
		if own == nil || tests == nil {
			return limitExceeded() // one for all log groups, or several for some
		}
		if overlaps(own, tests) {
			return overlapping(others[i].Name)
		}
		alike++
	}
	if alike >= maxIndexPolicies {
		return limitExceeded()
	}
	return nil
}

func ofDataSources(tests []selectionTest) bool { return len(tests) == 2 }

// overlaps tells whether two index policies of one kind are about the same log groups or data sources.
func overlaps(a, b []selectionTest) bool {
	if !ofDataSources(a) {
		return anyPair(a[0].Values, b[0].Values, func(v, w string) bool { return strings.HasPrefix(v, w) || strings.HasPrefix(w, v) })
	}
	for _, t := range a {
		i := slices.IndexFunc(b, func(u selectionTest) bool { return u.Field == t.Field })
		if !anyPair(t.Values, b[i].Values, func(v, w string) bool { return v == w }) {
			return false
		}
	}
	return true
}

func anyPair(a, b []string, f func(v, w string) bool) bool {
	return slices.ContainsFunc(a, func(v string) bool {
		return slices.ContainsFunc(b, func(w string) bool { return f(v, w) })
	})
}

func (r *accountPolicyRecord) checkMetricsBeside(others []accountPolicyRecord) error {
	own, err := r.tests()
	if err != nil {
		return err
	}
	if len(others) >= maxMetricPolicies || own == nil && len(others) > 0 {
		return limitExceeded()
	}
	for i := range others {
		tests, err := others[i].tests()
		if err != nil {
			return fmt.Errorf("read the criteria of account policy %s: %w", others[i].Name, err)
		}
		switch {
		case tests == nil || own[0].Not && tests[0].Not:
			return limitExceeded()
		case conflict(own[0], tests[0]):
			return overlapping(others[i].Name)
		}
	}
	return nil
}

// conflict tells whether two metric extraction policies select the same log groups. Beside a NOT IN, an IN must stay
// within what the NOT IN leaves out.
func conflict(a, b selectionTest) bool {
	switch {
	case b.Not:
		a, b = b, a
		fallthrough
	case a.Not:
		for _, v := range b.Values {
			if !slices.ContainsFunc(a.Values, func(w string) bool { return within(b.Field, v, a.Field, w) }) {
				return true
			}
		}
		return false
	}
	return anyPair(a.Values, b.Values, func(v, w string) bool {
		return within(a.Field, v, b.Field, w) || within(b.Field, w, a.Field, v)
	})
}

// within tells whether the log groups that v stands for, by its field a name or a prefix, are among those of w.
func within(field, v, ofField, w string) bool {
	if ofField == byLogGroupPrefix {
		return strings.HasPrefix(v, w)
	}
	return field == byLogGroupName && v == w
}

func overlapping(name string) error {
	return invalid("The selectionCriteria overlap with those of the policy %s.", name)
}
