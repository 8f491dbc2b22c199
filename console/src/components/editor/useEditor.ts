import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { lintGutter } from '@codemirror/lint';
import { EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useLayoutEffect, useRef, type RefObject } from 'react';

export interface EditorText {
  value: string;
  onChange: (text: string) => void;
}

export interface Editor {
  /** The element that holds the editor. */
  box: RefObject<HTMLDivElement | null>;
  /** There from the layout effects of the component on. */
  view: RefObject<EditorView | undefined>;
}

/**
 * An editor of a text that its page holds. It lives in a shadow root, where its styles are constructed style sheets: the
 * page's Content-Security-Policy admits no style element. It is made anew when one of deps (plain values) changes.
 */
export function useEditor(text: EditorText, extensions: () => Extension, deps: readonly unknown[]): Editor {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef(text);
  latest.current = text;
  // What was told to the page and has not come back. The page may show it late, when more has been written since.
  const told = useRef<string[]>([]);
  useLayoutEffect(() => {
    const root = box.current!.shadowRoot ?? box.current!.attachShadow({ mode: 'open' });
    const tell = EditorView.updateListener.of((update) => {
      if (update.docChanged) {
        const written = update.state.doc.toString();
        told.current.push(written);
        latest.current.onChange(written);
      }
    });
    const editor = new EditorView({ root, parent: root, state: EditorState.create({ doc: latest.current.value, extensions: [extensions(), base, tell] }) });
    view.current = editor;
    return () => editor.destroy();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the caller names what the extensions depend on
  }, deps);
  const { value } = text;
  useEffect(() => {
    const editor = view.current!;
    const back = told.current.indexOf(value);
    told.current.splice(0, back < 0 ? told.current.length : back + 1);
    const held = editor.state.doc.toString();
    if (back < 0 && held !== value) {
      editor.dispatch({ changes: { from: 0, to: held.length, insert: value } });
    }
  }, [value]);
  return { box, view };
}

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.propertyName], color: 'var(--tb-key)' },
  { tag: tags.function(tags.variableName), color: 'var(--tb-number)' },
  { tag: [tags.string, tags.regexp], color: 'var(--tb-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--tb-number)' },
  { tag: tags.comment, color: 'var(--tb-text-soft)', fontStyle: 'italic' },
]);

const theme = EditorView.theme({
  '&': { color: 'var(--tb-text)', backgroundColor: 'var(--tb-back)', border: '1px solid var(--tb-other)', borderRadius: '8px', overflow: 'hidden', maxHeight: '50vh' },
  '&.cm-focused': { outline: '2px solid var(--tb-focus)', outlineOffset: '1px' },
  '.cm-scroller': { font: '13px/20px var(--tb-mono)', overflow: 'auto' },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--tb-text)' },
  '.cm-cursor': { borderLeftColor: 'var(--tb-text)' },
  '.cm-gutters': { backgroundColor: 'var(--tb-code)', color: 'var(--tb-text-soft)', border: 'none' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'color-mix(in srgb, var(--tb-focus) 28%, transparent)' },
  '.cm-tooltip': { color: 'var(--tb-text)', backgroundColor: 'var(--tb-back)', border: '1px solid var(--tb-line)', borderRadius: '8px' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--tb-5xx)' },
});

const base: Extension = [
  lineNumbers(), history(), drawSelection(), bracketMatching(), lintGutter(), EditorView.lineWrapping, theme, syntaxHighlighting(colours),
  keymap.of([...defaultKeymap, ...historyKeymap, { key: 'Mod-]', run: indentMore }, { key: 'Mod-[', run: indentLess }]),
];
