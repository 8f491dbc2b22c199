package awswire

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/awsapi"
)

// restRouter finds operations by method and path.
type restRouter struct{ routes []restRoute }

// restRoute is an operation's URI taken apart.
type restRoute struct {
	op       *awsapi.Operation
	segments []segment
	query    url.Values // must be in the URL, such as mode=import
}

// segment is one part of a path between slashes: a literal or a label.
type segment struct {
	literal string
	label   string
	greedy  bool // a label that takes the rest of the path
}

func newRESTRouter(ops []awsapi.Operation) restRouter {
	var rr restRouter
	for i := range ops {
		path, query, _ := strings.Cut(ops[i].URI, "?")
		route := restRoute{op: &ops[i], segments: parseSegments(path)}
		if query != "" {
			route.query, _ = url.ParseQuery(query) // a model's URI; what cannot be read matches everything
		}
		rr.routes = append(rr.routes, route)
	}
	slices.SortStableFunc(rr.routes, moreSpecific)
	return rr
}

func parseSegments(path string) []segment {
	var segments []segment
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		name, isLabel := strings.CutPrefix(part, "{")
		name = strings.TrimSuffix(name, "}")
		switch {
		case isLabel && strings.HasSuffix(name, "+"):
			segments = append(segments, segment{label: strings.TrimSuffix(name, "+"), greedy: true})
		case isLabel:
			segments = append(segments, segment{label: name})
		default:
			segments = append(segments, segment{literal: part})
		}
	}
	return segments
}

// moreSpecific orders routes so that the first match is the right one: demands on the query first, then, from the
// left, a literal before a label before a greedy label.
func moreSpecific(a, b restRoute) int {
	if d := len(b.query) - len(a.query); d != 0 {
		return d
	}
	for i := range min(len(a.segments), len(b.segments)) {
		if d := a.segments[i].rank() - b.segments[i].rank(); d != 0 {
			return d
		}
	}
	return 0
}

func (s segment) rank() int {
	switch {
	case s.greedy:
		return 2
	case s.label != "":
		return 1
	default:
		return 0
	}
}

// match returns the operation of a request and the decoded labels, or nil. Labels are cut from the path as it was
// sent, so that an encoded slash stays within its label.
func (rr restRouter) match(r *http.Request) (*awsapi.Operation, map[string]string) {
	if len(rr.routes) == 0 {
		return nil, nil
	}
	parts := strings.Split(strings.TrimSuffix(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/"), "/")
	var query url.Values
	for _, route := range rr.routes {
		if route.op.Method != r.Method || !route.fits(parts) {
			continue
		}
		if query == nil {
			query = r.URL.Query()
		}
		if labels, ok := route.labels(parts); ok && route.queryFits(query) {
			return route.op, labels
		}
	}
	return nil, nil
}

// fits reports whether the path has the route's form.
func (rt restRoute) fits(parts []string) bool {
	for i, s := range rt.segments {
		switch {
		case i >= len(parts) || parts[i] == "":
			return false
		case s.greedy:
			return true
		case s.label == "" && s.literal != parts[i]:
			return false
		}
	}
	return len(parts) == len(rt.segments)
}

func (rt restRoute) labels(parts []string) (map[string]string, bool) {
	labels := map[string]string{}
	for i, s := range rt.segments {
		raw := parts[i]
		if s.greedy {
			raw = strings.Join(parts[i:], "/")
		}
		if s.label == "" {
			continue
		}
		value, err := url.PathUnescape(raw)
		if err != nil {
			return nil, false
		}
		labels[s.label] = value
	}
	return labels, true
}

func (rt restRoute) queryFits(q url.Values) bool {
	for name, want := range rt.query {
		if q.Get(name) != want[0] {
			return false
		}
	}
	return true
}
