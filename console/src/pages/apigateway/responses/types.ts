// The gateway responses in the words of AWS' console, and when each is given.

const types: Record<string, [name: string, when: string]> = {
  ACCESS_DENIED: ['Access denied', 'An authorizer, IAM or the resource policy does not allow the request.'],
  API_CONFIGURATION_ERROR: ['API configuration error', 'The API is set up wrongly, such as an endpoint that is no URL.'],
  AUTHORIZER_CONFIGURATION_ERROR: ['Authorizer configuration error', 'The authorizer could not be called or its answer was malformed.'],
  AUTHORIZER_FAILURE: ['Authorizer failure', 'The authorizer could not decide.'],
  BAD_REQUEST_BODY: ['Bad request body', 'The body does not fit the model.'],
  BAD_REQUEST_PARAMETERS: ['Bad request parameters', 'A required parameter is missing.'],
  DEFAULT_4XX: ['Default 4XX', 'Every 4XX response that is not customized.'],
  DEFAULT_5XX: ['Default 5XX', 'Every 5XX response that is not customized.'],
  EXPIRED_TOKEN: ['Expired token', "The signature's security token has expired."],
  INTEGRATION_FAILURE: ['Integration failure', 'The endpoint could not be reached.'],
  INTEGRATION_TIMEOUT: ['Integration timeout', 'The endpoint did not answer in time.'],
  INVALID_API_KEY: ['Invalid API key', 'The method requires an API key and none that counts was sent.'],
  INVALID_SIGNATURE: ['Invalid signature', "The request's signature is wrong."],
  MISSING_AUTHENTICATION_TOKEN: ['Missing authentication token', 'No such method or resource, or a signature is missing.'],
  QUOTA_EXCEEDED: ['Quota exceeded', "The usage plan's quota is used up."],
  REQUEST_TOO_LARGE: ['Request too large', 'The request is larger than 10 MB.'],
  RESOURCE_NOT_FOUND: ['Resource not found', 'The resource is not there once the request is authorized.'],
  THROTTLED: ['Throttled', 'Requests come faster than a limit allows.'],
  UNAUTHORIZED: ['Unauthorized', 'The authorizer does not know the caller, or the token is missing.'],
  UNSUPPORTED_MEDIA_TYPE: ['Unsupported media type', 'No mapping template takes the content type.'],
  WAF_FILTERED: ['WAF filtered', 'A web application firewall refused the request; there is none here.'],
};

export function describe(responseType: string | undefined): { name: string; when: string } {
  const [name, when] = types[responseType ?? ''] ?? [responseType ?? '', ''];
  return { name, when };
}
