package apigateway

import (
	"strings"
	"unicode/utf8"

	"github.com/tollbook/tollbook/iam/policy"
)

// maxPolicySize is AWS' limit on an API's resource policy, in characters.
const maxPolicySize = 8192

// resourcePolicy checks the policy of an API and completes its short resource names, execute-api:/{stage}/{METHOD}/{path}.
// "" is no policy.
func (v view) resourcePolicy(apiID, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	if utf8.RuneCountInString(text) > maxPolicySize {
		return "", badRequest("Invalid policy document. The policy is larger than %d characters.", maxPolicySize)
	}
	doc, err := policy.Parse(text)
	if err == nil {
		err = policy.ValidateResource(doc)
	}
	if err != nil {
		return "", badRequest("Invalid policy document. Please check the policy syntax and ensure that Principals are valid.")
	}
	full := `"arn:aws:execute-api:` + v.region + ":" + v.accountID + ":" + apiID + "/"
	return strings.ReplaceAll(text, `"execute-api:/`, full), nil
}

// escapeQuotes is how AWS shows a policy: as the inside of a JSON string.
func escapeQuotes(policy string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(policy)
}
