package apigateway

import (
	"slices"
	"strconv"
	"strings"
)

func restApiPatches() patchTable[restApiRecord] {
	type api = restApiRecord
	return plainTable(
		replaceRule("/name", patchAPIName),
		patchRule[api]{path: "/description", ops: []string{opAdd, opRemove, opReplace}, apply: patchAPIDescription},
		replaceRule("/apiKeySource", patchKeySource),
		setRule("/binaryMediaTypes", func(a *api) *[]string { return &a.BinaryMediaTypes }),
		replaceFlag("/disableExecuteApiEndpoint", func(a *api) *bool { return &a.DisableExecuteAPIEndpoint }),
		// Every op is let in here, since AWS words the refusal of the others differently for this path.
		patchRule[api]{path: "/endpointConfiguration/types/*", ops: anyOp(), apply: patchEndpointType},
		replaceRule("/endpointConfiguration/ipAddressType", patchAddressType),
		valueSetRule("/endpointConfiguration/vpcEndpointIds", func(a *api) *[]string { return &a.VPCEndpointIDs }),
		replaceRule("/endpointAccessMode", patchAccessMode),
		replaceRule("/minimumCompressionSize", patchCompressionSize),
		replaceText("/policy", func(a *api) *string { return &a.Policy }),
		replaceRule("/securityPolicy", patchSecurityPolicy),
	)
}

func anyOp() []string { return []string{opAdd, opRemove, opReplace, "move", opCopy, "test", ""} }

func patchAPIName(a *restApiRecord, op patchOp) error {
	if op.text() == "" {
		return badRequest("Name cannot be empty")
	}
	a.Name = op.text()
	return nil
}

func patchAPIDescription(a *restApiRecord, op patchOp) error {
	a.Description = op.text()
	if op.op == opRemove {
		a.Description = ""
	}
	return nil
}

func patchKeySource(a *restApiRecord, op patchOp) error {
	return assignOneOf(&a.APIKeySource, op, "apiKeySource", "HEADER", "AUTHORIZER")
}

func patchAccessMode(a *restApiRecord, op patchOp) error {
	return assignOneOf(&a.EndpointAccessMode, op, "endpointAccessMode", "BASIC", "STRICT")
}

func patchSecurityPolicy(a *restApiRecord, op patchOp) error {
	if !strings.HasPrefix(op.text(), "TLS_") && !strings.HasPrefix(op.text(), "SecurityPolicy_") {
		return badRequest("Invalid securityPolicy specified: %s", op.text())
	}
	a.SecurityPolicy = op.text()
	return nil
}

// assignOneOf stores the operation's value when it is one of valid.
func assignOneOf(field *string, op patchOp, name string, valid ...string) error {
	if !slices.Contains(valid, op.text()) {
		return badRequest("Invalid %s specified. Valid options are %s", name, strings.Join(valid, ","))
	}
	*field = op.text()
	return nil
}

// patchEndpointType changes the one endpoint type of an API. AWS names the old type, or its index, in the path.
func patchEndpointType(a *restApiRecord, op patchOp) error {
	switch op.op {
	case opReplace:
		return a.moveEndpoint(op.text())
	case opAdd:
		return a.addEndpoint(op)
	case opRemove:
		return errNoEndpointType() // there is never a second type that could stay
	default:
		return badRequest("Invalid patch operation specified. Must be 'add'|'remove'|'replace'")
	}
}

func (a *restApiRecord) addEndpoint(op patchOp) error {
	endpoint := op.last()
	if op.value != nil {
		endpoint = op.text()
	}
	if endpoint != a.EndpointType {
		return badRequest("Cannot create an api with multiple Endpoint Types.")
	}
	return nil
}

func (a *restApiRecord) moveEndpoint(endpoint string) error {
	if !slices.Contains([]string{endpointRegional, endpointEdge, endpointPrivate}, endpoint) {
		return badRequest("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE")
	}
	if endpoint == endpointPrivate {
		a.IPAddressType = dualstack // the only kind that private APIs have
	}
	a.EndpointType = endpoint
	return nil
}

func patchAddressType(a *restApiRecord, op patchOp) error {
	if op.text() != ipv4 && op.text() != dualstack {
		return badRequest("ipAddressType must be either ipv4 or dualstack.")
	}
	a.IPAddressType = op.text()
	return nil
}

// patchCompressionSize sets the size; no value switches compression off.
func patchCompressionSize(a *restApiRecord, op patchOp) error {
	if op.text() == "" {
		a.MinimumCompressionSize = nil
		return nil
	}
	n, err := strconv.ParseInt(op.text(), 10, 32)
	if err != nil {
		n = -1 // not a number is refused as out of range
	}
	a.MinimumCompressionSize = new(int32(n))
	return checkCompressionSize(a.MinimumCompressionSize)
}
