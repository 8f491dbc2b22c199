package logs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tollbook/tollbook/awsapi/awslogs"
)

const lookupARN = "arn:aws:logs:us-east-1:111111111111:lookup-table:"

func (f *fixture) createLookupTable(name, body string) {
	f.t.Helper()
	out, err := f.CreateLookupTable(f.ctx, &awslogs.CreateLookupTableRequest{LookupTableName: name, TableBody: body})
	f.must(err)
	if *out.LookupTableArn != lookupARN+name || *out.CreatedAt != f.clock.Load() {
		f.t.Errorf("created %s at %d", *out.LookupTableArn, *out.CreatedAt)
	}
}

func (f *fixture) lookupTables(in awslogs.DescribeLookupTablesRequest) (all []awslogs.LookupTable) {
	f.t.Helper()
	for {
		out, err := f.DescribeLookupTables(f.ctx, &in)
		f.must(err)
		all = append(all, out.LookupTables...)
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return all
		}
	}
}

func TestLookupTables(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const body = "\ufeffid,name\r\n1,\"ann, or \"\"a\"\"\"\n2,eve\n"
	f.createLookupTable("users", body)
	f.createLookupTable("users_2", "id\n")
	f.createLookupTable("nets", "cidr,owner\n10.0.0.0/8,all")
	want := awslogs.LookupTable{
		LookupTableArn: new(lookupARN + "users"), LookupTableName: new("users"), Description: new(""),
		TableFields: []string{"id", "name"}, RecordsCount: new(int64(2)), SizeBytes: new(int64(len(body))), LastUpdatedTime: new(start),
	}
	found := f.lookupTables(awslogs.DescribeLookupTablesRequest{LookupTableNamePrefix: new("users"), MaxResults: new(int32(1))})
	if diff := cmp.Diff(want, found[0]); diff != "" || len(found) != 2 || *found[1].RecordsCount != 0 {
		t.Errorf("%d tables: %s", len(found), diff)
	}
	got, err := f.GetLookupTable(f.ctx, &awslogs.GetLookupTableRequest{LookupTableArn: lookupARN + "users"})
	f.must(err)
	if *got.TableBody != body {
		t.Errorf("content %q", *got.TableBody)
	}

	f.clock.Add(5)
	update := awslogs.UpdateLookupTableRequest{LookupTableArn: lookupARN + "users", TableBody: "a,b\n1,2", Description: new("d"), KmsKeyId: new(kmsKey)}
	out, err := f.UpdateLookupTable(f.ctx, &update)
	f.must(err)
	if *out.LastUpdatedTime != start+5 || *out.LookupTableArn != lookupARN+"users" {
		t.Errorf("updated %s at %d", *out.LookupTableArn, *out.LastUpdatedTime)
	}
	update = awslogs.UpdateLookupTableRequest{LookupTableArn: lookupARN + "users", TableBody: "a,b\n1,2\n3,4"}
	_, err = f.UpdateLookupTable(f.ctx, &update)
	f.must(err)
	want = awslogs.LookupTable{
		LookupTableArn: new(lookupARN + "users"), LookupTableName: new("users"), Description: new("d"), KmsKeyId: new(kmsKey),
		TableFields: []string{"a", "b"}, RecordsCount: new(int64(2)), SizeBytes: new(int64(11)), LastUpdatedTime: new(start + 5),
	}
	if diff := cmp.Diff(want, f.lookupTables(awslogs.DescribeLookupTablesRequest{})[1]); diff != "" {
		t.Error(diff)
	}
	update.KmsKeyId = new("")
	_, err = f.UpdateLookupTable(f.ctx, &update)
	f.must(err)
	if got, err = f.GetLookupTable(f.ctx, &awslogs.GetLookupTableRequest{LookupTableArn: lookupARN + "users"}); err != nil || got.KmsKeyId != nil {
		t.Errorf("key %v, %v", got.KmsKeyId, err)
	}
	remove := awslogs.DeleteLookupTableRequest{LookupTableArn: lookupARN + "users"}
	f.must(f.DeleteLookupTable(f.ctx, &remove))
	expectError(t, "delete again", f.DeleteLookupTable(f.ctx, &remove), "ResourceNotFoundException: The specified lookup table does not exist.")
	f.createLookupTable("users", "x\n1\n")
}

func TestLookupTableErrors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.createLookupTable("there", "a\n1")
	const bad = "ValidationException: The specified tableBody is not valid CSV: "
	for _, c := range []struct{ name, body, want string }{
		{"there", "a\n1", "ResourceAlreadyExistsException: The specified lookup table already exists."},
		{"t", "\n", bad + "it has no header"},
		{"t", "a,b\n1", bad + "record on line 2: wrong number of fields"},
		{"t", "a,b\n1,\"2", bad + `parse error on line 2, column 5: extraneous or missing " in quoted-field`},
		{"t", "a,,b\n1,2,3", bad + `the name "" in its header is empty or not the only one`},
		{"t", "a,b,a\n1,2,3", bad + `the name "a" in its header is empty or not the only one`},
		{"t", "a\n\xff", bad + "it is longer than 10485760 bytes or not UTF-8"},
		{"t", "a\n" + strings.Repeat("é", 5<<20), bad + "it is longer than 10485760 bytes or not UTF-8"},
	} {
		_, err := f.CreateLookupTable(f.ctx, &awslogs.CreateLookupTableRequest{LookupTableName: c.name, TableBody: c.body})
		expectError(t, c.want, err, c.want)
	}
	_, err := f.CreateLookupTable(f.ctx, &awslogs.CreateLookupTableRequest{LookupTableName: "t", TableBody: "a", KmsKeyId: new("key")})
	expectError(t, "key", err, "InvalidParameterException: The specified KMS Key Id could not be found.")
	_, err = f.UpdateLookupTable(f.ctx, &awslogs.UpdateLookupTableRequest{LookupTableArn: lookupARN + "gone", TableBody: "a"})
	expectError(t, "update", err, "ResourceNotFoundException: The specified lookup table does not exist.")
	_, err = f.GetLookupTable(f.ctx, &awslogs.GetLookupTableRequest{LookupTableArn: "arn:aws:logs:eu-west-1:111111111111:lookup-table:there"})
	expectError(t, "elsewhere", err, "ResourceNotFoundException: The specified lookup table does not exist.")
	_, err = f.GetLookupTable(f.ctx, &awslogs.GetLookupTableRequest{LookupTableArn: "there"})
	expectError(t, "no ARN", err, "InvalidParameterException: The specified lookup table ARN is not valid: there")
	_, err = f.DescribeLookupTables(f.ctx, &awslogs.DescribeLookupTablesRequest{MaxResults: new(int32(0))})
	expectError(t, "an empty page", err, "InvalidParameterException: maxResults must be at least 1.")
	for i := range 99 {
		f.createLookupTable(fmt.Sprint("t", i), "a")
	}
	_, err = f.CreateLookupTable(f.ctx, &awslogs.CreateLookupTableRequest{LookupTableName: "t", TableBody: "a"})
	expectError(t, "too many", err, "LimitExceededException: Resource limit exceeded.")
	if n := len(f.lookupTables(awslogs.DescribeLookupTablesRequest{})); n != 100 {
		t.Errorf("%d tables", n)
	}
}

func TestLookupTableTags(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	_, err := f.CreateLookupTable(f.ctx, &awslogs.CreateLookupTableRequest{LookupTableName: "t", TableBody: "a", Tags: map[string]string{"k": "v"}})
	f.must(err)
	f.must(f.TagResource(f.ctx, &awslogs.TagResourceRequest{ResourceArn: lookupARN + "t", Tags: map[string]string{"l": "w"}}))
	f.must(f.UntagResource(f.ctx, &awslogs.UntagResourceRequest{ResourceArn: lookupARN + "t", TagKeys: []string{"k"}}))
	out, err := f.ListTagsForResource(f.ctx, &awslogs.ListTagsForResourceRequest{ResourceArn: lookupARN + "t"})
	f.must(err)
	if diff := cmp.Diff(map[string]string{"l": "w"}, out.Tags); diff != "" {
		t.Error(diff)
	}
	_, err = f.ListTagsForResource(f.ctx, &awslogs.ListTagsForResourceRequest{ResourceArn: lookupARN + "gone"})
	expectError(t, "gone", err, "ResourceNotFoundException: The specified resource does not exist.")
}
