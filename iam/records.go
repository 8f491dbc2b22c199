package iam

import (
	"strings"
	"time"

	"github.com/tollbook/tollbook/state"
)

// The records of an account. Names are unique ignoring case, so a record's ID is its name in lower case; what belongs to
// a role or a policy has the role's or policy's ID as its parent.
//
//	iam.Role            ""           lower(role name)
//	iam.RolePolicy      role ID      policy name
//	iam.Policy          ""           lower(policy name)
//	iam.PolicyVersion   policy ID    number, 9 digits
//	iam.Attachment      role ID      policy ARN          both records of
//	iam.AttachedTo      policy ARN   role ID             one attachment
//
// Keys are looked up before the account is known, so they have the scope of the whole installation:
//
//	iam.AccessKey       ""           access key ID
//	iam.RootKey         ""           "root"
var (
	roles          = state.Collection[roleRecord]{Kind: "iam.Role"}
	rolePolicies   = state.Collection[rolePolicyRecord]{Kind: "iam.RolePolicy"}
	policies       = state.Collection[policyRecord]{Kind: "iam.Policy"}
	policyVersions = state.Collection[policyVersionRecord]{Kind: "iam.PolicyVersion"}
	attachments    = state.Collection[attachmentRecord]{Kind: "iam.Attachment"}
	attachedTo     = state.Collection[attachmentRecord]{Kind: "iam.AttachedTo"}
	accessKeys     = state.Collection[accessKeyRecord]{Kind: "iam.AccessKey"}
	rootKeys       = state.Collection[rootKeyRecord]{Kind: "iam.RootKey"}
)

type roleRecord struct {
	Name               string
	Path               string
	ID                 string // AROA…
	Created            time.Time
	TrustPolicy        string // as it was sent
	Description        string
	MaxSessionDuration int32 // seconds
	Tags               []tagRecord
}

type rolePolicyRecord struct {
	Name     string
	Document string // as it was sent
}

type policyRecord struct {
	Name        string
	Path        string
	ID          string // ANPA…
	Created     time.Time
	Updated     time.Time // when the newest version was made
	Description string
	Default     int // number of the version in force
	Newest      int // highest number that was ever given to a version
	Tags        []tagRecord
}

type policyVersionRecord struct {
	Number   int
	Document string // as it was sent
	Created  time.Time
}

type attachmentRecord struct {
	RoleName  string
	PolicyARN string
}

type accessKeyRecord struct {
	ID     string
	Secret string // needed to verify signatures, so it cannot be kept as a hash
}

type rootKeyRecord struct{ AccessKeyID string }

type tagRecord struct{ Key, Value string }

// foldName gives the form in which names are compared.
func foldName(name string) string { return strings.ToLower(name) }

func roleARN(account string, r roleRecord) string {
	return "arn:aws:iam::" + account + ":role" + r.Path + r.Name
}

// pathOf gives the optional path of a request its default.
func pathOf(path *string) string {
	if path == nil || *path == "" {
		return "/"
	}
	return *path
}

// optional returns nil for "", which AWS leaves out of answers.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func valueOf[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
