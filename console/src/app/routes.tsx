import { matchRoutes, type RouteObject } from 'react-router';
import { NotFound } from './NotFound';
import { page, type PageHandle, type Place } from './section';
import { sections } from './sections';

/** Every page of the console. */
export const routes: RouteObject[] = [
  page('/', () => [], () => import('../pages/home/HomePage')),
  ...sections.flatMap((s) => s.routes),
  { path: '*', Component: NotFound },
];

/** What the page at an address says about itself to the shell. */
export function pageAt({ pathname, search }: { pathname: string; search: string }): { handle?: PageHandle; place: Place } {
  const match = matchRoutes(routes, pathname)?.at(-1);
  const place = { params: match?.params ?? {}, query: new URLSearchParams(search), href: pathname + search };
  return { handle: match?.route.handle as PageHandle | undefined, place };
}
