package sts_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi"
	"github.com/tollbook/tollbook/awsapi/awssts"
	"github.com/tollbook/tollbook/sts"
)

func TestGetCallerIdentity(t *testing.T) {
	t.Parallel()
	ctx := awsapi.WithCaller(t.Context(), awsapi.Caller{
		AccountID: "111111111111", ARN: "arn:aws:iam::111111111111:root", UserID: "111111111111", Region: "us-east-1",
	})
	got, err := sts.New(nil).GetCallerIdentity(ctx, &awssts.GetCallerIdentityRequest{})
	if err != nil {
		t.Fatal(err)
	}
	want := &awssts.GetCallerIdentityResponse{
		Account: new("111111111111"), Arn: new("arn:aws:iam::111111111111:root"), UserId: new("111111111111"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
