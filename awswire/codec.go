package awswire

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"strconv"

	"github.com/tollbook/tollbook/awsapi"
)

// The header in which Smithy RPC v2 names its form, and the form that is served.
const (
	smithyProtocol = "Smithy-Protocol"
	rpcv2CBOR      = "rpc-v2-cbor"
)

// codec writes answers and errors in one protocol.
type codec struct {
	protocol  awsapi.Protocol
	namespace string // of XML answers
	gateway   bool   // add the ID header that API Gateway sends
	// queryMode is what clients ask for who moved from Query to another protocol of the same service: errors carry
	// Query's codes and statuses too.
	queryMode bool
}

func codecOf(s *service, r *http.Request) codec {
	return codec{
		protocol:  chooseProtocol(s.Protocols, r),
		namespace: s.XMLNamespace,
		gateway:   s.SigningName == "apigateway",
		queryMode: len(s.Protocols) > 1 && r.Header.Get("X-Amzn-Query-Mode") == "true",
	}
}

// chooseProtocol finds the first of a service's protocols that a request can be in; its last takes all the others.
func chooseProtocol(protocols []awsapi.Protocol, r *http.Request) awsapi.Protocol {
	last := len(protocols) - 1
	for _, p := range protocols[:last] {
		_, _, rpc := rpcPath(r)
		switch {
		case p == awsapi.RPCv2CBOR && (rpc || r.Header.Get(smithyProtocol) != ""),
			(p == awsapi.JSON10 || p == awsapi.JSON11) && r.Header.Get("X-Amz-Target") != "":
			return p
		}
	}
	return protocols[last]
}

// guessCodec is for requests whose service is not known.
func guessCodec(r *http.Request) codec {
	switch {
	case r.Header.Get(smithyProtocol) == rpcv2CBOR:
		return codec{protocol: awsapi.RPCv2CBOR}
	case r.Header.Get("X-Amz-Target") != "":
		return codec{protocol: awsapi.JSON11}
	case isForm(r) || r.URL.Query().Has("Action"):
		return codec{protocol: awsapi.Query}
	default:
		return codec{protocol: awsapi.RESTJSON}
	}
}

var contentTypes = map[awsapi.Protocol]string{
	awsapi.JSON11: "application/x-amz-json-1.1", awsapi.JSON10: "application/x-amz-json-1.0",
	awsapi.RESTJSON: "application/json", awsapi.Query: "text/xml", awsapi.RPCv2CBOR: "application/cbor",
}

// write sends the answer of an operation.
func (x *exchange) write(resp *awsapi.Response) {
	for name, values := range resp.Header {
		x.w.Header()[name] = values
	}
	status, body := http.StatusOK, resp.Body
	switch x.codec.protocol {
	case awsapi.RESTJSON:
		status = x.operation.Status
	case awsapi.Query:
		body = x.codec.envelope(x.operation.Name, body, x.requestID)
	}
	x.send(status, body)
}

// envelope is the outer element of a Query answer.
func (c codec) envelope(operation string, result []byte, requestID string) []byte {
	var b bytes.Buffer
	name := operation + "Response"
	openElement(&b, name, c.namespace)
	b.Write(result)
	b.WriteString("<ResponseMetadata>")
	textElement(&b, "RequestId", requestID)
	b.WriteString("</ResponseMetadata></" + name + ">")
	return b.Bytes()
}

// writeError sends an error.
func (x *exchange) writeError(e *awsapi.Error) {
	status := e.Status
	var body []byte
	switch x.codec.protocol {
	case awsapi.Query:
		body = x.codec.xmlError(e, x.requestID)
	case awsapi.JSON11:
		body = jsonError(e, e.Code)
	case awsapi.JSON10, awsapi.RPCv2CBOR:
		status = x.queryError(e)
		if x.codec.protocol == awsapi.JSON10 {
			body = jsonError(e, shapeName(e))
		} else {
			body = cborError(e)
		}
	default:
		body = jsonError(e, "")
		setHeader(x.w, "x-amzn-ErrorType", e.Code)
		if e.Status == http.StatusTooManyRequests || e.Status == http.StatusServiceUnavailable {
			setHeader(x.w, "Retry-After", "1")
		}
	}
	x.send(status, body)
}

// queryError returns the status of an error of a service that speaks Query too. In query mode it is Query's, and a header
// says Query's code; otherwise every modelled fault of the sender is a 400.
func (x *exchange) queryError(e *awsapi.Error) (status int) {
	if x.codec.queryMode {
		setHeader(x.w, "x-amzn-query-error", e.Code+";"+fault(e))
		return e.Status
	}
	if e.Shape != "" && e.Status < 500 {
		return http.StatusBadRequest
	}
	return e.Status
}

// shapeName is what JSON 1.0 and CBOR call an error.
func shapeName(e *awsapi.Error) string {
	if e.Shape != "" {
		return e.Shape
	}
	return e.Code
}

func fault(e *awsapi.Error) string {
	if e.Status >= 500 {
		return "Receiver"
	}
	return "Sender"
}

func (c codec) xmlError(e *awsapi.Error, requestID string) []byte {
	var b bytes.Buffer
	openElement(&b, "ErrorResponse", c.namespace)
	b.WriteString("<Error>")
	textElement(&b, "Type", fault(e))
	textElement(&b, "Code", e.Code)
	textElement(&b, "Message", e.Message)
	b.WriteString("</Error>")
	textElement(&b, "RequestId", requestID)
	b.WriteString("</ErrorResponse>")
	return b.Bytes()
}

func openElement(b *bytes.Buffer, name, namespace string) {
	b.WriteString("<" + name)
	if namespace != "" {
		b.WriteString(` xmlns="` + namespace + `"`)
	}
	b.WriteString(">")
}

func textElement(b *bytes.Buffer, name, text string) {
	b.WriteString("<" + name + ">")
	_ = xml.EscapeText(b, []byte(text)) // a Buffer never fails
	b.WriteString("</" + name + ">")
}

// send writes the head that all answers share, and the body.
func (x *exchange) send(status int, body []byte) {
	setHeader(x.w, "x-amzn-RequestId", x.requestID)
	if x.codec.gateway {
		setHeader(x.w, "x-amz-apigw-id", gatewayID())
	}
	if x.codec.protocol == awsapi.RPCv2CBOR {
		setHeader(x.w, "smithy-protocol", rpcv2CBOR)
	}
	if len(body) > 0 || x.codec.typesVoid() {
		if h := x.w.Header(); h.Get("Content-Type") == "" {
			h.Set("Content-Type", contentTypes[x.codec.protocol])
		}
	}
	if status != http.StatusNoContent {
		x.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	x.status = status
	x.w.WriteHeader(status)
	_, _ = x.w.Write(body) // a client that left cannot be told
}

// typesVoid reports whether answers without a body say what their content would be.
func (c codec) typesVoid() bool {
	return c.protocol != awsapi.RESTJSON && c.protocol != awsapi.RPCv2CBOR
}

// setHeader keeps the spelling of AWS' header names, which Header.Set would change.
func setHeader(w http.ResponseWriter, name, value string) {
	w.Header()[name] = []string{value}
}

// gatewayID is an ID of the form that API Gateway gives its answers.
func gatewayID() string {
	var b [11]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.StdEncoding.EncodeToString(b[:])
}
