// Package protocol is what the generated packages below awsapi call to read requests and write answers: JSON bodies,
// query forms, XML, values bound to the HTTP message, and AWS' constraint checks with their message form. It knows no
// service; bytes come from and go to awswire by way of the generated code.
package protocol

import "strconv"

// Path is where a value stands in an input, such as "logEvents.1.member.message": a chain of nodes that live on the
// stacks of the decoding functions. It becomes text only when there is something to complain about.
type Path struct {
	parent *Path
	name   string
	index  int // of a list element, from 1; 0 for a named member
}

// Field returns the place of a member of the structure at p; p may be nil for the input itself.
func (p *Path) Field(name string) Path { return Path{parent: p, name: name} }

// Element returns the place of a list's element, counted from 1.
func (p *Path) Element(i int) Path { return Path{parent: p, index: i} }

// String returns the place as AWS writes it.
func (p *Path) String() string {
	return string(p.append(nil))
}

func (p *Path) append(b []byte) []byte {
	if p == nil {
		return b
	}
	b = p.parent.append(b)
	if len(b) > 0 {
		b = append(b, '.')
	}
	if p.index > 0 {
		return append(strconv.AppendInt(b, int64(p.index), 10), ".member"...)
	}
	return append(b, p.name...)
}
