// The live preview: an entry rendered by the format that is being written, with the values of a real entry where one can
// be read back, else with those of a made-up request.
import { scanJSON } from './json';
import { kindOf, render } from './render';
import { tokenize, variablesOf } from './tokens';

export interface Preview {
  line: string;
  /** Variables whose values are made up, as the real entry does not hold them. */
  madeUp: string[];
}

/** What is known of a request, by the names of variables; an empty text is a value that was missing. */
export type KnownValues = ReadonlyMap<string, string>;

/** The sample: an ordinary request that went well. Variables that are not here print "-", as they mostly do. */
export const sample: KnownValues = new Map([
  ['accountId', '000000000000'], ['apiId', 'a1b2c3d4e5'], ['stage', 'prod'], ['deploymentId', 'd3p10y'],
  ['endpointType', 'EDGE'], ['domainName', 'a1b2c3d4e5.execute-api.us-east-1.amazonaws.com'], ['domainPrefix', 'a1b2c3d4e5'],
  ['requestId', '1aa0d9a8-3a34-4b68-9d6c-2f6f2b0a9a8e'], ['extendedRequestId', 'Vts2fFmArPEFh8g='],
  ['requestTime', '18/Apr/2026:23:05:24 +0000'], ['requestTimeEpoch', '1776553524321'],
  ['httpMethod', 'GET'], ['path', '/prod/notes/7'], ['resourcePath', '/notes/{id}'], ['resourceId', 'abc123'],
  ['protocol', 'HTTP/1.1'], ['status', '200'], ['responseLength', '26'], ['responseLatency', '12'],
  ['identity.sourceIp', '203.0.113.7'], ['identity.userAgent', 'curl/8.5.0'],
  ['integration.status', '200'], ['integration.integrationStatus', '200'], ['integrationStatus', '200'],
  ['integration.latency', '9'], ['integrationLatency', '9'], ['integration.responseTransferMode', 'BUFFERED'],
]);

/** Renders with the values of a real entry first, then with the sample's. */
export function preview(format: string, real?: KnownValues): Preview {
  const made = real ? variablesOf(format).filter((name) => !real.has(name) && sample.has(name)) : [];
  return { line: render(format, (name) => real?.get(name) ?? sample.get(name)), madeUp: made };
}

/** The longest entry that is read back. */
const maxEntry = 16 * 1024;

/** Reads an entry back by the JSON format that it was written with; undefined where it was written with another. */
export function readBack(format: string, entry: string): Map<string, string> | undefined {
  if (kindOf(format) !== 'JSON' || entry.length > maxEntry) {
    return undefined;
  }
  const { pattern, names } = patternOf(format);
  const found = pattern.exec(entry);
  if (!found) {
    return undefined;
  }
  return new Map(names.map((name, i) => [name, plain(name, found[i + 1]!)]));
}

function patternOf(format: string): { pattern: RegExp; names: string[] } {
  let state = { inString: false, escaped: false };
  const names: string[] = [];
  const source = tokenize(format.replace(/[\r\n]+$/, '')).map((t) => {
    if ('literal' in t) {
      state = scanJSON(t.literal, state);
      return t.literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    }
    names.push(t.name);
    return state.inString ? '((?:[^"\\\\]|\\\\.)*?)' : '("(?:[^"\\\\]|\\\\.)*"|[^\\s,}\\]"]+)';
  });
  return { pattern: new RegExp(`^${source.join('')}$`), names };
}

function plain(name: string, written: string): string {
  const text = unquote(written.startsWith('"') ? written : `"${written}"`);
  const value = name === 'error.messageString' ? text.replace(/^"(.*)"$/s, '$1') : text;
  return value === '-' ? '' : value;
}

function unquote(json: string): string {
  try {
    return String(JSON.parse(json));
  } catch {
    return json.slice(1, -1);
  }
}
