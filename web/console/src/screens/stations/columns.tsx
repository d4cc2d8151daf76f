import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Station } from "~/lib/api/client";
import { duration, power } from "~/lib/format";
import { useNow } from "~/lib/now";
import { powerOf } from "~/lib/status";
import type { Column } from "~/parts/DataTable";
import { Figure } from "~/parts/Figure";
import { PresenceMark, StationPills } from "~/parts/Status";
import table from "~/parts/DataTable.module.css";

function Name({ station }: { station: Station }) {
  return (
    <>
      <Link to="/stations/$identity" params={{ identity: station.identity }} style={{ fontWeight: 600 }} title={station.identity}>{station.identity}</Link>
      {station.name && <div className={table.sub} title={station.name}>{station.name}</div>}
    </>
  );
}

function Seen({ station }: { station: Station }) {
  const { t } = useTranslation();
  const now = useNow(5_000);
  const at = station.presence.seen_at;
  return <span className="num">{at ? t("word.ago", { time: duration(now - Date.parse(at)) }) : "–"}</span>;
}

/** The same columns for as long as the language is: rows are drawn again only when something of theirs has changed. */
export function useStationColumns(): Column<Station>[] {
  const { t } = useTranslation();
  return useMemo(() => [
    { id: "identity", head: t("station.one"), sort: "identity", width: 144, cell: (station) => <Name station={station} /> },
    { id: "online", head: t("station.connection"), sort: "online", width: 166, cell: (station) => <PresenceMark station={station} /> },
    { id: "connectors", head: t("station.connectors"), width: 304, cell: (station) => <StationPills station={station} line /> },
    { id: "power", head: t("unit.power"), right: true, width: 84, rank: 1, cell: (station) => (station.sessions.length > 0 ? <Figure of={power(powerOf(station))} /> : <span className={table.sub}>–</span>) },
    { id: "location", head: t("station.location"), sort: "location", rank: 2, cell: (station) => station.location?.name ?? <span className={table.sub}>{t("station.no_location")}</span> },
    { id: "model", head: t("station.model"), sort: "model", width: 128, rank: 3, cell: (station) => [station.boot.vendor, station.boot.model].filter(Boolean).join(" ") || "–" },
    { id: "firmware", head: t("station.firmware"), sort: "firmware_version", width: 120, rank: 5, cell: (station) => station.boot.firmware_version ?? "–" },
    { id: "serial", head: t("station.serial"), sort: "serial_number", width: 150, rank: 6, cell: (station) => station.boot.serial_number ?? "–" },
    { id: "seen", head: t("station.last_message"), sort: "seen_at", right: true, width: 124, rank: 4, cell: (station) => <Seen station={station} /> },
  ], [t]);
}

export function StationCard({ station }: { station: Station }) {
  return (
    <>
      <div style={{ display: "flex", justifyContent: "space-between", gap: 8, marginBottom: 8 }}>
        <div style={{ minWidth: 0, overflowWrap: "anywhere" }}><Name station={station} /></div>
        <PresenceMark station={station} />
      </div>
      <div style={{ display: "flex", justifyContent: "space-between", gap: 8, alignItems: "center" }}>
        <StationPills station={station} />
        {station.sessions.length > 0 && <Figure of={power(powerOf(station))} />}
      </div>
    </>
  );
}
