import Button, { type ButtonProps } from '@cloudscape-design/components/button';
import { Suspense, useEffect, useRef, useState, type ReactNode, type RefObject } from 'react';

interface Props {
  /** What stands in the place of the content until it is asked for. */
  button: ButtonProps;
  /** A button's own text. */
  text?: string;
  /** Loaded lazily; its first button is the one that opens it. */
  children: ReactNode;
}

/** Something that a button opens and that is loaded when the button is pressed: a calendar, a dialog of choices. */
export function OnDemand({ button, text, children }: Props) {
  const [asked, setAsked] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  if (!asked) {
    return <Button {...button} onClick={() => setAsked(true)}>{text}</Button>;
  }
  return (
    <div ref={box}>
      <Suspense fallback={<Button {...button} loading>{text}</Button>}>
        {children}
        <Press box={box} />
      </Suspense>
    </div>
  );
}

/** Presses what was pressed before, once that is there. */
function Press({ box }: { box: RefObject<HTMLDivElement | null> }) {
  useEffect(() => {
    const button = box.current?.querySelector('button');
    button?.focus();
    button?.click();
  }, [box]);
  return null;
}
