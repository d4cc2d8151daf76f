import { Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconInbox } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useMe } from "~/app/session";
import { asText, useAddress } from "~/lib/address";
import { api, unwrap, type UnknownStation } from "~/lib/api/client";
import { can } from "~/lib/can";
import { duration, number } from "~/lib/format";
import { useNow } from "~/lib/now";
import { inboxQuery } from "~/lib/queries";
import { ActionButton } from "~/parts/ActionButton";
import { DataTable } from "~/parts/DataTable";
import { Empty, Page } from "~/parts/Page";
import { AddStation } from "../stations/AddStation";

/** Stations that tried to connect and are not ours yet. */
export function Inbox() {
  const { t } = useTranslation();
  const [address, go] = useAddress();
  const list = useQuery({ ...inboxQuery, refetchInterval: 3_000 });
  const now = useNow(5_000);
  const ago = (at: string) => <span className="num">{t("word.ago", { time: duration(now - Date.parse(at)) })}</span>;
  const adopt = asText(address.adopt);
  return (
    <Page name={t("inbox.title")} title={t("inbox.title")} said={list.data ? [t("inbox.said", { count: list.data.total }), address.in && t("inbox.of_no_place")].filter(Boolean).join(" ") : "\u00a0"}>
      <DataTable<UnknownStation>
        label={t("inbox.list")} rows={list.data?.items} error={list.error} retry={() => void list.refetch()} keyOf={(unknown) => unknown.identity}
        columns={[
          { id: "identity", head: t("inbox.identity"), cell: (unknown) => <strong style={{ fontWeight: 600, whiteSpace: "nowrap" }}>{unknown.identity}</strong> },
          { id: "from", rank: 1, head: t("inbox.from"), cell: (unknown) => <span className="num">{unknown.address}</span> },
          { id: "says", head: t("inbox.says"), cell: (unknown) => [unknown.user_agent, unknown.subprotocols, unknown.username].filter(Boolean).join(" · ") || "–" },
          { id: "tries", rank: 2, head: t("inbox.tries"), right: true, cell: (unknown) => <span className="num">{number(unknown.attempts)}</span> },
          { id: "first", rank: 3, head: t("inbox.first"), right: true, cell: (unknown) => ago(unknown.first_seen_at) },
          { id: "last", head: t("inbox.last"), right: true, cell: (unknown) => ago(unknown.seen_at) },
          { id: "do", head: "", right: true, cell: (unknown) => <Do unknown={unknown} /> },
        ]}
        card={(unknown) => <><strong style={{ fontWeight: 600 }}>{unknown.identity}</strong><div>{unknown.address} · {ago(unknown.seen_at)}</div><Group mt={8}><Do unknown={unknown} /></Group></>}
        empty={<Empty icon={IconInbox} title={t("inbox.empty")} help={t("inbox.empty_help")} />}
      />
      {adopt && <AddStation adopt={adopt} close={() => go({ adopt: undefined })} />}
    </Page>
  );
}

function Do({ unknown }: { unknown: UnknownStation }) {
  const { t } = useTranslation();
  const may = can.changeInbox(useMe());
  const client = useQueryClient();
  const [, go] = useAddress();
  const dismiss = useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/v1/inbox/{identity}", { params: { path: { identity: unknown.identity } } })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["inbox"] });
      notifications.show({ message: t("inbox.dismissed", { identity: unknown.identity }) });
    },
  });
  return (
    <span style={{ display: "inline-flex", gap: 8 }}>
      <ActionButton can={may} size="xs" onClick={() => go({ adopt: unknown.identity })} label={`${t("inbox.adopt")}: ${unknown.identity}`}>{t("inbox.adopt")}</ActionButton>
      <ActionButton can={may} size="xs" variant="default" onClick={() => dismiss.mutate()} label={`${t("inbox.dismiss")}: ${unknown.identity}`}>{t("inbox.dismiss")}</ActionButton>
    </span>
  );
}
