import { expect, test } from 'vitest';
import { freeName, rowsOf, sourceArn, type Deliveries } from './deliveries';

const at = { region: 'us-east-1', accountId: '000000000000', apiId: 'abcdef1234', stageName: 'prod' };
const destination = (name: string, group: string, outputFormat: 'json' | 'plain') => ({
  name, arn: `arn:aws:logs:us-east-1:000000000000:delivery-destination:${name}`, outputFormat,
  deliveryDestinationConfiguration: { destinationResourceArn: `arn:aws:logs:us-east-1:000000000000:log-group:${group}` },
});
const delivery = (id: string, source: string, to: string) => ({
  id, deliverySourceName: source, deliveryDestinationArn: `arn:aws:logs:us-east-1:000000000000:delivery-destination:${to}`, recordFields: ['payload'], fieldDelimiter: '\t',
});

test('a stage has the deliveries of its source alone, by log group', () => {
  const all: Deliveries = {
    sources: [{ name: 'mine', resourceArns: [sourceArn(at)] }, { name: 'other', resourceArns: [sourceArn({ ...at, stageName: 'test' })] }],
    destinations: [destination('z', '/z', 'plain'), destination('a', '/a', 'json')],
    deliveries: [delivery('1', 'mine', 'z'), delivery('2', 'other', 'z'), delivery('3', 'mine', 'a')],
  };
  expect(rowsOf(all, at)).toEqual([
    { id: '3', group: '/a', format: 'json', fields: ['payload'], delimiter: '\t', source: 'mine', destination: 'a' },
    { id: '1', group: '/z', format: 'plain', fields: ['payload'], delimiter: '\t', source: 'mine', destination: 'z' },
  ]);
  expect(rowsOf(all, { ...at, apiId: 'zzzzzz' })).toEqual([]);
});

test('a delivery whose destination is gone is shown all the same', () => {
  const [row] = rowsOf({ sources: [{ name: 'mine', resourceArns: [sourceArn(at)] }], destinations: [], deliveries: [delivery('1', 'mine', 'gone')] }, at);
  expect(row).toMatchObject({ id: '1', group: '', destination: '' });
});

test('names fit AWS and differ', () => {
  expect(freeName('aws/vendedlogs/x.y json', [])).toBe('aws-vendedlogs-x-y-json');
  expect(freeName('a', ['a', 'a-2'])).toBe('a-3');
  const long = 'x'.repeat(512);
  expect(freeName(long, [freeName(long, [])])).toMatch(/^[\w-]{1,60}$/);
});
