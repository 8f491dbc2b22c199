package gateway

import (
	"cmp"
	"encoding/base64"
	"strings"

	"github.com/go-faster/jx"

	"github.com/tollbook/tollbook/accesslog"
)

// The event that a Lambda function of an AWS_PROXY integration gets. It is written straight into a buffer; what is the
// same for all requests of a route was written when the stage was compiled.

// eventTemplate holds the parts of a route's events that never change, as JSON.
type eventTemplate struct {
	head    string // {"resource": … up to the request's own
	context string // the members of requestContext
	time    accesslog.Variable
}

func compileEvent(s Stage, r Route) *eventTemplate {
	var head, context jx.Writer
	head.RawStr(`{"resource":`)
	head.Str(r.ResourcePath)
	head.RawStr(`,"stageVariables":`)
	appendStrings(&head, s.Variables)
	context.RawStr(`,"requestContext":{"accountId":`)
	context.Str(s.AccountID)
	for _, member := range [][2]string{
		{"apiId", s.APIID}, {"deploymentId", s.DeploymentID}, {"resourceId", r.ResourceID}, {"resourcePath", r.ResourcePath},
		{"stage", s.Name}, {"operationName", r.OperationName},
	} {
		if member[0] != "operationName" || member[1] != "" {
			appendMember(&context, member[0], member[1])
		}
	}
	clf, _ := accesslog.LookupVariable("requestTime")
	return &eventTemplate{head: string(head.Buf), context: string(context.Buf), time: clf}
}

// appendStrings writes a map by its keys; null if it is empty.
func appendStrings(w *jx.Writer, m map[string]string) {
	if len(m) == 0 {
		w.Null()
		return
	}
	separator := byte('{')
	for key, value := range sortedPairs(m) {
		w.Buf = append(w.Buf, separator)
		w.Str(key)
		w.Buf = append(w.Buf, ':')
		w.Str(value)
		separator = ','
	}
	w.Buf = append(w.Buf, '}')
}

// appendMember writes a member that is not an object's first.
func appendMember(w *jx.Writer, name, value string) {
	w.Buf = append(w.Buf, `,"`...)
	w.Buf = append(w.Buf, name...)
	w.Buf = append(w.Buf, `":`...)
	w.Str(value)
}

// appendOptional writes null in place of an empty value.
func appendOptional(w *jx.Writer, name, value string) {
	if value != "" {
		appendMember(w, name, value)
		return
	}
	w.Buf = append(w.Buf, `,"`...)
	w.Buf = append(w.Buf, name...)
	w.Buf = append(w.Buf, `":null`...)
}

// appendEvent writes the event for the request.
func (x *exchange) appendEvent(dst []byte, i *integration) []byte {
	w := jx.Writer{Buf: append(dst, i.event.head...)}
	appendMember(&w, "path", x.eventPath())
	appendMember(&w, "httpMethod", x.method)
	pairs := x.eventPairs()
	appendPairs(&w, "headers", pairs, true)
	appendLists(&w, "multiValueHeaders", pairs)
	pairs = x.queryPairs(pairs[:0])
	appendPairs(&w, "queryStringParameters", pairs, false)
	appendLists(&w, "multiValueQueryStringParameters", pairs)
	clear(pairs)
	x.call.pairs = pairs[:0]
	x.appendPathParameters(&w)
	x.appendRequestContext(&w, i.event)
	x.appendEventBody(&w)
	w.Buf = append(w.Buf, '}')
	return w.Buf
}

// eventPath is the path without the stage, but with the base path of a custom domain.
func (x *exchange) eventPath() string {
	if x.entry.BasePathMatched != "" {
		return x.entry.Path
	}
	return x.path
}

func (x *exchange) appendPathParameters(w *jx.Writer) {
	w.RawStr(`,"pathParameters":`)
	if len(x.params) == 0 {
		w.Null()
		return
	}
	separator := byte('{')
	for p, name := range x.route.params {
		if p < len(x.params) {
			w.Buf = append(w.Buf, separator)
			w.Str(name)
			w.Buf = append(w.Buf, ':')
			w.Str(x.params[p])
			separator = ','
		}
	}
	w.Buf = append(w.Buf, '}')
}

// appendEventBody writes the body: as base64 if the API takes its media type for binary.
func (x *exchange) appendEventBody(w *jx.Writer) {
	w.RawStr(`,"body":`)
	binary := len(x.body) > 0 && x.table.isBinary(mediaTypeOf(x.known.contentType))
	switch {
	case len(x.body) == 0:
		w.Null()
	case binary:
		w.Buf = append(w.Buf, '"')
		w.Buf = base64.StdEncoding.AppendEncode(w.Buf, x.body)
		w.Buf = append(w.Buf, '"')
	default:
		w.ByteStr(x.body)
	}
	w.RawStr(`,"isBase64Encoded":`)
	w.Bool(binary)
}

func (x *exchange) appendRequestContext(w *jx.Writer, t *eventTemplate) {
	e := &x.entry
	w.RawStr(t.context)
	prefix, _, _ := strings.Cut(e.DomainName, ".")
	appendMember(w, "domainName", e.DomainName)
	appendMember(w, "domainPrefix", prefix)
	appendMember(w, "extendedRequestId", e.ExtendedRequestID)
	appendMember(w, "httpMethod", x.method)
	x.appendIdentity(w)
	appendMember(w, "path", e.Path)
	appendMember(w, "protocol", e.Protocol)
	appendMember(w, "requestId", e.RequestID)
	w.RawStr(`,"requestTime":"`)
	w.Buf, _ = t.time.Append(w.Buf, e)
	w.RawStr(`","requestTimeEpoch":`)
	w.Int64(e.TimeMillis)
	x.appendAuthorizer(w)
	if e.Canary != "" {
		w.RawStr(`,"isCanaryRequest":`)
		w.Bool(e.Canary == "true")
	}
	w.Buf = append(w.Buf, '}')
}

func (x *exchange) appendIdentity(w *jx.Writer) {
	id := &x.entry.Identity
	w.RawStr(`,"identity":{"sourceIp":`)
	w.Str(x.entry.SourceIP)
	appendOptional(w, "accessKey", id.AccessKey)
	appendOptional(w, "accountId", id.AccountID)
	appendOptional(w, "caller", id.Caller)
	appendOptional(w, "cognitoAuthenticationProvider", id.CognitoAuthenticationProvider)
	appendOptional(w, "cognitoAuthenticationType", id.CognitoAuthenticationType)
	appendOptional(w, "cognitoIdentityId", id.CognitoIdentityID)
	appendOptional(w, "cognitoIdentityPoolId", id.CognitoIdentityPoolID)
	appendOptional(w, "principalOrgId", id.PrincipalOrgID)
	appendOptional(w, "user", id.User)
	appendOptional(w, "userAgent", x.entry.UserAgent)
	appendOptional(w, "userArn", id.UserARN)
	if id.APIKey != "" {
		appendMember(w, "apiKey", id.APIKey)
		appendMember(w, "apiKeyId", id.APIKeyID)
	}
	if c := id.ClientCert; c != nil {
		w.RawStr(`,"clientCert":{"clientCertPem":`)
		w.Str(c.PEM)
		appendMember(w, "subjectDN", c.SubjectDN)
		appendMember(w, "issuerDN", c.IssuerDN)
		appendMember(w, "serialNumber", c.SerialNumber)
		w.RawStr(`,"validity":{"notBefore":`)
		w.Str(c.NotBefore)
		appendMember(w, "notAfter", c.NotAfter)
		w.RawStr("}}")
	}
	w.Buf = append(w.Buf, '}')
}

// appendAuthorizer writes what an authorizer found out: the claims of a token, or what its function returned.
func (x *exchange) appendAuthorizer(w *jx.Writer) {
	a := &x.entry.Authorizer
	if a.Status == 0 {
		return
	}
	if a.Claims != nil {
		w.RawStr(`,"authorizer":{"claims":`)
		appendStrings(w, a.Claims)
		w.Buf = append(w.Buf, '}')
		return
	}
	w.RawStr(`,"authorizer":{"principalId":`)
	w.Str(a.PrincipalID)
	w.RawStr(`,"integrationLatency":`)
	w.Int64(a.IntegrationLatencyMilli)
	for key, value := range sortedPairs(a.Context) {
		w.Buf = append(w.Buf, ',')
		w.Str(key)
		w.Buf = append(w.Buf, ':')
		w.Str(value)
	}
	w.Buf = append(w.Buf, '}')
}

// eventPairs lists the headers of the request as all later steps see them: without those that AWS drops, and with those
// that the gateway adds. To a test's request it adds none.
func (x *exchange) eventPairs() []pair {
	pairs := x.call.pairs[:0]
	if len(x.host) > 0 {
		pairs = append(pairs, pair{name: "Host", value: str(x.host)})
	}
	from := ""
	for _, h := range x.headers {
		switch {
		case isName(h.name, "X-Forwarded-For") && !x.testing:
			from = strings.TrimPrefix(from+", "+str(h.value), ", ")
		case hiddenInEvent(h):
		default:
			pairs = append(pairs, pair{name: str(h.name), value: str(h.value)})
		}
	}
	if x.testing {
		return pairs
	}
	proto, port := x.origin()
	return append(pairs,
		pair{name: "X-Amzn-Trace-Id", value: str(x.traceHeader())},
		pair{name: "X-Forwarded-For", value: x.appendForwardedFor(from)},
		pair{name: "X-Forwarded-Port", value: port},
		pair{name: "X-Forwarded-Proto", value: proto})
}

// origin is the scheme and the port by which the client came.
func (x *exchange) origin() (proto, port string) {
	proto, port = "http", "80"
	if x.secure() {
		proto, port = "https", "443"
	}
	if name := hostWithoutPort(str(x.host)); len(name) < len(x.host) {
		port = str(x.host[len(name)+1:])
	}
	return proto, cmp.Or(x.forwarded.port, port)
}

// addedByGateway reports headers that eventPairs adds.
func addedByGateway(name string) bool {
	return strings.EqualFold(name, "X-Amzn-Trace-Id") || strings.EqualFold(name, "X-Forwarded-For") ||
		strings.EqualFold(name, "X-Forwarded-Port") || strings.EqualFold(name, "X-Forwarded-Proto")
}

// hiddenInEvent reports headers that no function sees: those that AWS drops while it reads a request, a signature that was
// made for the gateway, and what the gateway says itself.
func hiddenInEvent(h header) bool {
	switch len(h.name) {
	case 4:
		return isName(h.name, "Host") // it is the first
	case 13:
		return isName(h.name, "Authorization") && isSigV4(h.value)
	case 15, 16, 17:
		if isName(h.name, "X-Amzn-Trace-Id") || isName(h.name, "X-Forwarded-Port") || isName(h.name, "X-Forwarded-Proto") {
			return true
		}
	}
	return ruleFor(droppedByParser, h.name) == drop
}

// droppedByParser are the headers that AWS drops while it reads a request.
var droppedByParser = map[string]rule{
	"connection": drop, "content-length": drop, "content-md5": drop, "expect": drop, "max-forwards": drop,
	"proxy-authenticate": drop, "server": drop, "te": drop, "transfer-encoding": drop, "trailer": drop, "upgrade": drop,
	"www-authenticate": drop,
}

func isName(name []byte, want string) bool {
	return len(name) == len(want) && strings.EqualFold(str(name), want)
}

// queryPairs lists the decoded parameters of the query.
func (x *exchange) queryPairs(pairs []pair) []pair {
	for name, value := range queryPairs(x.query) {
		pairs = append(pairs, pair{name: name, value: value})
	}
	return pairs
}

// pair is a header or parameter. Pairs of one name are linked.
type pair struct {
	name, value string
	next        int  // index of the next of this name; 0: this is the last
	later       bool // not the first of its name
}

// appendPairs writes the last value of each name; null without any. It links the pairs.
func appendPairs(w *jx.Writer, member string, pairs []pair, fold bool) {
	linkPairs(pairs, fold)
	w.RawStr(`,"` + member + `":`)
	if len(pairs) == 0 {
		w.Null()
		return
	}
	separator := byte('{')
	for p := range pairs {
		if pairs[p].later {
			continue
		}
		last := p
		for pairs[last].next != 0 {
			last = pairs[last].next
		}
		w.Buf = append(w.Buf, separator)
		w.Str(pairs[p].name)
		w.Buf = append(w.Buf, ':')
		w.Str(pairs[last].value)
		separator = ','
	}
	w.Buf = append(w.Buf, '}')
}

// appendLists writes all values of each name; null without any. The pairs are linked.
func appendLists(w *jx.Writer, member string, pairs []pair) {
	w.RawStr(`,"` + member + `":`)
	if len(pairs) == 0 {
		w.Null()
		return
	}
	separator := byte('{')
	for p := range pairs {
		if pairs[p].later {
			continue
		}
		w.Buf = append(w.Buf, separator)
		w.Str(pairs[p].name)
		w.RawStr(":[")
		w.Str(pairs[p].value)
		for q := pairs[p].next; q != 0; q = pairs[q].next {
			w.Buf = append(w.Buf, ',')
			w.Str(pairs[q].value)
		}
		w.Buf = append(w.Buf, ']')
		separator = ','
	}
	w.Buf = append(w.Buf, '}')
}

// linkPairs links the pairs of each name; fold: case does not tell names apart. Few are compared with each other, many are
// looked up.
func linkPairs(pairs []pair, fold bool) {
	if len(pairs) > 64 {
		linkMany(pairs, fold)
		return
	}
	for p := range pairs {
		for q := p - 1; q >= 0; q-- {
			same := pairs[q].name == pairs[p].name
			if !same && fold && len(pairs[q].name) == len(pairs[p].name) {
				same = strings.EqualFold(pairs[q].name, pairs[p].name)
			}
			if same {
				pairs[q].next, pairs[p].later = p, true
				break
			}
		}
	}
}

func linkMany(pairs []pair, fold bool) {
	last := make(map[string]int, len(pairs))
	for p := range pairs {
		name := pairs[p].name
		if fold {
			name = strings.ToLower(name)
		}
		if q, ok := last[name]; ok {
			pairs[q].next, pairs[p].later = p, true
		}
		last[name] = p
	}
}
