import { Button, Code, NativeSelect, SimpleGrid, Text } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { asNumber, asText, useAddress } from "~/lib/address";
import { api, unwrap, type AuditEntry } from "~/lib/api/client";
import { download, toCsv } from "~/lib/csv";
import { nameOf, time } from "~/lib/format";
import { auditQuery, EVERYWHERE, locationsQuery, organisationsQuery, usersQuery, type AuditAsked } from "~/lib/queries";
import { DataTable } from "~/parts/DataTable";
import { Empty } from "~/parts/Page";
import { SearchBox } from "~/parts/SearchBox";
import { Toolbar } from "~/parts/Toolbar";
import { Popup } from "~/parts/Form";
import { differences, SUBJECTS, subjectOf } from "./changes";


/** Who changed what and when, with before and after. */
export function Audit() {
  const { t } = useTranslation();
  const [address, go] = useAddress();
  const [shown, show] = useState<AuditEntry | null>(null);
  const asked: AuditAsked = {
    actor: asText(address.actor), subject_kind: asText(address.subject), subject_id: asText(address.id),
    sort: (asText(address.sort) ?? "-at") as AuditAsked["sort"], offset: asNumber(address.offset, 0), limit: asNumber(address.limit, 50),
  };
  const list = useQuery(auditQuery(asked));
  const names = useNames();
  const words = useWords();
  return (
    <>
      <Toolbar download={() => void exportAudit(asked)}>
        <SearchBox aria-label={t("settings.audit_search")} placeholder={t("settings.audit_search")} value={asked.actor ?? undefined} search={(actor) => go({ actor, offset: undefined }, { replace: true })} />
        <NativeSelect aria-label={t("settings.subject")} value={asked.subject_kind ?? ""} onChange={(event) => go({ subject: event.currentTarget.value || undefined, offset: undefined })} data={[{ value: "", label: t("settings.any_subject") }, ...SUBJECTS.map((kind) => ({ value: kind, label: words.kind(kind) }))]} />
      </Toolbar>
      <DataTable<AuditEntry>
        label={t("settings.audit")} rows={list.data?.items} total={list.data?.total} error={list.error} retry={() => void list.refetch()} keyOf={(entry) => String(entry.id)} dense
        sort={asked.sort} onSort={(sort) => go({ sort, offset: undefined })} open={show}
        page={{ offset: asked.offset ?? 0, limit: asked.limit ?? 50, onPage: (offset) => go({ offset: offset || undefined }), onLimit: (limit) => go({ limit, offset: undefined }) }}
        columns={[
          { id: "at", head: t("settings.at"), sort: "at", width: 220, cell: (entry) => <span className="num">{time(entry.at, "full")}</span> },
          { id: "actor", head: t("settings.actor"), width: 130, cell: (entry) => <span title={entry.actor}>{nameOf(entry.actor)}</span> },
          { id: "did", head: t("settings.did"), width: 150, cell: (entry) => <strong style={{ fontWeight: 600, whiteSpace: "nowrap" }}>{words.did(entry.action)}</strong> },
          { id: "subject", head: t("settings.subject"), cell: (entry) => <span style={{ whiteSpace: "nowrap" }}>{words.kind(entry.subject_kind)} <strong style={{ fontWeight: 600 }}>{subjectOf(entry, names)}</strong></span> },
          { id: "what", rank: 3, head: t("settings.what"), cell: (entry) => <What entry={entry} names={names} /> },
          { id: "change", rank: 2, head: "", right: true, width: 124, cell: (entry) => <Button size="compact-sm" variant="subtle" onClick={() => show(entry)} aria-label={`${t("settings.change")} ${entry.id}`}>{t("settings.change")}</Button> },
        ]}
        card={(entry) => <><strong>{words.did(entry.action)}</strong> {words.kind(entry.subject_kind)} {subjectOf(entry, names)}<br /><What entry={entry} names={names} />{nameOf(entry.actor)} · {time(entry.at)}<br /><Button size="compact-sm" variant="subtle" ml={-8} onClick={() => show(entry)}>{t("settings.change")}</Button></>}
        empty={<Empty icon={IconHistory} title={t("settings.audit_empty")} />}
      />
      {shown && (
        <Popup title={`${words.did(shown.action)} · ${words.kind(shown.subject_kind)} ${subjectOf(shown, names)}`} close={() => show(null)} size="xl">
          <Text mb={12}>{shown.actor} · {time(shown.at, "full")}</Text>
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <Side name={t("settings.before")} value={shown.before} />
            <Side name={t("settings.after")} value={shown.after} />
          </SimpleGrid>
        </Popup>
      )}
    </>
  );
}

/** What is known of places and people by their ids. */
function useNames(): Map<string, string> {
  const locations = useQuery(locationsQuery).data?.items ?? [];
  const organisations = useQuery(organisationsQuery).data?.items ?? [];
  const people = useQuery(usersQuery(EVERYWHERE)).data?.items ?? [];
  return new Map([...locations, ...organisations, ...people].map((one) => [one.id, one.name]));
}

function useWords() {
  const { t, i18n } = useTranslation();
  const word = (room: string, name: string) => (i18n.exists(`${room}.${name}`) ? t(`${room}.${name}` as "did.change") : name.replaceAll("_", " "));
  const did = (action: string) => (action.startsWith("command:") ? word(action === "command:ocpp" ? "did" : "verb", action.slice(8)) : word("did", action));
  return { did, kind: (kind: string) => word("subject", kind), field: (name: string) => word("field", name), role: (name: string) => word("role", name), yes: t("word.yes"), no: t("word.no") };
}

function What({ entry, names }: { entry: AuditEntry; names: Map<string, string> }) {
  const text = differences(entry, names, useWords());
  return <Text fz="xs" c="dimmed" truncate title={text}>{text}</Text>;
}

function Side({ name, value }: { name: string; value: unknown }) {
  return (
    <div>
      <Text size="xs" c="dimmed" mb={4}>{name}</Text>
      <Code block tabIndex={0} style={{ maxHeight: 420, overflow: "auto", whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{value === null || value === undefined ? "–" : JSON.stringify(value, null, 2)}</Code>
    </div>
  );
}

async function exportAudit(asked: AuditAsked): Promise<void> {
  const all: AuditEntry[] = [];
  for (let offset = 0; ; offset += 500) {
    const page = await unwrap(api.GET("/api/v1/audit", { params: { query: { ...asked, offset, limit: 500 } } }));
    all.push(...page.items);
    if (all.length >= page.total || page.items.length === 0) break;
  }
  const head = ["at", "actor", "action", "subject_kind", "subject_id"] as const;
  const rows = all.map((entry) => [...head.map((name) => entry[name]), JSON.stringify(entry.before), JSON.stringify(entry.after)]);
  download("audit.csv", toCsv([[...head, "before", "after"], ...rows]));
}
