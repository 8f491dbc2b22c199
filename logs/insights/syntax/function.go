package syntax

import (
	"math"
	"slices"
	"strings"
)

// Function describes a function of the language (spec/cloudwatch-logs §6.7). A name is one or the other: scalar functions
// work on a row, aggregates on the rows of a group, in stats alone.
type Function struct {
	Name      string   // as Call.Name has it
	Aliases   []string // what else it is called; case matters in none
	Min, Max  int      // how many arguments; Max is math.MaxInt where any number may follow
	Aggregate bool
	Period    int // which argument is a *Period, counted from 0; -1 for none
	Regex     int // which argument may be a *Regex; -1 for none
}

// scalars are the functions of rows, by how many arguments they take.
var scalars = []struct {
	min, max int
	names    string // name=alias, …
}{
	{0, 0, "now queryStartTime queryEndTime queryTimeRange"},
	{1, 1, "abs ceil floor log sqrt toNumber toInt toLong toDouble"},
	{1, 1, "fromMillis toMillis"},
	{1, 1, "ispresent isNumeric messageSize isempty isblank"},
	{1, 1, "jsonParse jsonStringify jsonArraySize"},
	{1, 1, "isValidIp isValidIpV4 isValidIpV6 ipv4ToNumber isPrivateIP isPublicIP isReservedIP"},
	{1, 1, "strlen toupper tolower urlencode urldecode base64encode base64decode hexToAscii hexToDec decToHex"},
	{1, 1, "md5 sha256"},
	{1, 2, "round ltrim rtrim trim"},
	{2, 2, "jsonArrayContains isIpInSubnet isIpv4InSubnet isIpv6InSubnet split startsWith endsWith"},
	{2, 3, "parseDate strftime=formatDate substr strcontains"},
	{3, 3, "if replace"},
	{4, 4, "haversine"},
	{2, 21, "case"}, // ten branches and a default
	{1, math.MaxInt, "greatest least coalesce concat"},
}

// aggregates are the functions of stats.
var aggregates = []Function{
	{Name: "count", Min: 0, Max: 1},
	{Name: "count_distinct", Aliases: []string{"countDistinct"}, Min: 1, Max: 1},
	{Name: "avg", Min: 1, Max: 1},
	{Name: "sum", Min: 1, Max: 1},
	{Name: "min", Min: 1, Max: 1},
	{Name: "max", Min: 1, Max: 1},
	{Name: "pct", Aliases: []string{"percentile"}, Min: 2, Max: 2},
	{Name: "median", Min: 1, Max: 1},
	{Name: "stddev", Min: 1, Max: 1},
	{Name: "variance", Min: 1, Max: 1},
	{Name: "values", Aliases: []string{"collect_values"}, Min: 1, Max: 1},
	{Name: "topk", Min: 2, Max: 2},
	{Name: "rate", Min: 2, Max: 2, Period: 1},
	{Name: "count_over_time", Min: 1, Max: 1},
	{Name: "sum_over_time", Min: 1, Max: 1},
	{Name: "histogram", Min: 2, Max: 2},
	{Name: "earliest", Min: 1, Max: 1},
	{Name: "latest", Min: 1, Max: 1},
	{Name: "sortsFirst", Min: 1, Max: 1},
	{Name: "sortsLast", Min: 1, Max: 1},
}

// functions holds all of them.
var functions = listFunctions()

func listFunctions() []Function {
	list := []Function{
		{Name: "bin", Min: 1, Max: 1, Period: 0, Regex: -1},
		{Name: "datefloor", Min: 2, Max: 2, Period: 1, Regex: -1},
		{Name: "dateceil", Min: 2, Max: 2, Period: 1, Regex: -1},
		{Name: "regexReplace", Min: 3, Max: 3, Period: -1, Regex: 1},
	}
	for _, row := range scalars {
		for entry := range strings.FieldsSeq(row.names) {
			names := strings.Split(entry, "=")
			list = append(list, Function{Name: names[0], Aliases: names[1:], Min: row.min, Max: row.max, Period: -1, Regex: -1})
		}
	}
	for _, f := range aggregates {
		f.Aggregate, f.Regex = true, -1
		if f.Period == 0 {
			f.Period = -1
		}
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b Function) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// Functions returns all functions, sorted by name. What it returns is the caller's.
func Functions() []Function { return slices.Clone(functions) }

// LookupFunction returns the function of a name or an alias, in any case.
func LookupFunction(name string) (Function, bool) {
	for _, f := range functions {
		if strings.EqualFold(f.Name, name) || slices.ContainsFunc(f.Aliases, func(a string) bool { return strings.EqualFold(a, name) }) {
			return f, true
		}
	}
	return Function{}, false
}
