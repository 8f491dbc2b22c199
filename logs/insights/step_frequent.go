package insights

import "github.com/tollbook/tollbook/logs/insights/syntax"

// withoutFrequent puts a stats and a sort in place of each countFrequent: it counts the combinations of fields, the most
// frequent first. So it is exact, where AWS approximates.
func withoutFrequent(cmds []syntax.Command) []syntax.Command {
	var out []syntax.Command
	for _, cmd := range cmds {
		if frequent, ok := cmd.(*syntax.CountFrequent); ok {
			out = append(out, countBy(frequent), byCount(frequent))
		} else {
			out = append(out, cmd)
		}
	}
	return out
}

// countColumn is what countFrequent calls its counts.
const countColumn = "_approxcount"

func countBy(cmd *syntax.CountFrequent) *syntax.Stats {
	count := &syntax.Call{Span: cmd.Span, Name: "count", Star: true}
	stats := &syntax.Stats{Span: cmd.Span, Aggs: []syntax.Column{{Expr: count, Name: countColumn, As: true}}}
	for _, f := range cmd.Fields {
		stats.By = append(stats.By, syntax.Column{Expr: f, Name: f.Name})
	}
	return stats
}

func byCount(cmd *syntax.CountFrequent) *syntax.Sort {
	return &syntax.Sort{Span: cmd.Span, Keys: []syntax.SortKey{{Expr: systemField(cmd.Span, countColumn), Desc: true}}}
}
