// Package insights answers Logs Insights queries (spec/cloudwatch-logs §6): it plans a parsed query, runs it on the
// columns of the log store and says what it looked at. Text becomes a tree in syntax, values and functions are value's;
// where log events lie is Data's to know. The API around it (StartQuery and so on) is package logs'.
//
// A query runs in two parts. The scan goes over blocks on all cores: it filters, computes columns and, if there is a
// stats, aggregates; of a query without one it keeps the rows that its order and limit can still show, or, where the
// commands behind take rows in any order, lets them flow through (flow.go). Steps then work on the rows, which are few,
// one command after the other.
package insights
