import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import type { Row } from '../../aws/queries';
import { toCSV, toJSON } from './results';

/** The rows as a file. */
export function Download({ rows }: { rows: readonly Row[] }) {
  const save = (kind: string) => {
    const [text, type] = kind === 'csv' ? [toCSV(rows), 'text/csv'] : [toJSON(rows), 'application/json'];
    const url = URL.createObjectURL(new Blob([text], { type }));
    const link = document.createElement('a');
    link.href = url;
    link.download = `logs-insights-results.${kind}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000); // when the browser has taken it
  };
  return (
    <ButtonDropdown items={[{ id: 'csv', text: 'Download table (CSV)' }, { id: 'json', text: 'Download table (JSON)' }]} onItemClick={(e) => save(e.detail.id)}>
      Export results
    </ButtonDropdown>
  );
}
