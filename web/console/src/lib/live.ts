/** Live stations: a snapshot, then deltas, over one stream for the whole console; it reconnects and catches up by itself. */
import { useSyncExternalStore } from "react";
import type { Station } from "./api/client";

export type Link = { state: "connecting" | "live" | "lost"; since: number };
type Listener = () => void;

const BY_NUMBER = new Intl.Collator("en", { numeric: true });
const GRACE_MS = 1500; // the server ends each stream now and then; coming back at once is no news
const RETRY_MS = 2000;
const SOON_MS = 40;
const APART_MS = 250;

class LiveStations {
  private stations = new Map<string, Station>();
  private gathering = new Map<string, Station>();
  private listeners = new Set<Listener>();
  private source: EventSource | null = null;
  private link: Link = { state: "connecting", since: Date.now() };
  private grace: number | undefined;
  private retry: number | undefined;
  private frame = 0;
  private drawnAt = -Infinity;
  private version = 0;
  /** Identities in order; null when one came or went. Sorting thousands at every change would cost more than drawing them. */
  private order: string[] | null = null;
  private listed: { version: number; list: Station[] } = { version: -1, list: [] };

  start(): void {
    if (this.source !== null) return;
    const source = new EventSource("/api/v1/live");
    this.source = source;
    source.addEventListener("open", () => this.becomes("live"));
    source.addEventListener("snapshot", (event) => this.takeSnapshot(JSON.parse(event.data)));
    source.addEventListener("station", (event) => this.take(JSON.parse(event.data)));
    source.addEventListener("removed", (event) => this.remove(JSON.parse(event.data)));
    source.addEventListener("error", () => this.lose());
  }

  stop(): void {
    this.source?.close();
    this.source = null;
    window.clearTimeout(this.grace);
    window.clearTimeout(this.retry);
    this.grace = this.retry = undefined;
    this.stations = new Map();
    this.order = null;
    this.becomes("connecting");
  }

  private lose(): void {
    this.grace ??= window.setTimeout(() => this.becomes("lost"), GRACE_MS);
    window.clearTimeout(this.retry);
    this.retry = window.setTimeout(() => {
      if (this.link.state === "live" && this.grace === undefined) return;
      this.source?.close();
      this.source = null;
      this.start();
    }, RETRY_MS);
  }

  private becomes(state: Link["state"]): void {
    window.clearTimeout(this.grace);
    this.grace = undefined;
    if (state === "live") window.clearTimeout(this.retry);
    if (this.link.state !== state) this.link = { state, since: Date.now() };
    this.tell();
  }

  private takeSnapshot(part: { part: number; last: boolean; stations: Station[] }): void {
    if (part.part === 0) this.gathering = new Map();
    for (const station of part.stations) this.gathering.set(station.identity, station);
    if (part.last) {
      this.stations = this.gathering;
      this.order = null;
      this.tell();
    }
  }

  private take(station: Station): void {
    if (!this.stations.has(station.identity)) this.order = null;
    this.stations.set(station.identity, station);
    this.tell();
  }

  private remove(gone: { identity: string }): void {
    this.stations.delete(gone.identity);
    this.order = null;
    this.tell();
  }

  /** A change after a quiet while is drawn soon; however many follow, the screen is drawn at most 4 times a second. */
  private tell(): void {
    this.version += 1;
    if (this.frame !== 0) return;
    this.frame = window.setTimeout(() => {
      this.frame = 0;
      this.drawnAt = performance.now();
      for (const listener of this.listeners) listener();
    }, Math.max(SOON_MS, this.drawnAt + APART_MS - performance.now()));
  }

  readonly subscribe = (listener: Listener): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  readonly get = (identity: string): Station | undefined => this.stations.get(identity);
  readonly linkNow = (): Link => this.link;
  readonly all = (): Station[] => {
    if (this.listed.version !== this.version) {
      this.order ??= [...this.stations.keys()].sort(BY_NUMBER.compare);
      this.listed = { version: this.version, list: this.order.map((identity) => this.stations.get(identity)!) };
    }
    return this.listed.list;
  };
}

export const live = new LiveStations();

export function useLiveStation(identity: string): Station | undefined {
  return useSyncExternalStore(live.subscribe, () => live.get(identity));
}

export function useLiveStations(): Station[] {
  return useSyncExternalStore(live.subscribe, live.all);
}

export function useLink(): Link {
  return useSyncExternalStore(live.subscribe, live.linkNow);
}
