import { lazy, useMemo, useRef, useState, type ReactNode } from 'react';
import { OnDemand } from '../../components/OnDemand';
import { columnsOf, firstChoice, loadChoice, saveChoice, withNew, type Choice } from './columns';
import type { Entry } from './entry';

const Columns = lazy(async () => ({ default: (await import('./Columns')).Columns }));

/** The columns that a group's entries are shown in, and what chooses them. */
export function useColumns(group: string, entries: readonly Entry[]): { visible: string[]; picker: ReactNode } {
  const [chosen, setChosen] = useState<Choice[] | undefined>(() => loadChoice(group));
  const found = columnsOf(entries).join('\n'); // text, so that the same columns are the same value
  const lastFound = useRef(found);
  if (entries.length > 0) {
    lastFound.current = found;
  }
  const ids = useMemo(() => lastFound.current.split('\n'), [lastFound.current]); // eslint-disable-line react-hooks/exhaustive-deps -- text in a ref
  const choice = useMemo(() => (chosen ? withNew(chosen, ids) : firstChoice(ids)), [chosen, ids]);
  const visible = useMemo(() => choice.filter((c) => c.visible).map((c) => c.id), [choice]);
  const picker = (
    <OnDemand button={{ iconName: 'settings', variant: 'icon', ariaLabel: 'Columns of this log group' }}>
      <Columns
        choice={choice}
        onChange={(next) => {
          setChosen(next);
          saveChoice(group, next);
        }}
      />
    </OnDemand>
  );
  return { visible, picker };
}
