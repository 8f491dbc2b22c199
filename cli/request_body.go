package cli

import (
	"context"
	"io"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// plainBody keeps the SDK from failing against a server that answers at once. With smithy-go 1.28, a request body that can
// write itself (io.WriterTo, as bytes.Reader does) answers with the error io.EOF once it is closed, and the SDK closes it
// when the answer begins. If net/http has not looked for the body's end by then, it takes the error for a broken request and
// closes the connection in the middle of a long answer ("use of closed network connection"). A body that can only be read
// ends as it should.
func plainBody(stack *middleware.Stack) error {
	return stack.Build.Add(middleware.BuildMiddlewareFunc("TollbookPlainBody",
		func(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (middleware.BuildOutput, middleware.Metadata, error) {
			if req, ok := in.Request.(*smithyhttp.Request); ok {
				if body, ok := req.GetStream().(io.ReadSeeker); ok {
					plain, err := req.SetStream(struct{ io.ReadSeeker }{body})
					if err != nil {
						return middleware.BuildOutput{}, middleware.Metadata{}, err
					}
					in.Request = plain
				}
			}
			return next.HandleBuild(ctx, in)
		}), middleware.Before)
}
