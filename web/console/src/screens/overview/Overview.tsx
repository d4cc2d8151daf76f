import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schemas, Station } from "~/lib/api/client";
import { energy, number, power, time, zoneName, type Quantity } from "~/lib/format";
import { useStations } from "~/lib/useStations";
import { overviewQuery } from "~/lib/queries";
import { asState, powerOf, STATES, stationState } from "~/lib/status";
import { Figure } from "~/parts/Figure";
import { LazyChart } from "~/parts/LazyChart";
import { Card, Page, ProblemBox } from "~/parts/Page";
import { StatusPill } from "~/parts/Status";
import { Days } from "./Days";
import { Needs } from "./Needs";
import classes from "./Overview.module.css";

type Numbers = Schemas["OverviewOut"];
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function Overview() {
  const { t } = useTranslation();
  const asked = useQuery(overviewQuery(ZONE));
  const stations = useStations();
  const numbers = asked.data;
  return (
    <Page name={t("overview.title")} title={t("overview.title")} said={stations.length > 0 ? <StationsSaid stations={stations} /> : "\u00a0"}>
      {asked.error && !numbers ? <ProblemBox error={asked.error} retry={() => void asked.refetch()} /> : (
        <div className={classes.grid}>
          <Card title={`${t("overview.needs")}${numbers && numbers.needs_total > 0 ? ` (${number(numbers.needs_total)})` : ""}`} pad={0}>
            {numbers ? <Needs numbers={numbers} charging={stations.reduce((sum, station) => sum + station.sessions.length, 0)} /> : <Skeleton height={180} m={16} width="auto" />}
          </Card>
          <div className={classes.right}>
            <Card title={t("overview.now")}>{numbers ? <Figures numbers={numbers} stations={stations} /> : <Skeleton height={150} />}</Card>
            <Card title={t("overview.curve")}>{numbers ? <Curve numbers={numbers} /> : <Skeleton height={220} />}</Card>
            <Days />
            <Card title={t("overview.connectors")}><Connectors stations={stations} /></Card>
          </div>
        </div>
      )}
    </Page>
  );
}

export function StationsSaid({ stations }: { stations: Station[] }) {
  const { t } = useTranslation();
  const faults = stations.filter((station) => stationState(station) === "faulted").length;
  return t("stations.said", {
    online: number(stations.filter((station) => station.presence.online).length),
    total: number(stations.length),
    charging: number(stations.filter((station) => station.sessions.length > 0).length),
    faults: t("stations.faults", { count: faults }),
  });
}

function Figures({ numbers, stations }: { numbers: Numbers; stations: Station[] }) {
  const { t } = useTranslation();
  const live = stations.length > 0;
  const online = live ? stations.filter((station) => station.presence.online).length : numbers.online;
  const charging = live ? stations.reduce((sum, station) => sum + station.sessions.length, 0) : numbers.active_sessions;
  const watts = live ? stations.reduce((sum, station) => sum + powerOf(station), 0) : numbers.power_w;
  const plain = (value: number): Quantity => ({ value: number(value), unit: "" });
  return (
    <dl className={classes.figures}>
      <One name={t("overview.stations")} of={plain(online)} note={t("overview.of", { total: number(live ? stations.length : numbers.stations) })} />
      <One name={t("overview.charging")} of={plain(charging)} />
      <One name={t("overview.power")} of={power(watts)} />
      <One name={t("overview.energy")} of={energy(numbers.today.energy_wh)} note={<Week now={numbers.today.energy_wh} then={numbers.week_ago.energy_wh} />} />
      <One name={t("overview.sessions")} of={plain(numbers.today.sessions)} note={<Week now={numbers.today.sessions} then={numbers.week_ago.sessions} />} />
    </dl>
  );
}

function One({ name, of, note }: { name: string; of: Quantity; note?: React.ReactNode }) {
  return (
    <div className={classes.figure}>
      <dt>{name}</dt>
      <dd><Figure of={of} size={28} /><small>{note}</small></dd>
    </div>
  );
}

/** Against the same hours a week ago. */
function Week({ now, then }: { now: number; then: number }) {
  const { t, i18n } = useTranslation();
  if (then <= 0) return t("overview.week_none");
  const percent = Math.round((now / then - 1) * 100);
  const change = `${percent > 0 ? "▲" : percent < 0 ? "▼" : "="} ${number(Math.abs(percent))} %`;
  const day = new Intl.DateTimeFormat(i18n.language === "zh" ? "zh-CN" : "en-GB", { weekday: "long" }).format(new Date());
  return t("overview.week", { change, day });
}

function Curve({ numbers }: { numbers: Numbers }) {
  const { t } = useTranslation();
  const points = numbers.curve.map((point): [number, number] => [Date.parse(point.at), point.power_w / 1000]);
  return (
    <>
      <LazyChart height={220} label={t("overview.curve")} zone={ZONE} lines={[{ name: t("unit.power"), unit: "kW", digits: 1, color: "charging", area: true, step: true, points }]} />
      <p className={classes.needSince} style={{ margin: "4px 0 0" }}>{t("overview.curve_help", { zone: zoneName(ZONE) })} · {time(numbers.at, "time", ZONE)}</p>
    </>
  );
}

function Connectors({ stations }: { stations: Station[] }) {
  const { t } = useTranslation();
  const counts = new Map<string, number>();
  for (const station of stations) {
    for (const connector of station.evses.flatMap((evse) => evse.connectors)) {
      const state = station.presence.online ? asState(connector.status) : "offline";
      counts.set(state, (counts.get(state) ?? 0) + 1);
    }
  }
  const order = [...STATES].reverse().filter((state) => counts.has(state));
  const away = counts.get("offline") ?? 0;
  if (stations.length === 0) return <Skeleton height={56} />;
  return (
    <>
      <div className={classes.strip} aria-hidden>
        {order.map((state) => <span key={state} data-state={state} style={{ flexGrow: counts.get(state) }} />)}
        {away > 0 && <span data-state="unknown" data-offline style={{ flexGrow: away }} />}
      </div>
      <ul className={classes.legend}>
        {order.map((state) => <li key={state}><StatusPill state={state} /><span className={classes.count}>{number(counts.get(state) ?? 0)}</span></li>)}
        {away > 0 && <li><span>{t("overview.offline_connectors")}</span><span className={classes.count}>{number(away)}</span></li>}
      </ul>
    </>
  );
}
