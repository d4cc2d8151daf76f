import { IconPlugConnectedX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Station } from "~/lib/api/client";
import { time } from "~/lib/format";
import { Card, Empty } from "~/parts/Page";
import { StationDrawing } from "~/parts/StationDrawing";
import type { Asking } from "./dialogs";
import { EvseCard } from "./EvseCard";
import { Recent } from "./Recent";
import classes from "./Station.module.css";

export function NowTab({ station, ask }: { station: Station; ask: (asking: Asking) => void }) {
  const { t } = useTranslation();
  const boot = station.boot;
  const zone = station.location?.time_zone;
  const meta: [string, string | null | undefined][] = [
    [t("station.model"), [boot.vendor, boot.model].filter(Boolean).join(" ") || null],
    [t("station.firmware"), boot.firmware_version ?? null],
    [t("station.serial"), boot.serial_number],
    [t("station.booted"), boot.booted_at && time(boot.booted_at, "datetime", zone)],
    [t("station.protocol"), station.presence.protocol],
    [t("station.address"), station.presence.address],
  ];
  return (
    <div className={classes.top}>
      <Card label={t("station.drawing")}>
        <StationDrawing station={station} />
        <dl className={classes.meta}>
          {meta.map(([name, value]) => <div key={name} style={{ display: "contents" }}><dt>{name}</dt><dd>{value ?? "–"}</dd></div>)}
        </dl>
      </Card>
      <div className={classes.evses}>
        {station.evses.length === 0 && (
          <Card><Empty icon={IconPlugConnectedX} title={t("station.no_evses")} help={t("station.no_evses_help")} /></Card>
        )}
        {station.evses.map((evse) => <EvseCard key={evse.number} station={station} evse={evse} ask={ask} />)}
      </div>
      <div className={classes.last}><Recent station={station} /></div>
    </div>
  );
}
