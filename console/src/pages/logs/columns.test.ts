import { expect, test } from 'vitest';
import { columnsOf, firstChoice, gridOf, withNew } from './columns';
import { parseEntry } from './entry';

const entry = (message: string) => parseEntry({ key: 'k', stream: 's', timestamp: 0, ingestionTime: 0, message });

test('the first choice is what an access log is read for', () => {
  const ids = columnsOf([entry('{"requestId":"r","requestTime":"t","ip":"i","httpMethod":"GET","status":"200","latency":"1","color":"red"}')]);
  const choice = firstChoice(ids);
  expect(choice.filter((c) => c.visible).map((c) => c.id)).toEqual(['@timestamp', 'status', 'httpMethod', 'latency', 'ip', 'requestId', 'color']);
  expect(choice.map((c) => c.id).sort()).toEqual([...ids].sort());
});

test('text shows as it is', () => {
  expect(firstChoice(columnsOf([entry('hello')])).filter((c) => c.visible).map((c) => c.id)).toEqual(['@timestamp', '@message']);
});

test('fields that come later are offered, those that went are not', () => {
  expect(withNew([{ id: 'a', visible: true }, { id: 'gone', visible: true }], ['a', 'b'])).toEqual([{ id: 'a', visible: true }, { id: 'b', visible: false }]);
});

test('a grid is as wide as its columns need', () => {
  expect(gridOf(['@timestamp', 'status', 'path'])).toEqual({ gridTemplateColumns: '178px 84px minmax(170px, 1fr)', minInlineSize: 40 + 178 + 84 + 170 + 48 });
});
