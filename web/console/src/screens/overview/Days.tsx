import { Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { energy, number, text, today } from "~/lib/format";
import { dailyTotalsQuery } from "~/lib/queries";
import { Card } from "~/parts/Page";
import classes from "./Overview.module.css";

const DAYS = 30;
const DAY_MS = 86_400_000;

/** Energy by day: what reactions to facts have counted of ended sessions, each location in its own zone. */
export function Days() {
  const { t, i18n } = useTranslation();
  const last = today();
  const dates = [...Array(DAYS).keys()].map((back) => new Date(Date.parse(last) - (DAYS - 1 - back) * DAY_MS).toISOString().slice(0, 10));
  const { data, error } = useQuery(dailyTotalsQuery(dates[0]!, last));
  const known = new Map((data ?? []).map((day) => [day.day, day]));
  const days = dates.map((day) => known.get(day) ?? { day, energy_wh: 0, sessions: 0, faults: 0 });
  const most = Math.max(1, ...days.map((day) => day.energy_wh));
  const average = energy(days.reduce((sum, day) => sum + day.energy_wh, 0) / Math.max(1, known.size));
  const date = new Intl.DateTimeFormat(i18n.language === "zh" ? "zh-CN" : "en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
  const tick = new Intl.DateTimeFormat(i18n.language === "zh" ? "zh-CN" : "en-GB", { day: "numeric", month: i18n.language === "zh" ? "numeric" : "short", timeZone: "UTC" });
  if (error && !data) return null; // not everybody may see sessions
  return (
    <Card title={t("overview.days")} side={data && <span className={`${classes.needSince} num`}>{t("overview.days_average", { energy: text(average) })}</span>}>
      <div className={classes.daysTop}><span className="num">{data ? text(energy(most)) : "\u00a0"}</span></div>
      <ul className={classes.days} aria-label={t("overview.days")}>
        {days.map((day) => {
          const sum = energy(day.energy_wh);
          const said = t("overview.day", { date: date.format(Date.parse(day.day)), energy: `${sum.value} ${sum.unit}`, sessions: number(day.sessions), faults: number(day.faults) });
          return (
            <Tooltip key={day.day} label={said} openDelay={0}>
              <li data-now={day.day === last}>
                <Link to="/sessions" search={{ from: day.day, to: day.day } as never} tabIndex={-1} aria-label={said}><span style={{ height: `${(day.energy_wh / most) * 100}%` }} /></Link>
              </li>
            </Tooltip>
          );
        })}
      </ul>
      <div className={classes.daysAxis} aria-hidden>
        {dates.map((day, index) => index % 7 === 1 && <span key={day} style={{ left: `${((index + 0.5) / DAYS) * 100}%` }}>{tick.format(Date.parse(day))}</span>)}
      </div>
      <p className={classes.needSince} style={{ margin: "4px 0 0" }}>{t("overview.days_help")}</p>
    </Card>
  );
}
