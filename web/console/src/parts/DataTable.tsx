import { useElementSize, useHotkeys, useMediaQuery } from "@mantine/hooks";
import { useElementScrollRestoration } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { ProblemBox } from "./Page";
import { Pager, Place } from "./Pager";
import { Cards, Head, Loading, Row } from "./tableParts";
import classes from "./DataTable.module.css";

export type Column<T> = {
  id: string;
  head: string;
  cell: (row: T) => ReactNode;
  sort?: string;
  right?: boolean;
  /** In px. Once a column has one, widths no longer follow what is in the rows, and the columns without one share the rest. */
  width?: number;
  /** Where there is no room for all columns, those with the highest rank go first. */
  rank?: number;
};

export type TableProps<T> = {
  label: string;
  /** A row that is not read yet is undefined. */
  rows: (T | undefined)[] | undefined;
  total?: number;
  error?: unknown;
  retry?: () => void;
  columns: Column<T>[];
  hidden?: string[];
  dense?: boolean;
  keyOf: (row: T) => string;
  nameOf?: (row: T) => string;
  /** A hook: the row as it is now, for rows that live. */
  useRow?: (row: T) => T;
  open?: (row: T) => void;
  card: (row: T) => ReactNode;
  empty: ReactNode;
  sort?: string;
  onSort?: (sort: string) => void;
  selected?: Set<string>;
  onSelect?: (selected: Set<string>) => void;
  /** Keys of all rows, when not all of them are here. */
  everyKey?: () => Promise<string[]>;
  bulk?: ReactNode;
  page?: { offset: number; limit: number; onPage: (offset: number) => void; onLimit?: (limit: number) => void };
  /** Hears which rows are looked at, for a list that is read as far as one scrolls. */
  reach?: (from: number, to: number) => void;
};

const TALL = 48;
const DENSE = 36;
const OVERSCAN = 16;
const ROOM = 140; // what a column without a width needs at least
const PICK = 40;
const INSIDE = "a, button, input, select, textarea, [role=menuitem], [role=dialog]";

/** Server-side pages, sort heads, selection, j/k/x/Enter; of long lists only the rows in view are drawn; cards on a phone. */
export function DataTable<T>(props: TableProps<T>) {
  const { rows, error, retry, empty } = props;
  const phone = useMediaQuery("(max-width: 47.98em)", window.innerWidth < 768) ?? false;
  if (error && !rows) return <div className={classes.box}><ProblemBox error={error} retry={retry} /></div>;
  if (rows && rows.length === 0 && (props.page?.offset ?? 0) === 0) return <div className={classes.box}>{empty}</div>;
  const pager = props.page && rows && <Pager {...props.page} total={props.total ?? rows.length} />;
  return phone ? <Cards {...props} pager={pager} /> : <Grid {...props} pager={pager} />;
}

function Grid<T>(props: TableProps<T> & { pager: ReactNode }) {
  const { rows, columns, hidden, selected, reach } = props;
  const scroll = useRef<HTMLDivElement>(null);
  const frame = useElementSize();
  const wanted = useMemo(() => columns.filter((column) => !hidden?.includes(column.id)), [columns, hidden?.join()]);
  const fits = useMemo(() => fitting(wanted, frame.width - (selected ? PICK : 0)), [wanted, frame.width, !!selected]);
  const shown = frame.width === 0 ? wanted : fits;
  const id = `table-${props.label}`;
  const left = useElementScrollRestoration({ id });
  const count = rows?.length ?? 0;
  const virtual = useVirtualizer({
    count, overscan: OVERSCAN, getScrollElement: () => scroll.current, estimateSize: () => (props.dense ? DENSE : TALL), initialOffset: left?.scrollY,
  });
  useEffect(() => virtual.measure(), [props.dense]);
  const items = virtual.getVirtualItems();
  const [first, last] = [virtual.range?.startIndex ?? 0, virtual.range?.endIndex ?? 0];
  useEffect(() => { if (count > 0) reach?.(first, last); }, [reach, first, last, count]);
  const act = useActs(props);
  const cursor = useCursor(props, (index) => virtual.scrollToIndex(index));
  const sized = shown.some((column) => column.width !== undefined);
  const wide = sized ? widthOf(shown) + (selected ? PICK : 0) : undefined;
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <div className={classes.box} ref={frame.ref}>
      {props.bulk && selected && selected.size > 0 && <div className={classes.bulk}>{props.bulk}</div>}
      <div ref={scroll} className={classes.scroll} tabIndex={0} role="region" aria-label={props.label} data-scroll-restoration-id={id}>
        <table className={classes.table} data-dense={props.dense} data-sized={sized} style={{ minWidth: wide }} aria-label={props.label} aria-busy={!rows} aria-rowcount={rows && count + 1}>
          <Head {...props} columns={shown} />
          <tbody>
            {!rows && <Loading columns={shown} picks={!!selected} />}
            {above > 0 && <tr aria-hidden style={{ height: above }} />}
            {items.map((item) => (
              <Row<T>
                key={item.key} index={item.index} measure={virtual.measureElement} row={rows?.[item.index]} columns={shown} cursor={item.index === cursor}
                useRow={props.useRow} keyOf={props.keyOf} nameOf={props.nameOf} opens={!!props.open} picks={!!selected}
                picked={selected !== undefined && rows?.[item.index] !== undefined && selected.has(props.keyOf(rows[item.index]!))} open={act.open} toggle={act.toggle}
              />
            ))}
            {below > 0 && <tr aria-hidden style={{ height: below }} />}
          </tbody>
        </table>
      </div>
      {props.pager}
      {reach && rows && <Place from={first} to={last} total={props.total ?? count} />}
    </div>
  );
}

function widthOf<T>(columns: Column<T>[]): number {
  return columns.reduce((sum, column) => sum + (column.width ?? ROOM), 0);
}

function fitting<T>(columns: Column<T>[], room: number): Column<T>[] {
  let left = columns;
  for (const column of [...columns].filter((one) => one.rank !== undefined).sort((a, b) => b.rank! - a.rank!)) {
    if (widthOf(left) <= room) break;
    left = left.filter((one) => one !== column);
  }
  return left;
}

/** What can be done with a row, the same functions for as long as the table stands, so that rows need not be drawn again. */
function useActs<T>(props: TableProps<T>) {
  const now = useRef(props);
  now.current = props;
  const open = useCallback((row: T) => now.current.open?.(row), []);
  const toggle = useCallback((row: T) => {
    const { selected, onSelect, keyOf } = now.current;
    if (!onSelect || !selected) return;
    const next = new Set(selected);
    if (!next.delete(keyOf(row))) next.add(keyOf(row));
    onSelect(next);
  }, []);
  return { open, toggle };
}

/** The row that j and k stand on; x selects it, Enter opens it. */
function useCursor<T>(props: TableProps<T>, show: (index: number) => void): number {
  const [cursor, setCursor] = useState(-1);
  const { open, toggle } = useActs(props);
  const at = () => props.rows?.[cursor];
  const go = (index: number) => {
    if (document.querySelector("[role=dialog]") || !props.rows?.length) return;
    const next = Math.max(0, Math.min(index, props.rows.length - 1));
    setCursor(next);
    show(next);
  };
  useHotkeys([
    ["j", () => go(cursor + 1)],
    ["k", () => go(cursor - 1)],
    ["x", () => { const row = at(); if (row !== undefined) toggle(row); }],
    ["Enter", (event) => { const row = at(); if (row !== undefined && !(event.target as HTMLElement).closest(INSIDE)) open(row); }, { preventDefault: false }],
  ]);
  return cursor;
}
