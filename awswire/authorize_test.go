package awswire_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awswire"
	"github.com/tollbook/tollbook/iam/policy"
)

// alice is a user with one policy.
type alice struct{ document *policy.Document }

func (a alice) Authenticate(*http.Request, []byte) (awsapi.Caller, *policy.Identity, error) {
	const arn = "arn:aws:iam::111111111111:user/team/alice"
	who := &policy.Identity{Caller: policy.Caller{ARN: arn, AccountID: "111111111111"}, Policies: []*policy.Document{a.document},
		Context: map[string][]string{"aws:username": {"alice"}}}
	return awsapi.Caller{AccountID: "111111111111", Region: "us-east-1", ARN: arn}, who, nil
}

func signed(service, head string, body string) string {
	return head + "\nAuthorization: <sign " + service + ">\n\n" + body
}

func logsCall(operation, body string) string {
	return signed("logs", "POST / HTTP/1.1\nX-Amz-Target: Logs_20140328."+operation, body)
}

func iamCall(form string) string {
	return signed("iam", "POST / HTTP/1.1\nContent-Type: application/x-www-form-urlencoded", form+"&Version=2010-05-08")
}

// TestPoliciesOfCallers has what a policy must name for a request, and what AWS calls it in a refusal.
func TestPoliciesOfCallers(t *testing.T) {
	t.Parallel()
	const (
		group  = "arn:aws:logs:us-east-1:111111111111:log-group:"
		entity = "arn:aws:iam::111111111111:"
		none   = " because no identity-based policy allows the "
		api    = "arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2Fabc"
	)
	on := func(resource string) string { return `"Action":"*","Resource":"` + resource + `"` }
	tagged := func(condition string) string { return `"Action":"*","Resource":"*","Condition":` + condition }
	two := logsCall("StartQuery", `{"logGroupNames":["a","b"],"queryString":"limit 1"}`)
	for _, c := range []struct{ name, allow, deny, request, refusal string }{
		{"groups are one resource", on(group + "*"), "", logsCall("DescribeLogGroups", "{}"), ""},
		{"groups are none", on("x"), "", logsCall("DescribeLogGroups", "{}"),
			"logs:DescribeLogGroups on resource: " + group + ":log-stream:" + none + "logs:DescribeLogGroups action"},
		{"query of two groups", on(group + "?:*"), "", two, ""},
		{"query of one that is allowed", on(group + "a:*"), "", two, "logs:StartQuery on resource: " + group + "b:log-stream:" + none + "logs:StartQuery action"},
		{"query of one that is denied", on("*"), on(group + "b:*"), two,
			"logs:StartQuery on resource: " + group + "b:log-stream: with an explicit deny in an identity-based policy"},
		{"query that chooses groups", on(group + "a:*"), "", logsCall("StartQuery", `{"logGroupName":"a","queryString":"SOURCE logGroups() | limit 1"}`),
			"logs:StartQuery on resource: " + group + "*:log-stream:" + none + "logs:StartQuery action"},
		{"query with a field source", on(group + "a:*"), "", logsCall("StartQuery", `{"logGroupName":"a","queryString":"filter source = 1"}`), ""},
		{"live tail of a group", on(group + "a:*"), "", logsCall("StartLiveTail", `{"logGroupIdentifiers":["`+group+`b"]}`),
			"logs:StartLiveTail on resource: " + group + "b:log-stream:" + none + "logs:StartLiveTail action"},
		{"role", on(entity + "role/r"), "", iamCall("Action=GetRole&RoleName=r"), ""},
		{"another role", on("x"), "", iamCall("Action=GetRole&RoleName=r"), "iam:GetRole on resource: role r" + none + "iam:GetRole action"},
		{"new role", on("x"), "", iamCall("Action=CreateRole&RoleName=r&Path=/p/"), "iam:CreateRole on resource: " + entity + "role/p/r" + none + "iam:CreateRole action"},
		{"roles", on(entity + "role/*"), "", iamCall("Action=ListRoles"), ""},
		{"no roles", on("x"), "", iamCall("Action=ListRoles"), "iam:ListRoles on resource: " + entity + "role/" + none + "iam:ListRoles action"},
		{"no policies", on("x"), "", iamCall("Action=ListPolicies"), "iam:ListPolicies on resource: policy path /" + none + "iam:ListPolicies action"},
		{"oneself", on(entity + "user/*/${aws:username}"), "", iamCall("Action=GetUser"), ""},
		{"oneself by name", on(entity + "user/team/alice"), "", iamCall("Action=CreateAccessKey&UserName=alice"), ""},
		{"not oneself", on("x"), "", iamCall("Action=GetUser"), "iam:GetUser on resource: user alice" + none + "iam:GetUser action"},
		{"API", on("arn:aws:apigateway:*::/restapis/abc"), "", signed("apigateway", "GET /restapis/abc HTTP/1.1", ""), ""},
		{"tags of an API", on("arn:aws:apigateway:*::/tags/" + api), "", signed("apigateway", "PUT /tags/"+api+" HTTP/1.1", `{"tags":{"a":"b"}}`), ""},
		{"no tags", on("x"), "", signed("apigateway", "PUT /tags/"+api+" HTTP/1.1", `{"tags":{"a":"b"}}`),
			"apigateway:PUT on resource: arn:aws:apigateway:us-east-1::/tags/" + api + none + "apigateway:PUT action"},
		{"API with the tag", tagged(`{"StringEquals":{"aws:RequestTag/team":"x"}}`), "", signed("apigateway", "POST /restapis HTTP/1.1", `{"name":"n","tags":{"team":"x"}}`), ""},
		{"API with another tag", tagged(`{"StringEquals":{"aws:RequestTag/team":"x"}}`), "", signed("apigateway", "POST /restapis HTTP/1.1", `{"name":"n","tags":{"team":"y"}}`),
			"apigateway:POST on resource: arn:aws:apigateway:us-east-1::/restapis" + none + "apigateway:POST action"},
		{"tag keys", tagged(`{"ForAllValues:StringEquals":{"aws:TagKeys":["a"]}}`), "", signed("apigateway", "DELETE /tags/"+api+"?tagKeys=a&tagKeys=b HTTP/1.1", ""),
			"apigateway:DELETE on resource: arn:aws:apigateway:us-east-1::/tags/" + api + none + "apigateway:DELETE action"},
		{"tags of a form", tagged(`{"StringEquals":{"aws:RequestTag/team":"x"}}`), "", iamCall("Action=CreateUser&UserName=u&Tags.member.1.Key=team&Tags.member.1.Value=x"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			statements := `{"Effect":"Allow",` + c.allow + `}`
			if c.deny != "" {
				statements += `,{"Effect":"Deny",` + c.deny + `}`
			}
			document, err := policy.Parse(`{"Version":"2012-10-17","Statement":[` + statements + `]}`)
			if err != nil {
				t.Fatal(err)
			}
			w := httptest.NewRecorder()
			awswire.New(awswire.Options{Auth: alice{document}}, fakes(&script{answer: "error 418 Reached the operation"})...).ServeHTTP(w, parseRequest(t, c.request))
			want := "User: arn:aws:iam::111111111111:user/team/alice is not authorized to perform: " + c.refusal
			if body := w.Body.String(); c.refusal == "" && strings.Contains(body, "not authorized") || c.refusal != "" && !strings.Contains(body, want) {
				t.Errorf("got %s\nwant %s", body, want)
			}
		})
	}
}
