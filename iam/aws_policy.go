package iam

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// awsPolicyFile holds the policies that AWS manages. Names, paths and default versions are AWS'; documents are AWS' where
// they are short, else the part that concerns what Tollbook serves. Where AWS publishes no date for a version, it is the
// first day of its year.
//
//go:embed aws_policies.json
var awsPolicyFile []byte

// awsPolicies are AWS' managed policies, which every account sees and nobody can change. They are not kept in state, so
// a newer program brings newer ones. It is not changed after loading.
type awsPolicies struct {
	byARN  map[string]managedPolicy
	sorted []managedPolicy // by ARN
}

// loadAWSPolicies reads the embedded table; a table that cannot be read is a fault of the build.
func loadAWSPolicies() *awsPolicies {
	var entries []struct {
		Name, Path, Description string
		Version                 int
		Created, Updated        time.Time
		Document                json.RawMessage
	}
	if err := json.Unmarshal(awsPolicyFile, &entries); err != nil {
		panic(fmt.Sprintf("BUG: aws_policies.json: %v", err))
	}
	all := &awsPolicies{byARN: make(map[string]managedPolicy, len(entries))}
	for _, e := range entries {
		var document bytes.Buffer
		if err := json.Indent(&document, e.Document, "", "    "); err != nil {
			panic(fmt.Sprintf("BUG: aws_policies.json: %s: %v", e.Name, err))
		}
		p := managedPolicy{ARN: policyARN(awsOwner, e.Path, e.Name), Document: document.String(), policyRecord: policyRecord{
			Name: e.Name, Path: e.Path, Created: e.Created, Updated: e.Updated, Description: e.Description,
			Default: e.Version, Newest: e.Version,
		}}
		p.ID = fixedID(policyPrefix, p.ARN)
		all.byARN[p.ARN] = p
		all.sorted = append(all.sorted, p)
	}
	sortByARN(all.sorted)
	return all
}

func sortByARN(list []managedPolicy) {
	slices.SortFunc(list, func(a, b managedPolicy) int { return strings.Compare(a.ARN, b.ARN) })
}
