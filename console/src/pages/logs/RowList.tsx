import { useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';

interface Props<T> {
  rows: readonly T[];
  keyOf: (row: T) => string;
  /** Grows by one for each row put before the first: the list then stands still under the reader's eyes. */
  above: number;
  /** Stay at the first row when rows are put before it, as while following. */
  stayOnTop: boolean;
  label: string;
  head: ReactNode;
  rowHeight: number;
  headHeight: number;
  /** A row's own line; place its props on an element of role "row". */
  renderRow: (row: T, props: RowProps) => ReactNode;
  /** What stands below an expanded row. */
  renderDetail: (row: T) => ReactNode;
  /** What stands below the last row. */
  foot: ReactNode;
  empty: ReactNode;
  onNearStart: () => void;
  onNearEnd: () => void;
  /** The key "o" on a row. */
  onOpen: (row: T) => void;
}

export interface RowProps {
  id: string;
  role: 'row';
  'aria-rowindex': number;
  'aria-expanded': boolean;
  className: string;
  onClick: () => void;
}

const extra = 12; // rows drawn beyond what is seen
const near = 40; // rows from an end at which more are asked for

/**
 * A list of any length of which only the rows in sight are drawn. Rows are of one height and expand to whatever their
 * detail needs. Arrows, Page and Home keys move; Enter and space expand; "o" opens.
 */
export function RowList<T>(props: Props<T>) {
  const { rows, keyOf, above, stayOnTop, rowHeight, headHeight, onNearStart, onNearEnd } = props;
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const [active, setActive] = useState<string>();
  const [heights, setHeights] = useState<ReadonlyMap<string, number>>(new Map()); // of expanded rows' details
  const layout = useMemo(() => layOut(rows, keyOf, heights, rowHeight), [rows, keyOf, heights, rowHeight]);
  const first = Math.max(0, layout.indexAt(view.top) - extra);
  const last = Math.min(rows.length, layout.indexAt(view.top + view.height) + extra);

  const lastAbove = useRef(above);
  useLayoutEffect(() => {
    const moved = above - lastAbove.current;
    lastAbove.current = above;
    const at = box.current;
    if (at && moved !== 0 && !(stayOnTop && at.scrollTop < rowHeight)) {
      at.scrollTop += moved * rowHeight;
    }
  }, [above, stayOnTop, rowHeight]);

  const look = () => {
    const at = box.current;
    if (at) {
      // Whole steps of rows: a scroll of pixels draws nothing anew.
      const top = Math.floor(at.scrollTop / (rowHeight * 4)) * rowHeight * 4;
      setView((v) => (v.top === top && v.height === at.clientHeight ? v : { top, height: at.clientHeight }));
    }
  };
  useEffect(() => {
    const watch = new ResizeObserver(look);
    watch.observe(box.current!);
    return () => watch.disconnect();
  });
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - near) {
      onNearEnd();
    }
    if (rows.length > 0 && first <= near) {
      onNearStart();
    }
  }, [rows.length, first, last, onNearEnd, onNearStart]);

  const toggle = (key: string) =>
    setHeights((old) => {
      const next = new Map(old);
      return next.delete(key) ? next : next.set(key, 0);
    });

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== box.current || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const at = rows.findIndex((r) => keyOf(r) === active);
    const page = Math.floor((view.height - headHeight) / rowHeight) - 1;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: rows.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      const index = Math.max(0, Math.min(rows.length - 1, to));
      const row = rows[index];
      if (row !== undefined) {
        setActive(keyOf(row));
        show(index);
      }
    } else if ((event.key === 'Enter' || event.key === ' ') && at >= 0) {
      event.preventDefault();
      toggle(active!);
    } else if (event.key === 'o' && at >= 0) {
      props.onOpen(rows[at]!);
    }
  };

  const show = (index: number) => {
    const at = box.current!;
    const top = layout.topOf(index);
    if (top < at.scrollTop) {
      at.scrollTop = top;
    } else if (top + rowHeight + headHeight > at.scrollTop + at.clientHeight) {
      at.scrollTop = top + rowHeight + headHeight - at.clientHeight;
    }
  };

  return (
    <div
      ref={box}
      className="tb-list"
      {...(rows.length > 0 && { role: 'treegrid', 'aria-label': props.label, 'aria-rowcount': rows.length + 1, tabIndex: 0 })}
      aria-activedescendant={active === undefined ? undefined : rowId(active)}
      onScroll={look}
      onKeyDown={onKeyDown}
    >
      {rows.length > 0 && props.head}
      <div className="tb-list-body" role={rows.length > 0 ? 'rowgroup' : undefined} style={{ blockSize: layout.height + 44 }}>
        {rows.slice(first, last).map((row, i) => {
          const key = keyOf(row);
          const expanded = heights.has(key);
          const rowProps: RowProps = {
            id: rowId(key),
            role: 'row',
            'aria-rowindex': first + i + 2,
            'aria-expanded': expanded,
            className: `tb-row tb-entry${key === active ? ' tb-now' : ''}`,
            onClick: () => {
              setActive(key);
              toggle(key);
            },
          };
          return (
            <div key={key} className="tb-item" role="presentation" style={{ insetBlockStart: layout.topOf(first + i) }}>
              {props.renderRow(row, rowProps)}
              {expanded && (
                <Detail width={box.current?.clientWidth} onHeight={(h) => setHeights((old) => withHeight(old, key, h))}>
                  {props.renderDetail(row)}
                </Detail>
              )}
            </div>
          );
        })}
        <div className="tb-list-end" role="presentation" style={{ insetBlockStart: layout.height }}>
          {rows.length === 0 ? props.empty : props.foot}
        </div>
      </div>
    </div>
  );
}

const rowId = (key: string) => `row-${key}`;

function withHeight(heights: ReadonlyMap<string, number>, key: string, height: number): ReadonlyMap<string, number> {
  return heights.has(key) && heights.get(key) !== height ? new Map(heights).set(key, height) : heights;
}

function Detail({ width, onHeight, children }: { width?: number; onHeight: (height: number) => void; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const report = useRef(onHeight);
  report.current = onHeight;
  useLayoutEffect(() => {
    const watch = new ResizeObserver(() => report.current(box.current!.offsetHeight));
    watch.observe(box.current!);
    report.current(box.current!.offsetHeight);
    return () => watch.disconnect();
  }, []);
  return (
    <div role="row">
      <div ref={box} className="tb-detail" role="gridcell" style={{ inlineSize: width }}>
        {children}
      </div>
    </div>
  );
}

interface Layout {
  height: number;
  topOf: (index: number) => number;
  indexAt: (y: number) => number;
}

/** Where rows stand, given the few that are expanded. */
function layOut<T>(rows: readonly T[], keyOf: (row: T) => string, heights: ReadonlyMap<string, number>, rowHeight: number): Layout {
  const open: { index: number; height: number; before: number }[] = [];
  let before = 0;
  if (heights.size > 0) {
    rows.forEach((row, index) => {
      const height = heights.get(keyOf(row));
      if (height !== undefined) {
        open.push({ index, height, before });
        before += height;
      }
    });
  }
  const topOf = (index: number) => {
    const opened = open.findLast((o) => o.index < index);
    return index * rowHeight + (opened ? opened.before + opened.height : 0);
  };
  const indexAt = (y: number) => {
    const opened = open.findLast((o) => o.index * rowHeight + o.before <= y);
    if (!opened) {
      return Math.floor(y / rowHeight);
    }
    const bottom = (opened.index + 1) * rowHeight + opened.before + opened.height;
    return y < bottom ? opened.index : opened.index + 1 + Math.floor((y - bottom) / rowHeight);
  };
  return { height: rows.length * rowHeight + before, topOf, indexAt };
}
