package awswire

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/tollbook/tollbook/awsapi"
)

// addTagKeys adds the condition keys of the tags that a request sets or removes: aws:RequestTag/… and aws:TagKeys.
func (x *exchange) addTagKeys(keys map[string][]string, r *awsapi.Request) {
	if !takesTags(x.operation.Name) {
		return
	}
	set := func(key, value string) {
		keys["aws:TagKeys"] = append(keys["aws:TagKeys"], key)
		keys["aws:RequestTag/"+key] = []string{value}
	}
	formTags(r, set)
	jsonTags(r.Body, set)
	keys["aws:TagKeys"] = append(keys["aws:TagKeys"], removedTags(r)...)
}

// takesTags tells whether an operation may set or remove tags, so that others' bodies are not read for them.
func takesTags(operation string) bool {
	for _, verb := range []string{"Create", "Generate", "Import", "PutMetricAlarm", "PutCompositeAlarm", "PutDestination", "Tag", "Untag"} {
		if strings.HasPrefix(operation, verb) {
			return true
		}
	}
	return false
}

// formTags are those of the Query protocol: Tags.member.1.Key=….
func formTags(r *awsapi.Request, set func(key, value string)) {
	for i := 1; ; i++ {
		at := "Tags.member." + strconv.Itoa(i)
		if !r.Form.Has(at + ".Key") {
			return
		}
		set(r.Form.Get(at+".Key"), r.Form.Get(at+".Value"))
	}
}

// jsonTags are those of JSON bodies, an object or a list. What is neither is for the operation to refuse.
func jsonTags(body []byte, set func(key, value string)) {
	var in struct {
		Tags json.RawMessage `json:"tags"` // or Tags: names in JSON are read in either case
	}
	if json.Unmarshal(body, &in) != nil {
		return
	}
	var object map[string]string
	if json.Unmarshal(in.Tags, &object) == nil {
		for key, value := range object {
			set(key, value)
		}
		return
	}
	var list []struct{ Key, Value string }
	if json.Unmarshal(in.Tags, &list) == nil {
		for _, tag := range list {
			set(tag.Key, tag.Value)
		}
	}
}

func removedTags(r *awsapi.Request) []string {
	removed := slices.Clone(r.Query["tagKeys"])
	for i := 1; r.Form.Has("TagKeys.member." + strconv.Itoa(i)); i++ {
		removed = append(removed, r.Form.Get("TagKeys.member."+strconv.Itoa(i)))
	}
	var in struct {
		TagKeys, Tags []string
	}
	if json.Unmarshal(r.Body, &in) == nil {
		removed = append(removed, append(in.TagKeys, in.Tags...)...) // UntagLogGroup calls them tags
	}
	return removed
}
