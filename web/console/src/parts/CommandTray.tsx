import { CloseButton, Loader } from "@mantine/core";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { dismiss, isFinal, useCommands, type Stage, type Tracked } from "~/lib/commands";
import { clock, time } from "~/lib/format";
import { useNow } from "~/lib/now";
import classes from "./CommandTray.module.css";

const SHOWN = 5;
const LINGER_MS = 6_000;
const BAD: Stage[] = ["refused", "failed", "expired"];
const CONFIRMS = ["start", "stop", "reset", "change-availability"];

/** What commands are doing, wherever one is on the screen. */
export function CommandTray() {
  const { t } = useTranslation();
  const commands = useCommands();
  return (
    <div className={classes.tray} role="status" aria-label={t("command.tray")}>
      {commands.slice(-SHOWN).map((item) => <Item key={item.key} item={item} />)}
    </div>
  );
}

function Item({ item }: { item: Tracked }) {
  const { t, i18n } = useTranslation();
  const bad = BAD.includes(item.stage);
  const confirms = CONFIRMS.includes(item.verb);
  const done = isFinal(item.stage) || (item.stage === "accepted" && !confirms);
  const now = useNow(done ? 0 : 500);
  useEffect(() => {
    if (!done || bad) return;
    const timer = window.setTimeout(() => dismiss(item.key), LINGER_MS);
    return () => window.clearTimeout(timer);
  }, [done, bad, item.key]);
  const verb = i18n.exists(`verb.${item.verb}`) ? t(`verb.${item.verb}` as "verb.reset") : item.verb;
  return (
    <div className={classes.item}>
      <div className={classes.row}>
        {!done ? <Loader size={16} /> : bad ? <IconAlertTriangle size={16} color="var(--faulted-solid)" /> : <IconCheck size={16} color="var(--available-solid)" />}
        <span className={classes.what}>{verb} · {item.station}</span>
        <span className={`${classes.time} num`}>{clock((item.settledAt ?? now) - item.placedAt)}</span>
        <CloseButton size="sm" aria-label={t("word.close")} onClick={() => dismiss(item.key)} />
      </div>
      <Steps item={item} confirms={confirms} />
      <Said item={item} />
    </div>
  );
}

function Steps({ item, confirms }: { item: Tracked; confirms: boolean }) {
  const { t } = useTranslation();
  const order: Stage[] = ["waiting", "sent", "accepted", ...(confirms ? (["confirmed"] as const) : [])];
  const bad = BAD.includes(item.stage);
  const reached = bad ? (item.command?.sent_at ? 2 : 0) : Math.max(0, order.indexOf(item.stage));
  return (
    <ol className={classes.steps}>
      {order.map((stage, index) => {
        const here = bad && index === reached;
        if (bad && index > reached) return null;
        const good = !bad && index === order.length - 1 && item.stage === stage;
        return (
          <li key={stage} className={classes.step} data-reached={index <= reached} data-bad={here} data-good={good}>
            {t(`command.${here ? item.stage : stage}`)}
          </li>
        );
      })}
    </ol>
  );
}

/** The station's own words on refusal, what they mean and what to try; for a command that waits, until when. */
function Said({ item }: { item: Tracked }) {
  const { t, i18n } = useTranslation();
  if (item.stage === "waiting" && item.command?.explanation) {
    return <p className={classes.said}>{t("command.offline", { name: item.station, time: time(item.command.expires_at, "time") })}</p>;
  }
  if (item.stage === "accepted" && CONFIRMS.includes(item.verb)) return <p className={classes.said}>{t("command.until_done")}</p>;
  if (!BAD.includes(item.stage)) return null;
  const meaning = item.said && i18n.exists(`answer.${item.said}`) ? t(`answer.${item.said}` as "answer.Rejected") : "";
  const words = item.stage === "refused" ? t("command.answered", { name: item.station, said: item.said ?? "?" }) : (item.said ?? "");
  return <p className={classes.said}>{words} {meaning || (item.stage === "refused" ? t("command.look") : "")}</p>;
}
