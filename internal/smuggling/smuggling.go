// Package smuggling reads cases of request smuggling from a data file (gateway/testdata/smuggling.yaml, which explains its
// format), makes the bytes of each, sends them, and says what is to come of it. Tests of the gateway judge by it, inside of
// the process and from outside, with other servers before and behind it.
package smuggling

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Case is a request, as bytes, and what becomes of it. The data file says what the fields mean.
type Case struct {
	Name, Send, Want, API string
	Hides                 string
	Long                  int
	Alone, Half           bool
}

// Outcome is what becomes of one request of a case.
type Outcome struct {
	Status int    // of the answer
	Seen   string // what the back end sees, as Line makes it; empty: nothing
	Last   bool   // the connection is closed behind the answer
}

// Read reads a data file. Cases without a name or an expectation, or with one that cannot be read, are errors.
func Read(path string) ([]Case, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	var cases []Case
	if err := decoder.Decode(&cases); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	names := map[string]bool{}
	for _, c := range cases {
		if c.Name == "" || names[c.Name] {
			return nil, fmt.Errorf("read %s: %q is no name, or there twice", path, c.Name)
		}
		names[c.Name] = true
		for _, api := range []bool{false, true} {
			if _, err := c.Outcomes(api); err != nil {
				return nil, fmt.Errorf("read %s: %s: %w", path, c.Name, err)
			}
		}
	}
	return cases, nil
}

// Bytes returns what to send on a connection: the case, for a path and a host, and behind it a request for path/behind,
// which asks to close.
func (c Case) Bytes(path, host string) []byte {
	long := strings.Repeat("a", c.Long)
	send := unescape(strings.NewReplacer("@", path, "HOST", host, "LONG", long).Replace(c.Send))
	if !c.Alone {
		send += "GET " + path + "/behind HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"
	}
	return []byte(send)
}

var escaped = regexp.MustCompile(`\([0-9a-f]{2}\)`)

// unescape puts in the bytes that YAML cannot say: (e9).
func unescape(s string) string {
	return escaped.ReplaceAllStringFunc(s, func(hex string) string {
		n, _ := strconv.ParseUint(hex[1:3], 16, 8)
		return string([]byte{byte(n)})
	})
}

// Method is the method of the first request, as far as it has one.
func (c Case) Method() string {
	method, _, _ := strings.Cut(strings.TrimLeft(c.Send, "\r\n"), " ")
	return method
}

// Outcomes returns what becomes of the case's requests, one after the other, at the gateway's listener or at that of the
// API.
func (c Case) Outcomes(api bool) ([]Outcome, error) {
	want := c.Want
	if api && c.API != "" {
		want = c.API
	}
	if want == "" {
		return nil, fmt.Errorf("nothing is expected")
	}
	var all []Outcome
	for text := range strings.SplitSeq(want, " | ") {
		o, err := readOutcome(text)
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	if !c.Alone && !all[len(all)-1].Last {
		all = append(all, Outcome{Status: 200, Seen: "GET behind", Last: true})
	}
	return all, nil
}

func readOutcome(text string) (Outcome, error) {
	text, last := strings.CutSuffix(text, " !")
	verdict, status, _ := strings.Cut(text, " ")
	switch verdict {
	case "refused":
		if status == "" {
			return Outcome{Status: 400, Last: true}, nil
		}
		n, err := strconv.Atoi(status)
		return Outcome{Status: n, Last: true}, err
	case "kept":
		n, err := strconv.Atoi(status)
		return Outcome{Status: n, Last: last}, err
	}
	return Outcome{Status: 200, Seen: unescape(text), Last: last}, nil
}

// Line says in one line what a back end saw: the method, what is left of the target below the case's own path /name, and
// the body.
func Line(method, target string, body []byte) (name, line string) {
	name, rest := strings.TrimPrefix(target, "/"), ""
	if i := strings.IndexAny(name, "/?"); i >= 0 {
		name, rest = name[:i], strings.TrimPrefix(name[i:], "/")
	}
	return name, strings.TrimSpace(method + " " + rest + string(body))
}
