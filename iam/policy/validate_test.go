package policy_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/tollbook/tollbook/iam/policy"
)

func statement(fields string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` + fields + `}]}`
}

// check requires that err is a *policy.Malformed with the message, or nil where that is empty.
func check(t *testing.T, err error, message string) {
	t.Helper()
	if message == "" {
		if err != nil {
			t.Errorf("got %v", err)
		}
		return
	}
	var malformed *policy.Malformed
	if !errors.As(err, &malformed) || malformed.Message != message {
		t.Errorf("got %v\nwant %s", err, message)
	}
}

func TestParseManaged(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, text, message string }{
		{"good", statement(`"Action":"logs:*","Resource":"*"`), ""},
		{"good, everything", statement(`"Sid":"A1","NotAction":["iam:*"],"NotResource":"arn:aws:s3:::x","Condition":{"Bool":{"aws:SecureTransport":"true"}}`), ""},
		{"good, one statement", `{"Version":"2012-10-17","Id":"x","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`, ""},
		{"not JSON", `{"Version":`, "Syntax errors in policy."},
		{"empty", ``, "Syntax errors in policy."},
		{"two values", `{} {}`, "Syntax errors in policy."},
		{"not an object", `[]`, "Syntax errors in policy."},
		{"null", `null`, "Syntax errors in policy."},
		{"no statement", `{"Version":"2012-10-17"}`, "Syntax errors in policy."},
		{"empty statements", `{"Version":"2012-10-17","Statement":[]}`, "Syntax errors in policy."},
		{"unknown element", `{"Version":"2012-10-17","Statment":[]}`, "Syntax errors in policy."},
		{"unknown version", `{"Version":"2012-10-18","Statement":[]}`, "Syntax errors in policy."},
		{"old version", `{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`, "Policy document must be version 2012-10-17 or greater."},
		{"no version", `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`, "Policy document must be version 2012-10-17 or greater."},
		{"repeated element", statement(`"Action":"a:*","Action":"b:*","Resource":"*"`), "Syntax errors in policy."},
		{"unknown statement element", statement(`"Action":"a:*","Resource":"*","X":1`), "Syntax errors in policy."},
		{"effect in lower case", `{"Version":"2012-10-17","Statement":{"Effect":"allow","Action":"*","Resource":"*"}}`, "Syntax errors in policy."},
		{"no effect", `{"Version":"2012-10-17","Statement":{"Action":"*","Resource":"*"}}`, "Syntax errors in policy."},
		{"number as action", statement(`"Action":1,"Resource":"*"`), "Syntax errors in policy."},
		{"action and its negation", statement(`"Action":"a:*","NotAction":"b:*","Resource":"*"`), "Syntax errors in policy."},
		{"unknown operator", statement(`"Action":"a:*","Resource":"*","Condition":{"StringSame":{"a:b":"c"}}`), "Syntax errors in policy."},
		{"NullIfExists", statement(`"Action":"a:*","Resource":"*","Condition":{"NullIfExists":{"a:b":"true"}}`), "Syntax errors in policy."},
		{"null as condition value", statement(`"Action":"a:*","Resource":"*","Condition":{"Bool":{"a:b":null}}`), "Syntax errors in policy."},
		{"no action", statement(`"Resource":"*"`), "Policy statement must contain actions."},
		{"empty actions", statement(`"Action":[],"Resource":"*"`), "Policy statement must contain actions."},
		{"no resource", statement(`"Action":"a:*"`), "Policy statement must contain resources."},
		{"principal", statement(`"Action":"a:*","Resource":"*","Principal":"*"`), "Policy document should not specify a principal."},
		{"not principal", statement(`"Action":"a:*","Resource":"*","NotPrincipal":{"AWS":"*"}`), "Policy document should not specify a principal."},
		{"action without vendor", statement(`"Action":"PutLogEvents","Resource":"*"`), "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."},
		{"odd vendor", statement(`"Action":"lo gs:Put","Resource":"*"`), "Vendor lo gs is not valid"},
		{"resource no ARN", statement(`"Action":"a:*","Resource":"mine"`), `Resource mine must be in ARN format or "*".`},
		{"condition without vendor", statement(`"Action":"a:*","Resource":"*","Condition":{"Bool":{"SecureTransport":"true"}}`), "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."},
		{"odd sid", statement(`"Sid":"a b","Action":"a:*","Resource":"*"`), "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"},
		{"sid twice", `{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"}]}`, "Statement IDs (SID) in a single policy must be unique."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := policy.ParseManaged(c.text)
			check(t, err, c.message)
		})
	}
}

func TestParseInlineTakesTheOldVersion(t *testing.T) {
	t.Parallel()
	_, err := policy.ParseInline(`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	check(t, err, "")
}

func TestParseTrust(t *testing.T) {
	t.Parallel()
	principal := func(kind, value string) string {
		return statement(fmt.Sprintf(`"Action":"sts:AssumeRole","Principal":{%q:%q}`, kind, value))
	}
	cases := []struct{ name, text, message string }{
		{"service", principal("Service", "apigateway.amazonaws.com"), ""},
		{"everyone", statement(`"Action":["sts:AssumeRole","sts:TagSession"],"Principal":"*"`), ""},
		{"account", principal("AWS", "111111111111"), ""},
		{"root", principal("AWS", "arn:aws:iam::111111111111:root"), ""},
		{"role", principal("AWS", "arn:aws:iam::111111111111:role/a/b"), ""},
		{"session", principal("AWS", "arn:aws:sts::111111111111:assumed-role/a/b"), ""},
		{"federated", statement(`"Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"accounts.google.com"}`), ""},
		{"not JSON", `{"Version"`, "This policy contains invalid Json"},
		{"not a policy", `{"Hello":1}`, "Syntax errors in policy."},
		{"no statement", `{"Version":"2012-10-17"}`, "Missing required field Statement"},
		{"resource", statement(`"Action":"sts:AssumeRole","Principal":"*","Resource":"*"`), "Has prohibited field Resource"},
		{"not resource", statement(`"Action":"sts:AssumeRole","Principal":"*","NotResource":"*"`), "Has prohibited field NotResource"},
		{"no principal", statement(`"Action":"sts:AssumeRole"`), "Missing required field Principal"},
		{"empty principal", statement(`"Action":"sts:AssumeRole","Principal":{}`), "Missing required field Principal"},
		{"no action", statement(`"Principal":"*"`), "Missing required field Action"},
		{"no effect", `{"Statement":{"Action":"sts:AssumeRole","Principal":"*"}}`, "Missing required field Effect"},
		{"other action", statement(`"Action":["sts:AssumeRole","logs:PutLogEvents"],"Principal":"*"`), "AssumeRole policy may only specify STS AssumeRole actions."},
		{"unknown kind", principal("Person", "alice"), "Syntax errors in policy."},
		{"bare name", statement(`"Action":"sts:AssumeRole","Principal":"alice"`), "Syntax errors in policy."},
		{"no service", principal("Service", "apigateway"), `Invalid principal in policy: "SERVICE":"apigateway"`},
		{"wildcard in ARN", principal("AWS", "arn:aws:iam::111111111111:role/*"), `Invalid principal in policy: "AWS":"arn:aws:iam::111111111111:role/*"`},
		{"group", principal("AWS", "arn:aws:iam::111111111111:group/g"), `Invalid principal in policy: "AWS":"arn:aws:iam::111111111111:group/g"`},
		{"short account", principal("AWS", "1111"), `Invalid principal in policy: "AWS":"1111"`},
		{"federated wildcard", principal("Federated", "*"), `Invalid principal in policy: "FEDERATED":"*"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := policy.ParseTrust(c.text)
			check(t, err, c.message)
		})
	}
}

func TestOperatorNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"StringEquals", "StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "NumericNotEquals", "DateNotEquals",
		"ArnNotEquals", "ArnNotLike", "NotIpAddress", "ForAnyValue:StringNotLikeIfExists", "ForAllValues:ArnLike", "Null",
	} {
		doc := mustParse(t, statement(fmt.Sprintf(`"Action":"*","Resource":"*","Condition":{%q:{"a:b":"c"}}`, name)))
		if got := doc.Statements[0].Conditions[0].Operator.String(); got != name {
			t.Errorf("%s reads as %s", name, got)
		}
	}
}

// FuzzParse: no document makes the parser, the validators or the evaluation panic, and the reading of a document does
// not depend on its spacing.
func FuzzParse(f *testing.F) {
	f.Add(statement(`"Action":"logs:*","Resource":"arn:aws:logs:*:*:${aws:username, 'x'}"`))
	f.Add(statement(`"Action":"sts:AssumeRole","Principal":{"AWS":["1",null]},"Condition":{"ForAnyValue:StringLike":{"a:b":[1,true]}}`))
	f.Add(`{"Statement":{"Effect":"Deny","NotAction":[],"NotResource":"*","NotPrincipal":"*"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = policy.ParseManaged(text)
		_, _ = policy.ParseTrust(text)
		doc, err := policy.Parse(text)
		if err != nil {
			return
		}
		req := policy.Request{Action: "a:B", Resource: "arn:aws:a:b:c:d", Context: map[string][]string{"a:b": {"c"}, "aws:username": {"x"}}}
		indented, err := json.MarshalIndent(json.RawMessage(text), "", "  ")
		if err != nil {
			return
		}
		again, err := policy.Parse(string(indented))
		if err != nil {
			t.Fatalf("indented, the document does not parse: %v", err)
		}
		if a, b := policy.Evaluate(req, doc), policy.Evaluate(req, again); a != b {
			t.Errorf("%v, indented %v", a, b)
		}
	})
}
