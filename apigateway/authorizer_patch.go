package apigateway

import "strconv"

func authorizerPatches() patchTable[authorizerRecord] {
	type authorizer = authorizerRecord
	return plainTable(
		replaceText("/authorizerUri", func(a *authorizer) *string { return &a.URI }),
		replaceText("/authorizerCredentials", func(a *authorizer) *string { return &a.Credentials }),
		replaceRule("/authorizerResultTtlInSeconds", patchAuthorizerTTL),
		replaceText("/authType", func(a *authorizer) *string { return &a.AuthType }),
		patchRule[authorizer]{path: "/identitySource", ops: []string{opAdd, opReplace, opRemove}, apply: patchIdentitySource},
		replaceText("/identityValidationExpression", func(a *authorizer) *string { return &a.IdentityValidation }),
		replaceText("/name", func(a *authorizer) *string { return &a.Name }),
		valueSetRule("/providerARNs", func(a *authorizer) *[]string { return &a.ProviderARNs }),
		replaceText("/type", func(a *authorizer) *string { return &a.Type }),
	)
}

func patchAuthorizerTTL(a *authorizerRecord, op patchOp) error {
	n, err := strconv.ParseInt(op.text(), 10, 32)
	if err != nil {
		n = -1 // not a number is refused as out of range
	}
	a.TTLInSeconds = new(int32(n))
	return nil
}

func patchIdentitySource(a *authorizerRecord, op patchOp) error {
	a.IdentitySource = op.text()
	if op.op == opRemove {
		a.IdentitySource = ""
	}
	return nil
}
