import { Skeleton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas, Station } from "~/lib/api/client";
import { energy, number, power, text, time, today, zoneName, type Quantity } from "~/lib/format";
import { useLink } from "~/lib/live";
import { useStations } from "~/lib/useStations";
import { overviewQuery } from "~/lib/queries";
import { asState, powerOf, STATES } from "~/lib/status";
import { Figure } from "~/parts/Figure";
import { LazyChart } from "~/parts/LazyChart";
import { Card, Page, ProblemBox, WIDE } from "~/parts/Page";
import { StationsSaid } from "~/parts/StationsSaid";
import { StatusPill } from "~/parts/Status";
import { Days } from "./Days";
import { Needs } from "./Needs";
import classes from "./Overview.module.css";

type Numbers = Schemas["OverviewOut"];
const MANY_TIMES = 200; // in %; from here on a factor says more
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
            <Card title={t("overview.now")}>{numbers ? <Figures numbers={numbers} stations={stations} /> : <Skeleton height={88} />}</Card>
            <Card title={t("overview.connectors")}><Connectors stations={stations} /></Card>
            <Card title={t("overview.curve")}>{numbers ? <Curve numbers={numbers} /> : <Skeleton height={244} />}</Card>
            <Days />
          </div>
        </div>
      )}
    </Page>
  );
}

function Figures({ numbers, stations }: { numbers: Numbers; stations: Station[] }) {
  const { t } = useTranslation();
  const live = stations.length > 0;
  const online = live ? stations.filter((station) => station.presence.online).length : numbers.online;
  const charging = live ? stations.reduce((sum, station) => sum + station.sessions.length, 0) : numbers.active_sessions;
  const watts = live ? stations.reduce((sum, station) => sum + powerOf(station), 0) : numbers.power_w;
  const peak = Math.max(watts, ...numbers.curve.map((point) => point.power_w));
  const plain = (value: number): Quantity => ({ value: number(value), unit: "" });
  return (
    <dl className={classes.figures}>
      <One name={t("overview.stations")} of={plain(online)} note={t("overview.of", { total: number(live ? stations.length : numbers.stations) })} to="/stations" />
      <One name={t("overview.charging")} of={plain(charging)} note={live && t("overview.free", { n: number(freeConnectors(stations)) })} to="/sessions" search={{ state: "active" }} />
      <One name={t("overview.power")} of={power(watts)} note={peak > 0 && t("overview.peak", { power: text(power(peak)) })} />
      <One name={t("overview.energy")} of={energy(numbers.today.energy_wh)} note={<Week now={numbers.today.energy_wh} then={numbers.week_ago.energy_wh} />} />
      <One name={t("overview.sessions")} of={plain(numbers.today.sessions)} note={<Week now={numbers.today.sessions} then={numbers.week_ago.sessions} />} to="/sessions" search={{ from: today() }} />
    </dl>
  );
}

function freeConnectors(stations: Station[]): number {
  const online = stations.filter((station) => station.presence.online);
  return online.flatMap((station) => station.evses).filter((evse) => evse.connectors.some((part) => part.status === "available")).length;
}

function One({ name, of, note, to, search }: { name: string; of: Quantity; note?: React.ReactNode; to?: string; search?: Record<string, string> }) {
  return (
    <div className={classes.figure}>
      <dt>{to ? <Link to={to} search={(search ?? {}) as never}>{name}</Link> : name}</dt>
      <dd><Figure of={of} size={28} /><small>{note}</small></dd>
    </div>
  );
}

/** Against the same hours a week ago. */
function Week({ now, then }: { now: number; then: number }) {
  const { t, i18n } = useTranslation();
  if (then <= 0) return t("overview.week_none");
  const percent = Math.round((now / then - 1) * 100);
  const change = percent >= MANY_TIMES ? `▲\u00a0${number(now / then, 1)}\u00a0×` : `${percent > 0 ? "▲" : percent < 0 ? "▼" : "="}\u00a0${number(Math.abs(percent))}\u00a0%`;
  const day = new Intl.DateTimeFormat(i18n.language === "zh" ? "zh-CN" : "en-GB", { weekday: "short" }).format(new Date());
  return t("overview.week", { change, day });
}

function Curve({ numbers }: { numbers: Numbers }) {
  const { t } = useTranslation();
  const wide = useMediaQuery(WIDE) ?? false;
  const points = numbers.curve.map((point): [number, number] => [Date.parse(point.at), point.power_w / 1000]);
  const last = points.at(-1);
  if (last && Date.parse(numbers.at) > last[0]) points.push([Date.parse(numbers.at), last[1]]); // the quarter that runs is as wide as it is old
  return (
    <>
      <LazyChart height={wide ? 300 : 220} label={t("overview.curve")} zone={ZONE} lines={[{ name: t("unit.power"), unit: "kW", digits: 1, color: "charging", area: true, step: true, points }]} />
      <p className={classes.needSince} style={{ margin: "4px 0 0" }}>{t("overview.curve_help", { zone: zoneName(ZONE) })} · {time(numbers.at, "time", ZONE)}</p>
    </>
  );
}

function Connectors({ stations }: { stations: Station[] }) {
  const { t } = useTranslation();
  const live = useLink().state === "live";
  const counts = new Map<string, number>();
  for (const station of stations) {
    for (const connector of station.evses.flatMap((evse) => evse.connectors)) {
      const state = station.presence.online ? asState(connector.status) : "offline";
      counts.set(state, (counts.get(state) ?? 0) + 1);
    }
  }
  const order = [...STATES].reverse().filter((state) => counts.has(state));
  const away = counts.get("offline") ?? 0;
  if (stations.length === 0) return live ? <p className={classes.needSince}>{t("overview.no_connectors")}</p> : <Skeleton height={56} />;
  return (
    <>
      <div className={classes.strip} aria-hidden>
        {order.map((state) => <span key={state} data-state={state} style={{ flexGrow: counts.get(state) }} />)}
        {away > 0 && <span data-state="unknown" data-offline style={{ flexGrow: away }} />}
      </div>
      <ul className={classes.legend}>
        {order.map((state) => <li key={state}><Link to="/stations" search={{ status: state, online: true } as never}><StatusPill state={state} /></Link><span className={classes.count}>{number(counts.get(state) ?? 0)}</span></li>)}
        {away > 0 && <li><Link to="/stations" search={{ online: false } as never}>{t("overview.offline_connectors")}</Link><span className={classes.count}>{number(away)}</span></li>}
      </ul>
    </>
  );
}
