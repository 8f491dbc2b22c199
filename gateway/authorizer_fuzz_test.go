package gateway_test

import (
	"testing"

	"github.com/tollbook/tollbook/gateway"
)

// What functions and issuers send is read without a fault, and into memory in proportion.
func FuzzAuthorizerInput(f *testing.F) {
	f.Add([]byte(grantFor("p", "Allow", "*")))
	f.Add([]byte(`{"iss":"x","aud":["a"],"exp":1e9,"iat":"1","scope":"a b","cognito:groups":[["x"],{"y":1}],"nbf":-1}`))
	f.Add([]byte(`{"principalId":"p","policyDocument":{"Statement":{"Effect":"Allow","Action":[],"NotResource":null}},"context":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		limit := 4096 + 400*len(data)
		if n, err := gateway.ParseGrant(data); err == nil && n > limit {
			t.Errorf("a grant of %d bytes from %d", n, len(data))
		}
		if n, err := gateway.ParseClaims(data); err == nil && n > limit {
			t.Errorf("a token of %d bytes from %d", n, len(data))
		}
	})
}
