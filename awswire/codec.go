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

// codec writes answers and errors in one service's protocol.
type codec struct {
	protocol  awsapi.Protocol
	namespace string // of XML answers
	gateway   bool   // add the ID header that API Gateway sends
}

func codecOf(s *service) codec {
	return codec{protocol: s.Protocol, namespace: s.XMLNamespace, gateway: s.SigningName == "apigateway"}
}

// guessCodec is for requests whose service is not known.
func guessCodec(r *http.Request) codec {
	switch {
	case r.Header.Get("X-Amz-Target") != "":
		return codec{protocol: awsapi.JSON11}
	case isForm(r) || r.URL.Query().Has("Action"):
		return codec{protocol: awsapi.Query}
	default:
		return codec{protocol: awsapi.RESTJSON}
	}
}

func (c codec) contentType() string {
	switch c.protocol {
	case awsapi.JSON11:
		return "application/x-amz-json-1.1"
	case awsapi.Query:
		return "text/xml"
	default:
		return "application/json"
	}
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
	var body []byte
	switch x.codec.protocol {
	case awsapi.Query:
		body = x.codec.xmlError(e, x.requestID)
	case awsapi.JSON11:
		body = jsonError(e, true)
	default:
		body = jsonError(e, false)
		setHeader(x.w, "x-amzn-ErrorType", e.Code)
		if e.Status == http.StatusTooManyRequests || e.Status == http.StatusServiceUnavailable {
			setHeader(x.w, "Retry-After", "1")
		}
	}
	x.send(e.Status, body)
}

func (c codec) xmlError(e *awsapi.Error, requestID string) []byte {
	fault := "Sender"
	if e.Status >= 500 {
		fault = "Receiver"
	}
	var b bytes.Buffer
	openElement(&b, "ErrorResponse", c.namespace)
	b.WriteString("<Error>")
	textElement(&b, "Type", fault)
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
	if len(body) > 0 || x.codec.protocol != awsapi.RESTJSON {
		if h := x.w.Header(); h.Get("Content-Type") == "" {
			h.Set("Content-Type", x.codec.contentType())
		}
	}
	if status != http.StatusNoContent {
		x.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	x.status = status
	x.w.WriteHeader(status)
	_, _ = x.w.Write(body) // a client that left cannot be told
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
