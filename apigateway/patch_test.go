package apigateway

import (
	"slices"
	"testing"
)

func TestSplitPointer(t *testing.T) {
	t.Parallel()
	for path, want := range map[string][]string{
		"/name":                               {"name"},
		"/requestTemplates/application~1json": {"requestTemplates", "application/json"},
		"/a/~01":                              {"a", "~1"}, // an escaped "~", not an escaped "/"
		"/a/~1~0~1":                           {"a", "/~/"},
		"/":                                   {""},
		"//a":                                 {"", "a"},
		"name":                                nil,
		"":                                    nil,
	} {
		if got := splitPointer(path); !slices.Equal(got, want) {
			t.Errorf("splitPointer(%q) = %q, want %q", path, got, want)
		}
	}
}

func TestMatchPath(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, path string
		want          bool
	}{
		{"/a/*", "/a/b", true},
		{"/a/*", "/a/b~1c", true},
		{"/a/*", "/a/b/c", false},
		{"/a/*", "/a", false},
		{"/a/*", "/a/", false}, // a map has no empty key
		{"/a", "/a", true},
		{"/a", "/A", false},
		{"/a", "a", false},
	} {
		if got := matchPath(c.pattern, splitPointer(c.path)); got != c.want {
			t.Errorf("matchPath(%s, %s) = %v", c.pattern, c.path, got)
		}
	}
}

func TestNewID(t *testing.T) {
	t.Parallel()
	counts := map[byte]int{}
	for range 2000 {
		id := newID(10)
		if len(id) != 10 {
			t.Fatalf("%q has not 10 characters", id)
		}
		for i := range len(id) {
			counts[id[i]]++
		}
	}
	if len(counts) != len(idAlphabet) {
		t.Errorf("%d different characters in 20,000, want %d", len(counts), len(idAlphabet))
	}
}
