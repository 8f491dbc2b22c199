import Flashbar, { type FlashbarProps } from '@cloudscape-design/components/flashbar';
import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from 'react';
import { ProblemText } from '../components/Problem';
import { isAbort, problemOf } from '../aws/errors';

interface Notify {
  success: (text: ReactNode, action?: ReactNode) => void;
  info: (text: ReactNode, action?: ReactNode) => void;
  /** Shows AWS' code, message and request ID; what says what was tried: "Log group X was not deleted". */
  error: (error: unknown, what?: string) => void;
}

const NotifyContext = createContext<Notify | null>(null);
const ItemsContext = createContext<FlashbarProps.MessageDefinition[]>([]);

/** How long a success without anything to do about it is shown, in milliseconds. */
const successShown = 10_000;

/** Messages at the top of the page, the newest first, kept until they are dismissed; plain successes go by themselves. */
export function useNotify(): Notify {
  const notify = useContext(NotifyContext);
  if (!notify) {
    throw new Error('useNotify is used outside of Notifications');
  }
  return notify;
}

let ids = 0;

export function Notifications({ children }: { children: ReactNode }) {
  const [items, setItems] = useState<FlashbarProps.MessageDefinition[]>([]);
  const add = useCallback((item: FlashbarProps.MessageDefinition) => {
    const id = `message-${ids++}`;
    const onDismiss = () => setItems((old) => old.filter((i) => i.id !== id));
    setItems((old) => [{ ...item, id, dismissible: true, dismissLabel: 'Dismiss', onDismiss }, ...old].slice(0, 8));
    if (item.type === 'success' && !item.action) {
      setTimeout(onDismiss, successShown);
    }
  }, []);
  const notify = useMemo<Notify>(
    () => ({
      success: (content, action) => add({ type: 'success', content, action }),
      info: (content, action) => add({ type: 'info', content, action }),
      error: (error, what) => {
        if (!isAbort(error)) {
          const problem = problemOf(error);
          add({ type: 'error', header: what ?? problem.code, content: <ProblemText problem={problem} withCode={!!what} /> });
        }
      },
    }),
    [add],
  );
  return (
    <NotifyContext.Provider value={notify}>
      <ItemsContext.Provider value={items}>{children}</ItemsContext.Provider>
    </NotifyContext.Provider>
  );
}

export function NotificationBar() {
  return <Flashbar stackItems items={useContext(ItemsContext)} />;
}
