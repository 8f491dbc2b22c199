import { expect, test } from 'vitest';
import { passedOn } from './methods';
import { treeOf, type Node } from './tree';

const show = (nodes: Node[]): unknown[] => nodes.map((n) => (n.children.length ? [n.label, show(n.children)] : n.label));

test('treeOf', () => {
  const tree = treeOf([
    { id: 'r', path: '/', resourceMethods: { GET: {} } },
    { id: 'n', parentId: 'r', path: '/notes', pathPart: 'notes', resourceMethods: { POST: {}, GET: {} } },
    { id: 'i', parentId: 'n', path: '/notes/{id}', pathPart: '{id}' },
  ]);
  expect(show(tree)).toEqual([['/', ['GET', ['/notes', ['GET', 'POST', '/{id}']]]]]);
  expect(treeOf([])).toEqual([]);
});

test('passedOn', () => {
  expect(passedOn('/notes/{id}', 'http://localhost/notes/{id}')).toEqual(['id']);
  expect(passedOn('/{proxy+}', 'http://localhost/{proxy}')).toEqual(['proxy']);
  expect(passedOn('/a/{x}/{y}', 'http://localhost/{y}/{z}')).toEqual(['y']);
  expect(passedOn('/notes', 'http://localhost/{id}')).toEqual([]);
});
