package main

import (
	"fmt"
	"strings"
)

// writeService writes the Service interface and the descriptor that awswire serves.
func (g *generator) writeService() {
	g.p("// Service is what implements %s. Its methods are called concurrently. The caller is in the", g.svc.Title)
	g.p("// context (awsapi.CallerFrom); inputs satisfy the model's constraints when they come from a client. An error other")
	g.p("// than *awsapi.Error reaches the client as an internal failure without its text.")
	g.p("type Service interface {")
	for _, op := range g.ops {
		if stream := g.stream(op); stream != nil {
			g.streamMethod(op, stream)
			continue
		}
		g.p("%s(ctx context.Context, in *%s) %s", op.Name, exported(op.Input.Shape), g.results(op))
	}
	g.p("}\n")
	g.p("// Operations describes the service to awswire: every operation of the model by name, of which svc serves those")
	g.p("// with a handler.")
	g.p("func Operations(svc Service) awsapi.Service {")
	g.p("return awsapi.Service{")
	g.writeDescriptor()
	g.p("}\n}")
}

func (g *generator) results(op *Operation) string {
	if op.Output == nil {
		return "error"
	}
	return "(*" + exported(op.Output.Shape) + ", error)"
}

func (g *generator) writeDescriptor() {
	meta := g.m.Metadata
	signing := meta.SigningName
	if signing == "" {
		signing = meta.EndpointPrefix
	}
	g.p("Name: %q,", meta.ServiceID)
	g.p("SigningName: %q,", signing)
	g.p("Protocols: []awsapi.Protocol{%s},", strings.Join(g.constants(), ", "))
	g.p("APIVersion: %q,", meta.APIVersion)
	if meta.TargetPrefix != "" {
		g.p("TargetPrefix: %q,", meta.TargetPrefix)
	}
	if meta.XMLNamespace != "" {
		g.p("XMLNamespace: %q,", meta.XMLNamespace)
	}
	g.p("Operations: []awsapi.Operation{")
	served := map[string]bool{}
	for _, op := range g.ops {
		served[op.Name] = true
	}
	for _, name := range g.m.Operations.Keys {
		g.writeOperation(g.m.Operations.Get(name), served[name])
	}
	g.p("},")
}

func (g *generator) writeOperation(op *Operation, served bool) {
	g.buf.WriteString("{Name: \"" + op.Name + "\"")
	if g.sole("rest-json") {
		status := op.HTTP.ResponseCode
		if status == 0 {
			status = 200
		}
		g.buf.WriteString(fmt.Sprintf(", Method: %q, URI: %q, Status: %d", op.HTTP.Method, op.HTTP.RequestURI, status))
	}
	if served && g.stream(op) != nil {
		g.buf.WriteString(", Events: true")
	}
	if limit := requestLimits[g.svc.Model+" "+op.Name]; served && limit > 0 {
		g.buf.WriteString(fmt.Sprintf(", Limit: %d", limit))
	}
	if served {
		g.buf.WriteString(fmt.Sprintf(", Handle: handle%s(svc)", op.Name))
	}
	g.p("},")
}
