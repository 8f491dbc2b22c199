package syntax

// Span is a range of a query's text, in characters from 0; End is behind the last one.
type Span struct{ Start, End int }

// Query is a parsed query.
type Query struct {
	// Text is the query as it was written. Names of unnamed columns are cut out of it. The spans in a query within
	// another are places in the outermost text.
	Text     string
	Source   *Source // nil without one
	Commands []Command
}

// Command is one step of a query: a pointer to one of the types of this file whose names are those of commands.
type Command interface {
	At() Span
	command()
}

// Expr is an expression: a pointer to one of the types below it.
type Expr interface {
	At() Span
	expr()
}

// Column is an expression with the name that it gets.
type Column struct {
	Expr Expr
	Name string // as given by "as"; otherwise the expression's source text, a field's path without backticks
	As   bool   // whether it was given
}

// The commands (spec/cloudwatch-logs §6.4).
type (
	// Source is the SOURCE command: log groups by name or by rule, and perhaps a time range of its own.
	Source struct {
		Span
		Groups       []string // by name or ARN
		ByRule       bool     // logGroups(…), whose rules follow; all empty means all groups
		NamePrefixes []string
		Classes      []string
		Accounts     []string
		DataSources  []string // dataSource([…])
		Start, End   *SourceTime
	}
	// Fields is fields, or display if Display is set.
	Fields struct {
		Span
		Display bool
		Columns []Column
	}
	// Filter is filter and where.
	Filter struct {
		Span
		Cond Expr
	}
	// FilterIndex is filterIndex: a comparison with = or an in-list of one field.
	FilterIndex struct {
		Span
		Cond Expr
	}
	// Stats is stats.
	Stats struct {
		Span
		Aggs   []Column
		By     []Column
		Offset *Period // nil without one
	}
	// Sort is sort and order.
	Sort struct {
		Span
		Keys []SortKey
	}
	// Limit is limit, head and tail. Tail keeps the last rows.
	Limit struct {
		Span
		N    int64
		Tail bool
	}
	// Parse is parse with a glob or a regular expression. From is nil where no field was named: @message. (What reads a
	// query is ParseQuery.)
	Parse struct {
		Span
		From  Expr
		Glob  *String
		Regex *Regex
		Names []string // of the glob's stars; of a regular expression's groups
	}
	// Dedup is dedup.
	Dedup struct {
		Span
		Fields []*Field
	}
	// Unmask is unmask.
	Unmask struct {
		Span
		Fields []*Field
	}
	// Unnest is unnest FIELD into NAME, and expand FIELD, whose Into is the field itself.
	Unnest struct {
		Span
		Field  *Field
		Into   string
		Expand bool // elements come out of text that is a JSON array
	}
	// Join is join.
	Join struct {
		Span
		Left      bool   // left join rather than inner
		LeftName  string // alias
		RightName string
		LeftKey   *Field // without its alias
		RightKey  *Field
		Right     *Query // begins with a Source
	}
	// Lookup is lookup TABLE FIELD [as LOGFIELD], … OUTPUT|OUTPUTNEW …. CIDR marks cidrlookup, New OUTPUTNEW.
	Lookup struct {
		Span
		CIDR, New bool
		Table     string
		Keys      []LookupKey
		Output    []LookupOutput
	}
	// Pattern is pattern FIELD.
	Pattern struct {
		Span
		Field *Field
	}
	// Diff is diff; Against is "", previousDay, previousWeek or previousMonth. Shift is set for logcompare timeshift PERIOD.
	Diff struct {
		Span
		Against string
		Shift   *Period
	}
	// Anomaly is anomaly.
	Anomaly struct{ Span }
	// Estimate is estimate.
	Estimate struct{ Span }

	// The commands of spec §6.5.

	// AddTotals is addtotals.
	AddTotals struct {
		Span
		FieldName string // default Total
		Row, Col  bool   // default true, false
		Fields    []*Field
	}
	// Accum is accum FIELD [as OUT].
	Accum struct {
		Span
		Field *Field
		Out   string // default: the field's path
	}
	// AutoRegress is autoregress FIELD [as NAME] [p=N or p=N-M].
	AutoRegress struct {
		Span
		Field    *Field
		Out      string // "" without
		From, To int    // lags, default 1 to 1
	}
	// AppendCols is appendcols ( QUERY ).
	AppendCols struct {
		Span
		Override bool
		Max      int64 // default 10000
		Query    *Query
	}
	// CountFrequent is countFrequent.
	CountFrequent struct {
		Span
		Fields []*Field
	}
	// FillDown is filldown; Fields may end in *; empty means all.
	FillDown struct {
		Span
		Fields []string
	}
	// FillMissing is fillmissing [with VALUE for FIELD, …].
	FillMissing struct {
		Span
		Values []FillValue
	}
	// Outlier is outlier.
	Outlier struct {
		Span
		Remove   bool    // action=remove rather than transform
		Param    float64 // default 2.5
		UseLower bool
		Mark     bool
		Fields   []*Field
	}
	// RelevantFields is relevantfields [FIELDS] where COND.
	RelevantFields struct {
		Span
		Fields []*Field
		Cond   Expr
	}
	// Sessionize is sessionize FIELDS [maxspan PERIOD] [as NAME].
	Sessionize struct {
		Span
		Fields  []*Field
		MaxSpan *Period
		Out     string // default session_id
	}
)

// SourceTime is a bound of a SOURCE: an absolute time in milliseconds, or one relative to now.
type SourceTime struct {
	Relative bool
	Millis   int64 // since 1970, or before now as a negative number
}

// SortKey is an expression to sort by.
type SortKey struct {
	Expr Expr
	Desc bool
}

// LookupKey matches a table's field with a field of the log.
type LookupKey struct {
	TableField string
	Field      *Field
}

// LookupOutput is a field of the table and the name that it gets.
type LookupOutput struct{ TableField, Name string }

// FillValue is what fillmissing writes into a field.
type FillValue struct {
	Value Expr
	Field *Field
}

// The expressions.
type (
	// Number is a number as written.
	Number struct {
		Span
		Value float64
		Text  string
	}
	// String is a quoted text, unescaped.
	String struct {
		Span
		Value string
	}
	// Regex is /…/; Pattern is what the regular expression says, \/ turned into /.
	Regex struct {
		Span
		Pattern string
	}
	// Field is a path. Its steps are names, or decimal indexes in brackets: a.b, a.`b c`, a[0]. Name is the whole as a
	// discovered field's name has it: steps joined by dots. An index is a step without its brackets, so that a[0] and
	// a.0 are the same.
	Field struct {
		Span
		Name  string
		Steps []string
	}
	// Period is a number with a unit: 5m.
	Period struct {
		Span
		N    int64
		Unit Unit
	}
	// Call is FUNC(args). Name is in the spelling of the spec whatever the query's; Star is count(*).
	Call struct {
		Span
		Name string
		Args []Expr
		Star bool
	}
	// Unary is - and not.
	Unary struct {
		Span
		Op Op
		X  Expr
	}
	// Binary is an arithmetic, comparing or boolean operator.
	Binary struct {
		Span
		Op   Op
		X, Y Expr
	}
	// Like is X [not] like Y, and X =~ Y; Y is *String or *Regex.
	Like struct {
		Span
		X   Expr
		Not bool
		Y   Expr
	}
	// In is X [not] in [ … ] or, with Query, in ( SOURCE … ).
	In struct {
		Span
		X     Expr
		Not   bool
		List  []Expr
		Query *Query
	}
)

// Op is an operator.
type Op uint8

// The operators.
const (
	Or Op = iota + 1
	And
	Not
	Equal
	NotEqual
	Less
	LessEqual
	Greater
	GreaterEqual
	Add
	Sub
	Mul
	Div
	Mod
	Pow
)

// Unit is a unit of time.
type Unit uint8

// The units. Weeks begin on Mondays; months, quarters and years are those of the calendar in UTC.
const (
	Millisecond Unit = iota + 1
	Second
	Minute
	Hour
	Day
	Week
	Month
	Quarter
	Year
)

// At returns the place itself, so that what embeds a Span has the method.
func (s Span) At() Span { return s }

// Error is what is wrong with a query, and where. Its message is AWS' where that is known.
type Error struct {
	Span
	Message string
}

func (e *Error) Error() string { return e.Message }

func (*Fields) command()         {}
func (*Filter) command()         {}
func (*FilterIndex) command()    {}
func (*Stats) command()          {}
func (*Sort) command()           {}
func (*Limit) command()          {}
func (*Parse) command()          {}
func (*Dedup) command()          {}
func (*Unmask) command()         {}
func (*Unnest) command()         {}
func (*Join) command()           {}
func (*Lookup) command()         {}
func (*Pattern) command()        {}
func (*Diff) command()           {}
func (*Anomaly) command()        {}
func (*Estimate) command()       {}
func (*AddTotals) command()      {}
func (*Accum) command()          {}
func (*AutoRegress) command()    {}
func (*AppendCols) command()     {}
func (*CountFrequent) command()  {}
func (*FillDown) command()       {}
func (*FillMissing) command()    {}
func (*Outlier) command()        {}
func (*RelevantFields) command() {}
func (*Sessionize) command()     {}

func (*Number) expr() {}
func (*String) expr() {}
func (*Regex) expr()  {}
func (*Field) expr()  {}
func (*Period) expr() {}
func (*Call) expr()   {}
func (*Unary) expr()  {}
func (*Binary) expr() {}
func (*Like) expr()   {}
func (*In) expr()     {}
