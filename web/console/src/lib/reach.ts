/** A long list that is read from the server a page at a time, as far as the reader scrolls. */
import { useQueries, useQueryClient, type QueryFunction, type QueryKey } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";

export const REACH_PAGE = 100;
const AGAIN_MS = 10_000;

type Part<T> = { items: T[]; total: number };
type Ask<T> = (offset: number, limit: number) => { queryKey: QueryKey; queryFn?: QueryFunction<Part<T>, never> | unknown };
export type Reached<T> = {
  /** As long as the whole list; what is not read yet is undefined. */
  rows: (T | undefined)[] | undefined;
  total: number | undefined;
  error: unknown;
  retry: () => void;
  /** Tells which rows are looked at; their pages are read, and again every 10 s. */
  reach: (from: number, to: number) => void;
};

/** `key` names the filters and the order: when it changes the old rows stay until the first new ones are here. */
export function useReach<T>(key: string, ask: Ask<T>): Reached<T> {
  const client = useQueryClient();
  const [looked, look] = useState({ key, from: 0, to: 0 });
  const { from, to } = looked.key === key ? looked : { from: 0, to: 0 };
  const asked = [];
  for (let page = from; page <= to; page += 1) asked.push({ ...ask(page * REACH_PAGE, REACH_PAGE), placeholderData: undefined, refetchInterval: AGAIN_MS });
  const answers = useQueries({ queries: asked as never[] }) as { data?: Part<T>; dataUpdatedAt: number; error: unknown; refetch: () => unknown }[];
  const total = answers.find((answer) => answer.data)?.data?.total;
  const before = useRef<{ rows: (T | undefined)[]; total: number }>(undefined);
  const told = answers.map((answer) => answer.dataUpdatedAt).join();
  const rows = useMemo(() => {
    if (total === undefined) return undefined;
    const all = Array<T | undefined>(total);
    for (let offset = 0; offset < total; offset += REACH_PAGE) {
      const known = client.getQueryData<Part<T>>(ask(offset, REACH_PAGE).queryKey);
      known?.items.forEach((row, index) => { all[offset + index] = row; });
    }
    return all.slice(0, total);
  }, [key, total, told]);
  if (rows && total !== undefined) before.current = { rows, total };
  const reach = useCallback((first: number, last: number) => {
    const next = { key, from: Math.floor(Math.max(0, first) / REACH_PAGE), to: Math.floor(Math.max(0, last) / REACH_PAGE) };
    look((now) => (now.key === key && now.from === next.from && now.to === next.to ? now : next));
  }, [key]);
  return {
    rows: rows ?? before.current?.rows, total: total ?? before.current?.total, reach,
    error: answers.find((answer) => answer.error)?.error, retry: () => answers.forEach((answer) => void answer.refetch()),
  };
}
