import { useEffect, useState } from "react";

const ROUND_MS = 1_000;
const clocks = new Map<number, Set<() => void>>();

/** One timer for all who look as often: the cells of a long list tick together. */
function every(ms: number, tick: () => void): () => void {
  let ticks = clocks.get(ms);
  if (!ticks) {
    const all = (ticks = new Set());
    clocks.set(ms, all);
    window.setInterval(() => all.forEach((one) => one()), ms);
  }
  ticks.add(tick);
  return () => void ticks.delete(tick);
}

/** The time, again every `everyMs`; 0: only once. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    setNow((before) => (Date.now() - before > ROUND_MS ? Date.now() : before));
    return everyMs === 0 ? undefined : every(everyMs, () => setNow(Date.now()));
  }, [everyMs]);
  return now;
}
