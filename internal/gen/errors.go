package main

import "strings"

// writeErrors writes one constructor for each exception of the model.
func (g *generator) writeErrors() {
	for _, name := range g.m.Shapes.Keys {
		s := g.m.Shapes.Get(name)
		if !s.Exception {
			continue
		}
		code, status := errorTrait(name, s)
		g.p("// %s makes the error %s, HTTP status %d; the message is formatted as by fmt.Sprintf.", exported(name), code, status)
		g.p("func %s(format string, args ...any) *awsapi.Error {", exported(name))
		if g.several() {
			g.p("return awsapi.NewError(%d, %q, format, args...).WithShape(%q)", status, code, g.svc.Namespace+"#"+name)
		} else {
			g.p("return awsapi.NewError(%d, %q, format, args...)", status, code)
		}
		g.p("}\n")
	}
}

// errorTrait is the code and status of an exception on the wire.
func errorTrait(name string, s *Shape) (code string, status int) {
	code, status = name, 400
	if s.Fault {
		status = 500
	}
	if s.Fault && strings.HasPrefix(name, "ServiceUnavailable") {
		status = 503
	}
	if s.Error != nil && s.Error.Code != "" {
		code = s.Error.Code
	}
	if s.Error != nil && s.Error.HTTPStatusCode != 0 {
		status = s.Error.HTTPStatusCode
	}
	return code, status
}
