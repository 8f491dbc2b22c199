package gateway_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/gateway"
	"github.com/tollbook/tollbook/gateway/endpoint"
)

// BenchmarkProxy sends requests through an HTTP_PROXY integration to a fasthttp back end, over kept-alive connections,
// with the access log on and off. Client and back end are part of what it measures: both allocate nothing.
func BenchmarkProxy(b *testing.B) {
	for _, logging := range []bool{true, false} {
		b.Run(map[bool]string{true: "log", false: "nolog"}[logging], func(b *testing.B) { benchmarkProxy(b, logging) })
	}
}

func benchmarkProxy(b *testing.B, logging bool) {
	upstream := fasthttpBackend(b)
	stage := stageOf(proxy("ANY", "/{proxy+}", upstream+"/{proxy}",
		map[string]string{"integration.request.path.proxy": "method.request.path.proxy"}))
	if !logging {
		stage.AccessLog = nil
	}
	benchmarkStage(b, stage, "GET /prod/notes/7 HTTP/1.1\r\nHost: a1b2c3d4e5.execute-api.localhost\r\n"+
		"User-Agent: bench\r\nAccept: */*\r\nX-Custom: something\r\n\r\n")
}

func BenchmarkMock(b *testing.B) {
	benchmarkStage(b, stageOf(mock("GET", "/notes/{id}", `{"id":7}`)),
		"GET /prod/notes/7 HTTP/1.1\r\nHost: a1b2c3d4e5.execute-api.localhost\r\nUser-Agent: bench\r\n\r\n")
}

// BenchmarkLambdaProxy calls a function: the event is made, the call signed, the result read.
func BenchmarkLambdaProxy(b *testing.B) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { listener.Close() })
	result := []byte(`{"statusCode":200,"headers":{"X-Note":"7"},"body":"{\"id\":7,\"text\":\"a note of some length, as they are\"}"}`)
	go func() {
		_ = fasthttp.Serve(listener, func(ctx *fasthttp.RequestCtx) { ctx.Success("application/json", result) })
	}()
	e, err := endpoint.New(endpoint.Options{Lambda: "http://" + listener.Addr().String(), Credentials: testKey})
	if err != nil {
		b.Fatal(err)
	}
	benchmarkAt(b, e, stageOf(lambdaProxy("GET", "/notes/{id}", functionURI("notes"))),
		"GET /prod/notes/7?x=1&y=2 HTTP/1.1\r\nHost: a1b2c3d4e5.execute-api.localhost\r\nUser-Agent: bench\r\nAccept: */*\r\nX-Custom: something\r\n\r\n")
}

func benchmarkStage(b *testing.B, stage gateway.Stage, request string) {
	benchmarkAt(b, hubEndpoints(b), stage, request)
}

func benchmarkAt(b *testing.B, e *endpoint.Endpoints, stage gateway.Stage, request string) {
	access := accesslog.NewWriter(discard{}, accesslog.Options{})
	gw, err := gateway.New(gateway.Config{Endpoints: e}, access)
	if err != nil {
		b.Fatal(err)
	}
	table, err := gateway.Compile(stage)
	if err != nil {
		b.Fatal(err)
	}
	gw.SetStage(stage.APIID, stage.Name, table)
	gw.UpdateKeys(keys(gateway.UsagePlan{Throttle: &gateway.Throttle{Rate: 1e9, Burst: 1e9}, Quota: &gateway.Quota{Limit: 1e15, Period: "MONTH"}}))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	addr := listener.Addr().String()
	go func() { _ = gateway.NewServer(gw).Serve(listener) }()
	b.Cleanup(func() { listener.Close(); gw.Close(); access.Close(b.Context()) })

	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			b.Error(err)
			return
		}
		defer conn.Close()
		var resp fasthttp.Response
		r := bufio.NewReader(conn)
		for pb.Next() {
			if _, err := io.WriteString(conn, request); err != nil {
				b.Error(err)
				return
			}
			if err := resp.Read(r); err != nil || resp.StatusCode() != http.StatusOK {
				b.Errorf("%d %v", resp.StatusCode(), err)
				return
			}
		}
	})
}

func fasthttpBackend(b *testing.B) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { listener.Close() })
	body := []byte(`{"id":7,"text":"a note of some length, as they are"}`)
	go func() {
		_ = fasthttp.Serve(listener, func(ctx *fasthttp.RequestCtx) { ctx.Success("application/json", body) })
	}()
	return "http://" + listener.Addr().String()
}

type discard struct{}

func (discard) AppendEntries(_ context.Context, _ accesslog.Destination, _ []accesslog.RenderedEntry) error {
	return nil
}
