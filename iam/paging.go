package iam

import (
	"encoding/base64"
	"strings"
)

// defaultPageSize is AWS' number of items when MaxItems is not given; the model bounds it to 1..1000.
const defaultPageSize = 100

// page is the part of a list that one answer shows.
type page[T any] struct {
	items     []T // never nil, so that an empty list is shown as one
	truncated *bool
	marker    *string // only when truncated
}

// paginate cuts a page from a list whose keys ascend. The marker is the key of the last item that was shown, so it holds
// while items before and after come and go.
func paginate[T any](all []T, key func(T) string, marker *string, maxItems *int32) (page[T], error) {
	p := page[T]{items: make([]T, 0, min(len(all), defaultPageSize)), truncated: new(false)}
	after, limit := "", defaultPageSize
	if maxItems != nil {
		limit = int(*maxItems)
	}
	if marker != nil {
		raw, err := base64.RawURLEncoding.DecodeString(*marker)
		if err != nil || len(raw) == 0 {
			return p, validationError("Invalid Marker.")
		}
		after = string(raw)
	}
	for _, item := range all {
		if after != "" && key(item) <= after {
			continue
		}
		if len(p.items) == limit {
			p.truncated = new(true)
			p.marker = new(base64.RawURLEncoding.EncodeToString([]byte(key(p.items[limit-1]))))
			break
		}
		p.items = append(p.items, item)
	}
	return p, nil
}

// underPath reports whether a path begins with the optional prefix of a list request.
func underPath(path string, prefix *string) bool {
	return prefix == nil || strings.HasPrefix(path, *prefix)
}
