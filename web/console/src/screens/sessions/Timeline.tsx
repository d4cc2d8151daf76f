import { useTranslation } from "react-i18next";
import { time } from "~/lib/format";
import { STATE_ICON } from "~/parts/Status";
import type { Event } from "./events";
import classes from "./Session.module.css";

export function Timeline({ events, zone, running }: { events: Event[]; zone?: string; running: boolean }) {
  const { t } = useTranslation();
  return (
    <ol className={classes.line}>
      {events.map((event, index) => {
        const Mark = STATE_ICON[event.state];
        return (
          <li key={`${event.at}-${event.key}-${index}`}>
            <span className={classes.mark} data-state={event.state}><Mark size={13} aria-hidden /></span>
            <span>{t(event.key as "event.started", event.values ?? {})}</span>
            <span className={`${classes.at} num`}>{time(event.at, "seconds", zone)}</span>
          </li>
        );
      })}
      {running && (
        <li>
          <span className={`${classes.mark} ${classes.live}`} data-state="charging"><STATE_ICON.charging size={13} aria-hidden /></span>
          <span>{t("event.running")}</span>
          <span className={classes.at}>{t("word.now")}</span>
        </li>
      )}
    </ol>
  );
}
