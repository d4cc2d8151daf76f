/** The pages of the console, as far as somebody may see them. */
import { IconBolt, IconChargingPile, IconId, IconInbox, IconLayoutDashboard, IconMap2, IconSettings, type Icon } from "@tabler/icons-react";
import { may, type Right } from "~/lib/can";
import { useMe } from "./session";

export type Entry = { needs?: Right; to: string; key: "overview" | "stations" | "map" | "sessions" | "access" | "inbox" | "settings"; icon: Icon };
const ENTRIES: Entry[] = [
  { to: "/", key: "overview", icon: IconLayoutDashboard },
  { to: "/stations", key: "stations", icon: IconChargingPile },
  { to: "/map", key: "map", icon: IconMap2 },
  { to: "/sessions", key: "sessions", icon: IconBolt },
  { to: "/access", key: "access", icon: IconId, needs: "id_tokens.read" },
  { to: "/inbox", key: "inbox", icon: IconInbox, needs: "inbox.read" },
  { to: "/settings", key: "settings", icon: IconSettings },
];

export function useEntries(): Entry[] {
  const me = useMe();
  return ENTRIES.filter((entry) => entry.needs === undefined || may(me, entry.needs));
}
