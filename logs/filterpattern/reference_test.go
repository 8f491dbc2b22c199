package filterpattern_test

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"github.com/tollbook/tollbook/logs/condition"
)

// implied decides a condition in the plainest way, over a message decoded by encoding/json.
func implied(c condition.Condition, message string) bool {
	switch c := c.(type) {
	case condition.Contains:
		return strings.Contains(message, string(c))
	case condition.All:
		for _, member := range c {
			if !implied(member, message) {
				return false
			}
		}
		return true
	case condition.Any:
		for _, member := range c {
			if implied(member, message) {
				return true
			}
		}
		return false
	case condition.Field:
		object, ok := decode(message).(map[string]any)
		v := follow(object, c.Path)
		return ok && c.Test(v) && (c.Only == "" || c.Only == v.Text)
	}
	return true
}

// decode returns what a message says as JSON, nil if it is none.
func decode(message string) any {
	d := json.NewDecoder(strings.NewReader(message))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	if _, err := d.Token(); err != io.EOF {
		return nil
	}
	return v
}

// follow returns the scalar that a condition's path leads to.
func follow(v any, path []string) condition.Value {
	for _, name := range path {
		switch parent := v.(type) {
		case map[string]any:
			member, ok := parent[name]
			if !ok {
				return condition.Value{}
			}
			v = member
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(parent) {
				return condition.Value{}
			}
			v = parent[i]
		default:
			return condition.Value{}
		}
	}
	return scalar(v)
}

func scalar(v any) condition.Value {
	switch v := v.(type) {
	case string:
		return condition.Value{Kind: condition.String, Text: v}
	case json.Number:
		return condition.Value{Kind: condition.Literal, Text: v.String()}
	case bool:
		return condition.Value{Kind: condition.Literal, Text: strconv.FormatBool(v)}
	case nil:
		return condition.Value{Kind: condition.Literal, Text: "null"}
	}
	return condition.Value{}
}
