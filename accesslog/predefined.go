package accesslog

// The formats that the console of API Gateway offers for REST APIs, byte for byte as AWS documents them.
const (
	predefinedCLF = `$context.identity.sourceIp $context.identity.caller $context.identity.user ` +
		`[$context.requestTime]"$context.httpMethod $context.resourcePath $context.protocol" $context.status ` +
		`$context.responseLength $context.requestId $context.extendedRequestId`

	predefinedJSON = `{ "requestId":"$context.requestId", "extendedRequestId":"$context.extendedRequestId",` +
		`"ip": "$context.identity.sourceIp", "caller":"$context.identity.caller", "user":"$context.identity.user", ` +
		`"requestTime":"$context.requestTime", "httpMethod":"$context.httpMethod", ` +
		`"resourcePath":"$context.resourcePath", "status":"$context.status", "protocol":"$context.protocol", ` +
		`"responseLength":"$context.responseLength" }`

	predefinedXML = `<request id="$context.requestId"> ` +
		`<extendedRequestId>$context.extendedRequestId</extendedRequestId> <ip>$context.identity.sourceIp</ip> ` +
		`<caller>$context.identity.caller</caller> <user>$context.identity.user</user> ` +
		`<requestTime>$context.requestTime</requestTime> <httpMethod>$context.httpMethod</httpMethod> ` +
		`<resourcePath>$context.resourcePath</resourcePath> <status>$context.status</status> ` +
		`<protocol>$context.protocol</protocol> <responseLength>$context.responseLength</responseLength> </request>`

	predefinedCSV = `$context.identity.sourceIp,$context.identity.caller,$context.identity.user,` +
		`$context.requestTime,$context.httpMethod,$context.resourcePath,$context.protocol,$context.status,` +
		`$context.responseLength,$context.requestId,$context.extendedRequestId`
)

// Predefined returns the format that AWS' console inserts for a REST API by the name json, clf, xml or csv, and the
// empty string for any other name.
func Predefined(name string) string {
	switch name {
	case "clf":
		return predefinedCLF
	case "json":
		return predefinedJSON
	case "xml":
		return predefinedXML
	case "csv":
		return predefinedCSV
	}
	return ""
}
