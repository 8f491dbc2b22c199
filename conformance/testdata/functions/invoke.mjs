// A small Invoke endpoint for one Lambda function in Node: POST /2015-03-31/functions/{name}/invocations calls the handler
// of the module that the command line names. Prints its address once it listens.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const { handler } = await import(pathToFileURL(resolve(process.argv[2])));

async function invoke(name, payload) {
  try {
    const result = await handler(JSON.parse(payload), { functionName: name, awsRequestId: randomUUID() });
    return { headers: {}, body: JSON.stringify(result ?? null) };
  } catch (error) {
    return {
      headers: { 'X-Amz-Function-Error': 'Unhandled' },
      body: JSON.stringify({ errorType: error.name, errorMessage: error.message }),
    };
  }
}

const server = createServer(async (request, response) => {
  const match = /^\/2015-03-31\/functions\/([^/]+)\/invocations/.exec(request.url);
  if (request.method !== 'POST' || !match) {
    response.writeHead(404).end('{"Message":"not an invocation"}');
    return;
  }
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { headers, body } = await invoke(decodeURIComponent(match[1]), Buffer.concat(chunks).toString());
  response.writeHead(200, { 'Content-Type': 'application/json', 'x-amzn-RequestId': randomUUID(), ...headers }).end(body);
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
