package gateway

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// A MOCK integration has no back end: its request template gives {"statusCode": n}, which chooses the integration
// response.

// mockStatus is the statusCode in a text; 0 if there is none.
type mockStatus int

// looseStatus finds the status in text that is nearly JSON, such as {statusCode: 200}, which AWS takes too.
var looseStatus = regexp.MustCompile(`^\s*\{(?:[^{}]*[,\s])?\s*["']?statusCode["']?\s*:\s*(\d{3})\s*(?:[,}][^{}]*)?\}?\s*$`)

func parseMockStatus(text string) mockStatus {
	var strict struct {
		StatusCode *json.Number `json:"statusCode"`
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&strict); err == nil {
		if strict.StatusCode == nil || strings.Contains(text, `"`+strict.StatusCode.String()+`"`) {
			return 0 // absent, or in quotation marks
		}
		return statusOf(strict.StatusCode.String())
	}
	if m := looseStatus.FindStringSubmatch(text); m != nil {
		return statusOf(m[1])
	}
	return 0
}

func statusOf(s string) mockStatus {
	n, err := strconv.Atoi(s)
	if err != nil || n < 100 || n > 599 {
		return 0
	}
	return mockStatus(n)
}

var errMockStatus = configuration(
	"Unable to parse statusCode. It should be an integer that is defined in the request template.")

func (x *exchange) integrateMock(i *integration) *Error {
	status, err := x.mockStatus(i)
	if err != nil {
		return err
	}
	x.entry.Integration.Called = true
	if status == 0 {
		return errMockStatus
	}
	x.entry.Integration.Status = int(status)
	x.call.resp.reset()
	return x.mapResponse(i, int(status))
}

func (x *exchange) mockStatus(i *integration) (mockStatus, *Error) {
	t, err := x.mockTemplate(i)
	switch {
	case err != nil:
		return 0, err
	case t == nil:
		return parseMockStatus(str(x.body)), nil
	}
	body, binary, err := x.requestContent(i)
	switch {
	case err != nil:
		return 0, err
	case binary:
		return 0, errBinaryBody
	case t.computed == nil:
		return t.mock, nil
	}
	out, err := x.renderRequest(t, body)
	return parseMockStatus(str(out)), err
}

// mockTemplate chooses the template. A request without a body is taken for JSON if nothing else fits.
func (x *exchange) mockTemplate(i *integration) (*template, *Error) {
	t, err := i.requestTemplate(x.known.contentType)
	if t == nil && err == nil && len(x.body) == 0 {
		return i.requestTemplate(nil)
	}
	return t, err
}
