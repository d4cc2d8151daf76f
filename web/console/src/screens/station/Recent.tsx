import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Station } from "~/lib/api/client";
import { energy, time, took } from "~/lib/format";
import { EVERYWHERE, sessionsQuery } from "~/lib/queries";
import { Figure } from "~/parts/Figure";
import { Card } from "~/parts/Page";
import classes from "./Station.module.css";

const FEW = 6;

/** The last sessions that ended here: what this station is used for, at a glance. */
export function Recent({ station }: { station: Station }) {
  const { t } = useTranslation();
  const list = useQuery({ ...sessionsQuery({ station: station.identity, state: "ended", sort: "-started_at", limit: FEW }, EVERYWHERE), refetchInterval: 30_000 });
  const zone = station.location?.time_zone;
  if (!list.data || list.data.items.length === 0) return null; // nothing ended yet, or not theirs to see
  return (
    <Card title={t("station.recent")} side={<Link to="." search={{ tab: "sessions" } as never} className={classes.all}>{t("sessions.all")}</Link>} pad={0}>
      <ul className={classes.recent}>
        {list.data.items.map((session) => (
          <li key={session.uid}>
            <Link to="/sessions/$uid" params={{ uid: session.uid }} className="num">{time(session.started_at, "datetime", zone)}</Link>
            <span className={classes.plug}>{t("word.evse", { number: session.evse })}</span>
            <span className={classes.token}>{session.id_token}</span>
            <span className="num">{session.ended_at && took(Date.parse(session.ended_at) - Date.parse(session.started_at))}</span>
            <Figure of={energy(session.energy_wh)} />
          </li>
        ))}
      </ul>
    </Card>
  );
}
