package iam

import (
	"strings"
	"time"

	"github.com/tollbook/tollbook/state"
)

// The records of an account. Names are unique ignoring case, so a record's ID is its name in lower case; what belongs to
// a role or a policy has the role's or policy's ID as its parent. What belongs to a user or group has its unique ID (AIDA…,
// AGPA…) as the parent, which stays when it is renamed.
//
//	iam.Role            ""           lower(role name)
//	iam.User            ""           lower(user name)
//	iam.Group           ""           lower(group name)
//	iam.RolePolicy      entity ID    policy name         of roles, users and groups
//	iam.UserKey         user ID      access key ID
//	iam.GroupMember     group ID     user ID             both records of
//	iam.UserGroup       user ID      group ID            one membership
//	iam.Policy          ""           lower(policy name)
//	iam.PolicyVersion   policy ID    number, 9 digits
//	iam.Attachment      entity ID    policy ARN          both records of
//	iam.AttachedTo      policy ARN   entity ID           one attachment
//
// Keys are looked up before the account is known, so they have the scope of the whole installation:
//
//	iam.AccessKey       ""           access key ID
//	iam.RootKey         ""           "root"
//	iam.SessionKey      ""           "session"
var (
	roles          = state.Collection[roleRecord]{Kind: "iam.Role"}
	rolePolicies   = state.Collection[rolePolicyRecord]{Kind: "iam.RolePolicy"}
	policies       = state.Collection[policyRecord]{Kind: "iam.Policy"}
	policyVersions = state.Collection[policyVersionRecord]{Kind: "iam.PolicyVersion"}
	attachments    = state.Collection[attachmentRecord]{Kind: "iam.Attachment"}
	attachedTo     = state.Collection[attachmentRecord]{Kind: "iam.AttachedTo"}
	accessKeys     = state.Collection[accessKeyRecord]{Kind: "iam.AccessKey"}
	rootKeys       = state.Collection[rootKeyRecord]{Kind: "iam.RootKey"}
	users          = state.Collection[userRecord]{Kind: "iam.User"}
	userKeys       = state.Collection[userKeyRecord]{Kind: "iam.UserKey"}
	groups         = state.Collection[groupRecord]{Kind: "iam.Group"}
	groupMembers   = state.Collection[memberRecord]{Kind: "iam.GroupMember"}
	userGroups     = state.Collection[memberRecord]{Kind: "iam.UserGroup"}
	sessionKeys    = state.Collection[sessionKeyRecord]{Kind: "iam.SessionKey"}
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
	Boundary           string `json:",omitempty"` // ARN of a policy
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
	RoleName  string `json:",omitempty"`
	UserID    string `json:",omitempty"`
	GroupID   string `json:",omitempty"`
	PolicyARN string
}

type accessKeyRecord struct {
	ID      string
	Secret  string    // needed to verify signatures, so it cannot be kept as a hash
	Account string    `json:",omitempty"` // empty for the root's key, as the rest is
	UserID  string    `json:",omitempty"`
	Status  string    `json:",omitempty"`
	Created time.Time `json:",omitzero"`
}

type userKeyRecord struct{ AccessKeyID string }

type userRecord struct {
	Name     string
	Path     string
	ID       string // AIDA…
	Created  time.Time
	Tags     []tagRecord
	Boundary string `json:",omitempty"` // ARN of a policy
}

type groupRecord struct {
	Name    string
	Path    string
	ID      string // AGPA…
	Created time.Time
}

type memberRecord struct{ UserID, GroupID, GroupName string }

// sessionKeyRecord holds the key that session tokens are encrypted with.
type sessionKeyRecord struct{ Key []byte }

type rootKeyRecord struct{ AccessKeyID string }

type tagRecord struct{ Key, Value string }

// foldName gives the form in which names are compared.
func foldName(name string) string { return strings.ToLower(name) }

func roleARN(account string, r roleRecord) string {
	return "arn:aws:iam::" + account + ":role" + r.Path + r.Name
}

func userARN(account string, u userRecord) string {
	return "arn:aws:iam::" + account + ":user" + u.Path + u.Name
}

func groupARN(account string, g groupRecord) string {
	return "arn:aws:iam::" + account + ":group" + g.Path + g.Name
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
