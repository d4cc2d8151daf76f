import { ActionIcon, Button, Group, Menu, NativeSelect } from "@mantine/core";
import { IconBan, IconCircleCheck, IconDots, IconFileImport, IconHistory, IconId, IconPencil, IconPlus, IconSearch, IconTrash, IconLockOpen } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "~/app/session";
import { asNumber, asText, useAddress } from "~/lib/address";
import { api, unwrap, type IdToken } from "~/lib/api/client";
import { can } from "~/lib/can";
import { time } from "~/lib/format";
import { tokensQuery, type TokensAsked } from "~/lib/queries";
import { ActionButton } from "~/parts/ActionButton";
import { DataTable } from "~/parts/DataTable";
import { Empty, Page } from "~/parts/Page";
import { SearchBox } from "~/parts/SearchBox";
import { Toolbar } from "~/parts/Toolbar";
import { useTableLook } from "~/parts/tableLook";
import { showProblem, showUndo } from "~/parts/undo";
import { Decisions } from "./Decisions";
import { DeleteToken, TokenForm } from "./TokenForm";
import { useWhose, type Whose } from "./whose";
import classes from "./Access.module.css";

const ImportTokens = lazy(() => import("./ImportTokens").then((module) => ({ default: module.ImportTokens })));
type Doing = { what: "edit" | "delete" | "why"; token: IdToken };

export function Access() {
  const { t } = useTranslation();
  const me = useMe();
  const [address, go] = useAddress();
  const [doing, set] = useState<Doing | null>(null);
  const status = asText(address.status);
  const asked: TokensAsked = {
    search: asText(address.search), status: status === "active" || status === "blocked" ? status : undefined, expired: status === "expired" ? true : undefined,
    sort: (asText(address.sort) ?? "-created_at") as TokensAsked["sort"], offset: asNumber(address.offset, 0), limit: asNumber(address.limit, 50),
  };
  const list = useQuery(tokensQuery(asked));
  const whose = useWhose();
  const columns = useColumns(set, whose);
  const look = useTableLook("id-tokens", columns);
  const dialog = asText(address.dialog);
  const close = () => go({ dialog: undefined });
  const none = () => set(null);
  const why = asText(address.why);
  const presented = asked.search && asked.search.length <= 20 ? asked.search : undefined;
  return (
    <Page
      name={t("access.title")} title={t("access.title")} said={list.data ? [t("access.said", { count: list.data.total }), whose.said].filter(Boolean).join(" · ") : "\u00a0"}
      actions={
        <>
          <ActionButton can={can.changeTokens(me)} onClick={() => go({ dialog: "import" })} variant="default" leftSection={<IconFileImport size={16} />}>{t("access.import")}</ActionButton>
          <ActionButton can={can.changeTokens(me)} onClick={() => go({ dialog: "add" })} leftSection={<IconPlus size={16} />}>{t("access.add")}</ActionButton>
        </>
      }
    >
      <Toolbar look={look.panel}>
        <SearchBox aria-label={t("word.search")} placeholder={t("access.search")} value={asked.search ?? undefined} search={(text) => go({ search: text, offset: undefined }, { replace: true })} style={{ flex: "1 1 220px", maxWidth: 340 }} />
        <NativeSelect aria-label={t("access.status")} value={status ?? ""} onChange={(event) => go({ status: event.currentTarget.value || undefined, offset: undefined })} data={[{ value: "", label: t("access.any") }, ...(["active", "blocked", "expired"] as const).map((name) => ({ value: name, label: t(`access.${name}`) }))]} />
      </Toolbar>
      <DataTable<IdToken>
        label={t("access.list")} rows={list.data?.items} total={list.data?.total} error={list.error} retry={() => void list.refetch()} columns={columns} hidden={look.hidden} dense={look.dense}
        keyOf={(token) => token.id} nameOf={(token) => token.uid} open={(token) => set({ what: "why", token })}
        sort={asked.sort} onSort={(sort) => go({ sort, offset: undefined })}
        page={{ offset: asked.offset ?? 0, limit: asked.limit ?? 50, onPage: (offset) => go({ offset: offset || undefined }), onLimit: (limit) => go({ limit, offset: undefined }) }}
        card={(token) => (
          <div style={{ display: "flex", justifyContent: "space-between", gap: 8, alignItems: "center" }}>
            <span style={{ minWidth: 0, overflowWrap: "anywhere" }}><strong style={{ fontWeight: 600 }}>{token.uid}</strong><br /><span className={classes.dim}>{token.label}</span></span>
            <span style={{ display: "inline-flex", gap: 4, alignItems: "center" }}><State token={token} /><More token={token} set={set} /></span>
          </div>
        )}
        empty={asked.search || status
          ? <Empty icon={IconSearch} title={t("access.none")} help={t("stations.none_help")} action={
              <Group justify="center">
                <Button variant="default" onClick={() => go({ search: undefined, status: undefined, offset: undefined })}>{t("word.clear")}</Button>
                {presented && <Button variant="default" leftSection={<IconHistory size={16} />} onClick={() => go({ why: presented })}>{t("access.why_of", { uid: presented })}</Button>}
              </Group>
            } />
          : whose.said ? <Empty icon={IconId} title={t("access.none")} help={t("access.elsewhere")} /> : <Empty icon={IconId} title={t("access.empty")} help={t("access.empty_help")} />}
      />
      {dialog === "add" && <TokenForm close={close} />}
      <Suspense>{dialog === "import" && <ImportTokens close={close} />}</Suspense>
      {doing?.what === "edit" && <TokenForm token={doing.token} close={none} />}
      {doing?.what === "delete" && <DeleteToken token={doing.token} close={none} />}
      {doing?.what === "why" && <Decisions uid={doing.token.uid} token={doing.token} close={none} />}
      {why && <Decisions uid={why} close={() => go({ why: undefined })} />}
    </Page>
  );
}

export function stateOf(token: IdToken): "active" | "blocked" | "expired" {
  if (token.status === "blocked") return "blocked";
  return token.expires_at !== null && Date.parse(token.expires_at) <= Date.now() ? "expired" : "active";
}

export function State({ token }: { token: IdToken }) {
  const { t } = useTranslation();
  const state = stateOf(token);
  const Mark = { active: IconCircleCheck, blocked: IconBan, expired: IconHistory }[state];
  return (
    <span className={classes.state} data-state={{ active: "available", blocked: "faulted", expired: "unavailable" }[state]}>
      <Mark size={14} aria-hidden />{t(`access.${state}`)}
    </span>
  );
}

function useColumns(set: (doing: Doing) => void, whose: Whose) {
  const { t } = useTranslation();
  const owner = { id: "organisation", rank: 3, head: t("settings.organisation"), cell: (token: IdToken) => whose.name(token.organisation_id) };
  return [
    { id: "uid", head: t("access.uid"), sort: "uid", width: 194, cell: (token: IdToken) => <Button variant="transparent" p={0} h="auto" fw={600} onClick={() => set({ what: "why", token })} className={classes.uid} title={token.uid}>{token.uid}</Button> },
    { id: "label", head: t("access.label"), sort: "label", cell: (token: IdToken) => token.label ?? "–" },
    { id: "status", head: t("access.status"), sort: "status", width: 124, cell: (token: IdToken) => <State token={token} /> },
    { id: "group", rank: 2, head: t("access.group"), sort: "group_id", cell: (token: IdToken) => token.group_id ?? "–" },
    ...(whose.many ? [owner] : []),
    { id: "expires", rank: 1, head: t("access.expires"), sort: "expires_at", width: 136, cell: (token: IdToken) => <span className="num">{token.expires_at ? time(token.expires_at, "date") : t("access.never")}</span> },
    { id: "do", head: "", right: true, width: 60, cell: (token: IdToken) => <More token={token} set={set} /> },
  ];
}

function More({ token, set }: { token: IdToken; set: (doing: Doing) => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const client = useQueryClient();
  const may = can.changeTokens(me).ok;
  const change = async (status: "active" | "blocked") => {
    try {
      await unwrap(api.PATCH("/api/v1/id-tokens/{id_token_id}", { params: { path: { id_token_id: token.id } }, body: { status } as never }));
    } catch (error) {
      showProblem(error);
      return;
    }
    void client.invalidateQueries({ queryKey: ["id-tokens"] });
    showUndo(t(status === "blocked" ? "access.block_toast" : "access.unblock_toast", { uid: token.uid }), () => change(status === "blocked" ? "active" : "blocked"));
  };
  const blocked = token.status === "blocked";
  return (
    <Menu position="bottom-end">
      <Menu.Target><ActionIcon variant="subtle" color="gray" size="lg" aria-label={`${t("word.actions")}: ${token.uid}`}><IconDots size={18} /></ActionIcon></Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconHistory size={16} />} onClick={() => set({ what: "why", token })}>{t("access.why")}</Menu.Item>
        <Menu.Item leftSection={blocked ? <IconLockOpen size={16} /> : <IconBan size={16} />} disabled={!may} onClick={() => void change(blocked ? "active" : "blocked")}>{t(blocked ? "access.unblock" : "access.block")}</Menu.Item>
        <Menu.Item leftSection={<IconPencil size={16} />} disabled={!may} onClick={() => set({ what: "edit", token })}>{t("word.edit")}</Menu.Item>
        <Menu.Item leftSection={<IconTrash size={16} />} c="var(--faulted-ink)" disabled={!may} onClick={() => set({ what: "delete", token })}>{t("word.delete")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
