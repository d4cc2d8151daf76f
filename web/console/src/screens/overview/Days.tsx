import { Tooltip, VisuallyHidden } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { energy, number } from "~/lib/format";
import { dailyTotalsQuery } from "~/lib/queries";
import { Card } from "~/parts/Page";
import classes from "./Overview.module.css";

const DAYS = 30;
const DAY_MS = 86_400_000;

/** Energy by day: what reactions to facts have counted of ended sessions, each location in its own zone. */
export function Days() {
  const { t, i18n } = useTranslation();
  const today = new Date().toLocaleDateString("sv"); // year-month-day, as the browser's zone has it
  const first = new Date(Date.parse(today) - (DAYS - 1) * DAY_MS).toISOString().slice(0, 10);
  const { data, error } = useQuery(dailyTotalsQuery(first, today));
  const most = Math.max(1, ...(data ?? []).map((day) => day.energy_wh));
  const date = new Intl.DateTimeFormat(i18n.language === "zh" ? "zh-CN" : "en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
  if (error && !data) return null; // not everybody may see sessions
  return (
    <Card title={t("overview.days")}>
      <ul className={classes.days} aria-label={t("overview.days")}>
        {(data ?? []).map((day) => {
          const sum = energy(day.energy_wh);
          const said = t("overview.day", { date: date.format(Date.parse(day.day)), energy: `${sum.value} ${sum.unit}`, sessions: number(day.sessions), faults: number(day.faults) });
          return (
            <Tooltip key={day.day} label={said} openDelay={0}>
              <li><span style={{ height: `${(day.energy_wh / most) * 100}%` }} /><VisuallyHidden>{said}</VisuallyHidden></li>
            </Tooltip>
          );
        })}
      </ul>
      <p className={classes.needSince} style={{ margin: "4px 0 0" }}>{t("overview.days_help")}</p>
    </Card>
  );
}
