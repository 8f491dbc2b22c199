import { useCallback, useEffect, useRef, useState, type ComponentType } from 'react';
import type { EditorProps, Selection } from './Editor';

interface Loaded {
  Editor: ComponentType<EditorProps>;
  selection?: Selection;
}

/**
 * The query as text. It is plain text until it is pointed at, reached by the keyboard or wrong: then the editor is loaded,
 * which is a fifth of the page, and takes its place with the caret where it was.
 */
export function QueryText(props: Omit<EditorProps, 'selection'>) {
  const plain = useRef<HTMLTextAreaElement>(null);
  const asked = useRef(false);
  const [loaded, setLoaded] = useState<Loaded>();
  const load = useCallback(() => {
    if (asked.current) {
      return;
    }
    asked.current = true;
    import('./Editor').then(
      ({ Editor }) => setLoaded({ Editor, selection: selectionOf(plain.current) }),
      () => (asked.current = false), // text it stays; the next time asks again
    );
  }, []);
  const wrong = props.problem !== undefined;
  useEffect(() => {
    if (wrong) {
      load();
    }
  }, [wrong, load]);
  if (loaded) {
    return <loaded.Editor {...props} selection={loaded.selection} />;
  }
  return (
    <textarea
      ref={plain}
      className="insights-plain"
      aria-label="Query"
      value={props.value}
      spellCheck={false}
      onChange={(e) => props.onChange(e.target.value)}
      onPointerEnter={load}
      onFocus={load}
      onKeyDown={(e) => e.key === 'Enter' && (e.ctrlKey || e.metaKey) && props.onRun()}
    />
  );
}

/** What is selected in the text that has the focus; undefined where it has not. */
function selectionOf(text: HTMLTextAreaElement | null): Selection | undefined {
  return text && document.activeElement === text ? { from: text.selectionStart, to: text.selectionEnd } : undefined;
}
