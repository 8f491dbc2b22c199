package apigateway

import "strconv"

// integrationPatches are the paths of an Integration; the type never changes.
func integrationPatches() patchTable[integrationRecord] {
	type integration = integrationRecord
	return plainTable(
		// AWS' table names the list, with the member as the value; clients such as Terraform name the member in the path.
		patchRule[integration]{"/cacheKeyParameters", []string{opAdd, opRemove, opReplace}, patchCacheKeys},
		setRule("/cacheKeyParameters", func(i *integration) *[]string { return &i.CacheKeyParameters }),
		replaceText("/cacheNamespace", func(i *integration) *string { return &i.CacheNamespace }),
		replaceText("/connectionId", func(i *integration) *string { return &i.ConnectionID }),
		replaceText("/connectionType", func(i *integration) *string { return &i.ConnectionType }),
		replaceText("/contentHandling", func(i *integration) *string { return &i.ContentHandling }),
		// AWS' table leaves credentials out, but the service takes them.
		replaceText("/credentials", func(i *integration) *string { return &i.Credentials }),
		replaceRule("/httpMethod", unlessMock(func(i *integration) *string { return &i.HTTPMethod })),
		replaceText("/integrationTarget", func(i *integration) *string { return &i.IntegrationTarget }),
		replaceText("/passthroughBehavior", func(i *integration) *string { return &i.PassthroughBehavior }),
		mapRule("/requestParameters", func(i *integration) *map[string]string { return &i.RequestParameters },
			textValue, errUnknownParameter),
		mapRule("/requestTemplates", func(i *integration) *map[string]string { return &i.RequestTemplates },
			textValue, errUnknownContentType),
		replaceRule("/responseTransferMode", func(_ *integration, op patchOp) error {
			return checkTransferMode(op.text())
		}),
		replaceRule("/timeoutInMillis", patchTimeout),
		replaceRule("/tlsConfig/insecureSkipVerification", func(i *integration, op patchOp) error {
			i.TLSConfigSet, i.InsecureSkipVerification = true, op.flag()
			return nil
		}),
		replaceRule("/uri", unlessMock(func(i *integration) *string { return &i.URI })),
	)
}

// patchCacheKeys adds or removes the parameter that the value names, or makes it the only one.
func patchCacheKeys(i *integrationRecord, op patchOp) error {
	switch op.op {
	case opAdd:
		i.CacheKeyParameters = withMember(i.CacheKeyParameters, op.text())
	case opRemove:
		i.CacheKeyParameters = withoutMember(i.CacheKeyParameters, op.text())
	default:
		i.CacheKeyParameters = []string{op.text()}
	}
	return nil
}

// unlessMock stores the value, except in a MOCK integration, which has neither address nor method.
func unlessMock(field func(*integrationRecord) *string) func(*integrationRecord, patchOp) error {
	return func(i *integrationRecord, op patchOp) error {
		if i.Type == typeMock {
			return badRequest("Invalid patch path %s", op.path)
		}
		*field(i) = op.text()
		return nil
	}
}

// patchTimeout stores the number; the check of the whole integration bounds it.
func patchTimeout(i *integrationRecord, op patchOp) error {
	n, err := strconv.ParseInt(op.text(), 10, 32)
	if err != nil {
		n = 0 // not a number is refused as out of range
	}
	i.TimeoutInMillis = int32(n)
	return nil
}
