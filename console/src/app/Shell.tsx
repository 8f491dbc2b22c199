import AppLayout from '@cloudscape-design/components/app-layout';
import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import SideNavigation, { type SideNavigationProps } from '@cloudscape-design/components/side-navigation';
import { Suspense, useEffect, useState } from 'react';
import { useLocation, useRoutes } from 'react-router';
import { Loading } from '../components/Loading';
import { base, useFollow } from '../components/follow';
import { NotificationBar } from './notifications';
import { PageBoundary } from './PageBoundary';
import { pageAt, routes } from './routes';
import { sections } from './sections';
import type { Crumb, NavItem, PageHandle } from './section';
import { TopBar } from './TopBar';

/** The frame around every page: bars, navigation, messages. */
export function Shell() {
  const [open, setOpen] = useState(() => matchMedia('(min-width: 1200px)').matches);
  const { crumbs, width } = usePage();
  const { pathname } = useLocation();
  return (
    <>
      <div id="top">
        <TopBar />
      </div>
      <AppLayout
        headerSelector="#top"
        toolsHide
        maxContentWidth={width === 'full' ? Number.MAX_VALUE : undefined}
        navigation={<Navigation />}
        navigationOpen={open}
        onNavigationChange={(e) => setOpen(e.detail.open)}
        notifications={<NotificationBar />}
        stickyNotifications
        breadcrumbs={<Breadcrumbs crumbs={crumbs} />}
        content={
          <PageBoundary key={pathname}>
            <Suspense fallback={<Loading />}>
              <Page />
            </Suspense>
          </PageBoundary>
        }
      />
    </>
  );
}

function Page() {
  return useRoutes(routes);
}

function usePage(): { crumbs: Crumb[]; width: PageHandle['width'] } {
  const { handle, place } = pageAt(useLocation());
  const crumbs = handle?.crumbs(place) ?? [];
  const title = crumbs.at(-1)?.text;
  useEffect(() => {
    document.title = title ? `${title} – Tollbook` : 'Tollbook';
  }, [title]);
  return { crumbs, width: handle?.width ?? 'default' };
}

function Breadcrumbs({ crumbs }: { crumbs: Crumb[] }) {
  const follow = useFollow();
  if (crumbs.length === 0) {
    return null;
  }
  const items = [{ text: 'Tollbook', href: '/' }, ...crumbs].map((c) => ({ ...c, href: base + c.href }));
  return <BreadcrumbGroup items={items} onFollow={follow} />;
}

function Navigation() {
  const { pathname } = useLocation();
  const follow = useFollow();
  const groups = groupsAt(pathname);
  const items = groups.map(
    ({ title, nav }): SideNavigationProps.Item => ({
      type: 'section',
      text: title,
      items: nav.map((n) => ({ type: 'link', text: n.text, href: base + n.href })),
    }),
  );
  return (
    <SideNavigation
      header={{ text: 'Services', href: `${base}/` }}
      activeHref={activeHref(groups.flatMap((g) => g.nav), pathname)}
      items={items}
      onFollow={follow}
    />
  );
}

function groupsAt(pathname: string): { title: string; nav: NavItem[] }[] {
  return sections.flatMap((s) => [s, s.inside?.(pathname)].filter((group) => group !== undefined));
}

/** The item whose path, or one of whose other paths, begins the present one; the longest such path wins. */
function activeHref(items: NavItem[], pathname: string): string {
  const under = (prefix: string) => pathname === prefix || pathname.startsWith(`${prefix}/`);
  const matches = items.flatMap((n) => [n.href, ...(n.also ?? [])].filter(under).map((path) => ({ href: n.href, length: path.length })));
  const best = matches.reduce((a, b) => (b.length > a.length ? b : a), { href: '/', length: 0 });
  return base + best.href;
}
