// How API Gateway names Lambda functions: an ARN of its own around the function's.

const uriForm = /^arn:aws[a-z-]*:apigateway:[^:]*:lambda:path\/[\d-]+\/functions\/(.+)\/invocations$/;

/**
 * The URI by which an integration or an authorizer calls a function.
 * @param named a function's name or ARN, which may hold ${stageVariables.x}; a whole URI stays as it is
 */
export function lambdaURI(named: string, at: { region: string; accountId: string }): string {
  if (uriForm.test(named)) {
    return named;
  }
  const arn = named.startsWith('arn:') ? named : `arn:aws:lambda:${at.region}:${at.accountId}:function:${named}`;
  return `arn:aws:apigateway:${/^arn:[^:]*:lambda:([^:]+):/.exec(arn)?.[1] ?? at.region}:lambda:path/2015-03-31/functions/${arn}/invocations`;
}

/** The function's ARN in such a URI; undefined for any other. */
export function functionOf(uri: string | undefined): string | undefined {
  return uriForm.exec(uri ?? '')?.[1];
}

/** A function's name as a person says it, from its ARN. */
export function functionName(arn: string): string {
  return /:function:(.+)$/.exec(arn)?.[1] ?? arn;
}
