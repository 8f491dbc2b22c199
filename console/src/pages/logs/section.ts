import { page, type Crumb, type Place, type Section } from '../../app/section';
import { groupPath } from './paths';

const groups: Crumb = { text: 'Log groups', href: '/logs/groups' };

function inGroup(at: Place, ...more: string[]): Crumb[] {
  const name = at.query.get('group') ?? '';
  return [groups, { text: name, href: groupPath(name) }, ...more.map((text) => ({ text, href: at.href }))];
}

/** CloudWatch: log groups, and what is asked of them. */
export const logs: Section = {
  title: 'CloudWatch',
  nav: [
    { text: 'Log groups', href: '/logs/groups', also: ['/logs/group', '/logs/stream', '/logs/entry'] },
    { text: 'Logs Insights', href: '/logs/insights' },
    { text: 'Live tail', href: '/logs/live-tail' },
    { text: 'Request trace', href: '/logs/trace' },
    { text: 'Metrics', href: '/metrics/list' },
    { text: 'Alarms', href: '/metrics/alarms' },
  ],
  routes: [
    page('/logs/groups', () => [groups], () => import('./LogGroupsPage'), 'full'),
    page('/logs/group', (at) => inGroup(at), () => import('./LogGroupPage'), 'full'),
    page('/logs/stream', (at) => inGroup(at, at.query.get('stream') ?? ''), () => import('./LogStreamPage'), 'full'),
    page('/logs/insights', () => [{ text: 'Logs Insights', href: '/logs/insights' }], () => import('../insights/InsightsPage'), 'full'),
    page('/logs/live-tail', () => [{ text: 'Live tail', href: '/logs/live-tail' }], () => import('../livetail/LiveTailPage'), 'full'),
    page('/logs/trace', () => [{ text: 'Request trace', href: '/logs/trace' }], () => import('./TracePage'), 'full'),
    page('/metrics/list', () => [{ text: 'Metrics', href: '/metrics/list' }], () => import('../metrics/MetricsPage')),
    page('/metrics/alarms', () => [{ text: 'Alarms', href: '/metrics/alarms' }], () => import('../metrics/AlarmsPage')),
    page('/logs/entry', (at) => inGroup(at, 'Entry'), () => import('./EntryPage'), 'full'),
  ],
};
