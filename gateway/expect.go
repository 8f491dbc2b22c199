package gateway

import (
	"time"

	"github.com/valyala/fasthttp"
)

// expect answers a client that asks (Expect: 100-continue) whether it may send the body that it has announced: one that is
// too large it need not even begin.
func (g *Gateway) expect(ctx *fasthttp.RequestCtx) int {
	if ctx.Request.Header.ContentLength() <= maxBody {
		return fasthttp.StatusContinue
	}
	x := g.begin(&ctx.Response, time.Now())
	defer x.end()
	x.readFast(ctx)
	x.refuse(errBodyTooLarge)
	return errBodyTooLarge.Status
}
