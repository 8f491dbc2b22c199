import { useCallback, useEffect, useLayoutEffect, useRef, useState, type ComponentType } from 'react';
import type { EditorProps, Selection } from './Editor';

type TextProps = Omit<EditorProps, 'selection'>;

/**
 * The query as text. It is plain text until it is pointed at, reached by the keyboard or wrong: then the editor is loaded,
 * which is a fifth of the page, and takes its place with the caret where it was.
 */
export function QueryText(props: TextProps) {
  const asked = useRef(false);
  const selection = useRef<Selection>(undefined);
  const [loaded, setLoaded] = useState<{ Editor: ComponentType<EditorProps> }>();
  const load = useCallback(() => {
    if (asked.current) {
      return;
    }
    asked.current = true;
    import('./Editor').then(setLoaded, () => (asked.current = false)); // text it stays; the next time asks again
  }, []);
  const leave = useCallback((left?: Selection) => (selection.current = left), []);
  const wrong = props.problem !== undefined;
  useEffect(() => {
    if (wrong) {
      load();
    }
  }, [wrong, load]);
  return loaded ? <loaded.Editor {...props} selection={selection} /> : <Plain {...props} onWanted={load} onLeave={leave} />;
}

interface PlainProps extends TextProps {
  /** It is about to be written in. */
  onWanted: () => void;
  /** It goes, with what is selected in it if it has the focus. */
  onLeave: (selection?: Selection) => void;
}

function Plain({ value, onChange, onRun, onWanted, onLeave }: PlainProps) {
  const text = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const area = text.current!;
    return () => onLeave(document.activeElement === area ? { from: area.selectionStart, to: area.selectionEnd } : undefined);
  }, [onLeave]);
  return (
    <textarea
      ref={text}
      className="insights-plain"
      aria-label="Query"
      value={value}
      spellCheck={false}
      onChange={(e) => onChange(e.target.value)}
      onPointerEnter={onWanted}
      onFocus={onWanted}
      onKeyDown={(e) => e.key === 'Enter' && (e.ctrlKey || e.metaKey) && onRun(e.currentTarget.value)}
    />
  );
}
