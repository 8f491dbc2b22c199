import Steps from '@cloudscape-design/components/steps';
import { useCallback, useState } from 'react';
import { ProblemText } from '../../components/Problem';
import { problemOf } from '../../aws/errors';
import type { Step } from './steps';

interface Progress {
  steps: Step[];
  /** How many are done. */
  done: number;
  running: boolean;
  error?: unknown;
}

export interface StepsWork extends Progress {
  /** Makes the changes one after the other, up to the first that fails. Resolves to whether all were made. */
  run: (steps: Step[]) => Promise<boolean>;
  clear: () => void;
}

const nothing: Progress = { steps: [], done: 0, running: false };

/** Changes that are being made, or were. */
export function useSteps(): StepsWork {
  const [progress, setProgress] = useState(nothing);
  const run = useCallback(async (steps: Step[]) => {
    for (const [done, step] of steps.entries()) {
      setProgress({ steps, done, running: true });
      try {
        await step.do();
      } catch (error) {
        setProgress({ steps, done, running: false, error });
        return false;
      }
    }
    setProgress({ steps, done: steps.length, running: false });
    return true;
  }, []);
  const clear = useCallback(() => setProgress(nothing), []);
  return { ...progress, run, clear };
}

/** The changes with how far they are; with none started, what would be done. */
export function StepList({ label, steps, done, running, error }: Progress & { label: string }) {
  const status = (i: number) => {
    if (i < done) {
      return { status: 'success', statusIconAriaLabel: 'Done' } as const;
    }
    if (i > done || (!running && error === undefined)) {
      return { status: 'pending', statusIconAriaLabel: 'To do' } as const;
    }
    return running ? ({ status: 'loading', statusIconAriaLabel: 'In progress' } as const) : ({ status: 'error', statusIconAriaLabel: 'Error' } as const);
  };
  const details = (i: number) => (i === done && error !== undefined ? <ProblemText problem={problemOf(error)} withCode /> : undefined);
  return <Steps ariaLabel={label} steps={steps.map((step, i) => ({ header: step.what, details: details(i), ...status(i) }))} />;
}
