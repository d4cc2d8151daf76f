/** Every action through one table: whether it can be done, and if not, why (a text key). Offline stations can be asked:
 * the command waits for them. The server decides; this mirrors what it says of the caller's rights. */
import type { ActiveSession, Location, Me, Schemas, Station } from "./api/client";
import { presenceOf } from "./status";

export type Right = Schemas["Right"];
export type Can = { ok: true } | { ok: false; reason: Reason };
export type Reason = "no_right" | "never_connected" | "no_session" | "session_runs" | "offline" | "unknown_evse" | "last_self";
type Who = Me | null | undefined;

const YES: Can = { ok: true };
const no = (reason: Reason): Can => ({ ok: false, reason });

/** Whether somebody has a right at all, or at a location. */
export function may(me: Who, right: Right, at?: Pick<Location, "id" | "organisation_id"> | { id: string } | null): boolean {
  if (!me?.rights.includes(right)) return false;
  if (at === undefined) return true;
  return me.scopes.some((scope) => scope.rights.includes(right) && (scope.everything || (at !== null && (scope.location_ids.includes(at.id) || scope.organisation_ids.length > 0))));
}

const right = (name: Right) => (me: Who): Can => (may(me, name) ? YES : no("no_right"));

const ask = (name: Right) => (me: Who, station: Station): Can => {
  if (!may(me, name, station.location)) return no("no_right");
  return presenceOf(station) === "new" ? no("never_connected") : YES;
};

const charge = ask("commands.charge");
const operate = ask("commands.operate");

export const can = {
  changeStations: right("stations.write"),
  changeLocations: right("locations.write"),
  changeOrganisations: right("organisations.write"),
  changeUsers: right("users.write"),
  changeKeys: right("api_keys.write"),
  changeTokens: right("id_tokens.write"),
  changeInbox: right("inbox.write"),
  review: right("sessions.review"),
  rename: (me: Who, station: Station): Can => (may(me, "stations.write", station.location) ? YES : no("no_right")),
  start: (me: Who, station: Station, session?: ActiveSession): Can => (session ? no("session_runs") : charge(me, station)),
  stop: (me: Who, station: Station, session?: ActiveSession): Can => {
    const able = charge(me, station);
    return able.ok && !session ? no("no_session") : able;
  },
  reset: operate,
  unlock: charge,
  changeAvailability: operate,
  trigger: operate,
  configure: ask("configuration.write"),
  limit: ask("charging.write"),
  reserve: ask("reservations.write"),
  maintain: ask("maintenance.write"),
  /** What goes out as raw OCPP is sent now or never. */
  raw: (me: Who, station: Station): Can => {
    const able = ask("commands.raw")(me, station);
    return able.ok && !station.presence.online ? no("offline") : able;
  },
};
