import { useCallback, useEffect, useRef, useState } from 'react';
import { isAbort } from '../../aws/errors';
import { follow, runQuery, type Answer, type Query } from '../../aws/queries';

export interface Run {
  /** What was asked; undefined for a query that was started elsewhere. */
  query?: Query;
  answer?: Answer;
  error?: unknown;
  running: boolean;
  /** From the question to the answer so far, in milliseconds. */
  took: number;
}

export interface QueryWork extends Run {
  run: (query: Query) => void;
  /** Shows the rows of a query that was started before. */
  show: (queryId: string) => void;
  /** Ends the query, here and on the server; the rows so far stay. */
  cancel: () => void;
}

/** One query at a time: another ends the one before, and so does leaving the page. */
export function useQuery(): QueryWork {
  const [state, setState] = useState<Run>({ running: false, took: 0 });
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  const work = useCallback((query: Query | undefined, ask: (onAnswer: (answer: Answer) => void, signal: AbortSignal) => Promise<Answer>) => {
    abort.current?.abort();
    const { signal } = (abort.current = new AbortController());
    const started = performance.now();
    const set = (change: Partial<Run>) => !signal.aborted && setState((old) => ({ ...old, ...change, took: performance.now() - started }));
    setState({ query, running: true, took: 0 });
    ask((answer) => set({ answer }), signal).then(
      (answer) => set({ answer, running: false }),
      (error: unknown) => !isAbort(error) && set({ error, running: false }),
    );
  }, []);
  const run = useCallback((query: Query) => work(query, (on, signal) => runQuery(query, on, signal)), [work]);
  const show = useCallback((queryId: string) => work(undefined, (on, signal) => follow(queryId, on, signal)), [work]);
  const cancel = useCallback(() => {
    abort.current?.abort();
    setState((old) => ({ ...old, running: false, answer: old.answer && { ...old.answer, status: 'Cancelled' } }));
  }, []);
  return { ...state, run, show, cancel };
}
