package awswire

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/go-faster/jx"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/protocol"
)

// jsonError is the body of an error; with __type where the code is not in a header.
func jsonError(e *awsapi.Error, withType bool) []byte {
	var enc jx.Encoder
	enc.ObjStart()
	if withType {
		enc.FieldStart("__type")
		enc.Str(e.Code)
	}
	enc.FieldStart("message")
	protocol.String(&enc, e.Message)
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
