package gateway

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/tollbook/tollbook/gateway/endpoint"
)

// integrateAWS calls a service that is not a Lambda function. It translates like an HTTP integration.
func (x *exchange) integrateAWS(i *integration) *Error {
	body, contentType, err := x.requestBody(i)
	if err != nil {
		return err
	}
	if i.service.media != "" {
		contentType = i.service.media
	}
	x.beginCall(i)
	var target endpoint.Header
	if i.service.target != "" {
		target = endpoint.Header{Name: "X-Amz-Target", Value: i.service.target}
	}
	if len(body) == 0 && !x.call.methodHasBody() {
		contentType = ""
	}
	if err := x.endAWSCall(i, target, contentType, body); err != nil {
		return err
	}
	if err := x.callUpstream(i); err != nil {
		return err
	}
	x.noteAWSRequest()
	if err := x.mapResponse(i, x.call.resp.status); err != nil {
		return err
	}
	x.resp.header.add("X-Amzn-Trace-Id", str(x.traceHeader()))
	return nil
}

// endAWSCall adds the headers, signs the call, and adds the body. The order is the one in which AWS' execution log shows
// headers. own is a header of the service's protocol, if it has a name.
func (x *exchange) endAWSCall(i *integration, own endpoint.Header, contentType string, body []byte) *Error {
	mark := len(x.call.head)
	if contentType != "" {
		x.addUnlessMapped(i, "Content-Type", contentType)
	}
	x.addMapped(i)
	signature, err := i.service.sign(x.call, x.call.signed(mark, own), i.uri.host, body)
	if err != nil {
		return configuration("There are no AWS credentials to call %s with: %v", i.service.name, err)
	}
	rest := append(x.call.rest[:0], x.call.head[mark:]...)
	x.call.rest, x.call.head = rest, x.call.head[:mark]
	x.call.addHeader("Authorization", signature.Authorization)
	x.call.addHeader("X-Amz-Date", signature.Date)
	x.call.addHeader("x-amzn-apigateway-api-id", x.table.values.APIID)
	if own.Name != "" {
		x.call.addHeader(own.Name, own.Value)
	}
	x.addUnlessMapped(i, "Accept", jsonType)
	x.addUnlessMapped(i, "User-Agent", "AmazonAPIGateway_"+x.table.values.APIID)
	if signature.Token != "" {
		x.call.addHeader("X-Amz-Security-Token", signature.Token)
	}
	if signature.ContentSHA256 != "" {
		x.call.addHeader("X-Amz-Content-Sha256", signature.ContentSHA256)
	}
	x.call.addHeader("X-Amzn-Trace-Id", str(x.traceHeader()))
	x.call.head = append(x.call.head, rest...)
	x.call.setBody(body, x.call.methodHasBody())
	return nil
}

// signed lists the headers that a signature covers: own, if it has a name, and those of the head behind a mark. It is
// valid until the head changes.
func (c *upstreamCall) signed(mark int, own endpoint.Header) []endpoint.Header {
	list := c.signing[:0]
	if own.Name != "" {
		list = append(list, own)
	}
	for line := range strings.SplitSeq(str(c.head[mark:]), "\r\n") {
		name, value, ok := strings.Cut(line, ": ")
		if ok && (strings.EqualFold(name, "Content-Type") || len(name) > 6 && strings.EqualFold(name[:6], "X-Amz-")) {
			list = append(list, endpoint.Header{Name: name, Value: value})
		}
	}
	c.signing = list
	return list
}

// sign signs a call, whose request line is written, with these headers.
func (s *service) sign(c *upstreamCall, headers []endpoint.Header, host string, body []byte) (endpoint.Signature, error) {
	ctx, cancel := context.WithTimeout(context.Background(), credentialsTimeout)
	defer cancel()
	return s.endpoints.Sign(ctx, endpoint.Request{
		Method: c.method, Address: s.address, Host: host, Target: str(c.target()), Headers: headers, Body: body,
		Service: s.name, Region: s.region,
	}, time.Now())
}

// credentialsTimeout bounds the search for credentials, which are kept once they are found.
const credentialsTimeout = 5 * time.Second

// noteAWSRequest keeps the ID under which the service knows the request.
func (x *exchange) noteAWSRequest() { x.entry.Integration.RequestID = x.call.requestID() }

// requestID is what an AWS service calls the request, if it says so.
func (c *upstreamCall) requestID() string {
	if id := c.header("x-amzn-RequestId"); id != "" {
		return id
	}
	return c.header("x-amz-request-id")
}

// header returns the value of a header of the response.
func (c *upstreamCall) header(name string) string {
	for key, value := range c.resp.header.all() {
		if len(key) == len(name) && strings.EqualFold(str(key), name) {
			return string(value)
		}
	}
	return ""
}

// target is the target of the call's request line.
func (c *upstreamCall) target() []byte {
	_, rest, _ := bytes.Cut(c.head, []byte(" "))
	target, _, _ := bytes.Cut(rest, []byte(" "))
	return target
}
