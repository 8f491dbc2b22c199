package gateway_test

import (
	"fmt"
	"testing"

	"github.com/tollbook/tollbook/gateway"
)

// BenchmarkKeyAndValidation sends requests through an API key with a plan's throttle and quota, the validation of a body and
// a parameter, and an HTTP_PROXY integration; compare BenchmarkProxy.
func BenchmarkKeyAndValidation(b *testing.B) {
	upstream := fasthttpBackend(b)
	route := proxy("ANY", "/{proxy+}", upstream+"/{proxy}", map[string]string{"integration.request.path.proxy": "method.request.path.proxy"})
	route.APIKeyRequired, route.ValidateBody, route.ValidateParameters = true, true, true
	route.RequestParameters = map[string]bool{"method.request.header.X-Custom": true}
	route.RequestModels = map[string]string{"application/json": "Note"}
	route.Settings.Throttle = &gateway.Throttle{Rate: 1e9, Burst: 1e9}
	stage := stageOf(route)
	stage.Models = map[string]string{"Note": `{"type":"object","required":["title","tags"],"properties":{"title":{"type":"string","maxLength":100},
		"tags":{"type":"array","items":{"type":"string"}},"count":{"type":"integer","minimum":0}}}`}
	const body = `{"title":"a note of some length, as they are","tags":["a","b","c"],"count":12}`
	benchmarkStage(b, stage, fmt.Sprintf("POST /prod/notes/7 HTTP/1.1\r\nHost: a1b2c3d4e5.execute-api.localhost\r\nX-API-Key: %s\r\n"+
		"User-Agent: bench\r\nAccept: */*\r\nContent-Type: application/json\r\nContent-Length: %d\r\nX-Custom: something\r\n\r\n%s",
		clientKey, len(body), body))
}

// BenchmarkKey is the same without validation.
func BenchmarkKey(b *testing.B) {
	route := mock("GET", "/notes/{id}", `{"id":7}`)
	route.APIKeyRequired = true
	benchmarkStage(b, stageOf(route), fmt.Sprintf("GET /prod/notes/7 HTTP/1.1\r\nHost: a1b2c3d4e5.execute-api.localhost\r\n"+
		"X-API-Key: %s\r\nUser-Agent: bench\r\n\r\n", clientKey))
}
