package main

// stream is the event stream that an operation answers with, or nil.
func (g *generator) stream(op *Operation) *Ref {
	if op.Output == nil {
		return nil
	}
	for _, f := range g.fields(g.m.Shapes.Get(op.Output.Shape)) {
		if f.Shape.EventStream {
			return f.Ref
		}
	}
	return nil
}

// dropExceptions takes the exceptions out of a stream's members: a service returns them as errors.
func (g *generator) dropExceptions(stream *Shape) {
	var events ordered[*Ref]
	for _, f := range g.fields(stream) {
		if !f.Shape.Exception {
			events.set(f.Name, f.Ref)
		}
	}
	stream.Members = events
}

// streamMethod writes the method of an operation that answers with a stream.
func (g *generator) streamMethod(op *Operation, stream *Ref) {
	g.p("// %s calls send, from one goroutine at a time, for each event. An error before the first one is an", op.Name)
	g.p("// ordinary answer; one of the stream's own exceptions afterwards becomes its last message. send blocks while the")
	g.p("// client is slow and fails when it has gone, which also ends ctx. A stop of the server ends ctx too.")
	g.p("%s(ctx context.Context, in *%s, send func(event *%s) error) error",
		op.Name, exported(op.Input.Shape), exported(stream.Shape))
}

// encodeEvent writes the function that turns a stream's event into its message.
func (g *generator) encodeEvent(stream *Ref) {
	if !g.sole("json") {
		g.fail("%s: event streams are built for AWS JSON only", stream.Shape)
	}
	g.p("func event%s(event *%s) awsapi.Event {", exported(stream.Shape), exported(stream.Shape))
	g.p("switch {")
	for _, f := range g.fields(g.m.Shapes.Get(stream.Shape)) {
		g.p("case event.%s != nil:", f.Go)
		g.p("return awsapi.Event{Type: %q, Payload: protocol.JSONBody(func(e *jx.Encoder) { write%s(e, event.%s) })}",
			f.Wire, exported(f.Ref.Shape), f.Go)
	}
	g.p("}\nreturn awsapi.Event{}\n}\n")
}
