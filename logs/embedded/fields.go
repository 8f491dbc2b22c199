package embedded

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/tollbook/tollbook/logs"
)

// Fields implements logs.Store.
func (s *Store) Fields(ctx context.Context, q logs.ScanQuery) ([]logs.FieldCount, int64, error) {
	counts, total := map[string]int64{}, int64(0)
	for e, err := range s.Scan(ctx, q) {
		if err != nil {
			return nil, 0, err
		}
		total++
		var object map[string]any
		if json.Unmarshal([]byte(e.Message), &object) == nil {
			countScalars(counts, "", object)
		}
	}
	var fields []logs.FieldCount
	for name, events := range counts {
		fields = append(fields, logs.FieldCount{Name: name, Events: events})
	}
	return fields, total, nil
}

func countScalars(counts map[string]int64, path string, value any) {
	if path != "" {
		path += "."
	}
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			countScalars(counts, path+name, member)
		}
	case []any:
		for i, member := range v {
			countScalars(counts, path+strconv.Itoa(i), member)
		}
	default:
		counts[path[:max(0, len(path)-1)]]++
	}
}
