package iam

import (
	"strings"
	"unicode/utf8"
)

// AWS' default quotas. Sizes are in characters.
const (
	maxRoles             = 1000
	maxUsers             = 5000
	maxGroups            = 300
	maxGroupsPerUser     = 10
	maxAccessKeys        = 2 // of a user
	maxPolicies          = 1500
	maxAttachments       = 10
	maxVersions          = 5
	maxTags              = 50
	maxTrustPolicySize   = 2048
	maxInlinePolicySize  = 10240 // of all inline policies of a role together
	maxUserInlineSize    = 2048
	maxGroupInlineSize   = 5120
	maxManagedPolicySize = 6144
)

// policySize is the length of a document as quotas count it, without white space.
func policySize(document string) int {
	n := utf8.RuneCountInString(document)
	for _, blank := range []string{" ", "\t", "\r", "\n"} {
		n -= strings.Count(document, blank)
	}
	return n
}
