// Package condition is what filter patterns and queries ask of a message, in a form that a store can decide from columns
// or indexes without building the message. Patterns make conditions (logs/filterpattern); stores evaluate them. A
// condition is a plain value: immutable, and safe for concurrent use.
package condition

// Condition is one of All, Any, Contains and Field. A nil Condition holds for every message.
type Condition interface{ condition() }

// All holds if each of its members does; an empty one always.
type All []Condition

// Any holds if one of its members does; an empty one never.
type Any []Condition

// Contains holds if the text occurs in the message, byte for byte.
type Contains string

// Field holds if the message is a JSON object and the scalar at Path passes Test. Steps of Path are member names, or
// decimal indexes into an array.
type Field struct {
	Path []string
	// Test decides on a value; it is called with Missing where the message has no scalar at Path or is no JSON object.
	// It must be safe for concurrent use, quick, and say the same each time, since a store calls it once for a value that
	// many messages share.
	Test func(v Value) bool
	// Only, where it is not empty, is the only text that Test accepts. A store may find it by an index.
	Only string
}

// Value is a JSON scalar.
type Value struct {
	Kind Kind
	Text string // of a string what it says, unescaped; of any other scalar its literal
}

// Kind says what a value is.
type Kind uint8

// The kinds of values. Literal is a number, true, false or null.
const (
	Missing Kind = iota
	String
	Literal
)

func (All) condition()      {}
func (Any) condition()      {}
func (Contains) condition() {}
func (Field) condition()    {}
