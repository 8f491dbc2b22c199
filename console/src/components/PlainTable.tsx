import type { ReactNode } from 'react';
import './plain-table.css';

interface Column<T> {
  header: string;
  cell: (row: T) => ReactNode;
  /** In CSS; what is left over is shared. */
  width?: string;
}

interface Props<T> {
  label: string;
  /** The first names its row. */
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
}

/** A few rows that are neither sorted nor chosen, without the weight of Cloudscape's Table. */
export function PlainTable<T>({ label, columns, rows, keyOf }: Props<T>) {
  return (
    <div className="plain-table" role="region" aria-label={`${label}, scrollable`} tabIndex={0}>
      <table aria-label={label}>
        <thead>
          <tr>{columns.map((c) => <th key={c.header} scope="col" style={{ inlineSize: c.width }}>{c.header}</th>)}</tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((c, i) => (i === 0 ? <th key={c.header} scope="row">{c.cell(row)}</th> : <td key={c.header}>{c.cell(row)}</td>))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
