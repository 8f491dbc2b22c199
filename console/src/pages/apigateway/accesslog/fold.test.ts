import { describe, expect, test } from 'vitest';
import { fold } from './fold';

const guide = `{ "requestId":"$context.requestId",
  "ip": "$context.identity.sourceIp",
  "caller":"$context.identity.caller",
  "user":"$context.identity.user",
  "requestTime":"$context.requestTime",
  "httpMethod":"$context.httpMethod",
  "resourcePath":"$context.resourcePath",
  "status":"$context.status",
  "protocol":"$context.protocol",
  "responseLength":"$context.responseLength"
}
`;
const oneLine =
  '{ "requestId":"$context.requestId", "ip": "$context.identity.sourceIp", "caller":"$context.identity.caller", ' +
  '"user":"$context.identity.user", "requestTime":"$context.requestTime", "httpMethod":"$context.httpMethod", ' +
  '"resourcePath":"$context.resourcePath", "status":"$context.status", "protocol":"$context.protocol", ' +
  '"responseLength":"$context.responseLength" }';

describe('fold', () => {
  test.each([
    ["the guide's", guide, oneLine],
    ['with DOS line ends', guide.replaceAll('\n', '\r\n'), oneLine],
    ['with backslashes', guide.replaceAll(',\n', ', \\\n'), oneLine],
    ['one line', '  $context.requestId  x \n', '$context.requestId  x'],
    ['inside a string', '{"a":"b  \\\\ c",\n"d":"e\n  f"}', '{"a":"b  \\\\ c", "d":"e   f"}'],
    ['CSV', '$context.requestId,\\\n$context.stage,\n$context.status', '$context.requestId,$context.stage,$context.status'],
    ['CLF', '$context.requestId \\\n  [$context.requestTime] \\\n$context.status', '$context.requestId [$context.requestTime] $context.status'],
    ['XML', '<a> \\\n  <b>$context.requestId</b> \\\n</a>', '<a> <b>$context.requestId</b> </a>'],
    ['blank lines', '{\n\n"a":1\n\n}', '{ "a":1 }'],
    ['nothing', ' \n ', ''],
  ])('%s', (_, text, want) => {
    expect(fold(text)).toBe(want);
    expect(fold(fold(text))).toBe(want);
  });
});
