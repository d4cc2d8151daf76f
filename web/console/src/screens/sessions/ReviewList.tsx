import { SegmentedControl, Text, Textarea } from "@mantine/core";
import { IconClipboardCheck } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "~/app/session";
import { asNumber, asText, useAddress } from "~/lib/address";
import { api, unwrap, type ReviewItem } from "~/lib/api/client";
import { can } from "~/lib/can";
import { energy, time } from "~/lib/format";
import { reviewQuery, type ReviewAsked } from "~/lib/queries";
import { ActionButton } from "~/parts/ActionButton";
import { DataTable } from "~/parts/DataTable";
import { Figure } from "~/parts/Figure";
import { Buttons, Form, FormProblem, Popup } from "~/parts/Form";
import { showUndo } from "~/parts/undo";
import { Empty } from "~/parts/Page";
import { Toolbar } from "~/parts/Toolbar";

type Kind = "unknown_transaction" | "refused_energy" | "meter_backwards" | "conflicting_stop" | "not_stopped" | "clock_wrong" | "over_power";

/** What a person should look at because energy or money may hang on it, and what to do about it. */
export function ReviewList() {
  const { t } = useTranslation();
  const [address, go] = useAddress();
  const state = asText(address.state) === "resolved" ? "resolved" : "open";
  const asked: ReviewAsked = { state, sort: (asText(address.sort) ?? "-at") as ReviewAsked["sort"], offset: asNumber(address.offset, 0), limit: 50 };
  const list = useQuery({ ...reviewQuery(asked), refetchInterval: 10_000 });
  const [resolving, resolve] = useState<ReviewItem | null>(null);
  const action = (item: ReviewItem) => <Action item={item} resolve={resolve} />;
  return (
    <>
      <Toolbar>
        <SegmentedControl aria-label={t("session.state")} value={state} onChange={(next) => go({ state: next === "open" ? undefined : next, offset: undefined })} data={[{ value: "open", label: t("review.open") }, { value: "resolved", label: t("review.resolved") }]} />
      </Toolbar>
      <DataTable<ReviewItem>
        label={t("review.list")} rows={list.data?.items} total={list.data?.total} error={list.error} retry={() => void list.refetch()} keyOf={(item) => String(item.id)}
        sort={asked.sort} onSort={(sort) => go({ sort, offset: undefined })}
        page={{ offset: asked.offset ?? 0, limit: 50, onPage: (offset) => go({ offset: offset || undefined }) }}
        columns={[
          { id: "kind", head: t("review.kind"), sort: "kind", cell: (item) => <What item={item} /> },
          { id: "station", head: t("session.station"), cell: (item) => item.station && <Link to="/stations/$identity" params={{ identity: item.station }} search={{ tab: "messages" }} style={{ whiteSpace: "nowrap" }}>{item.station}</Link> },
          { id: "session", head: t("session.one"), cell: (item) => item.session_uid ? <Link to="/sessions/$uid" params={{ uid: item.session_uid }}>{t("word.open")}</Link> : "–" },
          { id: "energy", rank: 1, head: t("review.energy"), sort: "energy_wh", right: true, cell: (item) => <Figure of={item.energy_wh === null ? null : energy(item.energy_wh)} /> },
          { id: "at", rank: 2, head: t("review.at"), sort: "at", right: true, cell: (item) => <span className="num">{time(item.at)}</span> },
          { id: "do", head: "", right: true, cell: action },
        ]}
        card={(item) => <><What item={item} /><div style={{ display: "flex", justifyContent: "space-between", marginTop: 8, alignItems: "center" }}><span>{item.station} · {time(item.at)}</span>{action(item)}</div></>}
        empty={<Empty icon={IconClipboardCheck} title={t("review.empty")} help={t("review.empty_help")} />}
      />
      {resolving && <Resolve item={resolving} close={() => resolve(null)} />}
    </>
  );
}

function What({ item }: { item: ReviewItem }) {
  const { t } = useTranslation();
  return (
    <div style={{ padding: "8px 0", minWidth: 220, maxWidth: 520 }}>
      <strong style={{ fontWeight: 600 }}>{t(`review.${item.kind as Kind}`)}</strong>
      <Text size="xs" c="dimmed">{item.note ?? t(`review.help_${item.kind as Kind}`)}{item.resolved_by && ` – ${item.resolved_by}`}</Text>
    </div>
  );
}

function Action({ item, resolve }: { item: ReviewItem; resolve: (item: ReviewItem) => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const client = useQueryClient();
  const reopen = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/review/{item_id}/reopen", { params: { path: { item_id: item.id } } })),
    onSuccess: () => void client.invalidateQueries({ queryKey: ["review"] }),
  });
  if (item.state === "resolved") return <ActionButton can={can.review(me)} size="xs" variant="default" onClick={() => reopen.mutate()}>{t("review.reopen")}</ActionButton>;
  return <ActionButton can={can.review(me)} size="xs" variant="default" onClick={() => resolve(item)}>{t("review.resolve")}</ActionButton>;
}

function Resolve({ item, close }: { item: ReviewItem; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const fresh = () => {
    for (const key of ["review", "sessions", "overview"]) void client.invalidateQueries({ queryKey: [key] });
  };
  const resolve = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/review/{item_id}/resolve", { params: { path: { item_id: item.id } }, body: { note: note || null } })),
    onSuccess: () => {
      fresh();
      close();
      showUndo(t("review.resolved_toast"), async () => {
        await unwrap(api.POST("/api/v1/review/{item_id}/reopen", { params: { path: { item_id: item.id } } }));
        fresh();
      });
    },
  });
  return (
    <Popup title={t("review.resolve_title", { kind: t(`review.${item.kind as Kind}`) })} close={close}>
      <Form submit={() => resolve.mutate()}>
        <Text>{t(`review.help_${item.kind as Kind}`)}</Text>
        <Text c="dimmed" size="xs">{item.detail}</Text>
        <FormProblem error={resolve.error} />
        <Textarea label={`${t("review.note")} (${t("word.optional")})`} description={t("review.note_help")} value={note} maxLength={2000} autosize minRows={3} onChange={(event) => setNote(event.currentTarget.value)} data-autofocus />
        <Buttons close={close} label={t("review.resolve")} submit loading={resolve.isPending} />
      </Form>
    </Popup>
  );
}
