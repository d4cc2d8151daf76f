import { Tabs } from "@mantine/core";
import { useEffect, useRef, type ReactNode } from "react";
import classes from "./TabStrip.module.css";

/** Tabs in one line; where they are wider than the screen, the chosen one comes into view. */
export function TabStrip({ value, children }: { value: string; children: ReactNode }) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const tab = list.current?.querySelector<HTMLElement>("[data-active]");
    if (tab && list.current) list.current.scrollLeft = tab.offsetLeft - (list.current.clientWidth - tab.clientWidth) / 2;
  }, [value]);
  return <Tabs.List ref={list} className={classes.strip}>{children}</Tabs.List>;
}
