import { acceptCompletion, autocompletion, closeBrackets, completionKeymap, type Completion as Choice, type CompletionContext } from '@codemirror/autocomplete';
import { StreamLanguage, type StreamParser } from '@codemirror/language';
import { setDiagnostics } from '@codemirror/lint';
import { Prec } from '@codemirror/state';
import { EditorView, keymap, placeholder } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useLayoutEffect, useRef, type RefObject } from 'react';
import { useEditor } from '../../components/editor/useEditor';
import { completionAt } from './completion';
import { aggregates, commands, functions, keywords } from './language';
import type { QueryProblem } from './problem';

export interface EditorProps {
  value: string;
  onChange: (text: string) => void;
  /** Control and Enter, with the text as it is then: the page may not know of the last letter yet. */
  onRun: (text: string) => void;
  /** Of the log groups, for completion. */
  fields: readonly string[];
  problem?: QueryProblem;
  /** What is selected when the editor takes the focus at its beginning; without it the focus stays where it is. */
  selection: RefObject<Selection | undefined>;
}

export interface Selection {
  from: number;
  to: number;
}

/** The query as text, coloured and completed, with its error where it is. */
export function Editor(props: EditorProps) {
  const latest = useRef(props);
  latest.current = props;
  const { box, view } = useEditor(props, () => extensionsOf(latest), []);
  useLayoutEffect(() => {
    const selection = latest.current.selection.current;
    if (selection) {
      const editor = view.current!;
      const end = editor.state.doc.length;
      editor.dispatch({ selection: { anchor: Math.min(selection.from, end), head: Math.min(selection.to, end) } });
      editor.focus();
    }
  }, [view]);
  const { problem } = props;
  useEffect(() => {
    const editor = view.current!;
    const end = editor.state.doc.length;
    const diagnostics = problem ? [{ from: Math.min(problem.from, end), to: Math.min(problem.to, end), severity: 'error' as const, message: problem.message }] : [];
    editor.dispatch(setDiagnostics(editor.state, diagnostics));
  }, [view, problem]);
  return <div ref={box} className="insights-editor" />;
}

function extensionsOf(latest: { current: EditorProps }) {
  const run = (view: EditorView) => {
    latest.current.onRun(view.state.doc.toString());
    return true;
  };
  return [
    Prec.highest(keymap.of([{ key: 'Mod-Enter', run }, { key: 'Tab', run: acceptCompletion }])),
    closeBrackets(), StreamLanguage.define(language), theme,
    autocompletion({ override: [(context) => complete(context, latest.current.fields)], icons: false }),
    keymap.of(completionKeymap),
    placeholder('fields @timestamp, @message | sort @timestamp desc'),
    EditorView.contentAttributes.of({ 'aria-label': 'Query' }),
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

const theme = EditorView.theme({
  '&': { maxHeight: '40vh' },
  '.cm-scroller, .cm-content, .cm-gutter': { minHeight: '112px' },
  '.cm-placeholder': { color: 'var(--tb-other)' },
  '.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--tb-mono)', fontSize: '13px' },
  '.cm-tooltip-autocomplete > ul > li': { padding: '3px 10px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--tb-focus)', color: 'var(--tb-back)' },
  '.cm-completionDetail': { fontStyle: 'normal', marginLeft: '12px' },
});
