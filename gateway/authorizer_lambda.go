package gateway

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tollbook/tollbook/accesslog"
	"github.com/tollbook/tollbook/iam/policy"
)

// grant is what the function of an authorizer returned. It is never changed: requests with the same identity share it.
type grant struct {
	principal string
	policy    *policy.Document
	document  string // the policy as it was sent
	context   map[string]string
	usageKey  string
	expires   time.Time
}

// authorizerTimeout is how long a function may take.
const authorizerTimeout = 29 * time.Second

// askFunction has the function of a TOKEN or REQUEST authorizer say what the client may do, or finds what it said before.
func (x *exchange) askFunction(z *authorizer) (*grant, *Error) {
	begin := time.Now()
	if x.exec != nil {
		x.exec.Info("Starting authorizer: %s for request: %s", z.id, x.entry.RequestID)
	}
	g, err := x.grant(z, begin)
	e := &x.entry.Authorizer
	e.Status, e.LatencyMilli = 200, time.Since(begin).Milliseconds()
	if err != nil {
		x.refusedByAuthorizer(err)
		return nil, err
	}
	e.PrincipalID, e.Context = g.principal, g.context
	x.usageKey = g.usageKey
	if x.exec != nil {
		x.exec.Info("Using valid authorizer policy for principal: %s", accesslog.Mask(g.principal))
	}
	return g, nil
}

// refusedByAuthorizer notes an authorizer's refusal or failure.
func (x *exchange) refusedByAuthorizer(err *Error) {
	e := &x.entry.Authorizer
	e.Status, e.Error = err.Status, err.Message
	if err.Status == errUnauthorized.Status {
		x.exec.Error("Unauthorized request: %s", x.entry.RequestID)
		return
	}
	if e.Error == "" {
		e.Error = err.ErrorType
	}
	x.exec.Error("%s", err.ErrorType)
}

// grant finds what is known for the client, or calls the function. Requests of one client that come at the same time share
// a call, if its result may be kept.
func (x *exchange) grant(z *authorizer, now time.Time) (*grant, *Error) {
	if z.problem != "" {
		x.exec.Error("Execution failed due to configuration error: %s", z.problem)
		return nil, errAuthorizerConfig
	}
	values, key, complete := x.identities(z)
	x.logIdentity(z, values)
	if !complete && (z.kind == tokenFunction || z.ttl > 0) {
		return nil, errUnauthorized
	}
	if z.kind == tokenFunction && !z.valid(values[0]) {
		return nil, errUnauthorized
	}
	if z.ttl <= 0 || len(z.sources) == 0 {
		return x.consult(z, values)
	}
	if g, ok := z.grants.get(key); ok && now.Before(g.expires) {
		return g, nil
	}
	return x.shareCall(z, key, values)
}

func (x *exchange) shareCall(z *authorizer, key string, values []string) (*grant, *Error) {
	result, _, _ := z.calls.Do(key, func() (any, error) {
		g, err := x.consult(z, values)
		if err != nil {
			return err, nil // an *Error: every sharer gets it
		}
		g.expires = time.Now().Add(z.ttl)
		z.grants.put(key, g, g.size())
		return g, nil
	})
	if g, ok := result.(*grant); ok {
		return g, nil
	}
	err, _ := result.(*Error)
	return nil, err
}

// size is about how many bytes a grant takes.
func (g *grant) size() int {
	n := 512 + len(g.principal) + len(g.usageKey) + len(g.document)
	for key, value := range g.context {
		n += 64 + len(key) + len(value)
	}
	for _, s := range g.policy.Statements {
		n += 256
		for _, text := range slices.Concat(s.Actions, s.NotActions, s.Resources, s.NotResources) {
			n += 32 + len(text)
		}
		n += 256 * len(s.Conditions)
	}
	return n
}

// judge evaluates the function's policy for the request.
func (x *exchange) judge(g *grant) *Error {
	switch x.decide(g.policy, policy.Caller{}) {
	case policy.Allow:
		x.exec.Info("Successfully completed authorizer execution")
		return nil
	case policy.ExplicitDeny:
		return errDenied
	}
	return errNotAllowed
}

func (x *exchange) logIdentity(z *authorizer, values []string) {
	if x.exec == nil {
		return
	}
	if z.kind == tokenFunction {
		x.exec.Info("Incoming identity: %s", accesslog.Mask(values[0]))
		return
	}
	masked := func(yield func(string, string) bool) {
		for i, source := range z.sources {
			if !yield(source.expression, accesslog.Mask(values[i])) {
				return
			}
		}
	}
	x.exec.Info("Incoming identity: %s", javaMap(masked))
}

// consult calls the function and reads what it returned. The request that calls it notes the call, however it ends; one that
// finds a kept result, or shares the call of another, has called nothing.
func (x *exchange) consult(z *authorizer, values []string) (*grant, *Error) {
	payload := x.appendAuthorizerEvent(z, values)
	begin := time.Now()
	answer, failure := x.g.invokeFunction(z.uri, payload, begin.Add(authorizerTimeout), func(head []byte) { x.logConsult(z, head, payload) })
	if failure != nil {
		x.exec.Error("%s", failure.Cause)
		return nil, failure.because("") // it is no failure of the integration
	}
	e := &x.entry.Authorizer
	e.RequestID, e.IntegrationStatus, e.IntegrationLatencyMilli = answer.requestID, answer.status, time.Since(begin).Milliseconds()
	x.exec.Trace("Authorizer result body before parsing: %s", answer.body)
	return x.readGrant(answer)
}

// logConsult tells of the request to the function.
func (x *exchange) logConsult(z *authorizer, head, payload []byte) {
	if x.exec == nil {
		return
	}
	uri := z.endpointURI()
	x.exec.Trace("Endpoint request URI: %s", uri)
	x.exec.Trace("Endpoint request headers: %s", javaHeaders(headPairs(head)))
	x.exec.Trace("Endpoint request body after transformations: %s", payload)
	x.exec.Info("Sending request to %s", uri)
}

func (x *exchange) readGrant(answer functionAnswer) (*grant, *Error) {
	if answer.failed && functionMessage(answer.body) == "Unauthorized" {
		return nil, errUnauthorized
	}
	if answer.status < 200 || answer.status > 299 {
		x.exec.Error("Execution failed due to configuration error: Authorizer error")
		return nil, errAuthorizerConfig
	}
	g, err := parseGrant(answer.body)
	if err != nil {
		x.exec.Error("Execution failed due to configuration error: %s", err)
		return nil, errAuthorizerConfig
	}
	return g, nil
}

// endpointURI is the function's address at AWS, as the execution log names it wherever the function really is.
func (z *authorizer) endpointURI() string {
	parts := strings.SplitN(z.uri, ":", 6)
	if len(parts) < 6 {
		return z.uri
	}
	return "https://lambda." + parts[3] + ".amazonaws.com/" + strings.TrimPrefix(parts[5], "path/")
}

// functionMessage is the message of what a function threw.
func functionMessage(body []byte) string {
	var thrown struct {
		Message string `json:"errorMessage"`
	}
	_ = json.Unmarshal(body, &thrown) // what is no JSON has no message
	return thrown.Message
}

// parseGrant reads the result of an authorizer's function, which has these members and no other.
func parseGrant(body []byte) (*grant, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return nil, fmt.Errorf("Invalid JSON in response")
	}
	if members == nil {
		return nil, fmt.Errorf("Could not parse policy") // null, as a function returns that forgets to return anything
	}
	if _, thrown := members["errorType"]; thrown {
		return nil, fmt.Errorf("Invalid JSON in response: Unrecognized field %q , not marked as ignorable", "errorType")
	}
	for _, name := range sortedNames(members) {
		switch name {
		case "principalId", "policyDocument", "context", "usageIdentifierKey":
		default:
			return nil, fmt.Errorf("Invalid JSON in response: Unrecognized field %q , not marked as ignorable", name)
		}
	}
	g := &grant{}
	if err := json.Unmarshal(members["principalId"], &g.principal); err != nil || g.principal == "" {
		return nil, fmt.Errorf("Invalid JSON in response: principalId is missing")
	}
	g.document = string(members["policyDocument"])
	doc, err := policy.Parse(g.document)
	if err != nil {
		return nil, fmt.Errorf("Invalid policy document: %w", err)
	}
	for _, s := range doc.Statements {
		if s.Effect == "" || len(s.Actions)+len(s.NotActions) == 0 || len(s.Resources)+len(s.NotResources) == 0 {
			return nil, fmt.Errorf("Invalid policy document: a statement needs Effect, Action and Resource")
		}
	}
	g.policy = doc
	if raw, ok := members["usageIdentifierKey"]; ok {
		if err := json.Unmarshal(raw, &g.usageKey); err != nil {
			return nil, fmt.Errorf("Invalid JSON in response: usageIdentifierKey is no string")
		}
	}
	g.context, err = parseContext(members["context"])
	return g, err
}

// parseContext makes text of the values; objects and lists are refused, null is left out.
func parseContext(raw json.RawMessage) (map[string]string, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal(raw, &values); err != nil {
		return nil, fmt.Errorf("Invalid JSON in response: context is no object")
	}
	texts := make(map[string]string, len(values))
	for key, value := range values {
		switch value[0] {
		case '{', '[':
			return nil, fmt.Errorf("Invalid JSON in response: context value %s is no string, number or boolean", key)
		case '"':
			var text string
			if err := json.Unmarshal(value, &text); err != nil {
				return nil, fmt.Errorf("Invalid JSON in response: context value %s: %w", key, err)
			}
			texts[key] = text
		case 'n':
		default:
			texts[key] = string(value)
		}
	}
	return texts, nil
}

func sortedNames(members map[string]json.RawMessage) []string {
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.SortFunc(names, strings.Compare)
	return names
}
