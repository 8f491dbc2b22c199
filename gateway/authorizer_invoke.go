package gateway

import (
	"bytes"
	"strings"
	"time"

	"github.com/tollbook/tollbook/gateway/endpoint"
)

// functionAnswer is what the Lambda service answered to the call of a function.
type functionAnswer struct {
	status    int
	requestID string
	failed    bool // the function threw: body says what
	body      []byte
}

// functionOf finds the function in the URI of an authorizer, which has the form of an integration's.
func functionOf(uri string) (*service, bool) {
	parts := strings.SplitN(uri, ":", 6)
	if len(parts) < 6 || parts[2] != "apigateway" || parts[4] != "lambda" {
		return nil, false
	}
	s := &service{name: "lambda", region: parts[3]}
	return s, s.parseFunction(parts[5])
}

// invokeFunction calls the function that an authorizer's URI names, and waits for its answer. Requests are signed with the
// gateway's own credentials. sending is told the head of the request before it is sent.
func (g *Gateway) invokeFunction(uri string, payload []byte, deadline time.Time, sending func(head []byte)) (functionAnswer, *Error) {
	s, ok := functionOf(uri)
	if !ok {
		return functionAnswer{}, errAuthorizerConfig.because("Execution failed due to configuration error: Invalid authorizer URI")
	}
	if s.endpoints = g.cfg.Endpoints; !s.find() {
		return functionAnswer{}, errAuthorizerConfig.because("%s", s.unknown().Cause)
	}
	key, _ := splitAuthority(s.address.Scheme, s.address.Host)
	c := &upstreamCall{method: "POST", memory: holding{of: &g.load}}
	defer c.memory.release()
	if err := s.writeCall(c, payload); err != nil {
		return functionAnswer{}, errAuthorizerConfig.because("%s", err.Cause)
	}
	sending(c.head)
	if err := g.lastingUpstream(key).do(c, deadline); err == errShed {
		return functionAnswer{}, err
	} else if err != nil {
		failure := errAuthorizerConfig // AWS' type for an authorizer that cannot be reached
		if err.Type == errTimeout.Type {
			failure = errAuthorizerFailure
		}
		return functionAnswer{}, failure.because("%s", err.Cause)
	}
	return functionAnswer{
		status: c.resp.status, requestID: c.requestID(), failed: c.functionFailed(), body: bytes.Clone(c.resp.body),
	}, nil
}

// writeCall writes the request that calls the function with a payload.
func (s *service) writeCall(c *upstreamCall, payload []byte) *Error {
	c.head = append(append(append(c.head[:0], "POST "...), s.address.Path...), " HTTP/1.1\r\n"...)
	c.addHeader("Host", s.address.Host)
	c.addHeader("Content-Type", jsonType)
	signature, err := s.sign(c, []endpoint.Header{{Name: "Content-Type", Value: jsonType}}, s.address.Host, payload)
	if err != nil {
		return configuration("There are no AWS credentials to call %s with: %v", s.name, err)
	}
	c.addHeader("Authorization", signature.Authorization)
	c.addHeader("X-Amz-Date", signature.Date)
	c.addHeader("Accept", jsonType)
	if signature.Token != "" {
		c.addHeader("X-Amz-Security-Token", signature.Token)
	}
	c.setBody(payload, true)
	return nil
}

// lastingUpstream finds the connections to a back end of authorizers' functions. There are as many of them as there are
// endpoints, and they stay for as long as the gateway.
func (g *Gateway) lastingUpstream(key upstreamKey) *upstream {
	g.mu.Lock()
	defer g.mu.Unlock()
	u := g.upstreamFor(key, nil)
	if !u.lasting {
		u.lasting = true
		u.users++
	}
	return u
}
