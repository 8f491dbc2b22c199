import { lazy, Suspense, type ComponentType, type ReactNode } from 'react';

/**
 * A component that is loaded when it is first shown: what a page does not need for its first view, such as a dialog or
 * another tab. Until it is there its place is empty, or holds the fallback.
 */
export function lazily<K extends string, P extends object>(load: () => Promise<Record<K, ComponentType<P>>>, name: K, fallback?: ReactNode): ComponentType<P> {
  const Later = lazy(async () => ({ default: (await load())[name] as ComponentType<object> }));
  return function Lazily(props: P) {
    return (
      <Suspense fallback={fallback}>
        <Later {...props} />
      </Suspense>
    );
  };
}
