/** The status language: one order of badness, one name for what a connector or station is. */
import type { Station } from "./api/client";

export const STATES = [
  "faulted",
  "unavailable",
  "suspended_evse",
  "suspended_ev",
  "finishing",
  "charging",
  "preparing",
  "reserved",
  "available",
  "unknown",
] as const;
export type State = (typeof STATES)[number];

export function asState(text: string | null | undefined): State {
  return (STATES as readonly string[]).includes(text ?? "") ? (text as State) : "unknown";
}

export function worst(states: State[]): State {
  return STATES.find((state) => states.includes(state)) ?? "unknown";
}

/** The states of a station's connectors, its own status first when it says that something is wrong. */
export function statesOf(station: Station): State[] {
  const parts = station.evses.flatMap((evse) => evse.connectors.map((connector) => asState(connector.status)));
  const own = asState(station.status?.status);
  return own === "faulted" || own === "unavailable" ? [own, ...parts] : parts;
}

export function stationState(station: Station): State {
  return worst(statesOf(station));
}

export type Presence = "online" | "offline" | "new";

export function presenceOf(station: Station): Presence {
  if (station.presence.online) return "online";
  return station.presence.seen_at === null && station.presence.connected_at === null ? "new" : "offline";
}

/** Power that runs through the station now, in W. */
export function powerOf(station: Station): number {
  return station.sessions.reduce((sum, session) => sum + (session.power_w ?? 0), 0);
}

export function sessionAt(station: Station, evse: number) {
  return station.sessions.find((session) => session.evse === evse);
}
