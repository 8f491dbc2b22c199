package awswire_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	"github.com/fxamacker/cbor/v2"
)

// toCBOR is a JSON text as CBOR. {"@time": SECONDS} stands for a timestamp; what is no JSON stays as it is.
func toCBOR(t testing.TB, text string) string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return text
	}
	data, err := cbor.Marshal(native(t, v))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func native(t testing.TB, v any) any {
	t.Helper()
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, err := v.Float64()
		if err != nil {
			t.Fatal(err)
		}
		return f
	case []any:
		for i := range v {
			v[i] = native(t, v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = native(t, v[key])
		}
		if at, ok := v["@time"]; ok {
			return cbor.Tag{Number: 1, Content: at}
		}
	}
	return v
}

// readable is a body as text: CBOR in diagnostic notation, messages of an event stream a block each.
func readable(contentType string, body []byte) []byte {
	switch contentType {
	case "application/cbor":
		text, err := cbor.Diagnose(body)
		if err != nil {
			return fmt.Appendf(nil, "broken CBOR: %v: %x", err, body)
		}
		return []byte(text)
	case "application/vnd.amazon.eventstream":
		return messages(body)
	default:
		return body
	}
}

func messages(body []byte) []byte {
	var b bytes.Buffer
	decoder, r := eventstream.NewDecoder(), bytes.NewReader(body)
	for {
		m, err := decoder.Decode(r, nil)
		if errors.Is(err, io.EOF) && r.Len() == 0 {
			return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
		} else if err != nil {
			return fmt.Appendf(b.Bytes(), "broken message: %v", err)
		}
		for _, h := range m.Headers {
			fmt.Fprintf(&b, "%s=%s ", h.Name, h.Value)
		}
		fmt.Fprintf(&b, "%s\n", m.Payload)
	}
}
