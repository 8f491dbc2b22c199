package cli

import "testing"

func TestDelivered(t *testing.T) {
	t.Parallel()
	const line = "(" + tracedID + `) Method request body: {"a": 1}`
	for message, want := range map[string]string{
		line:                  line,
		"GET\t/pets\t" + line: line,
		`{"stage":"prod","payload":"(` + tracedID + `) Method request body: {\"a\": 1}"}`: line,
		`{"stage":"prod"}`:             "",
		"another line, of " + tracedID: "",
	} {
		if got, ok := delivered(message, tracedID); got != want || ok != (want != "") {
			t.Errorf("%s: %q %v", message, got, ok)
		}
	}
}
