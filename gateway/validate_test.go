package gateway_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/gateway"
)

func validated(models map[string]string) gateway.Route {
	r := mock("POST", "/notes/{id}", `{"ok":true}`)
	r.Integration.PassthroughBehavior = "WHEN_NO_MATCH"
	r.Integration.RequestTemplates = map[string]string{"application/json": `{"statusCode": 200}`, "$default": `{"statusCode": 200}`}
	r.RequestParameters = map[string]bool{
		"method.request.header.x-header-param": true, "method.request.path.id": true, "method.request.querystring.q s": true,
		"method.request.querystring.optional": false,
	}
	r.RequestModels, r.ValidateBody, r.ValidateParameters = models, true, true
	return r
}

func TestValidation(t *testing.T) {
	t.Parallel()
	stage := stageOf(validated(map[string]string{"application/json": "Note", "text/xml": "Broken", "$default": "Any"}))
	stage.Models = map[string]string{"Note": `{"type":"object","required":["NoteId"]}`, "Broken": `{"type":`, "Any": `{"minProperties":1}`}
	stage.AccessLog.Format = `$context.requestId $context.status $context.error.responseType $context.error.validationErrorString`
	b := start(t, stage)
	const target, missing = "/prod/notes/1?q%20s=x", `{"message": "Missing required request parameters: [x-header-param, id, q s]"}`
	for _, c := range []struct {
		target, body string
		headers      []string
		status       int
		want         string
	}{
		{target, `{"NoteId":1}`, []string{"X-Header-Param", "a"}, 200, `{"ok":true}`},
		{"/prod/notes/%20?q%20s=&optional=1", `{"NoteId":1}`, []string{"x-header-param", "  "}, 400, missing},
		{"/prod/notes/1?q+s=1", `{}`, nil, 400, `{"message": "Missing required request parameters: [x-header-param]"}`},
		{target, `{}`, []string{"x-header-param", "a"}, 400, `{"message": "Invalid request body"}`},
		{target, ``, []string{"x-header-param", "a", "Content-Type", "application/json; charset=utf-8"}, 400, `{"message": "Invalid request body"}`},
		{target, `{"NoteId":`, []string{"x-header-param", "a"}, 400, `{"message": "Invalid request body"}`},
		{target, `{}`, []string{"x-header-param", "a", "Content-Type", "text/csv"}, 400, `{"message": "Invalid request body"}`},
		{target, `{"a":1}`, []string{"x-header-param", "a", "Content-Type", "text/csv"}, 200, `{"ok":true}`},
		{target, `{}`, []string{"x-header-param", "a", "Content-Type", "text/xml"}, 500, `{"message": "Internal server error"}`},
	} {
		a := b.do("POST", c.target, c.body, c.headers...)
		if a.status != c.status || a.body != c.want {
			t.Errorf("%s %s %v: %d %s, want %d %s", c.target, c.body, c.headers, a.status, a.body, c.status, c.want)
		}
		if a.status == 400 && a.header.Get("x-amzn-ErrorType") != "BadRequestException" {
			t.Errorf("type %s", a.header.Get("x-amzn-ErrorType"))
		}
	}
	missingID, few := `400 BAD_REQUEST_BODY [object has missing required properties ([\"NoteId\"])]`,
		"400 BAD_REQUEST_BODY [object has too few properties (found 0 but schema requires at least 1)]"
	b.wantLines("200 - -", "400 BAD_REQUEST_PARAMETERS -", "400 BAD_REQUEST_PARAMETERS -", missingID, missingID,
		"400 BAD_REQUEST_BODY [Unknown error parsing request body]", few, "200 - -", "500 API_CONFIGURATION_ERROR -")
}

// Without a validator nothing is checked, whatever the method declares; without a model for the type, no body.
func TestNoValidation(t *testing.T) {
	t.Parallel()
	open := validated(map[string]string{"application/json": "Note"})
	open.ValidateBody, open.ValidateParameters = false, false
	typed := validated(map[string]string{"application/json": "Note"})
	typed.ValidateParameters, typed.ResourcePath = false, "/typed"
	typed.RequestParameters = nil
	stage := stageOf(open, typed)
	stage.Models = map[string]string{"Note": `{"required":["NoteId"]}`}
	b := start(t, stage)
	sameInts(t, []int{b.do("POST", "/prod/notes/1", "{").status, b.do("POST", "/prod/typed", "{", "Content-Type", "text/plain").status,
		b.do("POST", "/prod/typed", "{}").status}, 200, 200, 400)
}

// The lines of a refused request are among those of its execution log.
func TestRefusedRequestsInTheExecutionLog(t *testing.T) {
	t.Parallel()
	r := validated(map[string]string{"application/json": "Note"})
	r.Settings.LoggingLevel = "INFO"
	key := closed("GET", "/a")
	key.Settings.LoggingLevel = "INFO"
	stage := stageOf(r, key)
	stage.Models = map[string]string{"Note": `{"required":["NoteId"]}`}
	b := start(t, stage)
	b.do("POST", "/prod/notes/1?q+s=1", "{}")
	b.do("POST", "/prod/notes/1?q+s=1", "{}", "x-header-param", "a")
	b.key("unknown-key-01234567")
	change := keys(gateway.UsagePlan{Throttle: &gateway.Throttle{Rate: 1, Burst: 1}, Quota: &gateway.Quota{Limit: 1, Period: "DAY"}})
	b.gw.UpdateKeys(change)
	b.key("unknown-key-01234567")
	b.key(clientKey)
	b.key(clientKey)
	change.Plans[0].Throttle = nil
	b.gw.UpdateKeys(change)
	b.key(clientKey)
	all := strings.Join(b.lines("API-Gateway-Execution-Logs_a1b2c3d4e5/prod"), "\n")
	all = regexp.MustCompile(`\([0-9a-f-]{36}\)`).ReplaceAllString(all, "(ID)")
	for _, want := range []string{
		"Missing required request parameters: [x-header-param]",
		`Request body does not match model schema for content type application/json: [object has missing required properties (["NoteId"])]`,
		"API Key **************234567 not authorized because method 'GET /a' requires API Key and API Key is not associated with a Usage Plan " +
			"for API Stage a1b2c3d4e5/prod: API Stage is not in a Usage Plan",
		"for API Stage a1b2c3d4e5/prod: No Usage Plan found for key and API Stage",
		"Usage Plan check succeeded for API Key **************efghij and API Stage a1b2c3d4e5/prod",
		"API Stage: a1b2c3d4e5/prod\n(ID) Key throttle limit exceeded for RestApi a1b2c3d4e5, Stage prod, Resource r/a, HttpMethod GET. Limit: 1.00 Burst: 1",
		"API Stage: a1b2c3d4e5/prod\n(ID) Key quota limit exceeded for RestApi a1b2c3d4e5, Stage prod, Resource r/a, HttpMethod GET. Limit: 1 Period: DAY",
		"Method completed with status: 429",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no line %q in\n%s", want, all)
		}
	}
}
