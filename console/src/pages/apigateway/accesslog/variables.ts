// The $context variables of REST APIs, as AWS documents them and as accesslog/variables.go knows them (a test compares).

/** Names without "$context.", in AWS' order. */
export const variables: readonly string[] = [
  'accountId', 'apiId', 'authorize.error', 'authorize.latency', 'authorize.status', 'authorizer.claims',
  'authorizer.error', 'authorizer.integrationLatency', 'authorizer.integrationStatus', 'authorizer.latency',
  'authorizer.principalId', 'authorizer.requestId', 'authorizer.status', 'authenticate.error',
  'authenticate.latency', 'authenticate.status', 'awsEndpointRequestId', 'cipherSuite',
  'customDomain.basePathMatched', 'customDomain.routingRuleIdMatched', 'deploymentId', 'domainName', 'domainPrefix',
  'endpointType', 'error.message', 'error.messageString', 'error.responseType', 'error.validationErrorString',
  'extendedRequestId', 'httpMethod', 'identity.accountId', 'identity.apiKey', 'identity.apiKeyId', 'identity.caller',
  'identity.cognitoAuthenticationProvider', 'identity.cognitoAuthenticationType', 'identity.cognitoIdentityId',
  'identity.cognitoIdentityPoolId', 'identity.principalOrgId', 'identity.sourceIp',
  'identity.clientCert.clientCertPem', 'identity.clientCert.subjectDN', 'identity.clientCert.issuerDN',
  'identity.clientCert.serialNumber', 'identity.clientCert.validity.notBefore',
  'identity.clientCert.validity.notAfter', 'identity.vpcId', 'identity.vpceId', 'identity.user',
  'identity.userAgent', 'identity.userArn', 'integration.error', 'integration.integrationStatus',
  'integration.latency', 'integration.requestId', 'integration.responseTransferMode', 'integration.status',
  'integration.timeToAllHeaders', 'integration.timeToFirstContent', 'integrationErrorMessage', 'integrationLatency',
  'integrationStatus', 'isCanaryRequest', 'path', 'protocol', 'requestId', 'responseLatency', 'responseLength',
  'responseOverride.status', 'requestTime', 'requestTimeEpoch', 'resourceId', 'resourcePath', 'stage', 'status',
  'tlsVersion', 'waf.error', 'waf.latency', 'waf.status', 'wafResponseCode', 'webaclArn', 'xrayTraceId',
];

/** Below these prefixes names are free: an authorizer's own keys, claims, template overrides. */
export const openFamilies: readonly string[] = ['authorizer.', 'requestOverride.', 'responseOverride.'];

/** Those that print a number, which JSON may hold without quotation marks. */
export const numbers: ReadonlySet<string> = new Set([
  'authenticate.latency', 'authenticate.status', 'authorize.latency', 'authorize.status', 'authorizer.integrationLatency',
  'authorizer.integrationStatus', 'authorizer.latency', 'authorizer.status', 'integration.integrationStatus', 'integration.latency',
  'integration.status', 'integrationLatency', 'integrationStatus', 'requestTimeEpoch', 'responseLatency', 'responseLength',
  'responseOverride.status', 'status',
]);

const names = new Set(variables);

/** Whether the variable exists; AWS stores a format with another name too and prints "-" for it. */
export function isVariable(name: string): boolean {
  return names.has(name) || openFamilies.some((prefix) => name.startsWith(prefix));
}
