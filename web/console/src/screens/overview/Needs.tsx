import { Button } from "@mantine/core";
import { IconAlertTriangle, IconChecks, IconClipboardCheck, IconDoorEnter, IconId, IconPlugConnectedX, IconUnlink, type Icon } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "~/lib/api/client";
import { duration, number } from "~/lib/format";
import { useNow } from "~/lib/now";
import { Empty } from "~/parts/Page";
import classes from "./Overview.module.css";

type Need = Schemas["NeedOut"];
type Kind = "faulted" | "offline" | "failed_start" | "refused" | "review" | "unknown";
const LOOK: Record<Kind, [Icon, string]> = {
  faulted: [IconAlertTriangle, "faulted"],
  offline: [IconUnlink, "unavailable"],
  review: [IconClipboardCheck, "suspended_ev"],
  failed_start: [IconPlugConnectedX, "suspended_ev"],
  refused: [IconId, "suspended_ev"],
  unknown: [IconDoorEnter, "preparing"],
};

/** A work list: each line one thing, since when, and the one action that most likely solves it. */
export function Needs({ numbers, charging }: { numbers: Schemas["OverviewOut"]; charging: number }) {
  const { t } = useTranslation();
  const now = useNow(10_000);
  if (numbers.needs.length === 0) {
    return <Empty icon={IconChecks} title={t("overview.nothing")} help={t("overview.nothing_charging", { count: charging })} />;
  }
  return (
    <ul className={classes.needs}>
      {numbers.needs.slice(0, 12).map((need) => <One key={`${need.kind}-${need.station}-${need.evse}-${need.since}`} need={need} now={now} />)}
      {numbers.needs_total > 12 && <li className={classes.need}>{t("overview.more", { n: number(numbers.needs_total - 12) })}</li>}
    </ul>
  );
}

function One({ need, now }: { need: Need; now: number }) {
  const { t, i18n } = useTranslation();
  const kind = need.kind as Kind;
  const [Mark, state] = LOOK[kind] ?? LOOK.unknown;
  const said = need.detail ?? "";
  const known = [`fault.${said}`, `review.${said}`, `authorization.${said}`].find((key) => i18n.exists(key));
  const detail = known ? t(known as "fault.OtherError") : said;
  const what = kind === "faulted" && need.evse ? "need.faulted_at" : (`need.${kind}` as const);
  return (
    <li className={classes.need}>
      <span className={classes.needIcon} data-state={state}><Mark size={18} aria-hidden /></span>
      <span className={classes.needText}>
        <span className={classes.needWhat}>{t(what, { station: need.station, evse: need.evse, detail })}</span>
        <br />
        <span className={`${classes.needSince} num`}>{t("word.since", { time: duration(now - Date.parse(need.since)) })}</span>
      </span>
      <Action need={need} />
    </li>
  );
}

function Action({ need }: { need: Need }) {
  const { t } = useTranslation();
  const look = { variant: "default", size: "xs" } as const;
  const about = `: ${need.station}`;
  switch (need.kind) {
    case "unknown":
      return <Button {...look} component={Link} to="/inbox" search={{ adopt: need.station } as never} aria-label={t("need.adopt") + about}>{t("need.adopt")}</Button>;
    case "review":
      return <Button {...look} component={Link} to="/sessions" search={{ tab: "review" } as never} aria-label={t("need.review_do") + about}>{t("need.review_do")}</Button>;
    case "refused":
      return need.session_uid ? <Button {...look} component={Link} to={`/sessions/${need.session_uid}`} aria-label={t("need.look") + about}>{t("need.look")}</Button> : null;
    case "faulted":
      return <Button {...look} component={Link} to={`/stations/${encodeURIComponent(need.station)}`} search={{ ask: "reset" } as never} aria-label={t("need.reset") + about}>{t("need.reset")}</Button>;
    default:
      return <Button {...look} component={Link} to={`/stations/${encodeURIComponent(need.station)}`} search={{ tab: "messages" } as never} aria-label={t("need.frames") + about}>{t("need.frames")}</Button>;
  }
}
