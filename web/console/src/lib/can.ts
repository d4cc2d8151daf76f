/** Every action through one table: whether it can be done, and if not, why (a text key). Offline stations can be asked:
 * the command waits for them. */
import type { ActiveSession, Me, Station } from "./api/client";
import { presenceOf } from "./status";

export type Can = { ok: true } | { ok: false; reason: Reason };
export type Reason = "no_right" | "never_connected" | "no_session" | "session_runs" | "offline" | "unknown_evse" | "last_self";

const YES: Can = { ok: true };
const no = (reason: Reason): Can => ({ ok: false, reason });

export function mayChange(me: Me | null | undefined): boolean {
  return me?.rights.includes("stations.write") ?? false;
}

function ask(me: Me | null | undefined, station: Station): Can {
  if (!mayChange(me)) return no("no_right");
  return presenceOf(station) === "new" ? no("never_connected") : YES;
}

function now(me: Me | null | undefined, station: Station): Can {
  const can = ask(me, station);
  return can.ok && !station.presence.online ? no("offline") : can;
}

export const can = {
  change: (me: Me | null | undefined): Can => (mayChange(me) ? YES : no("no_right")),
  start: (me: Me | null | undefined, station: Station, session?: ActiveSession): Can =>
    session ? no("session_runs") : ask(me, station),
  stop: (me: Me | null | undefined, station: Station, session?: ActiveSession): Can =>
    session ? ask(me, station) : mayChange(me) ? no("no_session") : no("no_right"),
  reset: ask,
  unlock: ask,
  changeAvailability: ask,
  trigger: ask,
  configure: ask,
  /** What goes out as raw OCPP is sent now or never. */
  raw: now,
};
