package iam

import (
	"errors"
	"strconv"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awsiam"
	"github.com/tollbook/tollbook/state"
)

// awsOwner stands in the ARNs of AWS' own policies where others have their account.
const awsOwner = "aws"

// managedPolicy is a policy that can be attached, be it the account's own or one of AWS.
type managedPolicy struct {
	policyRecord
	ARN      string
	Document string // of the version in force; AWS' policies only
}

func (p managedPolicy) ofAWS() bool { return strings.HasPrefix(p.ARN, "arn:aws:iam::"+awsOwner+":") }

func policyARN(owner, path, name string) string {
	return "arn:aws:iam::" + owner + ":policy" + path + name
}

// policy finds a managed policy by its ARN; state.ErrNotFound if there is none, AWS' error if the text is no ARN.
func (t tx) policy(arn string) (managedPolicy, error) {
	if p, ok := t.aws.byARN[arn]; ok {
		return p, nil
	}
	if !strings.HasPrefix(arn, "arn:") || strings.Count(arn, ":") < 5 {
		return managedPolicy{}, validationError("Invalid ARN:  Could not be parsed!") // two blanks, as recorded
	}
	record, err := policies.Get(t.Tx, t.key("", policyID(arn)))
	if err == nil && policyARN(t.account, record.Path, record.Name) != arn {
		err = state.ErrNotFound
	}
	return managedPolicy{policyRecord: record, ARN: arn}, err
}

// policyID gives the key of a customer's policy from its ARN.
func policyID(arn string) string {
	last := max(strings.LastIndexByte(arn, '/'), strings.LastIndexByte(arn, ':'))
	return foldName(arn[last+1:])
}

// existingPolicy is policy with AWS' error for one that is not there.
func (t tx) existingPolicy(arn string) (managedPolicy, error) {
	p, err := t.policy(arn)
	if errors.Is(err, state.ErrNotFound) {
		return p, noSuchPolicy(arn)
	}
	return p, err
}

// ownPolicy is existingPolicy for an operation that changes it, which AWS' policies do not allow.
func (t tx) ownPolicy(callerARN, operation, arn string) (managedPolicy, error) {
	p, err := t.existingPolicy(arn)
	if err == nil && p.ofAWS() {
		return p, readOnlyPolicy(callerARN, operation, arn)
	}
	return p, err
}

func (t tx) putPolicy(p managedPolicy) error {
	return policies.Put(t.Tx, t.key("", policyID(p.ARN)), p.policyRecord)
}

// document returns the text of the version in force.
func (t tx) document(p managedPolicy) (string, error) {
	if p.ofAWS() {
		return p.Document, nil
	}
	v, err := policyVersions.Get(t.Tx, t.key(policyID(p.ARN), versionKey(p.Default)))
	return v.Document, err
}

// attachmentCount is the number of the account's entities that have the policy.
func (t tx) attachmentCount(arn string) (int32, error) {
	all, _, err := attachedTo.List(t.Tx, t.scope(), arn, "", 0)
	return int32(len(all)), err
}

// toWire leaves description and tags to those who show them.
func (p managedPolicy) toWire(attached int32) *awsiam.Policy {
	return &awsiam.Policy{
		PolicyName: new(p.Name), PolicyId: new(p.ID), Arn: new(p.ARN), Path: new(p.Path),
		DefaultVersionId: new(versionID(p.Default)), AttachmentCount: new(attached),
		PermissionsBoundaryUsageCount: new(int32(0)), IsAttachable: new(true),
		CreateDate: new(p.Created), UpdateDate: new(p.Updated),
	}
}

func versionID(number int) string { return "v" + strconv.Itoa(number) }

// versionKey orders versions by number.
func versionKey(number int) string {
	digits := strconv.Itoa(number)
	return strings.Repeat("0", max(0, 9-len(digits))) + digits
}

// versionNumber reads "v12"; 0 for what is no version of ours.
func versionNumber(id string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(id, "v"))
	if err != nil || n < 0 || versionID(n) != id {
		return 0
	}
	return n
}
