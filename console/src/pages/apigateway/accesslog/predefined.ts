// The formats behind the buttons CLF, JSON, XML and CSV, byte for byte as AWS documents them and as
// accesslog/predefined.go has them (a test compares).

export type PredefinedName = 'CLF' | 'JSON' | 'XML' | 'CSV';

const clf =
  '$context.identity.sourceIp $context.identity.caller $context.identity.user ' +
  '[$context.requestTime]"$context.httpMethod $context.resourcePath $context.protocol" $context.status ' +
  '$context.responseLength $context.requestId $context.extendedRequestId';

const json =
  '{ "requestId":"$context.requestId", "extendedRequestId":"$context.extendedRequestId",' +
  '"ip": "$context.identity.sourceIp", "caller":"$context.identity.caller", "user":"$context.identity.user", ' +
  '"requestTime":"$context.requestTime", "httpMethod":"$context.httpMethod", ' +
  '"resourcePath":"$context.resourcePath", "status":"$context.status", "protocol":"$context.protocol", ' +
  '"responseLength":"$context.responseLength" }';

const xml =
  '<request id="$context.requestId"> ' +
  '<extendedRequestId>$context.extendedRequestId</extendedRequestId> <ip>$context.identity.sourceIp</ip> ' +
  '<caller>$context.identity.caller</caller> <user>$context.identity.user</user> ' +
  '<requestTime>$context.requestTime</requestTime> <httpMethod>$context.httpMethod</httpMethod> ' +
  '<resourcePath>$context.resourcePath</resourcePath> <status>$context.status</status> ' +
  '<protocol>$context.protocol</protocol> <responseLength>$context.responseLength</responseLength> </request>';

const csv =
  '$context.identity.sourceIp,$context.identity.caller,$context.identity.user,' +
  '$context.requestTime,$context.httpMethod,$context.resourcePath,$context.protocol,$context.status,' +
  '$context.responseLength,$context.requestId,$context.extendedRequestId';

export const predefined: Readonly<Record<PredefinedName, string>> = { CLF: clf, JSON: json, XML: xml, CSV: csv };
