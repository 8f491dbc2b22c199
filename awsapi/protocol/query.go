package protocol

import (
	"cmp"
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tollbook/tollbook/awsapi"
)

// maxFormDepth is how deep the dotted names of a form may nest; AWS' models need fewer than ten.
const maxFormDepth = 32

// Form is a node of a Query request: "Tags.member.1.Key=a" is the value "a" four levels below the root. Methods on a
// nil Form, an absent value, are allowed.
type Form struct {
	value    string
	present  bool   // it has a value of its own, not only children
	bound    string // the name of a value from URL or header instead of a form
	children map[string]*Form
}

// ParseForm turns the flat fields of a request into a tree. Of a repeated field the first value counts.
func ParseForm(values url.Values) (*Form, error) {
	root := new(Form)
	for name, vs := range values {
		if strings.Count(name, ".") >= maxFormDepth {
			return nil, malformedInput("The parameter %q nests too deep", shorten(name))
		}
		if len(vs) > 0 {
			root.set(name, vs[0])
		}
	}
	return root, nil
}

func (f *Form) set(name, value string) {
	for part := range strings.SplitSeq(name, ".") {
		next := f.children[part]
		if next == nil {
			if f.children == nil {
				f.children = map[string]*Form{}
			}
			next = new(Form)
			f.children[part] = next
		}
		f = next
	}
	f.value, f.present = value, true
}

func malformedInput(format string, args ...any) error {
	return awsapi.NewError(400, "MalformedInput", format, args...)
}

// bad is the error of a value that is not what the model says.
func (f *Form) bad(what string) error {
	if f.bound != "" {
		return serialization("The value %q of %s is not %s", shorten(f.value), f.bound, what)
	}
	return malformedInput("%q is not %s", shorten(f.value), what)
}

// Get returns the member with the given name, or nil.
func (f *Form) Get(name string) *Form {
	if f == nil {
		return nil
	}
	return f.children[name]
}

// Scalar is Get for members that hold a value, not further members.
func (f *Form) Scalar(name string) *Form {
	if m := f.Get(name); m != nil && m.present {
		return m
	}
	return nil
}

// Elements returns the numbered members in the order of their numbers; gaps do not matter. It is never nil: a list
// written as "X=" is empty.
func (f *Form) Elements() []*Form {
	type element struct {
		n int
		*Form
	}
	var found []element
	if f != nil {
		for key, child := range f.children {
			if n, err := strconv.Atoi(key); err == nil && n > 0 {
				found = append(found, element{n, child})
			}
		}
	}
	slices.SortFunc(found, func(a, b element) int { return cmp.Compare(a.n, b.n) })
	list := make([]*Form, len(found))
	for i, e := range found {
		list[i] = e.Form
	}
	return list
}

// String returns the value as it was sent.
func (f *Form) String() (string, error) { return f.value, nil }

// Bool reads "true" or "false" in any case.
func (f *Form) Bool() (bool, error) {
	switch strings.ToLower(f.value) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, f.bad("a boolean")
}

// Int32 reads an integer of 32 bits.
func (f *Form) Int32() (int32, error) {
	n, err := strconv.ParseInt(f.value, 10, 32)
	if err != nil {
		return 0, f.bad("an integer")
	}
	return int32(n), nil
}

// Int64 reads an integer of 64 bits.
func (f *Form) Int64() (int64, error) {
	n, err := strconv.ParseInt(f.value, 10, 64)
	if err != nil {
		return 0, f.bad("an integer")
	}
	return n, nil
}

// Float64 reads a number.
func (f *Form) Float64() (float64, error) {
	n, err := strconv.ParseFloat(f.value, 64)
	if err != nil {
		return 0, f.bad("a number")
	}
	return n, nil
}

// Time reads an RFC 3339 time.
func (f *Form) Time() (time.Time, error) {
	t, err := time.Parse(time.RFC3339, f.value)
	if err != nil {
		return t, f.bad("a timestamp")
	}
	return t, nil
}

// Blob reads base64.
func (f *Form) Blob() ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(f.value)
	if err != nil {
		return nil, f.bad("base64")
	}
	return b, nil
}
