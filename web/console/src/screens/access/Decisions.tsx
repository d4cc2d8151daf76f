import { Anchor, Drawer, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { IdToken, Schemas } from "~/lib/api/client";
import { time } from "~/lib/format";
import { decisionsQuery } from "~/lib/queries";
import { ProblemBox } from "~/parts/Page";
import { State } from "./Access";
import classes from "./Access.module.css";

type Decision = Schemas["DecisionOut"];

/** Why was this card refused? What stations asked about it, and what they were told; of a card that is not ours, too. */
export function Decisions({ uid, token, close }: { uid: string; token?: IdToken; close: () => void }) {
  const { t } = useTranslation();
  const asked = useQuery({ ...decisionsQuery(uid), refetchInterval: 5_000 });
  return (
    <Drawer opened onClose={close} position="right" size="md" title={t("access.why_title", { uid })} closeButtonProps={{ "aria-label": t("word.close") }}>
      <Stack>
        {token ? <div style={{ display: "flex", gap: 8, alignItems: "center" }}><State token={token} /> <Text c="dimmed">{token.label}</Text></div> : <Text c="dimmed">{t("access.not_ours")}</Text>}
        <Anchor component={Link} to="/sessions" search={{ token: uid } as never} c="var(--accent-text)">{t("access.sessions")}</Anchor>
        {asked.isPending && <Skeleton height={120} />}
        {asked.error && !asked.data && <ProblemBox error={asked.error} retry={() => void asked.refetch()} />}
        {asked.data?.items.length === 0 && <Text c="dimmed">{t("access.why_empty")}</Text>}
        <ol className={classes.decisions}>{asked.data?.items.map((one) => <One key={`${one.at}-${one.session_uid}`} one={one} />)}</ol>
      </Stack>
    </Drawer>
  );
}

function One({ one }: { one: Decision }) {
  const { t, i18n } = useTranslation();
  const good = one.authorization === "accepted";
  const why = i18n.exists(`authorization.${one.authorization}`) ? t(`authorization.${one.authorization as "blocked"}`) : one.words;
  return (
    <li>
      <span>
        <span className="num">{time(one.at, "datetime")}</span>
        <br />
        <span className={classes.dim}>
          {one.station && <Link to="/stations/$identity" params={{ identity: one.station }} search={{ tab: "messages" } as never}>{t("access.at_station", { station: one.station })}</Link>}
          {" · "}{one.session_uid ? <Link to="/sessions/$uid" params={{ uid: one.session_uid }}>{t(`access.asked_${one.asked}`)}</Link> : t(`access.asked_${one.asked}`)}
        </span>
      </span>
      <span className={classes.state} data-state={good ? "available" : "faulted"}>{good ? t("access.why_accepted") : t("access.why_refused", { why })}</span>
    </li>
  );
}
