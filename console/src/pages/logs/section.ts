import { page, type Crumb, type Place, type Section } from '../../app/section';
import { groupPath } from './paths';

const groups: Crumb = { text: 'Log groups', href: '/logs/groups' };

function inGroup(at: Place, ...more: string[]): Crumb[] {
  const name = at.query.get('group') ?? '';
  return [groups, { text: name, href: groupPath(name) }, ...more.map((text) => ({ text, href: at.href }))];
}

/** CloudWatch Logs. Logs Insights, Live Tail and Metrics join here when they exist. */
export const logs: Section = {
  title: 'CloudWatch',
  nav: [{ text: 'Log groups', href: '/logs/groups', also: ['/logs/group', '/logs/stream', '/logs/entry'] }],
  routes: [
    page('/logs/groups', () => [groups], () => import('./LogGroupsPage'), 'full'),
    page('/logs/group', (at) => inGroup(at), () => import('./LogGroupPage'), 'full'),
    page('/logs/stream', (at) => inGroup(at, at.query.get('stream') ?? ''), () => import('./LogStreamPage'), 'full'),
    page('/logs/entry', (at) => inGroup(at, 'Entry'), () => import('./EntryPage'), 'full'),
  ],
};
