package main

// writeHandlers writes, for each served operation, the handler that joins decoding, the service and encoding.
func (g *generator) writeHandlers() {
	request := ""
	if g.several() {
		request = "r, " // which says the protocol
	}
	for _, op := range g.ops {
		g.p("func handle%s(svc Service) awsapi.Handler {", op.Name)
		g.p("return func(ctx context.Context, r *awsapi.Request) (*awsapi.Response, error) {")
		g.p("in, err := decode%s(r)", op.Name)
		g.p("if err != nil {\nreturn nil, err\n}")
		if stream := g.stream(op); stream != nil {
			g.p("return nil, svc.%s(ctx, in, func(event *%s) error { return r.Send(event%s(event)) })",
				op.Name, exported(stream.Shape), exported(stream.Shape))
		} else if op.Output == nil {
			g.p("return new(awsapi.Response), svc.%s(ctx, in)", op.Name)
		} else {
			g.p("out, err := svc.%s(ctx, in)", op.Name)
			g.p("if err != nil {\nreturn nil, err\n}")
			g.p("return encode%s(%sout), nil", op.Name, request)
		}
		g.p("}\n}\n")
	}
}
