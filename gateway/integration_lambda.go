package gateway

import (
	"encoding/json"
	"strconv"

	"github.com/tollbook/tollbook/gateway/endpoint"
)

// integrateLambdaProxy hands the whole request to a Lambda function, as an event, and takes the response from what the
// function returns.
func (x *exchange) integrateLambdaProxy(i *integration) *Error {
	x.call.payload = x.appendEvent(x.call.payload[:0], i)
	if err := x.callLambda(i, x.call.payload); err != nil {
		return err
	}
	if x.call.functionFailed() {
		return x.functionFailure()
	}
	return x.answerFromFunction()
}

// integrateLambda calls a Lambda function with what the request template gives; an integration response translates what
// it returns. What it throws is chosen by its message.
func (x *exchange) integrateLambda(i *integration) *Error {
	body, _, err := x.requestBody(i)
	if err != nil {
		return err
	}
	if len(body) == 0 {
		body = []byte("{}") // a function is always called with a value
	}
	if err := x.callLambda(i, body); err != nil {
		return err
	}
	x.call.resp.status = 200
	var message []byte // nil: nothing was thrown
	if x.call.functionFailed() {
		message = append([]byte{}, functionMessage(x.call.resp.body)...)
		x.exec.Error("%s", x.functionFailure().Cause)
	}
	r, err := i.selectResponse(message, x.entry.Integration.Status)
	if err != nil {
		return err
	}
	if err := x.translateResponse(r); err != nil {
		return err
	}
	x.resp.header.add("X-Amzn-Trace-Id", str(x.traceHeader()))
	return nil
}

// callLambda calls the integration's function and sees to it that the Lambda service took the call.
func (x *exchange) callLambda(i *integration, payload []byte) *Error {
	x.beginCall(i)
	x.call.addHeader("x-amzn-lambda-integration-tag", x.entry.RequestID)
	var source endpoint.Header
	if arn := x.methodARN(); validHeader("X-Amz-Source-Arn", arn) {
		source = endpoint.Header{Name: "X-Amz-Source-Arn", Value: arn}
	}
	if err := x.endAWSCall(i, source, jsonType, payload); err != nil {
		return err
	}
	if err := x.callUpstream(i); err != nil {
		return err
	}
	x.noteAWSRequest()
	in := &x.entry.Integration
	in.ServiceStatus = in.Status
	if in.Status >= 200 && in.Status <= 299 {
		return nil
	}
	return x.lambdaRefusal(in.Status)
}

// lambdaRefusal is for a call that the Lambda service did not take.
func (x *exchange) lambdaRefusal(status int) *Error {
	if status == 403 {
		return configuration("Invalid permissions on Lambda function")
	}
	x.exec.Error("Lambda invocation failed with status: %d. Lambda request id: %s", status, x.entry.Integration.RequestID)
	if status == 429 {
		return configuration("Rate Exceeded.")
	}
	var refusal struct {
		Message  string `json:"message"`
		Message2 string `json:"Message"`
	}
	_ = json.Unmarshal(x.call.resp.body, &refusal) // what is no JSON has no message
	switch {
	case refusal.Message2 != "":
		return configuration("%s", refusal.Message2)
	case refusal.Message != "":
		return configuration("%s", refusal.Message)
	}
	return configuration("Lambda answered with status %d", status)
}

// functionFailed reports whether the function threw, or did not end in time.
func (c *upstreamCall) functionFailed() bool {
	return c.header("X-Amz-Function-Error") != ""
}

// functionFailure is the answer of a proxy whose function threw.
func (x *exchange) functionFailure() *Error {
	return errMalformed.because("Lambda execution failed with status %s due to customer function error: %s. Lambda request id: %s",
		strconv.Itoa(x.call.resp.status), functionMessage(x.call.resp.body), x.entry.Integration.RequestID)
}
