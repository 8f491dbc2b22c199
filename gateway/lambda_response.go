package gateway

import (
	"encoding/base64"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/go-faster/jx"
)

// What a Lambda function of an AWS_PROXY integration returns is the response: an object of statusCode, headers,
// multiValueHeaders, body and isBase64Encoded, of which each may be missing and beside which there may be nothing.

// functionResponse is what a function returned.
type functionResponse struct {
	status  int
	body    []byte
	base64  bool
	single  []pair // headers
	multi   []pair // multiValueHeaders
	decoder jx.Decoder
}

var errMalformedProxy = errMalformed.because("Execution failed due to configuration error: Malformed Lambda proxy response")

// answerFromFunction makes the response of what the function returned.
func (x *exchange) answerFromFunction() *Error {
	r := &x.call.returned
	if err := r.parse(x.call.resp.body); err != nil {
		return errMalformedProxy
	}
	x.entry.Integration.Status = r.status
	if r.base64 && x.table.isBinary(mediaTypeOf(x.known.accept)) {
		decoded, err := base64.StdEncoding.AppendDecode(r.body[:0], r.body) // never longer than what is read
		if err != nil {
			return errNoBase64
		}
		r.body = decoded
	}
	x.resp.status = r.status
	x.resp.body = r.body
	x.returnFunctionHeaders(r)
	x.resp.header.set("X-Amzn-Trace-Id", str(x.traceHeader())) // one only, whatever the function says
	return nil
}

// returnFunctionHeaders sets the function's headers. Those of both maps are merged: the values of the map of lists come
// first, under its spelling; a value that both have is there once.
func (x *exchange) returnFunctionHeaders(r *functionResponse) {
	for _, h := range r.multi {
		x.returnFunctionHeader(h.name, h.value)
	}
	for _, h := range r.single {
		name, known := h.name, false
		for _, m := range r.multi {
			if strings.EqualFold(m.name, h.name) {
				name, known = m.name, known || m.value == h.value
			}
		}
		if !known {
			x.returnFunctionHeader(name, h.value)
		}
	}
}

func (x *exchange) returnFunctionHeader(name, value string) {
	if !validHeader(name, value) {
		return
	}
	switch ruleFor(responseRules, []byte(name)) {
	case drop:
		return
	case rename:
		name = remapped + name
	}
	x.resp.header.add(name, value)
}

func (r *functionResponse) reset() {
	clear(r.single)
	clear(r.multi)
	r.single, r.multi, r.base64, r.status = r.single[:0], r.multi[:0], false, 200
	if cap(r.body) > maxKept {
		r.body = nil
	}
	r.body = r.body[:0]
}

var errReturned = errors.New("not a response of a Lambda proxy")

// parse reads what a function returned. An error means that it is no response.
func (r *functionResponse) parse(returned []byte) error {
	r.reset()
	d := &r.decoder
	d.ResetBytes(returned)
	defer d.ResetBytes(nil)
	if d.Next() != jx.Object {
		return errReturned
	}
	if err := d.ObjBytes(r.member); err != nil {
		return err
	}
	if err := d.Skip(); !errors.Is(err, io.EOF) {
		return errReturned // there is more than one value
	}
	if r.status < 200 || r.status > 599 {
		return errReturned
	}
	return nil
}

func (r *functionResponse) member(d *jx.Decoder, key []byte) (err error) {
	switch string(key) {
	case "statusCode":
		return r.readStatus(d)
	case "headers":
		r.single, err = readPairs(d, r.single[:0], readScalar)
		return err
	case "multiValueHeaders":
		r.multi, err = readPairs(d, r.multi[:0], readList)
		return err
	case "body":
		var present bool
		r.body, present, err = appendScalar(d, r.body[:0])
		if !present {
			r.body = r.body[:0]
		}
		return err
	case "isBase64Encoded":
		text, err := readText(d)
		r.base64 = strings.EqualFold(text, "true")
		return err
	}
	return errReturned
}

// readStatus takes a whole number, also in quotation marks. Null leaves 200.
func (r *functionResponse) readStatus(d *jx.Decoder) error {
	text, err := readText(d)
	if err != nil || text == "" {
		return err
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n != float64(int(n)) {
		return errReturned
	}
	r.status = int(n)
	return nil
}

// readPairs reads an object, each of whose values read adds to the pairs. Null has none.
func readPairs(d *jx.Decoder, pairs []pair, read func(d *jx.Decoder, pairs []pair, name string) ([]pair, error)) ([]pair, error) {
	switch d.Next() {
	case jx.Null:
		return pairs, d.Null()
	case jx.Object:
	default:
		return pairs, errReturned
	}
	err := d.Obj(func(d *jx.Decoder, name string) (err error) {
		pairs, err = read(d, pairs, name)
		return err
	})
	return pairs, err
}

func readScalar(d *jx.Decoder, pairs []pair, name string) ([]pair, error) {
	text, present, err := appendScalar(d, nil)
	if err != nil || !present {
		return pairs, err
	}
	return append(pairs, pair{name: name, value: str(text)}), nil
}

func readList(d *jx.Decoder, pairs []pair, name string) ([]pair, error) {
	switch d.Next() {
	case jx.Null:
		return pairs, d.Null()
	case jx.Array:
	default:
		return pairs, errReturned
	}
	err := d.Arr(func(d *jx.Decoder) (err error) {
		pairs, err = readScalar(d, pairs, name)
		return err
	})
	return pairs, err
}

func readText(d *jx.Decoder) (string, error) {
	text, _, err := appendScalar(d, nil)
	return string(text), err
}

// appendScalar adds a string, number or boolean as text; present is false for null. Anything else is no scalar.
func appendScalar(d *jx.Decoder, dst []byte) (_ []byte, present bool, err error) {
	switch d.Next() {
	case jx.String:
		dst, err = d.StrAppend(dst)
		return dst, true, err
	case jx.Number:
		n, err := d.Num()
		return append(dst, n...), true, err
	case jx.Bool:
		b, err := d.Bool()
		return strconv.AppendBool(dst, b), true, err
	case jx.Null:
		return dst, false, d.Null()
	}
	return dst, false, errReturned
}
