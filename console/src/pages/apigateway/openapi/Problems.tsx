import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import type { Place } from '../../../components/editor/places';
import { PlainTable } from '../../../components/PlainTable';
import type { ImportProblem } from './problems';

interface Props {
  problems: readonly ImportProblem[];
  /** Shows a place in the definition. */
  onPlace?: (place: Place) => void;
}

/** All that API Gateway said about a definition, each with its place. */
export function Problems({ problems, onPlace }: Props) {
  if (problems.length === 0) {
    return null;
  }
  const errors = problems.filter((p) => p.severity === 'error').length;
  const kind = errors > 0 ? 'error' : 'warning';
  const numbered = problems.map((p, i) => ({ ...p, key: String(i) }));
  return (
    <Alert type={kind} header={`${problems.length} ${kind}${problems.length === 1 ? '' : 's'} in the definition`}>
      <PlainTable
        label="Problems of the definition"
        rows={numbered}
        keyOf={(p) => p.key}
        columns={[
          { header: 'Place', width: '160px', cell: (p) => <Where problem={p} onPlace={onPlace} /> },
          { header: 'Path', width: '30%', cell: (p) => p.path || '-' },
          { header: 'What', cell: (p) => p.message },
        ]}
      />
    </Alert>
  );
}

function Where({ problem: { line, column }, onPlace }: { problem: ImportProblem } & Pick<Props, 'onPlace'>) {
  if (!line || !column) {
    return '-';
  }
  const text = `Line ${line}, column ${column}`;
  return onPlace ? <Button formAction="none" variant="inline-link" onClick={() => onPlace({ line, column })}>{text}</Button> : text;
}
