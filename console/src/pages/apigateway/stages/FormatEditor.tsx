import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useId, useLayoutEffect, useRef, useState, type ClipboardEvent, type KeyboardEvent } from 'react';
import { accept, complete, type Completion } from '../accesslog/completion';
import { fold } from '../accesslog/fold';
import { predefined, type PredefinedName } from '../accesslog/predefined';
import { bytesOf, maxFormatBytes, refusal, warnings } from '../accesslog/validate';
import './format-editor.css';

interface Props {
  format: string;
  onChange: (format: string) => void;
}

/** The log format: AWS' buttons, completion of $context variables, what AWS would say to it. Several pasted lines become one. */
export function FormatEditor({ format, onChange }: Props) {
  const [note, setNote] = useState('');
  const box = useRef<HTMLDivElement>(null);
  const textarea = () => box.current!.querySelector('textarea')!;
  const completion = useCompletion(format, onChange, textarea);
  const listId = useId();

  const paste = (e: ClipboardEvent) => {
    const pasted = e.clipboardData.getData('text/plain');
    const lines = pasted.trim().split('\n').length;
    if (lines < 2) {
      return;
    }
    e.preventDefault();
    const { selectionStart: start, selectionEnd: end } = textarea();
    const folded = fold(pasted);
    completion.put(format.slice(0, start) + folded + format.slice(end), start + folded.length);
    setNote(`The ${lines} pasted lines were folded into one.`);
  };
  const edit = (text: string) => {
    setNote('');
    onChange(text);
    completion.look();
  };
  const refused = refusal(format);
  const bytes = bytesOf(format);
  const size = bytes > maxFormatBytes / 2 ? ` ${bytes.toLocaleString()} of ${maxFormatBytes.toLocaleString()} bytes.` : '';

  return (
    <SpaceBetween size="xs">
      <FormField
        label="Log format"
        description="One line of text and $context variables. Type $ for the list of variables."
        constraintText={`${note || 'It has to hold $context.requestId or $context.extendedRequestId.'}${size}`}
        errorText={refused}
        warningText={warnings(format).join(' ')}
        stretch
        secondaryControl={/[\r\n]/.test(format.trim()) && <Button onClick={() => onChange(fold(format))}>Fold into one line</Button>}
      >
        <SpaceBetween size="xs">
          <SpaceBetween direction="horizontal" size="xs">
            {(Object.keys(predefined) as PredefinedName[]).map((name) => (
              <Button key={name} ariaLabel={`Insert ${name} format`} onClick={() => edit(predefined[name])}>{name}</Button>
            ))}
          </SpaceBetween>
          {/* Keys and pastes are caught here: Cloudscape's Textarea calls handlers of its own beside native ones, even absent ones. */}
          <div className="format-editor" ref={box} onKeyDownCapture={completion.onKeyDown} onPasteCapture={paste} onClick={completion.look}>
            <Textarea
              value={format}
              onChange={(e) => edit(e.detail.value)}
              onBlur={completion.close}
              rows={6}
              spellcheck={false}
              ariaLabel="Log format"
              nativeTextareaAttributes={{
                'aria-autocomplete': 'list',
                'aria-haspopup': 'listbox',
                'aria-controls': listId,
                'aria-activedescendant': completion.found ? `${listId}-${completion.active}` : undefined,
              }}
            />
            <Suggestions id={listId} found={completion.found} active={completion.active} onChoose={completion.choose} />
          </div>
        </SpaceBetween>
      </FormField>
    </SpaceBetween>
  );
}

function useCompletion(format: string, onChange: (format: string) => void, textarea: () => HTMLTextAreaElement) {
  const [asked, setAsked] = useState(false);
  const [found, setFound] = useState<Completion>();
  const [active, setActive] = useState(0);
  const caretTo = useRef<number>(undefined);

  useLayoutEffect(() => {
    if (caretTo.current !== undefined) {
      textarea().setSelectionRange(caretTo.current, caretTo.current);
      caretTo.current = undefined;
    }
    if (asked) {
      setAsked(false);
      setFound(complete(format, textarea().selectionStart));
      setActive(0);
    }
  }, [asked, format, textarea]);

  const close = () => setFound(undefined);
  const put = (text: string, caret: number) => {
    caretTo.current = caret;
    close();
    onChange(text);
  };
  const choose = (name: string) => {
    const next = accept(format, found!, name);
    put(next.text, next.caret);
    textarea().focus();
  };
  const onKeyDown = (e: KeyboardEvent) => {
    if (e.ctrlKey && e.key === ' ') {
      setAsked(true);
    } else if (!found) {
      return;
    } else if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      const step = e.key === 'ArrowDown' ? 1 : -1;
      setActive((active + step + found.names.length) % found.names.length);
    } else if (e.key === 'Enter' || e.key === 'Tab') {
      choose(found.names[active]!);
    } else if (e.key === 'Escape') {
      close();
    } else {
      return;
    }
    e.preventDefault();
    e.stopPropagation();
  };
  return { found, active, look: () => setAsked(true), close, put, choose, onKeyDown };
}

function Suggestions({ id, found, active, onChoose }: { id: string; found?: Completion; active: number; onChoose: (name: string) => void }) {
  const list = useRef<HTMLUListElement>(null);
  useLayoutEffect(() => {
    void list.current?.children[active]?.scrollIntoView({ block: 'nearest' });
  }, [active, found]);
  return (
    <ul id={id} ref={list} role="listbox" aria-label="$context variables" hidden={!found}>
      {found?.names.map((name, i) => (
        <li key={name} id={`${id}-${i}`} role="option" aria-selected={i === active} onMouseDown={(e) => { e.preventDefault(); onChoose(name); }}>
          $context.{name}
        </li>
      ))}
    </ul>
  );
}
