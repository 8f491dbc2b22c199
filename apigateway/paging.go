package apigateway

import (
	"encoding/base64"
)

const (
	defaultPageSize = 25
	maxPageSize     = 500
)

// page is what a list operation was asked for.
type page struct {
	after string // list what sorts after this key
	limit int
}

// parsePage reads limit and position. AWS' default is 25, its most 500; values outside are moved inside.
func parsePage(limit *int32, position *string) (page, error) {
	p := page{limit: defaultPageSize}
	if limit != nil && *limit > 0 {
		p.limit = min(int(*limit), maxPageSize)
	}
	if position == nil || *position == "" {
		return p, nil
	}
	after, err := base64.RawURLEncoding.DecodeString(*position)
	if err != nil {
		return p, badRequest("Invalid position parameter specified")
	}
	p.after = string(after)
	return p, nil
}

// position is the opaque text that resumes a list after key; nil when nothing is left.
func position(key string, more bool) *string {
	if !more {
		return nil
	}
	return new(base64.RawURLEncoding.EncodeToString([]byte(key)))
}
