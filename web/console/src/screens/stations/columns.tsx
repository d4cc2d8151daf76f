import { Link } from "@tanstack/react-router";
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
      <Link to="/stations/$identity" params={{ identity: station.identity }} style={{ fontWeight: 600 }}>{station.identity}</Link>
      {station.name && <div className={table.sub}>{station.name}</div>}
    </>
  );
}

function Seen({ station }: { station: Station }) {
  const { t } = useTranslation();
  const now = useNow(5_000);
  const at = station.presence.seen_at;
  return <span className="num">{at ? t("word.ago", { time: duration(now - Date.parse(at)) }) : "–"}</span>;
}

export function useStationColumns(): Column<Station>[] {
  const { t } = useTranslation();
  return [
    { id: "identity", head: t("station.one"), sort: "identity", cell: (station) => <Name station={station} /> },
    { id: "online", head: t("station.connection"), sort: "online", cell: (station) => <PresenceMark station={station} /> },
    { id: "connectors", head: t("station.connectors"), cell: (station) => <StationPills station={station} /> },
    { id: "power", head: t("unit.power"), right: true, cell: (station) => (station.sessions.length > 0 ? <Figure of={power(powerOf(station))} /> : <span className={table.sub}>–</span>) },
    { id: "location", head: t("station.location"), sort: "location", cell: (station) => station.location?.name ?? <span className={table.sub}>{t("station.no_location")}</span> },
    { id: "model", head: t("station.model"), sort: "model", cell: (station) => [station.boot.vendor, station.boot.model].filter(Boolean).join(" ") || "–" },
    { id: "firmware", head: t("station.firmware"), sort: "firmware_version", cell: (station) => station.boot.firmware_version ?? "–" },
    { id: "serial", head: t("station.serial"), sort: "serial_number", cell: (station) => station.boot.serial_number ?? "–" },
    { id: "seen", head: t("station.last_message"), sort: "seen_at", right: true, cell: (station) => <Seen station={station} /> },
  ];
}

export function StationCard({ station }: { station: Station }) {
  return (
    <>
      <div style={{ display: "flex", justifyContent: "space-between", gap: 8, marginBottom: 8 }}>
        <Name station={station} />
        <PresenceMark station={station} />
      </div>
      <div style={{ display: "flex", justifyContent: "space-between", gap: 8, alignItems: "center" }}>
        <StationPills station={station} />
        {station.sessions.length > 0 && <Figure of={power(powerOf(station))} />}
      </div>
    </>
  );
}
