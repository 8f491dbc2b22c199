import { describe, expect, test } from 'vitest';
import { executionOf, hasMetrics, readEntry, requestLine, statusOf, storyOf, type Line, type StageOfApi } from './story';
import { requestIdOf } from './requestId';

const id = '1aa0d9a8-3a34-4b68-9d6c-2f6f2b0a9a8e';
const at = 1_713_481_524_000;
const clf = '$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime]"$context.httpMethod $context.resourcePath $context.protocol" $context.status $context.responseLength $context.requestId $context.extendedRequestId';
const json = '{"id":"$context.requestId","s":$context.status,"ms":$context.responseLatency,"back":"$context.integrationLatency","ip":"$context.identity.sourceIp","m":"$context.httpMethod","p":"$context.path","e":"$context.error.message"}';

function stage(stageName: string, format: string, more = {}): StageOfApi {
  const accessLogSettings = { destinationArn: 'arn:aws:logs:us-east-1:000000000000:log-group:shared', format };
  return { apiId: 'api1', apiName: 'Nötes', metricName: 'Ntes', stage: { stageName, accessLogSettings, ...more } };
}
const line = (group: string, timestamp: number, message: string): Line => ({ group, stream: 's', timestamp, id: String(timestamp), message });
const executed = [
  line('API-Gateway-Execution-Logs_other/prod', at, `(${id}) of another API`),
  line('API-Gateway-Execution-Logs_api1/prod', at + 1, `(${id}) Extended Request Id: x`),
  line('API-Gateway-Execution-Logs_api1/prod', at + 2, `(another) Endpoint request headers: {X=${id}}`),
  line('API-Gateway-Execution-Logs_api1/prod', at + 3, `(${id}) HTTP Method: GET, Resource Path: /pets`),
  line('API-Gateway-Execution-Logs_api1/prod', at + 5, `(${id}) Sending request to http://x/pets`),
  line('API-Gateway-Execution-Logs_api1/prod', at + 40, `(${id}) Received response. Status: 404, Integration latency: 34 ms`),
  line('API-Gateway-Execution-Logs_api1/prod', at + 41, `(${id}) Method completed with status: 404`),
];

describe('a story', () => {
  test('of an entry in a JSON format with names of its own, and an execution log', () => {
    const entry = line('shared', at + 42, `{"id":"${id}","s":404,"ms":42,"back":"34","ip":"203.0.113.7","m":"GET","p":"/prod/pets","e":"say \\"no\\""}`);
    const story = storyOf(id, [stage('beta', clf), stage('prod', json)], [entry], executed);
    expect(story.of?.stage.stageName).toBe('prod');
    expect(story.timeline.map((h) => [h.after, h.source, h.text])).toEqual([
      [0, 'access', 'Request arrived from 203.0.113.7'],
      [1, 'execution', 'Extended Request Id: x'],
      [3, 'execution', 'HTTP Method: GET, Resource Path: /pets'],
      [5, 'execution', 'Sending request to http://x/pets'],
      [40, 'execution', 'Received response. Status: 404, Integration latency: 34 ms'],
      [41, 'execution', 'Method completed with status: 404'],
      [42, 'access', 'Answered 404; the back end took 34 ms of 42 ms; say "no"'],
    ]);
    expect(story.timing).toEqual({ total: 42, backEnd: 34, before: 5 });
    expect(requestLine(story)).toBe('GET /prod/pets');
    expect(story.counted).toEqual({
      minute: Math.floor(at / 60_000) * 60_000,
      dimensions: [{ ApiName: 'Ntes' }, { ApiName: 'Ntes', Stage: 'prod' }],
      values: { Count: 1, '4XXError': 1, '5XXError': 0, Latency: 42, IntegrationLatency: 34 },
    });
  });

  test('of the common log format, which tells no latency', () => {
    const entry = line('shared', at + 42, `203.0.113.7 - - [18/Apr/2024:23:05:24 +0000]"GET /pets HTTP/1.1" 500 26 ${id} Vts2fFmArPEFh8g=`);
    const story = storyOf(id, [stage('prod', clf)], [entry], []);
    expect(story.timeline.map((h) => h.text)).toEqual(['Answered 500, 26 bytes']);
    expect(story.timing).toBeUndefined();
    expect(story.counted?.values).toEqual({ Count: 1, '4XXError': 0, '5XXError': 1 });
  });

  test('of an execution log alone', () => {
    const story = storyOf(id, [stage('prod', clf)], [], executed.slice(1));
    expect(story.entry).toBeUndefined();
    expect(statusOf(story)).toBe(404);
    expect(requestLine(story)).toBe('GET /pets');
    expect(story.timeline.map((h) => h.after)).toEqual([0, 2, 4, 39, 40]);
    expect(story.counted?.values).toMatchObject({ Count: 1, '4XXError': 1, IntegrationLatency: 34 });
  });

  test('of two stages that share format and group, told by the stage', () => {
    const format = '$context.stage $context.requestId $context.status';
    const story = storyOf(id, [stage('beta', format), stage('prod', format)], [line('shared', at, `prod ${id} 200`)], []);
    expect(story.of?.stage.stageName).toBe('prod');
  });

  test('of a stage that is gone, where another entry only mentions the request', () => {
    const entries = [line('old', at, `{"requestId":"x","userAgent":"${id}"}`), line('old', at, `{"requestId":"${id}","status":200,"ip":"-"}`)];
    const story = storyOf(id, [], entries, []);
    expect(story.entry).toBe(entries[1]);
    expect(statusOf(story)).toBe(200);
    expect(story.counted).toBeUndefined();
  });

  test('of nothing', () => {
    expect(storyOf(id, [stage('prod', clf)], [], []).timeline).toEqual([]);
  });
});

test('an entry of another format does not fit', () => {
  expect(readEntry('$context.requestId $context.status', 'one')).toBeUndefined();
  expect(readEntry('[$context.requestId] $context.status\n', '[a b] -')).toEqual(new Map([['requestId', 'a b']]));
});

test('execution log groups', () => {
  expect(executionOf('API-Gateway-Execution-Logs_a1/prod/Canary')).toEqual({ apiId: 'a1', stageName: 'prod' });
  expect(executionOf('API-Gateway-Access-Logs_a1/prod')).toBeUndefined();
});

test('detailed metrics by the own settings of a method, else by those of all', () => {
  const s = { methodSettings: { '*/*': { metricsEnabled: true }, '~1/GET': {}, 'a~1b/GET': {}, 'c/POST': {} } };
  expect([hasMetrics(s, '/', 'GET'), hasMetrics(s, '/a/b', 'GET'), hasMetrics(s, '/a/b', 'POST'), hasMetrics(s, '/c', 'POST'), hasMetrics({}, '/', 'GET')]).toEqual([false, false, true, false, false]);
});

test.each([
  [{ requestId: 'req-12345', x: id }, '', 'req-12345'],
  [{ extendedRequestId: 'Vts2fFmArPEFh8g=', call: id }, '', id],
  [{ '@requestId': 'lambda-id' }, '', 'lambda-id'],
  [{}, `(${id}) Starting execution`, id],
  [{ status: '200' }, 'a line', undefined],
])('the request of %j %j', (fields, message, want) => {
  expect(requestIdOf(new Map(Object.entries(fields)), message)).toBe(want);
});
