import { StreamLanguage } from '@codemirror/language';
import { setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { EditorView } from '@codemirror/view';
import { useEffect } from 'react';
import { languages, type LanguageName } from './languages';
import { offsetOf, type Place } from './places';
import { useEditor } from './useEditor';
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

/** Text for machines with line numbers, colours and problems where they are: JSON, YAML, mapping templates. */
export function CodeEditor(props: CodeEditorProps) {
  const { label, language, lines = 8, value, marks, goTo } = props;
  const extensions = () => [
    StreamLanguage.define(languages[language]),
    EditorView.theme({ '.cm-content, .cm-gutter': { minHeight: `${lines * 20 + 16}px` } }),
    EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
  ];
  const { box, view } = useEditor(props, extensions, [label, language, lines]);
  useEffect(() => {
    const editor = view.current!;
    editor.dispatch(setDiagnostics(editor.state, (marks ?? []).map((m) => diagnosticOf(editor.state.doc.toString(), m))));
  }, [view, marks, value]);
  useEffect(() => {
    if (goTo) {
      const editor = view.current!;
      const at = offsetOf(editor.state.doc.toString(), goTo);
      editor.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) });
      editor.focus();
    }
  }, [view, goTo]);
  return <div ref={box} className="code-editor" />;
}

function diagnosticOf(text: string, mark: Mark): Diagnostic {
  const from = offsetOf(text, mark);
  const end = text.indexOf('\n', from);
  const to = end < 0 ? text.length : end;
  return { from, to: Math.max(from, to), severity: mark.severity, message: mark.message };
}
