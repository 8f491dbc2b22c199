package awswire

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/go-faster/jx"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/protocol"
)

// jsonError is the body of an error; kind is its __type, "" where a header says it.
func jsonError(e *awsapi.Error, kind string) []byte {
	var enc jx.Encoder
	enc.ObjStart()
	if kind != "" {
		enc.FieldStart("__type")
		enc.Str(kind)
	}
	if e.Message != "" {
		enc.FieldStart("message")
		protocol.String(&enc, e.Message)
	}
	for _, name := range slices.Sorted(maps.Keys(e.Members)) {
		value, err := json.Marshal(e.Members[name])
		if err != nil {
			continue // a member that has no JSON form says nothing to the client
		}
		enc.FieldStart(name)
		enc.Raw(value)
	}
	enc.ObjEnd()
	return enc.Bytes()
}
