package protocol

import (
	"net/http"
	"net/url"
	"slices"
)

// QueryValue returns the first value of a URL parameter, or nil if there is none.
func QueryValue(q url.Values, name string) *Form { return bound(name, q[name]) }

// QueryMap returns the URL parameters but for some, each with its first value; nil without any.
func QueryMap(q url.Values, except ...string) map[string]string {
	var m map[string]string
	for name, values := range q {
		if len(values) == 0 || slices.Contains(except, name) {
			continue
		}
		if m == nil {
			m = map[string]string{}
		}
		m[name] = values[0]
	}
	return m
}

// HeaderValue returns the first value of a header, or nil if there is none.
func HeaderValue(h http.Header, name string) *Form { return bound(name, h.Values(name)) }

func bound(name string, values []string) *Form {
	if len(values) == 0 {
		return nil
	}
	return &Form{value: values[0], present: true, bound: name}
}

// Ptr turns the result of a reading method into that of an optional member.
func Ptr[T any](v T, err error) (*T, error) { return &v, err }
