import { describe, expect, test } from 'vitest';
import { classOf, find, meaningOf, milliseconds, parseEntry, parseMessage, pretty } from './entry';

const fieldsOf = (line: string) => Object.fromEntries(parseMessage(line).fields);

describe('formats', () => {
  const values = {
    ip: '203.0.113.7', caller: '-', user: '-', requestTime: '23/Nov/2026:14:00:00 +0000', httpMethod: 'GET', resourcePath: '/notes/{id}',
    status: '200', protocol: 'HTTP/1.1', responseLength: '28', requestId: 'r-1', extendedRequestId: 'x=',
  };
  test.each([
    ['json', JSON.stringify(values)],
    ['clf', '203.0.113.7 - - [23/Nov/2026:14:00:00 +0000]"GET /notes/{id} HTTP/1.1" 200 28 r-1 x='],
    ['csv', '203.0.113.7,-,-,23/Nov/2026:14:00:00 +0000,GET,/notes/{id},HTTP/1.1,200,28,r-1,x='],
    ['xml', '<request id="r-1"> <extendedRequestId>x=</extendedRequestId> <ip>203.0.113.7</ip> <caller>-</caller> <user>-</user> <requestTime>23/Nov/2026:14:00:00 +0000</requestTime> <httpMethod>GET</httpMethod> <resourcePath>/notes/{id}</resourcePath> <status>200</status> <protocol>HTTP/1.1</protocol> <responseLength>28</responseLength> </request>'],
  ])("API Gateway's %s gives the same fields", (format, line) => {
    expect(parseMessage(line).format).toBe(format);
    expect(fieldsOf(line)).toEqual(values);
  });

  test('a combined log line of a web server', () => {
    const line = '83.149.9.216 - - [17/May/2015:10:05:03 +0000] "GET /a?b=c HTTP/1.1" 200 203023 "http://example.com/" "Mozilla/5.0 (X \\" Y)"';
    expect(fieldsOf(line)).toMatchObject({ resourcePath: '/a?b=c', status: '200', referer: 'http://example.com/', userAgent: 'Mozilla/5.0 (X \\" Y)' });
  });

  test('a request line that is no request keeps the rest', () => {
    expect(fieldsOf('1.2.3.4 - - [17/May/2015:10:05:03 +0000] "-" 400 0')).toMatchObject({ ip: '1.2.3.4', status: '400', httpMethod: '' });
  });

  test('nested JSON is named with dots, as Logs Insights does', () => {
    expect(fieldsOf('{"a":{"b":[1,{"c":null}]},"d":true}')).toEqual({ 'a.b.0': '1', 'a.b.1.c': 'null', d: 'true' });
  });

  test('quoted CSV of unknown columns is numbered', () => {
    expect(fieldsOf('a,"b, ""c""",d,e,f')).toEqual({ column1: 'a', column2: 'b, "c"', column3: 'd', column4: 'e', column5: 'f' });
  });

  test.each(['', 'plain text', '{"torn":', '<a>b', 'one, two', '[1,2]'])('%j is text', (line) => {
    expect(parseMessage(line)).toEqual({ format: 'text', fields: new Map() });
  });

  test('a hostile object has a bounded number of fields', () => {
    const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, i])));
    expect(parseMessage(wide).fields.size).toBe(200);
  });
});

describe('meanings', () => {
  test('by any usual name', () => {
    expect(['status', 'httpMethod', 'resourcePath', 'sourceIp', 'responseLatency', 'color'].map(meaningOf)).toEqual(
      ['status', 'method', 'path', 'ip', 'latency', undefined],
    );
  });

  test('the most telling name wins, empty values never', () => {
    expect(find(new Map([['resourcePath', '/a/{id}'], ['path', '/prod/a/1']]), 'path')?.name).toBe('path');
    expect(find(new Map([['resourcePath', '/a/{id}'], ['path', '-']]), 'path')?.name).toBe('resourcePath');
    expect(find(new Map([['color', 'red']]), 'path')).toBeUndefined();
  });

  test('status classes', () => {
    expect(['200', '304', '404', '502', '101', '99', 'x', undefined].map(classOf)).toEqual(['2xx', '3xx', '4xx', '5xx', 'other', 'other', 'other', 'other']);
    expect(parseEntry({ key: 'k', stream: 's', timestamp: 1, ingestionTime: 2, message: '{"status":503}' }).statusClass).toBe('5xx');
  });

  test('latency in milliseconds', () => {
    expect(milliseconds('latency', '12')).toBe(12);
    expect(milliseconds('request_time', '0.25')).toBe(250);
    expect(milliseconds('latency', '-')).toBeUndefined();
    expect(milliseconds('latency', '')).toBeUndefined();
  });
});

test('pretty leaves what is not JSON as it is', () => {
  expect(pretty('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(pretty('a b')).toBe('a b');
});
