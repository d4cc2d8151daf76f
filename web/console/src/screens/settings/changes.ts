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

type Words = { field: (name: string) => string; role: (name: string) => string; yes: string; no: string };

/** `name: – → By the gate`, for what is not the same before and after; `names` are those of places and people, by id. */
export function differences(entry: AuditEntry, names: Map<string, string>, words: Words): string {
  const before = (entry.before ?? {}) as Record<string, unknown>;
  const after = (entry.after ?? {}) as Record<string, unknown>;
  const shown = (value: unknown): string => {
    if (value === null || value === undefined) return "–";
    if (typeof value === "boolean") return value ? words.yes : words.no;
    if (typeof value === "string") return names.get(value) ?? value;
    if (Array.isArray(value)) return value.map(shown).join(", ") || "–";
    const { role, organisation_id, location_id } = value as Record<string, string | null>;
    return role ? [words.role(role), ...[location_id ?? organisation_id].filter(Boolean).map(shown)].join(" – ") : JSON.stringify(value);
  };
  const { command: _, ...rest } = after; // its id says nothing to people
  const changed = Object.keys({ ...before, ...rest }).filter((name) => JSON.stringify(before[name] ?? null) !== JSON.stringify(after[name] ?? null));
  const said = changed.map((name) => `${words.field(name)}: ${entry.before && entry.after ? `${shown(before[name])} → ${shown(after[name])}` : shown((entry.after ? after : before)[name])}`);
  return [...(typeof after.part === "string" && before.part === after.part ? [after.part] : []), ...said].join(" · ");
}
