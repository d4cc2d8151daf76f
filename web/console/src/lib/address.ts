/** State in the address: filters, tabs, sort and pages are read from it and written to it. */
import { useLocation, useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";

/** Stays in the address from page to page, so that taking it away must be said. */
const KEPT = "in";

export type Values = Record<string, string | number | boolean | undefined>;

export function useAddress(): [Values, (change: Values, options?: { replace?: boolean }) => void] {
  const values = useLocation({ select: (location) => location.search }) as Values;
  const navigate = useNavigate();
  const set = useCallback(
    (change: Values, options: { replace?: boolean } = {}) => {
      void navigate({
        to: ".",
        replace: options.replace ?? false,
        resetScroll: false,
        search: ((before: Values) =>
          Object.fromEntries(Object.entries({ ...before, ...change }).filter(([name, value]) => (value !== undefined && value !== "") || name === KEPT))) as never,
      });
    },
    [navigate],
  );
  return [values, set];
}

export function asText(value: Values[string]): string | undefined {
  return value === undefined || value === "" ? undefined : String(value);
}

export function asNumber(value: Values[string], otherwise: number): number {
  const number = Number(value);
  return value === undefined || Number.isNaN(number) ? otherwise : number;
}

export function asFlag(value: Values[string]): boolean | undefined {
  return value === true || value === "true" ? true : value === false || value === "false" ? false : undefined;
}
