import { Checkbox, Skeleton, VisuallyHidden } from "@mantine/core";
import { useHotkeys, useMediaQuery } from "@mantine/hooks";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ProblemBox } from "./Page";
import { Pager } from "./Pager";
import classes from "./DataTable.module.css";

export type Column<T> = {
  id: string;
  head: string;
  cell: (row: T) => ReactNode;
  sort?: string;
  right?: boolean;
  width?: number | string;
};

type Props<T> = {
  label: string;
  rows: T[] | undefined;
  total?: number;
  error?: unknown;
  retry?: () => void;
  columns: Column<T>[];
  hidden?: string[];
  dense?: boolean;
  keyOf: (row: T) => string;
  nameOf?: (row: T) => string;
  open?: (row: T) => void;
  card: (row: T) => ReactNode;
  empty: ReactNode;
  sort?: string;
  onSort?: (sort: string) => void;
  selected?: Set<string>;
  onSelect?: (selected: Set<string>) => void;
  bulk?: ReactNode;
  page?: { offset: number; limit: number; onPage: (offset: number) => void; onLimit?: (limit: number) => void };
};

/** Server-side pages, sort heads, selection, j/k/x/Enter; a list of cards on a phone. */
export function DataTable<T>(props: Props<T>) {
  const { rows, error, retry, empty, columns, hidden = [], keyOf, selected, onSelect, open } = props;
  const phone = useMediaQuery("(max-width: 48em)") ?? false;
  const [cursor, setCursor] = useState(-1);
  const body = useRef<HTMLTableSectionElement>(null);
  const count = rows?.length ?? 0;
  const toggle = (row: T) => {
    if (!onSelect || !selected) return;
    const next = new Set(selected);
    if (!next.delete(keyOf(row))) next.add(keyOf(row));
    onSelect(next);
  };
  const at = (): T | undefined => rows?.[cursor];
  useHotkeys([
    ["j", () => setCursor((now) => Math.min(now + 1, count - 1))],
    ["k", () => setCursor((now) => Math.max(now - 1, 0))],
    ["x", () => { const row = at(); if (row) toggle(row); }],
    ["Enter", () => { const row = at(); if (row) open?.(row); }],
  ]);
  useEffect(() => {
    body.current?.children[cursor]?.scrollIntoView({ block: "nearest" });
  }, [cursor]);

  if (error && !rows) return <div className={classes.box}><ProblemBox error={error} retry={retry} /></div>;
  if (rows && rows.length === 0 && (props.page?.offset ?? 0) === 0) return <div className={classes.box}>{empty}</div>;
  const shown = columns.filter((column) => !hidden.includes(column.id));
  const pager = props.page && rows && <Pager {...props.page} total={props.total ?? rows.length} />;
  if (phone) return <Cards {...props} pager={pager} />;
  return (
    <div className={classes.box}>
      {props.bulk && selected && selected.size > 0 && <div className={classes.bulk}>{props.bulk}</div>}
      <div className={classes.scroll} tabIndex={0} role="region" aria-label={props.label}>
        <table className={classes.table} data-dense={props.dense} aria-label={props.label} aria-busy={!rows}>
          <Head {...props} columns={shown} toggleAll={() => onSelect?.(allSelected(props) ? new Set() : new Set(rows?.map(keyOf)))} />
          <tbody ref={body}>
            {rows
              ? rows.map((row, index) => (
                  <Row key={keyOf(row)} {...props} columns={shown} row={row} cursor={index === cursor} toggle={() => toggle(row)} />
                ))
              : [...Array(8).keys()].map((index) => (
                  <tr key={index}>
                    {selected && <td />}
                    {shown.map((column, place) => (
                      <td key={column.id}><Skeleton height={12} width={`${[70, 45, 60, 35, 55, 40][(index + place) % 6]}%`} /></td>
                    ))}
                  </tr>
                ))}
          </tbody>
        </table>
      </div>
      {pager}
    </div>
  );
}

function allSelected<T>({ rows, selected, keyOf }: Props<T>): boolean {
  return !!rows && rows.length > 0 && rows.every((row) => selected?.has(keyOf(row)));
}

function Head<T>(props: Props<T> & { toggleAll: () => void }) {
  const { t } = useTranslation();
  const { sort = "", onSort, selected } = props;
  const key = sort.replace(/^-/, "");
  const Arrow = sort.startsWith("-") ? IconArrowDown : IconArrowUp;
  return (
    <thead>
      <tr>
        {selected && (
          <th style={{ width: 40 }}>
            <Checkbox
              size="xs"
              aria-label={t("word.select_all")}
              checked={allSelected(props)}
              indeterminate={selected.size > 0 && !allSelected(props)}
              onChange={props.toggleAll}
            />
          </th>
        )}
        {props.columns.map((column) => (
          <th
            key={column.id}
            scope="col"
            className={column.right ? classes.right : undefined}
            style={{ width: column.width }}
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

function Row<T>(props: Props<T> & { row: T; cursor: boolean; toggle: () => void }) {
  const { t } = useTranslation();
  const { row, open, selected, keyOf, nameOf = keyOf } = props;
  const key = keyOf(row);
  return (
    <tr
      data-open={!!open}
      data-cursor={props.cursor}
      data-selected={selected?.has(key)}
      onClick={(event) => {
        if (!(event.target as HTMLElement).closest("a, button, input, label") && !window.getSelection()?.toString()) open?.(row);
      }}
    >
      {selected && (
        <td>
          <Checkbox size="xs" aria-label={t("word.select_row", { name: nameOf(row) })} checked={selected.has(key)} onChange={props.toggle} />
        </td>
      )}
      {props.columns.map((column) => (
        <td key={column.id} className={column.right ? classes.right : undefined}>{column.cell(row)}</td>
      ))}
    </tr>
  );
}

function Cards<T>({ rows, card, keyOf, label, pager }: Props<T> & { pager: ReactNode }) {
  return (
    <>
      <ul className={classes.cards} aria-label={label}>
        {rows
          ? rows.map((row) => <li key={keyOf(row)} className={classes.card}>{card(row)}</li>)
          : [...Array(5).keys()].map((index) => <li key={index} className={classes.card}><Skeleton height={44} /></li>)}
      </ul>
      {pager}
    </>
  );
}
