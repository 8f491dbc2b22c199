package iam_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awsiam"
	"github.com/tollbook/tollbook/iam"
	"github.com/tollbook/tollbook/state"
)

const (
	account = "111111111111"

	trustGateway = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	allowLogs    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"}]}`

	pushToLogs = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
)

var created = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// fixture is a service on a fresh database, and the context of its caller, the root of account.
type fixture struct {
	*iam.Service
	t   *testing.T
	ctx context.Context
	db  *state.DB
}

func open(t *testing.T) fixture {
	t.Helper()
	db, err := state.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	now := func() time.Time { return created.Add(time.Millisecond) }
	return fixture{iam.New(iam.Options{DB: db, Now: now}), t, callerOf(t, account), db}
}

func callerOf(t *testing.T, account string) context.Context {
	return awsapi.WithCaller(t.Context(), awsapi.Caller{
		AccountID: account, Region: "eu-west-1", ARN: "arn:aws:iam::" + account + ":root", UserID: account,
	})
}

// must stops the test on an error.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (f fixture) ok(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f fixture) createRole(name string) *awsiam.Role {
	f.t.Helper()
	out, err := f.CreateRole(f.ctx, &awsiam.CreateRoleRequest{RoleName: name, AssumeRolePolicyDocument: trustGateway})
	f.ok(err)
	return out.Role
}

// createPolicy returns the ARN.
func (f fixture) createPolicy(name, document string) string {
	f.t.Helper()
	out, err := f.CreatePolicy(f.ctx, &awsiam.CreatePolicyRequest{PolicyName: name, PolicyDocument: document})
	f.ok(err)
	return *out.Policy.Arn
}

func (f fixture) attach(role, arn string) {
	f.t.Helper()
	f.ok(f.AttachRolePolicy(f.ctx, &awsiam.AttachRolePolicyRequest{RoleName: role, PolicyArn: arn}))
}

// wantError requires AWS' code, status and whole text.
func wantError(t *testing.T, err error, status int, code, message string) {
	t.Helper()
	var got *awsapi.Error
	if !errors.As(err, &got) {
		t.Fatalf("got %v, want %s", err, code)
	}
	if got.Status != status || got.Code != code || got.Message != message {
		t.Errorf("got  %d %s: %s\nwant %d %s: %s", got.Status, got.Code, got.Message, status, code, message)
	}
}

func isID(id, prefix string) bool {
	return len(id) == 21 && strings.HasPrefix(id, prefix) && strings.Trim(id[4:], "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}
