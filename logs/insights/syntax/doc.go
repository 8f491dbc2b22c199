// Package syntax reads the text of a Logs Insights query (spec/cloudwatch-logs §6.2, §6.4, §6.5) into a tree, and prints a
// tree as text. It knows the commands, the functions with their arguments, and every rule that can be decided without
// log events: what does not follow them is an Error with its place. What a query means is for package insights to say.
package syntax
