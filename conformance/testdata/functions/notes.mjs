// A Lambda function in Node, as one would upload it: it answers for a REST API's AWS_PROXY integration.
export async function handler(event, context) {
  const note = event.pathParameters?.id;
  if (note === 'throw') {
    throw new TypeError('this note cannot be read');
  }
  if (note === 'malformed') {
    return { status: 200 };
  }
  if (note === 'picture') {
    return {
      statusCode: 200,
      headers: { 'Content-Type': 'image/png' },
      body: Buffer.from([0x89, 0x50, 0x4e, 0x47]).toString('base64'),
      isBase64Encoded: true,
    };
  }
  return {
    statusCode: 201,
    headers: { 'X-Function': context.functionName, 'X-Count': 2 },
    multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
    body: JSON.stringify({
      note,
      method: event.httpMethod,
      query: event.multiValueQueryStringParameters,
      sent: event.body,
      stage: event.requestContext.stage,
      variable: event.stageVariables?.greeting ?? null,
    }),
  };
}
