import { expect, test } from 'vitest';
import { mapOf, rowsBelow, rowsOf, twice } from './rows';

test('maps and rows', () => {
  expect(rowsOf({ b: 2, a: 1 })).toEqual([{ name: 'a', value: 1 }, { name: 'b', value: 2 }]);
  expect(rowsOf(undefined)).toEqual([]);
  expect(mapOf([{ name: ' x ', value: '1' }, { name: '  ', value: '2' }], 'p.')).toEqual({ 'p.x': '1' });
  const map = { 'method.request.header.a': true, 'method.request.path.b': false };
  expect(rowsBelow(map, 'method.request.path.')).toEqual([{ name: 'b', value: false }]);
});

test('a name that is there twice', () => {
  expect(twice([{ name: 'a', value: 0 }, { name: 'b', value: 0 }, { name: '', value: 0 }, { name: '', value: 0 }])).toBeUndefined();
  expect(twice([{ name: 'a', value: 0 }, { name: 'b', value: 0 }, { name: 'a ', value: 0 }])).toBe('a');
});
