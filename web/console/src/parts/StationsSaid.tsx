import { useTranslation } from "react-i18next";
import type { Station } from "~/lib/api/client";
import { number } from "~/lib/format";
import { stationState } from "~/lib/status";

/** The network in one sentence. */
export function StationsSaid({ stations }: { stations: Station[] }) {
  const { t } = useTranslation();
  let [online, charging, faults] = [0, 0, 0];
  for (const station of stations) {
    if (station.presence.online) online += 1;
    charging += station.sessions.length;
    if (stationState(station) === "faulted") faults += 1;
  }
  return t("stations.said", { online: number(online), total: number(stations.length), cars: t("stations.cars", { count: charging }), faults: t("stations.faults", { count: faults }) });
}
