import { Anchor, Drawer, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api, unwrap, type Frame, type IdToken } from "~/lib/api/client";
import { time } from "~/lib/format";
import { payloadOf } from "~/lib/gist";
import { State } from "./Access";
import classes from "./Access.module.css";

type Json = Record<string, unknown>;
const WHY = { Invalid: "invalid", Blocked: "blocked", Expired: "expired", ConcurrentTx: "concurrent" } as const;

/** Why was this card refused? What stations asked about it, and what they were told. */
export function Decisions({ token, close }: { token: IdToken; close: () => void }) {
  const { t } = useTranslation();
  const asked = useQuery({
    queryKey: ["frames", "decisions", token.uid],
    queryFn: async ({ signal }) => {
      const ask = (action: string) => unwrap(api.GET("/api/v1/frames", { params: { query: { action, text: token.uid, limit: 25 } }, signal }));
      const [authorize, start] = await Promise.all([ask("Authorize"), ask("StartTransaction")]);
      return [...authorize.items, ...start.items].sort((a, b) => b.id - a.id);
    },
    refetchInterval: 5_000,
  });
  return (
    <Drawer opened onClose={close} position="right" size="md" title={t("access.why_title", { uid: token.uid })} closeButtonProps={{ "aria-label": t("word.close") }}>
      <Stack>
        <div style={{ display: "flex", gap: 8, alignItems: "center" }}><State token={token} /> <Text c="dimmed">{token.label}</Text></div>
        <Anchor component={Link} to="/sessions" search={{ token: token.uid } as never} c="var(--accent-text)">{t("access.sessions")}</Anchor>
        {asked.isPending && <Skeleton height={120} />}
        {asked.data?.length === 0 && <Text c="dimmed">{t("access.why_empty")}</Text>}
        <ol className={classes.decisions}>{asked.data?.map((frame) => <One key={frame.id} frame={frame} />)}</ol>
      </Stack>
    </Drawer>
  );
}

function One({ frame }: { frame: Frame }) {
  const { t } = useTranslation();
  const answer = (payloadOf(frame.answer) ?? {}) as Json;
  const status = String(((answer.idTagInfo ?? {}) as Json).status ?? "");
  const good = status === "Accepted";
  const why = WHY[status as keyof typeof WHY];
  return (
    <li>
      <span>
        <span className="num">{time(frame.at, "datetime")}</span>
        <br />
        <span className={classes.dim}>{frame.station && <Link to="/stations/$identity" params={{ identity: frame.station }} search={{ tab: "messages", text: undefined }}>{t("access.at_station", { station: frame.station })}</Link>} · {frame.action}</span>
      </span>
      <span className={classes.state} data-state={good ? "available" : "faulted"}>
        {good ? t("access.why_accepted") : t("access.why_refused", { why: why ? t(`authorization.${why}`) : status || "–" })}
      </span>
    </li>
  );
}
