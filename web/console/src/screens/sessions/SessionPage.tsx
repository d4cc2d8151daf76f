import { Breadcrumbs, Button, Center, Skeleton } from "@mantine/core";
import { IconPlayerStop } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "~/app/session";
import { api, unwrap, type Session } from "~/lib/api/client";
import { can } from "~/lib/can";
import { clock, time, took, zoneName } from "~/lib/format";
import { useLiveStation } from "~/lib/live";
import { useNow } from "~/lib/now";
import { readingsQuery, sessionQuery, stationQuery } from "~/lib/queries";
import { ActionButton } from "~/parts/ActionButton";
import { FrameList } from "~/parts/FrameList";
import { Card, Page, ProblemBox } from "~/parts/Page";
import { StatusPill } from "~/parts/Status";
import { Dialog, type Asking } from "../station/dialogs";
import { Curves } from "./Curves";
import { Numbers } from "./Numbers";
import { Timeline } from "./Timeline";
import { timeline } from "./events";
import classes from "./Session.module.css";

export function SessionPage() {
  const { t } = useTranslation();
  const { uid } = useParams({ strict: false }) as { uid: string };
  const asked = useQuery({ ...sessionQuery(uid), refetchInterval: (query) => (query.state.data?.state === "active" ? 5_000 : false) });
  if (asked.error && !asked.data) return <ProblemBox whole error={asked.error} retry={() => void asked.refetch()} />;
  if (!asked.data) return <Page name={t("session.one")} title={<Skeleton height={28} width={220} />}><Skeleton height={300} radius={8} /></Page>;
  return <Loaded session={asked.data} />;
}

function Loaded({ session }: { session: Session }) {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const zone = session.location?.time_zone;
  const running = session.state === "active";
  const [asking, ask] = useState<Asking | null>(null);
  const asked = useQuery({ ...stationQuery(session.station), enabled: running }).data;
  const station = useLiveStation(session.station) ?? asked;
  const active = station?.sessions.find((one) => one.uid === session.uid);
  const readings = useQuery({ ...readingsQuery(session.uid), refetchInterval: running ? 5_000 : false });
  const status = useQuery({
    queryKey: ["frames", "status", session.station, session.uid],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/stations/{identity}/frames", { params: { path: { identity: session.station }, query: { action: "StatusNotification", from: shifted(session.started_received_at, -15), to: session.ended_received_at ? shifted(session.ended_received_at, 15) : undefined, limit: 200 } }, signal })),
    refetchInterval: running ? 5_000 : false,
  });
  const reason = session.stop_reason ?? (session.ended_by && session.ended_by !== "station" ? `by_${session.ended_by}` : "none");
  const words = { authorization: t(`authorization.${session.authorization as "accepted"}`), reason: i18n.exists(`stop.${reason}`) ? t(`stop.${reason}` as "stop.local") : reason };
  const events = useMemo(() => timeline(session, status.data?.items ?? [], words), [session, status.data, words.authorization, words.reason]);
  return (
    <Page
      name={t("session.number", { number: session.transaction_id })}
      above={<Breadcrumbs mb={4} fz="xs"><Link to="/sessions">{t("nav.sessions")}</Link><span>{session.transaction_id}</span></Breadcrumbs>}
      title={<span style={{ display: "inline-flex", gap: 12, alignItems: "center", flexWrap: "wrap" }}>{t("session.number", { number: session.transaction_id })}{running && <StatusPill state="charging" />}</span>}
      said={<Said session={session} />}
      actions={running && station && <ActionButton can={can.stop(me, station, active)} color="red.8" leftSection={<IconPlayerStop size={16} />} onClick={() => active && ask({ kind: "stop", session: active })}>{t("session.stop")}</ActionButton>}
    >
      <div className={classes.grid}>
        <div className={classes.col}>
          <Card title={t("session.curve")}><Curves session={session} readings={readings.data} events={events} zone={zone} /></Card>
          <Behind session={session} zone={zone} />
        </div>
        <div className={classes.col}>
          <Card title={t("session.numbers")}><Numbers session={session} active={active} readings={readings.data ?? []} frames={status.data?.items ?? []} reason={words.reason} /></Card>
          <Card title={t("session.timeline")} side={<span className={classes.at}>{zoneName(zone)}</span>}><Timeline events={events} zone={zone} running={running} /></Card>
        </div>
      </div>
      {station && <Dialog asking={asking} station={station} close={() => ask(null)} />}
    </Page>
  );
}

function shifted(at: string, minutes: number): string {
  return new Date(Date.parse(at) + minutes * 60_000).toISOString();
}

function Said({ session }: { session: Session }) {
  const { t } = useTranslation();
  const running = session.state === "active";
  const now = useNow(running ? 1_000 : 0);
  const zone = session.location?.time_zone;
  const began = Date.parse(session.started_at);
  const lasted = session.ended_at ? took(Date.parse(session.ended_at) - began) : clock(now - began);
  return (
    <>
      <Link to="/stations/$identity" params={{ identity: session.station }}>{session.station}</Link> · {t("word.evse", { number: session.evse })} ·{" "}
      <Link to="/access" search={{ search: session.id_token }}>{session.id_token}</Link> · {time(session.started_at, "datetime", zone)} · <span className="num">{lasted}</span>
    </>
  );
}

function Behind({ session, zone }: { session: Session; zone?: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const list = useInfiniteQuery({
    queryKey: ["frames", "session", session.uid],
    enabled: open,
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam, signal }) => unwrap(api.GET("/api/v1/sessions/{uid}/frames", { params: { path: { uid: session.uid }, query: { before: pageParam, limit: 50 } }, signal })),
    getNextPageParam: (page) => page.before ?? undefined,
  });
  const frames = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card title={t("session.frames")} side={<Button size="xs" variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>{t(open ? "word.close" : "word.open")}</Button>}>
      {open && (
        <>
          {list.isPending ? <Skeleton height={160} /> : <FrameList frames={frames} zone={zone} label={t("session.frames")} />}
          {list.hasNextPage && <Center mt={12}><Button variant="default" onClick={() => void list.fetchNextPage()}>{t("messages.older")}</Button></Center>}
        </>
      )}
    </Card>
  );
}
