package gateway

import (
	"slices"
	"strings"
)

func compileBinaryTypes(types []string) []string {
	lower := make([]string, len(types))
	for i, t := range types {
		lower[i] = strings.ToLower(t)
	}
	return lower
}

// isBinary reports whether the API takes a media type, in lower case and without parameters, for binary. An entry may
// have * for all types, or all subtypes.
func (t *StageTable) isBinary(mediaType string) bool {
	if len(t.binaryTypes) == 0 {
		return false
	}
	main, _, _ := strings.Cut(mediaType, "/")
	return slices.ContainsFunc(t.binaryTypes, func(entry string) bool {
		if family, ok := strings.CutSuffix(entry, "/*"); ok {
			return family == "*" || family == main
		}
		return entry == mediaType
	})
}
