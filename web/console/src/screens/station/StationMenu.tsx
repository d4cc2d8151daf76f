import { Menu } from "@mantine/core";
import { IconCircleMinus, IconCirclePlus, IconClockPlay, IconCode, IconDownload, IconBookmark, IconGauge, IconEraser, IconFileDownload, IconPencil, type Icon } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "~/app/session";
import type { Station } from "~/lib/api/client";
import { useAddress } from "~/lib/address";
import { can, type Can } from "~/lib/can";
import { place } from "~/lib/commands";
import { stationState } from "~/lib/status";
import type { Asking } from "./dialogs";

/** What else can be asked of a station; forms of several fields live on the Maintenance tab. */
export function StationMenu({ station, ask }: { station: Station; ask: (asking: Asking) => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const [, go] = useAddress();
  const [out] = useState(() => stationState(station) === "unavailable");
  const form = (name: string) => () => go({ tab: "maintenance", form: name });
  const entries: [string, Icon, Can, () => void][] = [
    [t("station.edit"), IconPencil, can.rename(me, station), () => ask({ kind: "edit" })],
    [t(out ? "verb.enable_all" : "verb.disable_all"), out ? IconCirclePlus : IconCircleMinus, can.changeAvailability(me, station), () => ask({ kind: "availability", evse: 0, available: out })],
    [t("verb.trigger_status"), IconClockPlay, can.trigger(me, station), () => void place(station.identity, "trigger", { message: "status" })],
    [t("verb.clear-cache"), IconEraser, can.trigger(me, station), () => void place(station.identity, "clear-cache", {})],
    [t("verb.reserve"), IconBookmark, can.reserve(me, station), form("reserve")],
    [t("verb.limit"), IconGauge, can.limit(me, station), form("limit")],
    [t("verb.firmware"), IconDownload, can.maintain(me, station), form("firmware")],
    [t("verb.diagnostics"), IconFileDownload, can.maintain(me, station), form("diagnostics")],
    [t("verb.raw"), IconCode, can.raw(me, station), form("raw")],
  ];
  return entries.map(([label, Mark, may, run]) => (
    <Menu.Item key={label} leftSection={<Mark size={16} />} disabled={!may.ok} onClick={run}>
      {label}
      {!may.ok && <span style={{ display: "block", fontSize: 12 }}>{t(`reason.${may.reason}`)}</span>}
    </Menu.Item>
  ));
}
