package main

// writeHandlers writes, for each served operation, the handler that joins decoding, the service and encoding.
func (g *generator) writeHandlers() {
	for _, op := range g.ops {
		g.p("func handle%s(svc Service) awsapi.Handler {", op.Name)
		g.p("return func(ctx context.Context, r *awsapi.Request) (*awsapi.Response, error) {")
		g.p("in, err := decode%s(r)", op.Name)
		g.p("if err != nil {\nreturn nil, err\n}")
		if op.Output == nil {
			g.p("return new(awsapi.Response), svc.%s(ctx, in)", op.Name)
		} else {
			g.p("out, err := svc.%s(ctx, in)", op.Name)
			g.p("if err != nil {\nreturn nil, err\n}")
			g.p("return encode%s(out), nil", op.Name)
		}
		g.p("}\n}\n")
	}
}
