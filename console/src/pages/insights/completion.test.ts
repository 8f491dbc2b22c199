import { describe, expect, test } from 'vitest';
import { completionAt } from './completion';

/** The labels offered at the bar in the text, the best first. */
function offered(marked: string, fields: string[] = ['status', 'path', 'user-agent']) {
  const at = marked.indexOf('¦');
  const found = completionAt(marked.replace('¦', ''), at, fields);
  return found && { from: found.from, labels: [...found.options].sort((a, b) => b.rank - a.rank).map((o) => o.label), options: found.options };
}

describe('what is offered', () => {
  test.each(['¦', 'fi¦', 'fields @message | ¦', 'filter a = "x|y" | st¦', '# comment\n¦'])('commands at %s', (text) => {
    expect(offered(text)!.labels).toContain('stats');
    expect(offered(text)!.labels).not.toContain('status');
  });
  test.each(['fields ¦', 'filter sta¦', 'stats count(*) by ¦', 'sort ¦', 'filter status / ¦'])('fields at %s', (text) => {
    expect(offered(text)!.labels).toEqual(expect.arrayContaining(['status', '@timestamp']));
  });
  test('aggregates first in stats, bin first after by', () => {
    expect(offered('stats ¦')!.labels[0]).toBe('count');
    expect(offered('stats count(*) by ¦')!.labels[0]).toBe('bin');
    expect(offered('filter ¦')!.labels).not.toContain('count');
  });
  test('a field of other characters in backticks', () => {
    expect(offered('fields ¦')!.options.find((o) => o.label === 'user-agent')!.insert).toBe('`user-agent`');
  });
  test('the word under the caret is replaced', () => {
    expect(offered('fields @timestamp, sta¦')!.from).toBe('fields @timestamp, '.length);
    expect(offered('fields @¦')!.from).toBe('fields '.length);
  });
});

test.each(['filter a like "x¦', "parse @message '* a¦", 'filter @message like /ab¦', '# note¦', 'parse @message /(?<a>¦'])('nothing in text: %s', (text) => {
  expect(offered(text)).toBeUndefined();
});
