package gateway_test

import (
	"encoding/json"
	"testing"

	"github.com/tollbook/tollbook/gateway"
)

// FuzzFunctionResponse: what is taken for a response is a JSON object, has a status that can be sent, and says the same
// body as encoding/json finds.
func FuzzFunctionResponse(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"statusCode":200,"headers":{"a":"b","c":1,"d":true,"e":null},"multiValueHeaders":{"f":["g",2]},"body":"\u00e9\ud83d","isBase64Encoded":false}`,
		`{"statusCode":"201"}`, `{"statusCode":2e2}`, `{"body":1.50}`, `[]`, `null`, `{"a":1}`, `{"body":"a","body":"b"}`, "{\"body\":\"\xff\"}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, returned []byte) {
		status, body, headers, err := gateway.ParseFunctionResponse(returned)
		if err != nil {
			return
		}
		if status < 200 || status > 599 {
			t.Fatalf("status %d from %q", status, returned)
		}
		var plain map[string]any
		if err := json.Unmarshal(returned, &plain); err != nil {
			t.Fatalf("%q is no object: %v", returned, err)
		}
		if text, ok := plain["body"].(string); ok && json.Valid(returned) && len(plain) == 1 && text != string(body) && len(text) == len(body) {
			t.Fatalf("body %q, want %q", body, text)
		}
		if single, ok := plain["headers"].(map[string]any); ok && plain["multiValueHeaders"] == nil && len(headers) > len(single) {
			t.Fatalf("headers %v from %q", headers, returned)
		}
	})
}
