import { useCallback, useState } from 'react';

export interface Work {
  busy: boolean;
  error: unknown;
  /** Does the work; its error is kept and shown rather than thrown. Resolves to whether it went well. */
  run: (work: () => Promise<unknown>) => Promise<boolean>;
}

/** Something that a button starts and that may take a while or fail. */
export function useWork(): Work {
  const [state, setState] = useState<{ busy: boolean; error?: unknown }>({ busy: false });
  const run = useCallback(async (work: () => Promise<unknown>) => {
    setState({ busy: true });
    try {
      await work();
      setState({ busy: false });
      return true;
    } catch (error) {
      setState({ busy: false, error });
      return false;
    }
  }, []);
  return { busy: state.busy, error: state.error, run };
}
