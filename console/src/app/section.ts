// How pages join the console: each folder below src/pages exports a Section (its file section.ts), and sections.ts
// lists the sections in the order of the side navigation.
import { createElement, lazy, type ComponentType } from 'react';
import type { RouteObject } from 'react-router';

export interface Crumb {
  text: string;
  /** Path below /console, without /console. The last crumb is the page itself. */
  href: string;
}

/** Where a page is: its path parameters (/apis/:apiId), its query, its address. */
export interface Place {
  params: Readonly<Record<string, string | undefined>>;
  query: URLSearchParams;
  /** The page's own address below /console, with its query. */
  href: string;
}

export interface NavItem {
  text: string;
  href: string;
  /** Other paths that light this item up, by prefix. */
  also?: string[];
}

export interface Section {
  title: string;
  nav: NavItem[];
  /** What the navigation has besides while a page of one thing is open: the parts of that thing, under a title of their own. */
  inside?: (pathname: string) => { title: string; nav: NavItem[] } | undefined;
  routes: RouteObject[];
}

/** What a page's route carries for the shell. */
export interface PageHandle {
  crumbs: (at: Place) => Crumb[];
  /** "table" for full-width pages such as log events, "default" for the rest. */
  width: 'default' | 'full';
  /** Begins to load the page's module. */
  load: () => Promise<unknown>;
}

/**
 * A page that is loaded when it is first visited.
 * @param path below /console, such as /iam/roles/:roleName
 * @param load imports the module whose default export is the page
 */
export function page(
  path: string,
  crumbs: (at: Place) => Crumb[],
  load: () => Promise<{ default: ComponentType }>,
  width: PageHandle['width'] = 'default',
): RouteObject {
  const handle: PageHandle = { crumbs, width, load };
  return { path, handle, element: createElement(lazy(load)) };
}
