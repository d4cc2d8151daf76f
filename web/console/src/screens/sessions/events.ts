/** A session's timeline from the frames behind it and its station's status, in the order of the station's own times. */
import type { Frame, Session } from "~/lib/api/client";
import { asState, type State } from "~/lib/status";

export type Event = { at: number; key: string; state: State; values?: Record<string, string>; };
type Json = Record<string, unknown>;

const WIRE: Record<string, State> = {
  Available: "available", Preparing: "preparing", Charging: "charging", SuspendedEV: "suspended_ev", SuspendedEVSE: "suspended_evse",
  Finishing: "finishing", Reserved: "reserved", Unavailable: "unavailable", Faulted: "faulted",
};

function callOf(frame: Frame): Json {
  return Array.isArray(frame.call) && typeof frame.call[3] === "object" ? ((frame.call[3] ?? {}) as Json) : {};
}

/** Status changes of the session's connector, from a little before its start to a little after its end. */
export function statusEvents(session: Session, frames: Frame[]): Event[] {
  const from = Date.parse(session.started_at) - 10 * 60_000;
  const to = (session.ended_at ? Date.parse(session.ended_at) : Date.now()) + 10 * 60_000;
  const events = frames
    .filter((frame) => frame.action === "StatusNotification" && callOf(frame).connectorId === session.evse)
    .map((frame): Event => {
      const call = callOf(frame);
      const state = WIRE[String(call.status)] ?? asState(null);
      return { at: Date.parse(String(call.timestamp ?? frame.at)), key: `event.${state}`, state };
    })
    .filter((event) => event.at >= from && event.at <= to)
    .sort((a, b) => a.at - b.at);
  const start = Date.parse(session.started_at);
  const before = events.filter((event) => event.at < start && event.state === "preparing").slice(-1);
  const end = session.ended_at ? Date.parse(session.ended_at) : Infinity;
  const freed = events.find((event) => event.at > end && event.state === "available");
  const during = events.filter((event) => event.at >= start - 2_000 && event.at <= (freed?.at ?? to) && event.state !== "preparing");
  return [...before, ...during];
}

export function timeline(session: Session, frames: Frame[], words: { authorization: string; reason: string }): Event[] {
  const events: Event[] = [
    ...statusEvents(session, frames),
    { at: Date.parse(session.started_at) - 1, key: "event.authorised", state: session.authorization === "accepted" ? "available" : "faulted", values: { token: session.id_token, status: words.authorization } },
    { at: Date.parse(session.started_at), key: "event.started", state: "charging" },
  ];
  if (session.ended_at) events.push({ at: Date.parse(session.ended_at), key: "event.stopped", state: "finishing", values: { reason: words.reason } });
  return events.sort((a, b) => a.at - b.at);
}

/** How long the car stood plugged in without charging, in ms, as far as the status tells. */
export function idleMs(session: Session, frames: Frame[]): number | null {
  const events = statusEvents(session, frames);
  if (events.length === 0) return null;
  let idle = 0;
  events.forEach((event, index) => {
    if (!["suspended_ev", "suspended_evse", "finishing"].includes(event.state)) return;
    const next = events[index + 1]?.at ?? (session.ended_at ? event.at : Date.now());
    idle += next - event.at;
  });
  return idle;
}
