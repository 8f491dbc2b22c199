package logs_test

import (
	"testing"

	"github.com/tollbook/tollbook/awsapi/awslogs"
)

func TestKmsKeyOfGroup(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	expect := func(want string) {
		t.Helper()
		out, err := f.DescribeLogGroups(f.ctx, &awslogs.DescribeLogGroupsRequest{})
		f.must(err)
		got := ""
		if k := out.LogGroups[0].KmsKeyId; k != nil {
			got = *k
		}
		if got != want {
			t.Errorf("the key is %q, want %q", got, want)
		}
	}
	arn := "arn:aws:logs:us-east-1:111111111111:log-group:g"
	f.must(f.AssociateKmsKey(f.ctx, &awslogs.AssociateKmsKeyRequest{LogGroupName: new("g"), KmsKeyId: kmsKey}))
	expect(kmsKey)
	f.must(f.DisassociateKmsKey(f.ctx, &awslogs.DisassociateKmsKeyRequest{LogGroupName: new("g")}))
	expect("")
	f.must(f.AssociateKmsKey(f.ctx, &awslogs.AssociateKmsKeyRequest{ResourceIdentifier: &arn, KmsKeyId: kmsKey}))
	expect(kmsKey)
	f.must(f.DisassociateKmsKey(f.ctx, &awslogs.DisassociateKmsKeyRequest{ResourceIdentifier: &arn}))
	expect("")
	f.must(f.DisassociateKmsKey(f.ctx, &awslogs.DisassociateKmsKeyRequest{ResourceIdentifier: &arn}))
}

func TestKmsKeyOfQueryResults(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	results := "arn:aws:logs:us-east-1:111111111111:query-result:*"
	f.must(f.DisassociateKmsKey(f.ctx, &awslogs.DisassociateKmsKeyRequest{ResourceIdentifier: &results}))
	f.must(f.AssociateKmsKey(f.ctx, &awslogs.AssociateKmsKeyRequest{ResourceIdentifier: &results, KmsKeyId: kmsKey}))
	f.must(f.AssociateKmsKey(f.ctx, &awslogs.AssociateKmsKeyRequest{ResourceIdentifier: &results, KmsKeyId: kmsKey}))
	f.must(f.DisassociateKmsKey(f.ctx, &awslogs.DisassociateKmsKeyRequest{ResourceIdentifier: &results}))
}

func TestKmsKeyErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createGroup("g")
	const oneOf = "InvalidParameterException: Exactly one of logGroupName and resourceIdentifier must be specified."
	const notFound = "InvalidParameterException: The specified KMS Key Id could not be found."
	for _, tc := range []struct {
		name string
		in   awslogs.AssociateKmsKeyRequest
		want string
	}{
		{"key's ID", awslogs.AssociateKmsKeyRequest{LogGroupName: new("g"), KmsKeyId: "1234abcd-12ab-34cd-56ef-1234567890ab"}, notFound},
		{"other ARN", awslogs.AssociateKmsKeyRequest{LogGroupName: new("g"), KmsKeyId: role}, notFound},
		{"neither", awslogs.AssociateKmsKeyRequest{KmsKeyId: kmsKey}, oneOf},
		{"both", awslogs.AssociateKmsKeyRequest{KmsKeyId: kmsKey, LogGroupName: new("g"), ResourceIdentifier: new("g")}, oneOf},
		{"no ARN", awslogs.AssociateKmsKeyRequest{KmsKeyId: kmsKey, ResourceIdentifier: new("g")},
			"InvalidParameterException: The specified resourceIdentifier is not valid: g"},
		{"results elsewhere", awslogs.AssociateKmsKeyRequest{KmsKeyId: kmsKey, ResourceIdentifier: new("arn:aws:logs:eu-west-1:111111111111:query-result:*")},
			"InvalidParameterException: The specified log group identifier is not valid: arn:aws:logs:eu-west-1:111111111111:query-result:*"},
	} {
		expectError(t, tc.name, f.AssociateKmsKey(f.ctx, &tc.in), tc.want)
	}
	expectError(t, "disassociate neither", f.DisassociateKmsKey(f.ctx, &awslogs.DisassociateKmsKeyRequest{}), oneOf)
}
