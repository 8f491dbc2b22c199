import { useCallback, useEffect, useRef, useState } from 'react';
import { isAbort } from './errors';
import { useSession } from './useSession';

export interface Loaded<T> {
  /** The last answer; it stays while a newer one is on its way. */
  data: T | undefined;
  error: unknown;
  loading: boolean;
  /** Loads again; resolves when that is done. */
  reload: () => Promise<void>;
}

/**
 * Loads what a page shows, again when one of deps (plain values) or the region changes. A load that is overtaken is
 * aborted through its signal and forgotten.
 */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, deps: readonly unknown[]): Loaded<T> {
  const { region } = useSession();
  const [state, setState] = useState<{ data?: T; error?: unknown; loading: boolean }>({ loading: true });
  const latest = useRef(load);
  latest.current = load;
  const running = useRef<AbortController>(undefined);

  const reload = useCallback(async () => {
    running.current?.abort();
    const abort = new AbortController();
    running.current = abort;
    setState((s) => ({ ...s, loading: true }));
    try {
      const data = await latest.current(abort.signal);
      if (!abort.signal.aborted) {
        setState({ data, loading: false });
      }
    } catch (error) {
      if (!abort.signal.aborted && !isAbort(error)) {
        setState((s) => ({ data: s.data, error, loading: false }));
      }
    }
  }, []);

  useEffect(() => {
    setState({ loading: true }); // what was shown belongs to other deps
    void reload();
    return () => running.current?.abort();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the caller names what the load depends on
  }, [reload, region, ...deps]);

  return { data: state.data, error: state.error, loading: state.loading, reload };
}
