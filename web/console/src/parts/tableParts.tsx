/** The parts of a table: head, rows, and cards on a phone. */
import { Checkbox, Skeleton, VisuallyHidden } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Column, TableProps } from "./DataTable";
import { Place } from "./Pager";
import classes from "./DataTable.module.css";

const WIDTHS = [70, 45, 60, 35, 55, 40];
const CARD = 84;
const same = <T,>(row: T): T => row;

export function Head<T>(props: TableProps<T>) {
  const { t } = useTranslation();
  const { rows, sort = "", onSort, selected, onSelect, everyKey, keyOf } = props;
  const key = sort.replace(/^-/, "");
  const Arrow = sort.startsWith("-") ? IconArrowDown : IconArrowUp;
  const total = everyKey ? (props.total ?? 0) : (rows?.length ?? 0);
  const all = total > 0 && selected !== undefined && (everyKey ? selected.size >= total : rows!.every((row) => row !== undefined && selected.has(keyOf(row))));
  const toggle = async () => {
    if (all) return onSelect?.(new Set());
    const here = rows?.filter((row) => row !== undefined).map(keyOf) ?? [];
    onSelect?.(new Set(everyKey && here.length < total ? await everyKey() : here));
  };
  return (
    <thead>
      <tr>
        {selected && (
          <th className={classes.pick}>
            <Checkbox size="xs" aria-label={t(everyKey ? "word.select_every" : "word.select_all")} checked={all} indeterminate={selected.size > 0 && !all} onChange={() => void toggle()} />
          </th>
        )}
        {props.columns.map((column) => (
          <th
            key={column.id} scope="col" className={column.right ? classes.right : undefined} style={{ width: column.width }}
            aria-sort={column.sort && column.sort === key ? (sort.startsWith("-") ? "descending" : "ascending") : undefined}
          >
            {column.sort && onSort ? (
              <button type="button" className={classes.sort} onClick={() => onSort(sort === column.sort ? `-${column.sort}` : column.sort!)}>
                {column.head}
                {column.sort === key && <Arrow size={14} aria-hidden />}
              </button>
            ) : (
              column.head || <VisuallyHidden>{t("word.actions")}</VisuallyHidden>
            )}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function Bones<T>({ columns, picks, index }: { columns: Column<T>[]; picks: boolean; index: number }) {
  return (
    <>
      {picks && <td />}
      {columns.map((column, place) => (
        <td key={column.id}><Skeleton animate={false} height={12} width={`${WIDTHS[(index + place) % 6]}%`} ml={column.right ? "auto" : undefined} /></td>
      ))}
    </>
  );
}

/** Rows in the shape of the data before there is any. */
export function Loading<T>({ columns, picks }: { columns: Column<T>[]; picks: boolean }) {
  return [...Array(8).keys()].map((index) => <tr key={index}><Bones columns={columns} picks={picks} index={index} /></tr>);
}

type RowProps<T> = {
  row: T | undefined; index: number; columns: Column<T>[]; cursor: boolean; picked: boolean; picks: boolean; opens: boolean;
  keyOf: (row: T) => string; nameOf?: (row: T) => string; useRow?: (row: T) => T;
  open: (row: T) => void; toggle: (row: T) => void; measure: (element: Element | null) => void;
};

function RowNow<T>(props: RowProps<T>) {
  const { row, index } = props;
  return (
    <tr
      ref={props.measure} data-index={index} aria-rowindex={index + 2} data-open={props.opens} data-cursor={props.cursor} data-selected={props.picked} aria-busy={row === undefined || undefined}
      onClick={(event) => {
        if (row !== undefined && !(event.target as HTMLElement).closest("a, button, input, label") && !window.getSelection()?.toString()) props.open(row);
      }}
    >
      {row === undefined ? <Bones columns={props.columns} picks={props.picks} index={index} /> : <Cells {...props} row={row} />}
    </tr>
  );
}

/** Drawn again only when something of its own has changed. */
export const Row = memo(RowNow) as typeof RowNow;

function Cells<T>({ row: known, columns, picks, picked, keyOf, nameOf = keyOf, useRow = same, toggle }: RowProps<T> & { row: T }) {
  const { t } = useTranslation();
  const row = useRow(known);
  return (
    <>
      {picks && <td className={classes.pick}><Checkbox size="xs" aria-label={t("word.select_row", { name: nameOf(row) })} checked={picked} onChange={() => toggle(row)} /></td>}
      {columns.map((column) => <td key={column.id} className={column.right ? classes.right : undefined}>{column.cell(row)}</td>)}
    </>
  );
}

/** What scrolls is the page; of many cards only those in view are drawn. */
export function Cards<T>({ rows, card, label, pager, reach, useRow, total }: TableProps<T> & { pager: ReactNode }) {
  const list = useRef<HTMLUListElement>(null);
  const [margin, setMargin] = useState(0);
  const page = () => list.current?.closest("main") ?? null;
  const count = rows?.length ?? 5;
  const virtual = useVirtualizer({ count, overscan: 6, gap: 8, scrollMargin: margin, getScrollElement: page, estimateSize: () => CARD });
  useLayoutEffect(() => {
    const top = page()?.getBoundingClientRect().top ?? 0;
    setMargin((list.current?.getBoundingClientRect().top ?? 0) - top + (page()?.scrollTop ?? 0));
  }, []);
  const items = virtual.getVirtualItems();
  const [first, last] = [virtual.range?.startIndex ?? 0, virtual.range?.endIndex ?? 0];
  useEffect(() => { if (rows) reach?.(first, last); }, [reach, first, last, rows?.length]);
  const above = (items[0]?.start ?? margin) - margin;
  const below = virtual.getTotalSize() - ((items.at(-1)?.end ?? margin) - margin);
  return (
    <>
      <ul ref={list} className={classes.cards} aria-label={label} style={{ paddingTop: above, paddingBottom: Math.max(0, below) }}>
        {items.map((item) => (
          <li key={item.key} ref={virtual.measureElement} data-index={item.index} className={classes.card} aria-setsize={rows?.length} aria-posinset={item.index + 1}>
            <Face row={rows?.[item.index]} card={card} useRow={useRow} />
          </li>
        ))}
      </ul>
      {pager}
      {reach && rows && <Place from={first} to={last} total={total ?? rows.length} />}
    </>
  );
}

function FaceNow<T>({ row, ...rest }: { row: T | undefined; card: (row: T) => ReactNode; useRow?: (row: T) => T }) {
  return row === undefined ? <Skeleton animate={false} height={58} /> : <Known row={row} {...rest} />;
}
const Face = memo(FaceNow) as typeof FaceNow;

function Known<T>({ row, card, useRow = same }: { row: T; card: (row: T) => ReactNode; useRow?: (row: T) => T }) {
  return card(useRow(row));
}
