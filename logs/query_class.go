package logs

import (
	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/logs/insights/syntax"
)

// maxInfrequentStats is how many stats a query over log groups of the class INFREQUENT_ACCESS may have (spec §6.4).
const maxInfrequentStats = 2

// queryable refuses log groups whose class has no Logs Insights (spec §1.2). The text is unverified.
func queryable(g *group) *awsapi.Error {
	if g.rec.Class == classDelivery {
		return invalid("Log group '%s' cannot be queried: its log class is %s", g.key.name, classDelivery)
	}
	return nil
}

// allowedIn is what is wrong with a query's commands if one of its log groups is of the class INFREQUENT_ACCESS (spec
// §1.2, §6.4); nil if nothing is.
func (d *queryData) allowedIn(commands []syntax.Command) *syntax.Error {
	for _, g := range d.groups {
		if g.group.rec.Class == classInfrequentAccess {
			return allowedInfrequently(commands)
		}
	}
	return nil
}

func allowedInfrequently(commands []syntax.Command) *syntax.Error {
	stats := 0
	for _, cmd := range commands {
		what := ""
		switch cmd.(type) {
		case *syntax.Pattern:
			what = "pattern is"
		case *syntax.Diff:
			what = "diff is"
		case *syntax.Unmask:
			what = "unmask is"
		case *syntax.FilterIndex:
			what = "filterIndex is"
		case *syntax.Anomaly:
			what = "anomaly is"
		case *syntax.Stats:
			if stats++; stats > maxInfrequentStats {
				what = "more than two stats are"
			}
		}
		if what != "" {
			return &syntax.Error{Span: cmd.At(), Message: what + " not supported for log groups of the Infrequent Access log class"}
		}
	}
	return nil
}
