import { acceptCompletion, autocompletion, closeBrackets, completionKeymap, type Completion as Choice, type CompletionContext } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting, type StreamParser } from '@codemirror/language';
import { lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState, Prec } from '@codemirror/state';
import { drawSelection, EditorView, keymap, lineNumbers, placeholder } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';
import { completionAt } from './completion';
import { aggregates, commands, functions, keywords } from './language';
import type { QueryProblem } from './problem';

export interface EditorProps {
  value: string;
  onChange: (text: string) => void;
  /** Control and Enter. */
  onRun: () => void;
  /** Of the log groups, for completion. */
  fields: readonly string[];
  problem?: QueryProblem;
  /** What is selected when the editor takes the focus at its beginning; without it the focus stays where it is. */
  selection?: Selection;
}

export interface Selection {
  from: number;
  to: number;
}

/**
 * The query as text, coloured and completed, with its error where it is. It lives in a shadow root, where its styles are
 * constructed style sheets: the page's Content-Security-Policy admits no style element.
 */
export function Editor(props: EditorProps) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    const root = box.current!.shadowRoot ?? box.current!.attachShadow({ mode: 'open' });
    const editor = new EditorView({ root, parent: root, state: EditorState.create({ doc: latest.current.value, extensions: extensionsOf(latest) }) });
    view.current = editor;
    const { selection, value } = latest.current;
    if (selection) {
      editor.dispatch({ selection: { anchor: Math.min(selection.from, value.length), head: Math.min(selection.to, value.length) } });
      editor.focus();
    }
    return () => editor.destroy();
  }, []);
  const { value, problem } = props;
  useEffect(() => {
    const editor = view.current!;
    const held = editor.state.doc.toString();
    if (held !== value) {
      editor.dispatch({ changes: { from: 0, to: held.length, insert: value } });
    }
  }, [value]);
  useEffect(() => {
    const editor = view.current!;
    const end = editor.state.doc.length;
    const diagnostics = problem ? [{ from: Math.min(problem.from, end), to: Math.min(problem.to, end), severity: 'error' as const, message: problem.message }] : [];
    editor.dispatch(setDiagnostics(editor.state, diagnostics));
  }, [problem]);
  return <div ref={box} className="insights-editor" />;
}

function extensionsOf(latest: { current: EditorProps }) {
  const run = () => {
    latest.current.onRun();
    return true;
  };
  return [
    Prec.highest(keymap.of([{ key: 'Mod-Enter', run }, { key: 'Tab', run: acceptCompletion }])),
    lineNumbers(), history(), drawSelection(), bracketMatching(), closeBrackets(), lintGutter(), EditorView.lineWrapping,
    StreamLanguage.define(language), syntaxHighlighting(colours), theme,
    autocompletion({ override: [(context) => complete(context, latest.current.fields)], icons: false }),
    keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap, { key: 'Mod-]', run: indentMore }, { key: 'Mod-[', run: indentLess }]),
    placeholder('fields @timestamp, @message | sort @timestamp desc'),
    EditorView.contentAttributes.of({ 'aria-label': 'Query' }),
    EditorView.updateListener.of((update) => update.docChanged && latest.current.onChange(update.state.doc.toString())),
  ];
}

function complete(context: CompletionContext, fields: readonly string[]) {
  const found = completionAt(context.state.doc.toString(), context.pos, fields);
  if (!found || (!context.explicit && found.from === context.pos && found.options[0]?.kind !== 'command')) {
    return null;
  }
  const options = found.options.map(({ label, kind, detail, insert, rank }): Choice => ({ label, detail, type: kind, apply: insert ?? label, boost: rank }));
  return { from: found.from, options, validFor: /^[@\w.]*$/ };
}

const sets = {
  command: new Set(commands.map((c) => c.name.toLowerCase())),
  function: new Set([...aggregates, ...functions].map((f) => f.name.toLowerCase())),
  keyword: new Set(keywords),
};

interface Place {
  /** The next word is a command's name. */
  first: boolean;
}

const language: StreamParser<Place> = {
  startState: () => ({ first: true }),
  token(stream, place) {
    if (stream.eatSpace()) {
      return null;
    }
    if (stream.match(/^#.*/)) {
      return 'comment';
    }
    if (stream.match('|')) {
      place.first = true;
      return 'operator';
    }
    const { first } = place;
    place.first = false;
    if (stream.match(/^("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)/)) {
      return 'string';
    }
    if (stream.match(/^\/(?![\s\d])(?:[^/\\]|\\.)+\//)) {
      return 'regexp';
    }
    if (stream.match(/^\d+(\.\d+)?(ms|[smhdw])?\b/)) {
      return 'number';
    }
    const word = stream.match(/^(`[^`]*`|[@\w][\w.@:]*)/);
    if (!word) {
      stream.next();
      return 'operator';
    }
    const name = stream.current().toLowerCase();
    if (first && sets.command.has(name)) {
      return 'keyword';
    }
    if (sets.function.has(name) && stream.match(/^\s*\(/, false)) {
      return 'function';
    }
    return sets.keyword.has(name) ? 'keyword' : 'variableName';
  },
  tokenTable: { function: tags.function(tags.variableName) },
};

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--tb-key)', fontWeight: '600' },
  { tag: tags.function(tags.variableName), color: 'var(--tb-number)' },
  { tag: [tags.string, tags.regexp], color: 'var(--tb-string)' },
  { tag: tags.number, color: 'var(--tb-number)' },
  { tag: tags.comment, color: 'var(--tb-text-soft)', fontStyle: 'italic' },
]);

const theme = EditorView.theme({
  '&': { color: 'var(--tb-text)', backgroundColor: 'var(--tb-back)', border: '1px solid var(--tb-other)', borderRadius: '8px', overflow: 'hidden', maxHeight: '40vh' },
  '&.cm-focused': { outline: '2px solid var(--tb-focus)', outlineOffset: '1px' },
  '.cm-scroller': { font: '13px/20px var(--tb-mono)', minHeight: '112px', overflow: 'auto' },
  '.cm-content, .cm-gutter': { minHeight: '112px' },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--tb-text)' },
  '.cm-cursor': { borderLeftColor: 'var(--tb-text)' },
  '.cm-gutters': { backgroundColor: 'var(--tb-code)', color: 'var(--tb-text-soft)', border: 'none' },
  '.cm-placeholder': { color: 'var(--tb-other)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'color-mix(in srgb, var(--tb-focus) 28%, transparent)' },
  '.cm-tooltip': { color: 'var(--tb-text)', backgroundColor: 'var(--tb-back)', border: '1px solid var(--tb-line)', borderRadius: '8px' },
  '.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--tb-mono)', fontSize: '13px' },
  '.cm-tooltip-autocomplete > ul > li': { padding: '3px 10px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--tb-focus)', color: 'var(--tb-back)' },
  '.cm-completionDetail': { fontStyle: 'normal', marginLeft: '12px' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--tb-5xx)' },
});
