package apigateway

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tollbook/tollbook/awsapi/awsapigateway"
)

// minImportedKey is the least length of a key's value in a file, which is more than that of CreateApiKey.
const minImportedKey = 30

// importedKey is a line of a file of keys.
type importedKey struct {
	apiKeyRecord
	line  int
	plans []string
}

// ImportApiKeys makes keys from a CSV file. A key whose value is there already is overwritten. A line that cannot be used is
// left out with a warning, or fails the whole import if warnings are to do so.
func (s *Service) ImportApiKeys(ctx context.Context, in *awsapigateway.ImportApiKeysRequest) (*awsapigateway.ApiKeyIds, error) {
	list, warnings, err := parseKeyFile(in.Body)
	if err != nil {
		return nil, err
	}
	out := &awsapigateway.ApiKeyIds{Ids: []string{}}
	err = s.changeKeys(ctx, func(v view, c *changedKeys) error {
		for i := range list {
			wrong, err := v.importKey(&list[i], s, c)
			if err != nil {
				return err
			}
			warnings = append(warnings, wrong...)
			if list[i].ID != "" {
				out.Ids = append(out.Ids, list[i].ID)
			}
		}
		if len(warnings) > 0 && deref(in.FailOnWarnings) {
			return badRequest("Failed to import API keys: %s", strings.Join(warnings, "; "))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out.Warnings = nilIfEmpty(warnings)
	return out, nil
}

// parseKeyFile reads a file whose first line names the columns, in any order and case. Unknown columns do not matter.
func parseKeyFile(body []byte) (list []importedKey, warnings []string, err error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))))
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	names, err := r.Read()
	if err != nil {
		return nil, nil, badRequest("Invalid API key file: no line with the names of the columns")
	}
	columns := map[string]int{}
	for i, name := range names {
		columns[strings.ToLower(strings.TrimSpace(name))] = i
	}
	for _, required := range []string{"Name", "Key"} {
		if _, ok := columns[strings.ToLower(required)]; !ok {
			return nil, nil, badRequest("Invalid API key file: the column %s is missing", required)
		}
	}
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return list, warnings, nil
		}
		if err != nil {
			return nil, nil, badRequest("Invalid API key file: %v", err)
		}
		line, _ := r.FieldPos(0)
		k := readImportedKey(fields, columns, line)
		if err := k.check(minImportedKey); err != nil {
			warnings = append(warnings, fmt.Sprintf("line %d: %s", line, messageOf(err)))
			continue
		}
		list = append(list, k)
	}
}

func readImportedKey(fields []string, columns map[string]int, line int) importedKey {
	field := func(name string) string {
		if i, ok := columns[name]; ok && i < len(fields) {
			return strings.TrimSpace(fields[i])
		}
		return ""
	}
	k := importedKey{line: line}
	k.Name, k.HasName, k.Value, k.Description = field("name"), true, field("key"), field("description")
	k.Enabled = !strings.EqualFold(field("enabled"), "false")
	for id := range strings.SplitSeq(field("usageplanids"), ",") {
		if id = strings.TrimSpace(id); id != "" {
			k.plans = append(k.plans, id)
		}
	}
	return k
}

// importKey stores a key, over one of the same value, and puts it into its plans. What is wrong with a plan is a warning.
func (v view) importKey(k *importedKey, s *Service, c *changedKeys) (warnings []string, err error) {
	id, exists, err := lookup(v, apiKeyValues, "", k.Value)
	switch {
	case err != nil:
		return nil, err
	case exists:
		err = v.overwriteKey(id, k, s, c)
	default:
		err = v.insertKey(&k.apiKeyRecord, s.now(), c)
	}
	if err != nil {
		return nil, err
	}
	for _, planID := range k.plans {
		if slices.Contains(k.Plans, planID) {
			continue
		}
		if err := v.joinPlan(&k.apiKeyRecord, planID, s.now(), c); err != nil {
			if !isClientError(err) {
				return nil, err
			}
			warnings = append(warnings, fmt.Sprintf("line %d: %s", k.line, messageOf(err)))
		}
	}
	return warnings, nil
}

func (v view) overwriteKey(id string, k *importedKey, s *Service, c *changedKeys) error {
	old, err := v.apiKey(id)
	if err != nil {
		return err
	}
	old.Name, old.HasName, old.Description, old.Enabled = k.Name, true, k.Description, k.Enabled
	old.LastUpdatedDate = s.timestamp()
	k.apiKeyRecord = old
	c.key(id)
	return v.putKey(old)
}
