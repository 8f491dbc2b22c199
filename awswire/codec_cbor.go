package awswire

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/protocol"
)

// cborError is the body of an error in Smithy RPC v2.
func cborError(e *awsapi.Error) []byte {
	var enc protocol.CBOREncoder
	enc.ObjStart()
	enc.FieldStart("__type")
	enc.Str(shapeName(e))
	if e.Message != "" {
		enc.FieldStart("message")
		enc.Str(e.Message)
	}
	for _, name := range slices.Sorted(maps.Keys(e.Members)) {
		value, err := json.Marshal(e.Members[name])
		if err != nil {
			continue // a member that has no JSON form says nothing to the client
		}
		enc.FieldStart(name)
		enc.JSON(value)
	}
	enc.ObjEnd()
	return enc.Bytes()
}
