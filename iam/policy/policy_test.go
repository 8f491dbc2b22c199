package policy_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/tollbook/tollbook/iam/policy"
)

// TestScripts runs testdata/*.txtar: a section policy.json (several in a row apply together), then requests, one a line:
//
//	action resource [key=value[,value]]… -> decision
func TestScripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			runScript(t, file)
		})
	}
}

func runScript(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var docs []*policy.Document
	fresh := true
	for _, section := range txtar.Parse(text).Files {
		switch section.Name {
		case "policy.json":
			if fresh {
				docs = nil
			}
			docs, fresh = append(docs, mustParse(t, string(section.Data))), false
		case "requests":
			runRequests(t, docs, string(section.Data))
			fresh = true
		default:
			t.Fatalf("section %q", section.Name)
		}
	}
}

func runRequests(t *testing.T, docs []*policy.Document, lines string) {
	for line := range strings.Lines(lines) {
		line = strings.TrimSpace(line)
		text, want, ok := strings.Cut(line, " -> ")
		if !ok {
			t.Fatalf("line %q has no decision", line)
		}
		if got := policy.Evaluate(request(t, text), docs...).String(); got != want {
			t.Errorf("%s: got %s", line, got)
		}
	}
}

func request(t *testing.T, text string) policy.Request {
	fields := strings.Fields(text)
	if len(fields) < 2 {
		t.Fatalf("request %q", text)
	}
	req := policy.Request{Action: fields[0], Resource: fields[1], Context: map[string][]string{}}
	caller := map[string]*string{
		"arn": &req.Caller.ARN, "role": &req.Caller.RoleARN, "account": &req.Caller.AccountID,
		"service": &req.Caller.Service, "federated": &req.Caller.Federated,
	}
	for _, pair := range fields[2:] {
		key, value, _ := strings.Cut(pair, "=")
		if field, ok := caller[key]; ok {
			*field = value
			continue
		}
		req.Context[key] = strings.Split(value, ",")
		if value == "" {
			req.Context[key] = nil
		}
	}
	return req
}

func mustParse(t *testing.T, text string) *policy.Document {
	t.Helper()
	doc, err := policy.Parse(text)
	if err != nil {
		t.Fatalf("parse %s: %v", text, err)
	}
	return doc
}

// TestConditions has one condition block a case, asked of an otherwise open policy.
func TestConditions(t *testing.T) {
	t.Parallel()
	cases := []struct {
		block   string
		context string // "key=value[,value] …"
		want    bool
	}{
		{`"StringEquals":{"aws:username":["alice","bob"]}`, "aws:username=bob", true},
		{`"StringEquals":{"aws:username":"alice"}`, "aws:username=Alice", false},
		{`"StringEquals":{"aws:username":"al*"}`, "aws:username=alice", false},
		{`"StringEquals":{"aws:username":"alice"}`, "", false},
		{`"StringEqualsIfExists":{"aws:username":"alice"}`, "", true},
		{`"StringEqualsIfExists":{"aws:username":"alice"}`, "aws:username=bob", false},
		{`"StringNotEquals":{"aws:username":["alice","bob"]}`, "aws:username=bob", false},
		{`"StringNotEquals":{"aws:username":["alice","bob"]}`, "aws:username=carol", true},
		{`"StringNotEquals":{"aws:username":"alice"}`, "", true},
		{`"StringEqualsIgnoreCase":{"aws:username":"ALICE"}`, "aws:username=alice", true},
		{`"StringNotEqualsIgnoreCase":{"aws:username":"ALICE"}`, "aws:username=alice", false},
		{`"StringLike":{"aws:username":"a?i*"}`, "aws:username=alice", true},
		{`"StringNotLike":{"aws:username":"a?i*"}`, "aws:username=alice", false},
		{`"NumericEquals":{"s3:max-keys":10}`, "s3:max-keys=10.0", true},
		{`"NumericNotEquals":{"s3:max-keys":10}`, "s3:max-keys=11", true},
		{`"NumericLessThan":{"s3:max-keys":"10"}`, "s3:max-keys=9", true},
		{`"NumericLessThan":{"s3:max-keys":"10"}`, "s3:max-keys=10", false},
		{`"NumericLessThanEquals":{"s3:max-keys":"10"}`, "s3:max-keys=10", true},
		{`"NumericGreaterThan":{"s3:max-keys":"10"}`, "s3:max-keys=10", false},
		{`"NumericGreaterThanEquals":{"s3:max-keys":"10"}`, "s3:max-keys=10", true},
		{`"NumericLessThan":{"s3:max-keys":"10"}`, "s3:max-keys=many", false},
		{`"DateLessThan":{"aws:CurrentTime":"2026-01-01T00:00:00Z"}`, "aws:CurrentTime=2025-12-31T23:59:59Z", true},
		{`"DateLessThan":{"aws:CurrentTime":"2026-01-01"}`, "aws:CurrentTime=2026-01-01T00:00:00Z", false},
		{`"DateLessThanEquals":{"aws:CurrentTime":"2026-01-01"}`, "aws:CurrentTime=2026-01-01T00:00:00Z", true},
		{`"DateGreaterThan":{"aws:EpochTime":"1700000000"}`, "aws:EpochTime=1700000001", true},
		{`"DateGreaterThanEquals":{"aws:EpochTime":"2026-01-01"}`, "aws:EpochTime=1700000001", false},
		{`"DateEquals":{"aws:CurrentTime":"2026-01-01T01:00:00+01:00"}`, "aws:CurrentTime=2026-01-01T00:00:00Z", true},
		{`"DateNotEquals":{"aws:CurrentTime":"2026-01-01T01:00:00+01:00"}`, "aws:CurrentTime=2026-01-01T00:00:00Z", false},
		{`"Bool":{"aws:SecureTransport":true}`, "aws:SecureTransport=true", true},
		{`"Bool":{"aws:SecureTransport":"True"}`, "aws:SecureTransport=true", true},
		{`"Bool":{"aws:SecureTransport":"true"}`, "aws:SecureTransport=false", false},
		{`"BinaryEquals":{"k:b":"aGVsbG8="}`, "k:b=aGVsbG8=", true},
		{`"BinaryEquals":{"k:b":"aGVsbG8="}`, "k:b=aGVsbG8", false},
		{`"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}`, "aws:SourceIp=10.1.2.3", true},
		{`"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}`, "aws:SourceIp=::ffff:10.1.2.3", true},
		{`"IpAddress":{"aws:SourceIp":"2001:db8::/32"}`, "aws:SourceIp=2001:db8::1", true},
		{`"IpAddress":{"aws:SourceIp":"10.1.2.3"}`, "aws:SourceIp=10.1.2.3", true},
		{`"IpAddress":{"aws:SourceIp":"10.1.2.3"}`, "aws:SourceIp=nowhere", false},
		{`"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}`, "aws:SourceIp=10.1.2.3", false},
		{`"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}`, "aws:SourceIp=11.1.2.3", true},
		{`"ArnEquals":{"aws:SourceArn":"arn:aws:sns:*:111:t*"}`, "aws:SourceArn=arn:aws:sns:us-east-1:111:topic:x", true},
		{`"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:t"}`, "aws:SourceArn=arn:aws:sns:us-east-1:111:t", false},
		{`"ArnNotLike":{"aws:SourceArn":"arn:aws:sns:*:111:t*"}`, "aws:SourceArn=arn:aws:sns:us-east-1:111:topic", false},
		{`"ArnNotEquals":{"aws:SourceArn":"arn:aws:sns:*:111:t*"}`, "", true},
		{`"Null":{"aws:TokenIssueTime":"true"}`, "", true},
		{`"Null":{"aws:TokenIssueTime":"true"}`, "aws:TokenIssueTime=1", false},
		{`"Null":{"aws:TokenIssueTime":false}`, "aws:TokenIssueTime=1", true},
		{`"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}`, "aws:TagKeys=a,b", true},
		{`"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}`, "aws:TagKeys=a,c", false},
		{`"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}`, "", true},
		{`"ForAllValues:StringNotEquals":{"aws:TagKeys":["a","b"]}`, "aws:TagKeys=c,d", true},
		{`"ForAllValues:StringNotEquals":{"aws:TagKeys":["a","b"]}`, "aws:TagKeys=a,d", false},
		{`"ForAnyValue:StringLike":{"aws:TagKeys":["a*","b"]}`, "aws:TagKeys=x,abc", true},
		{`"ForAnyValue:StringLike":{"aws:TagKeys":["a*","b"]}`, "aws:TagKeys=x,y", false},
		{`"ForAnyValue:StringEquals":{"aws:TagKeys":["a"]}`, "", false},
		{`"ForAnyValue:StringEqualsIfExists":{"aws:TagKeys":["a"]}`, "", true},
		{`"ForAnyValue:StringEqualsIfExists":{"aws:TagKeys":["a"]}`, "aws:TagKeys=", false},
		{`"ForAnyValue:StringNotEquals":{"aws:TagKeys":["a"]}`, "aws:TagKeys=a,b", true},
		{`"ForAnyValue:StringNotEquals":{"aws:TagKeys":["a"]}`, "aws:TagKeys=a", false},
		{`"StringEquals":{"a:b":"1","c:d":"2"}`, "a:b=1 c:d=2", true},
		{`"StringEquals":{"a:b":"1","c:d":"2"}`, "a:b=1 c:d=3", false},
		{`"StringEquals":{"a:b":"1"},"Bool":{"c:d":"true"}`, "a:b=1 c:d=false", false},
	}
	for _, c := range cases {
		t.Run(c.block+" "+c.context, func(t *testing.T) {
			t.Parallel()
			doc := mustParse(t, fmt.Sprintf(
				`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{%s}}}`, c.block))
			if got := policy.Evaluate(request(t, "a:B * "+c.context), doc) == policy.Allow; got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestPatternIsNotExponential(t *testing.T) {
	t.Parallel()
	doc := mustParse(t, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"`+strings.Repeat("*a", 200)+`b"}}`)
	if got := policy.Evaluate(policy.Request{Action: "a:B", Resource: strings.Repeat("a", 4000)}, doc); got != policy.ImplicitDeny {
		t.Errorf("got %v", got)
	}
}
