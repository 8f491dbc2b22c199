import { useCallback } from 'react';
import { useNavigate } from 'react-router';

/** Where the console lives on its host; React Router's basename. */
export const base = '/console';

interface FollowEvent {
  detail: { href?: string; external?: boolean };
  preventDefault: () => void;
}

/**
 * For onFollow of Cloudscape's links, side navigation and breadcrumbs: moves within the console without a page load.
 * The href that the browser sees begins with /console, so that opening a link in a new tab works too.
 */
export function useFollow(): (event: FollowEvent) => void {
  const navigate = useNavigate();
  return useCallback(
    (event) => {
      const { href, external } = event.detail;
      if (href?.startsWith(`${base}/`) && !external) {
        event.preventDefault();
        void navigate(href.slice(base.length));
      }
    },
    [navigate],
  );
}
