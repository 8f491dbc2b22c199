import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';
import { languages, type LanguageName } from './languages';
import { offsetOf, type Place } from './places';
import './editor.css';

/** What is wrong, and where. */
export interface Mark extends Place {
  message: string;
  severity: 'error' | 'warning';
}

export interface CodeEditorProps {
  /** Names it for people who do not see it. */
  label: string;
  language: LanguageName;
  value: string;
  onChange: (text: string) => void;
  marks?: readonly Mark[];
  /** Where the caret goes when this changes, such as to a problem that was clicked. */
  goTo?: Place;
  /** How many lines are seen at least; the editor grows with its text up to half of the window. */
  lines?: number;
}

/**
 * Text for machines with line numbers, colours and problems where they are: JSON, YAML, mapping templates. It lives in a
 * shadow root, where its styles are constructed style sheets: the page's Content-Security-Policy admits no style element.
 */
export function CodeEditor(props: CodeEditorProps) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const { label, language, lines = 8, value, marks, goTo } = props;
  useEffect(() => {
    const root = box.current!.shadowRoot ?? box.current!.attachShadow({ mode: 'open' });
    const extensions = [
      lineNumbers(), history(), drawSelection(), bracketMatching(), lintGutter(), EditorView.lineWrapping,
      StreamLanguage.define(languages[language]), syntaxHighlighting(colours), theme, EditorView.theme({ '.cm-content, .cm-gutter': { minHeight: `${lines * 20 + 16}px` } }),
      keymap.of([...defaultKeymap, ...historyKeymap, { key: 'Mod-]', run: indentMore }, { key: 'Mod-[', run: indentLess }]),
      EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
      EditorView.updateListener.of((update) => update.docChanged && latest.current.onChange(update.state.doc.toString())),
    ];
    const editor = new EditorView({ root, parent: root, state: EditorState.create({ doc: latest.current.value, extensions }) });
    view.current = editor;
    return () => editor.destroy();
  }, [label, language, lines]);
  useEffect(() => {
    const editor = view.current!;
    const held = editor.state.doc.toString();
    if (held !== value) {
      editor.dispatch({ changes: { from: 0, to: held.length, insert: value } });
    }
  }, [value]);
  useEffect(() => {
    const editor = view.current!;
    editor.dispatch(setDiagnostics(editor.state, (marks ?? []).map((m) => diagnosticOf(editor.state.doc.toString(), m))));
  }, [marks, value]);
  useEffect(() => {
    if (goTo) {
      const editor = view.current!;
      const at = offsetOf(editor.state.doc.toString(), goTo);
      editor.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) });
      editor.focus();
    }
  }, [goTo]);
  return <div ref={box} className="code-editor" />;
}

function diagnosticOf(text: string, mark: Mark): Diagnostic {
  const from = offsetOf(text, mark);
  const end = text.indexOf('\n', from);
  const to = end < 0 ? text.length : end;
  return { from, to: Math.max(from, to), severity: mark.severity, message: mark.message };
}

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.propertyName], color: 'var(--tb-key)' },
  { tag: tags.string, color: 'var(--tb-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--tb-number)' },
  { tag: tags.variableName, color: 'var(--tb-number)' },
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
