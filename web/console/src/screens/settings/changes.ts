/** An entry of the audit trail in a few words. */
import type { AuditEntry } from "~/lib/api/client";

export const SUBJECTS = [
  "station", "location", "organisation", "user", "api_key", "id_token", "unknown_station", "review_item", "reservation", "charging_profile", "configuration_template",
  "firmware_image", "firmware_campaign", "station_job", "certificate", "local_list", "local_list_rule", "station_quirks",
];
const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** What people call what was changed; its id only where it has no name. */
export function subjectOf(entry: AuditEntry, names: Map<string, string>): string {
  if (!UUID.test(entry.subject_id)) return entry.subject_id;
  const said = { ...entry.before, ...entry.after } as Record<string, unknown>;
  return String(names.get(entry.subject_id) ?? said.name ?? said.email ?? said.uid ?? `…${entry.subject_id.slice(-6)}`);
}

/** `name: – → By the gate`, for what is not the same before and after; `names` are those of places and people, by id. */
export function differences(entry: AuditEntry, names: Map<string, string>): string {
  const before = (entry.before ?? {}) as Record<string, unknown>;
  const after = (entry.after ?? {}) as Record<string, unknown>;
  const shown = (value: unknown) => (value === null || value === undefined ? "–" : typeof value === "string" ? (names.get(value) ?? value) : JSON.stringify(value));
  const { command: _, ...rest } = after; // its id says nothing to people
  const changed = Object.keys({ ...before, ...rest }).filter((name) => JSON.stringify(before[name] ?? null) !== JSON.stringify(after[name] ?? null));
  const words = changed.map((name) => (entry.before && entry.after ? `${name}: ${shown(before[name])} → ${shown(after[name])}` : `${name}: ${shown((entry.after ? after : before)[name])}`));
  return [...(typeof after.part === "string" && before.part === after.part ? [after.part] : []), ...words].join(" · ");
}
