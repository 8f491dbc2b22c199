package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Model is one AWS service as its published model describes it, reduced to what the generator reads.
type Model struct {
	Metadata   Metadata            `json:"metadata"`
	Operations ordered[*Operation] `json:"operations"`
	Shapes     ordered[*Shape]     `json:"shapes"`
}

// Metadata says how the service is reached.
type Metadata struct {
	APIVersion     string `json:"apiVersion"`
	EndpointPrefix string `json:"endpointPrefix"`
	JSONVersion    string `json:"jsonVersion,omitempty"`
	// Protocol is "json", "rest-json", "query" or "smithy-rpc-v2-cbor"; Protocols are all of them where there are several.
	Protocol     string   `json:"protocol"`
	Protocols    []string `json:"protocols,omitempty"`
	ServiceID    string   `json:"serviceId"`
	SigningName  string   `json:"signingName,omitempty"`
	TargetPrefix string   `json:"targetPrefix,omitempty"`
	XMLNamespace string   `json:"xmlNamespace,omitempty"`
}

// protocols are the service's protocols by name: "json" (AWS JSON 1.1), "json 1.0", "rest-json", "query" and
// "smithy-rpc-v2-cbor".
func (m *Model) protocols() []string {
	meta := m.Metadata
	names := slices.Clone(meta.Protocols)
	if len(names) == 0 {
		names = []string{meta.Protocol}
	}
	for i, name := range names {
		if name == "json" && meta.JSONVersion == "1.0" {
			names[i] = "json 1.0"
		}
	}
	return names
}

// Operation is one call of the service.
type Operation struct {
	Name   string `json:"name"`
	HTTP   HTTP   `json:"http"`
	Input  *Ref   `json:"input,omitempty"`
	Output *Ref   `json:"output,omitempty"`
}

// HTTP is an operation's place on the wire; only REST protocols give it a meaning beyond POST /.
type HTTP struct {
	Method       string `json:"method"`
	RequestURI   string `json:"requestUri"`
	ResponseCode int    `json:"responseCode,omitempty"`
}

// Ref is the use of a shape: as a member, an element, an input or an output.
type Ref struct {
	Shape         string `json:"shape"`
	ResultWrapper string `json:"resultWrapper,omitempty"`
	Location      string `json:"location,omitempty"` // "uri", "querystring", "header", or "" for the body
	LocationName  string `json:"locationName,omitempty"`
}

// Shape is a type of the model.
type Shape struct {
	Type     string        `json:"type"`
	Required []string      `json:"required,omitempty"`
	Members  ordered[*Ref] `json:"members,omitzero"`
	Member   *Ref          `json:"member,omitempty"` // of a list
	Key      *Ref          `json:"key,omitempty"`    // of a map
	Value    *Ref          `json:"value,omitempty"`  // of a map
	Enum     []string      `json:"enum,omitempty"`
	Min      *json.Number  `json:"min,omitempty"`
	Max      *json.Number  `json:"max,omitempty"`
	Pattern  string        `json:"pattern,omitempty"`
	Payload  string        `json:"payload,omitempty"` // the member that is the raw body
	// NullTexts says of a map of strings that an empty one is null in documents; served.go decides which are.
	NullTexts   bool        `json:"-"`
	EventStream bool        `json:"eventstream,omitempty"` // its members are the events of a stream
	Exception   bool        `json:"exception,omitempty"`
	Fault       bool        `json:"fault,omitempty"` // the receiver's, so 500
	Error       *ErrorTrait `json:"error,omitempty"`
}

// ErrorTrait is what an exception looks like on the wire.
type ErrorTrait struct {
	Code           string `json:"code,omitempty"`
	HTTPStatusCode int    `json:"httpStatusCode,omitempty"`
}

// ordered is a JSON object that keeps the order of its keys, so that what is generated follows the model.
type ordered[T any] struct {
	Keys []string
	m    map[string]T
}

// Get returns the value of a key, or T's zero value.
func (o ordered[T]) Get(key string) T { return o.m[key] }

// IsZero lets the "omitzero" of a struct field drop an empty object.
func (o ordered[T]) IsZero() bool { return len(o.Keys) == 0 }

func (o *ordered[T]) set(key string, v T) {
	if o.m == nil {
		o.m = map[string]T{}
	}
	if _, ok := o.m[key]; !ok {
		o.Keys = append(o.Keys, key)
	}
	o.m[key] = v
}

// UnmarshalJSON reads an object and notes the order of its keys.
func (o *ordered[T]) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var v T
		if err := d.Decode(&v); err != nil {
			return fmt.Errorf("%v: %w", key, err)
		}
		o.set(key.(string), v)
	}
	return nil
}

// MarshalJSON writes the object in its own order.
func (o ordered[T]) MarshalJSON() ([]byte, error) {
	return o.render("", ",")
}

func (o ordered[T]) render(open, sep string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("{" + open)
	for i, key := range o.Keys {
		if i > 0 {
			b.WriteString(sep)
		}
		v, err := marshal(o.m[key])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		fmt.Fprintf(&b, "%q: %s", key, v)
	}
	b.WriteString(open + "}")
	return b.Bytes(), nil
}

// marshal is json.Marshal without escaping <, > and &, which patterns contain.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// loadModel reads a service-2.json file, trimmed or as published, plain or gzipped (by its name).
func loadModel(file string) (*Model, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(file, ".gz") {
		if data, err = gunzip(data); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	m := new(Model)
	if err := json.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("read model %s: %w", file, err)
	}
	return m, nil
}

func gunzip(data []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err = b.ReadFrom(r)
	return b.Bytes(), err
}
