import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { ActiveSession, Frame, Reading, Session } from "~/lib/api/client";
import { clock, duration, energy, number, power, time, took, type Quantity } from "~/lib/format";
import { useNow } from "~/lib/now";
import { Figure } from "~/parts/Figure";
import { idleMs } from "./events";
import classes from "./Session.module.css";

type Props = { session: Session; active?: ActiveSession; readings: Reading[]; frames: Frame[]; reason: string };
const LATE_MS = 5 * 60_000;

export function Numbers({ session, active, readings, frames, reason }: Props) {
  const { t } = useTranslation();
  const running = session.state === "active";
  const now = useNow(running ? 1_000 : 0);
  const ms = (session.ended_at ? Date.parse(session.ended_at) : now) - Date.parse(session.started_at);
  const wh = active?.energy_wh ?? session.energy_wh;
  const watts = readings.map((reading) => reading.power_w).filter((value): value is number => value !== null);
  const soc = readings.map((reading) => reading.soc_percent).filter((value): value is number => value !== null);
  const idle = idleMs(session, frames);
  const late = Date.parse(session.started_received_at) - Date.parse(session.started_at) > LATE_MS;
  const big = (of: Quantity | null) => <Figure of={of} size={20} />;
  const facts: [string, React.ReactNode][] = [
    [t("unit.energy"), big(energy(wh))],
    [t("unit.duration"), big({ value: running ? clock(ms) : took(ms), unit: "" })],
    [t("session.average"), big(ms > 60_000 ? power((wh * 3_600_000) / ms) : null)],
    [t("session.peak"), big(watts.length > 0 ? power(Math.max(...watts)) : null)],
    [t("session.idle"), idle === null ? "–" : big({ value: duration(idle), unit: "" })],
    [t("session.battery"), soc.length > 0 ? big({ value: `${number(soc[0]!)} → ${number(soc.at(-1)!)}`, unit: "%" }) : "–"],
    [t("session.meter"), <span key="m" className="num">{number(session.meter_start_wh)}{session.meter_stop_wh !== null && ` → ${number(session.meter_stop_wh)}`} Wh</span>],
    [t("session.authorization"), t(`authorization.${session.authorization as "accepted"}`)],
  ];
  if (!running) facts.push([t("session.reason"), reason]);
  facts.push([t("session.review"), session.needs_review ? <Link key="r" to="/sessions" search={{ tab: "review" }}>{t("word.yes")}</Link> : t("word.no")]);
  return (
    <>
      <dl className={classes.numbers}>
        {facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
      </dl>
      {late && <p className={classes.at}>{t("session.late", { time: time(session.started_received_at, "full", session.location?.time_zone) })}</p>}
    </>
  );
}
