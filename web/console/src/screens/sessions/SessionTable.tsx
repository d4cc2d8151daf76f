import { Button, NativeSelect } from "@mantine/core";
import { IconAlertCircle, IconBolt, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { asFlag, asNumber, asText, useAddress } from "~/lib/address";
import { api, unwrap, type Session } from "~/lib/api/client";
import { download, toCsv } from "~/lib/csv";
import { clock, energy, power, time, took } from "~/lib/format";
import { useLiveStation } from "~/lib/live";
import { EVERYWHERE, locationsQuery, sessionsQuery, type SessionsAsked } from "~/lib/queries";
import { DataTable, type Column } from "~/parts/DataTable";
import { Figure } from "~/parts/Figure";
import { Empty } from "~/parts/Page";
import { StatusPill } from "~/parts/Status";
import { useTableLook } from "~/parts/tableLook";
import { SearchBox } from "~/parts/SearchBox";
import { DayRange } from "~/parts/DayRange";
import { Toolbar } from "~/parts/Toolbar";
import { useNow } from "~/lib/now";
import table from "~/parts/DataTable.module.css";

export function useAskedSessions(fixed: { station?: string } = {}): SessionsAsked {
  const [address] = useAddress();
  return {
    station: fixed.station ?? asText(address.station), location_id: asText(address.location), state: asText(address.state) as SessionsAsked["state"],
    id_token: asText(address.token), authorization: asText(address.authorization) as SessionsAsked["authorization"], needs_review: asFlag(address.needs_review),
    from: day(asText(address.from)), to: day(asText(address.to), 1),
  };
}

function day(text: string | undefined, add = 0): string | undefined {
  if (!text) return undefined;
  const at = new Date(`${text}T00:00:00`);
  if (Number.isNaN(at.getTime())) return undefined;
  at.setDate(at.getDate() + add);
  return at.toISOString();
}

export function SessionTable({ fixed = {} }: { fixed?: { station?: string } }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [address, go] = useAddress();
  const filters = useAskedSessions(fixed);
  const asked: SessionsAsked = { ...filters, sort: (asText(address.sort) ?? "-started_at") as SessionsAsked["sort"], offset: asNumber(address.offset, 0), limit: asNumber(address.limit, 50) };
  const list = useQuery({ ...sessionsQuery(asked, fixed.station ? EVERYWHERE : {}), refetchInterval: 10_000 });
  const columns = useColumns(!!fixed.station);
  const look = useTableLook("sessions", columns, ["authorization"]);
  const filtered = Object.entries(filters).some(([name, value]) => value !== undefined && !(name === "station" && fixed.station));
  return (
    <>
      <Filters look={look.panel} fixed={fixed} filters={filters} />
      <DataTable<Session>
        label={t("sessions.list")} rows={list.data?.items} total={list.data?.total} error={list.error} retry={() => void list.refetch()} columns={columns} hidden={look.hidden} dense={look.dense}
        keyOf={(session) => session.uid} open={(session) => void navigate({ to: "/sessions/$uid", params: { uid: session.uid } })} card={(session) => <Card session={session} ofOneStation={!!fixed.station} />}
        sort={asked.sort} onSort={(sort) => go({ sort, offset: undefined })}
        page={{ offset: asked.offset ?? 0, limit: asked.limit ?? 50, onPage: (offset) => go({ offset: offset || undefined }), onLimit: (limit) => go({ limit, offset: undefined }) }}
        empty={filtered
          ? <Empty icon={IconSearch} title={t("sessions.none")} help={t("stations.none_help")} action={<Button variant="default" onClick={() => go(NO_FILTERS)}>{t("word.clear")}</Button>} />
          : <Empty icon={IconBolt} title={t("sessions.empty")} help={t("sessions.empty_help")} />}
      />
    </>
  );
}

const NO_FILTERS = { location: undefined, state: undefined, token: undefined, authorization: undefined, needs_review: undefined, from: undefined, to: undefined, station: undefined, offset: undefined };
const AUTHORIZATIONS = ["accepted", "invalid", "blocked", "expired", "concurrent"] as const;

function Filters({ look, fixed, filters }: { look: React.ReactNode; fixed: { station?: string }; filters: SessionsAsked }) {
  const { t } = useTranslation();
  const [address, go] = useAddress();
  const locations = useQuery(locationsQuery).data?.items ?? [];
  const set = (name: string) => (event: { currentTarget: { value: string } }) => go({ [name]: event.currentTarget.value || undefined, offset: undefined });
  return (
    <Toolbar look={look} download={() => void exportSessions(filters)}>
      <SearchBox aria-label={t("sessions.token")} placeholder={t("sessions.token")} value={asText(address.token)} search={(text) => go({ token: text, offset: undefined }, { replace: true })} maxLength={20} w={170} />
      <NativeSelect w={190} aria-label={t("session.state")} value={asText(address.state) ?? ""} onChange={set("state")} data={[{ value: "", label: t("sessions.any_state") }, { value: "active", label: t("sessions.active") }, { value: "ended", label: t("sessions.ended") }]} />
      {!fixed.station && <NativeSelect maw={180} aria-label={t("station.location")} value={asText(address.location) ?? ""} onChange={set("location")} data={[{ value: "", label: t("stations.any_location") }, ...locations.map((location) => ({ value: location.id, label: location.name }))]} />}
      <NativeSelect maw={180} aria-label={t("session.authorization")} value={asText(address.authorization) ?? ""} onChange={set("authorization")} data={[{ value: "", label: t("sessions.any_authorization") }, ...AUTHORIZATIONS.map((name) => ({ value: name, label: t(`authorization.${name}`) }))]} />
      <DayRange />
      {Object.keys(NO_FILTERS).some((name) => name !== "offset" && address[name] !== undefined) && <Button variant="subtle" size="sm" px={8} onClick={() => go(NO_FILTERS)}>{t("word.clear")}</Button>}
    </Toolbar>
  );
}

function useLiveFigures(session: Session): Session {
  const running = useLiveStation(session.station)?.sessions.find((one) => one.uid === session.uid);
  return running ? { ...session, energy_wh: running.energy_wh, power_w: running.power_w, soc_percent: running.soc_percent } : session;
}

function Energy({ session }: { session: Session }) {
  return <Figure of={energy(useLiveFigures(session).energy_wh)} />;
}

function Power({ session }: { session: Session }) {
  const now = useLiveFigures(session);
  return session.state === "active" && now.power_w !== null ? <Figure of={power(now.power_w)} /> : <span className={table.sub}>–</span>;
}

function Took({ session }: { session: Session }) {
  const now = useNow(session.state === "active" ? 1_000 : 0);
  const began = Date.parse(session.started_at);
  return <span className="num">{session.ended_at ? took(Date.parse(session.ended_at) - began) : clock(now - began)}</span>;
}

function State({ session }: { session: Session }) {
  const { t } = useTranslation();
  const refused = session.authorization !== "accepted";
  return (
    <span style={{ display: "inline-flex", gap: 6, alignItems: "center" }}>
      {session.state === "active" ? <StatusPill state="charging" /> : <span>{t("session.done")}</span>}
      {(session.needs_review || refused) && <IconAlertCircle size={16} color="var(--paused-solid)" aria-label={refused ? t(`authorization.${session.authorization as "invalid"}`) : t("session.review")} />}
    </span>
  );
}

function useColumns(ofOneStation: boolean): Column<Session>[] {
  const { t } = useTranslation();
  return useMemo(() => columnsOf(t).filter((column) => !(ofOneStation && (column.id === "station" || column.id === "location"))), [t, ofOneStation]);
}

function columnsOf(t: TFunction): Column<Session>[] {
  return [
    { id: "started", head: t("session.started"), sort: "started_at", width: 150, cell: (session) => <Link to="/sessions/$uid" params={{ uid: session.uid }} className="num" style={{ fontWeight: 600 }}>{time(session.started_at, "datetime", session.location?.time_zone)}</Link> },
    { id: "state", head: t("session.state"), sort: "state", width: 128, cell: (session) => <State session={session} /> },
    { id: "station", head: t("session.station"), sort: "station", width: 140, cell: (session) => <><Link to="/stations/$identity" params={{ identity: session.station }}>{session.station}</Link> <span className={table.sub}>· {session.evse}</span></> },
    { id: "location", head: t("station.location"), rank: 3, cell: (session) => session.location?.name ?? "–" },
    { id: "token", head: t("session.token"), sort: "id_token", rank: 2, cell: (session) => session.id_token },
    { id: "authorization", head: t("session.authorization"), sort: "authorization", width: 150, rank: 4, cell: (session) => t(`authorization.${session.authorization as "accepted"}`) },
    { id: "took", head: t("unit.duration"), right: true, width: 128, cell: (session) => <Took session={session} /> },
    { id: "power", head: t("unit.power"), sort: "power_w", right: true, width: 100, rank: 1, cell: (session) => <Power session={session} /> },
    { id: "energy", head: t("unit.energy"), sort: "energy_wh", right: true, width: 112, cell: (session) => <Energy session={session} /> },
  ];
}

/** In the list of one station its name says nothing: there the time is what tells sessions apart. */
function Card({ session, ofOneStation }: { session: Session; ofOneStation: boolean }) {
  const { t } = useTranslation();
  const began = time(session.started_at, "datetime", session.location?.time_zone);
  return (
    <>
      <div style={{ display: "flex", justifyContent: "space-between", gap: 8 }}>
        <Link to="/sessions/$uid" params={{ uid: session.uid }} style={{ fontWeight: 600 }}>{ofOneStation ? began : `${session.station} · ${session.evse}`}</Link>
        <Energy session={session} />
      </div>
      <div style={{ display: "flex", justifyContent: "space-between", gap: 8, alignItems: "center", marginTop: 4 }}>
        <span className={table.sub}>{ofOneStation ? t("word.evse", { number: session.evse }) : began} · {session.id_token}</span>
        <State session={session} />
      </div>
    </>
  );
}

async function exportSessions(filters: SessionsAsked): Promise<void> {
  const all: Session[] = [];
  for (let offset = 0; ; offset += 500) {
    const page = await unwrap(api.GET("/api/v1/sessions", { params: { query: { ...filters, sort: "-started_at", offset, limit: 500 } } }));
    all.push(...page.items);
    if (all.length >= page.total || page.items.length === 0) break;
  }
  const head = ["uid", "transaction_id", "station", "evse", "location", "id_token", "authorization", "state", "started_at", "ended_at", "energy_wh", "stop_reason"] as const;
  download("sessions.csv", toCsv([[...head], ...all.map((session) => head.map((name) => (name === "location" ? session.location?.name : session[name])))]));
}
