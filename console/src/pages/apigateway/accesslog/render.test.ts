import { describe, expect, test } from 'vitest';
import predefinedGo from '../../../../../accesslog/predefined.go?raw';
import variablesGo from '../../../../../accesslog/variables.go?raw';
import { predefined } from './predefined';
import { kindOf, render } from './render';
import { tokenize } from './tokens';
import { isVariable, numbers, variables } from './variables';

// What the server renders, section by section: the console's preview has to say the same.
const golden = import.meta.glob<string>('../../../../../accesslog/testdata/*.txtar', { query: '?raw', import: 'default', eager: true });

const stage = { accountId: '123456789012', apiId: 'a1b2c3d4e5', stage: 'prod', deploymentId: 'd3p10y', endpointType: 'EDGE' };
const ordinary: Record<string, string> = {
  ...stage, requestId: '1aa0d9a8-3a34-4b68-9d6c-2f6f2b0a9a8e', extendedRequestId: 'Vts2fFmArPEFh8g=',
  requestTime: '18/Apr/2024:23:05:24 +0000', requestTimeEpoch: '1713481524321', httpMethod: 'GET', path: '/prod/pets/7',
  protocol: 'HTTP/1.1', domainName: 'a1b2c3d4e5.execute-api.us-east-1.amazonaws.com', domainPrefix: 'a1b2c3d4e5',
  'identity.sourceIp': '203.0.113.7', 'identity.userAgent': 'curl/8.5.0', resourceId: 'abc123', resourcePath: '/pets/{id}',
  status: '200', responseLength: '26', responseLatency: '12', 'integration.status': '200', integrationStatus: '200',
  'integration.latency': '9', integrationLatency: '9', 'integration.responseTransferMode': 'BUFFERED',
};
const missing: Record<string, string> = { responseLength: '0', responseLatency: '0' };

describe("the server's golden files", () => {
  const files = Object.entries(golden);
  test('are there', () => expect(files.length).toBeGreaterThan(6));
  test.each(files)('%s', (_, archive) => {
    const sections = sectionsOf(archive);
    expect(render(sections.format!, (name) => ordinary[name])).toBe(sections.ordinary);
    expect(render(sections.format!, (name) => missing[name])).toBe(sections.missing);
  });
});

function sectionsOf(archive: string): Record<string, string> {
  const parts = archive.split(/^-- (\w+) --\n/m).slice(1);
  return Object.fromEntries(parts.flatMap((name, i) => (i % 2 === 0 ? [[name, parts[i + 1]!.replace(/\n$/, '')]] : [])));
}

test("the predefined formats are the server's", () => {
  for (const [name, format] of Object.entries(predefined)) {
    const source = new RegExp(`predefined${name} = ((?:\`[^\`]*\`[\\s+]*)+)`).exec(predefinedGo)![1]!;
    expect(format).toBe([...source.matchAll(/`([^`]*)`/g)].map((m) => m[1]).join(''));
    expect(kindOf(format)).toBe(name === 'CLF' ? 'text' : name);
  }
});

test("the variables are the server's", () => {
  const table = variablesGo.slice(variablesGo.indexOf('var variables'), variablesGo.indexOf('func later'));
  const go = [...table.matchAll(/^\t(\{name: |\w+\()("[\w.]+"|requestTime)/gm)].map((m) => ({
    name: (m[1] === 'clientCert(' ? 'identity.clientCert.' : '') + m[2]!.replaceAll('"', ''), number: m[1] === 'number(',
  }));
  expect(variables).toEqual(go.map((v) => v.name));
  expect([...numbers].sort()).toEqual(go.filter((v) => v.number).map((v) => v.name).sort());
});

describe('tokenize', () => {
  test.each([
    ['${context.stage}x', 'prodx'],
    ['${context.stage!', 'prod!'],
    ['$context.stage.', 'prod.'],
    ['$context.stage:$context.apiId', 'prod:a1b2c3d4e5'],
    ['$context.nosuch $context.routeKey', '- -'],
    ['$context.Stage', '-'],
    ['$context $context. ${context} $input.body $stageVariables.x $5', '$context $context. ${context} $input.body $stageVariables.x $5'],
    ['$context.authorizer.claims.cognito:username|', '-|'],
    ['$context.stage\n', 'prod'],
    ['a\nb\r\nc', 'a b c'],
  ])('%j', (format, want) => {
    expect(render(format, (name) => ordinary[name])).toBe(want);
  });
  test('keeps every character', () => {
    const format = 'a$context.stage.b ${context.path}} $context..x';
    const back = tokenize(format).map((t) => ('literal' in t ? t.literal : `<${t.name}>`)).join('');
    expect(back).toBe('a<stage.b> <path>} <.x>');
  });
});

describe('values cannot break out', () => {
  const nasty = '"},\\<script>&\n\t,\'';
  test.each([
    ['JSON', '{"p":"$context.path"}', '{"p":"\\"},\\\\<script>&\\n\\t,\'"}'],
    ['bare JSON', '{"p":$context.path}', '{"p":"\\"},\\\\<script>&\\n\\t,\'"}'],
    ['XML', '<p>$context.path</p>', '<p>&quot;},\\&lt;script&gt;&amp;&#10;&#9;,&apos;</p>'],
    ['CSV', '$context.stage,$context.path', 'prod,"""},\\<script>&  ,\'"'],
    ['text', '[$context.path]', '[\\"},\\\\<script>&\\n\\t,\']'],
  ])('%s', (_, format, want) => {
    expect(render(format, (name) => (name === 'path' ? nasty : ordinary[name]))).toBe(want);
  });
});

test('isVariable', () => {
  expect(['stage', 'authorizer.tenant', 'identity.sourceIp'].map(isVariable)).toEqual([true, true, true]);
  expect(['routeKey', 'Stage', 'identity'].map(isVariable)).toEqual([false, false, false]);
});
