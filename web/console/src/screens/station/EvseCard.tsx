import { IconCircleMinus, IconCirclePlus, IconLockOpen, IconPencil, IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMe } from "~/app/session";
import type { ActiveSession, Evse, Station } from "~/lib/api/client";
import { can } from "~/lib/can";
import { place } from "~/lib/commands";
import { clock, duration, energy, number, power, rated, text } from "~/lib/format";
import { useNow } from "~/lib/now";
import { readingsQuery } from "~/lib/queries";
import { asState, sessionAt, worst } from "~/lib/status";
import { ActionButton } from "~/parts/ActionButton";
import { Figure } from "~/parts/Figure";
import { PlugMark, plugName } from "~/parts/Plug";
import { RowActions } from "~/parts/RowActions";
import { Sparkline } from "~/parts/Sparkline";
import { StatusPill, useFaultWords } from "~/parts/Status";
import type { Asking } from "./dialogs";
import classes from "./Station.module.css";

export function EvseCard({ station, evse, ask }: { station: Station; evse: Evse; ask: (asking: Asking) => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const faultWords = useFaultWords();
  const session = sessionAt(station, evse.number);
  const state = worst(evse.connectors.map((part) => asState(part.status)));
  const faulted = evse.connectors.find((part) => asState(part.status) === "faulted");
  const first = evse.connectors[0];
  const out = state === "unavailable";
  const name = t("word.evse", { number: evse.number });
  const rating = [plugName(first?.standard ?? null), first?.max_power_w && text(rated(first.max_power_w))].filter(Boolean).join(" · ");
  return (
    <section className={classes.evse} aria-label={name}>
      <div className={classes.evseHead}>
        <span className={classes.evseName}>
          <PlugMark standard={first?.standard ?? null} />
          <span>{evse.name ?? name}</span>
          {rating && <span className={classes.plug}>{rating}</span>}
        </span>
        <StatusPill state={state} online={station.presence.online} detail={faultWords(faulted)} />
        <span className={classes.fill} />
        {session ? (
          <ActionButton can={can.stop(me, station, session)} onClick={() => ask({ kind: "stop", session })} variant="default" leftSection={<IconPlayerStop size={16} />}>
            {t("verb.stop")}
          </ActionButton>
        ) : (
          <ActionButton can={can.start(me, station)} onClick={() => ask({ kind: "start", evse: evse.number })} variant="default" leftSection={<IconPlayerPlay size={16} />}>
            {t("verb.start")}
          </ActionButton>
        )}
        <ActionButton can={can.unlock(me, station)} onClick={() => void place(station.identity, "unlock", { evse: evse.number })} variant="default" leftSection={<IconLockOpen size={16} />}>
          {t("verb.unlock")}
        </ActionButton>
        <RowActions name={name} actions={[
          { label: t(out ? "verb.enable" : "verb.disable"), icon: out ? IconCirclePlus : IconCircleMinus, can: can.changeAvailability(me, station), run: () => ask({ kind: "availability", evse: evse.number, available: out }) },
          { label: t("station.edit"), icon: IconPencil, can: can.rename(me, station), run: () => ask({ kind: "edit", evse }) },
        ]} />
      </div>
      {session ? <Running session={session} /> : <Idle evse={evse} />}
    </section>
  );
}

function Idle({ evse }: { evse: Evse }) {
  const { t } = useTranslation();
  const now = useNow(1_000);
  const at = evse.connectors[0]?.received_at;
  return <p className={classes.idle}>{at ? t("station.status_for", { time: duration(now - Date.parse(at)) }) : t("station.no_status")}</p>;
}

function Running({ session }: { session: ActiveSession }) {
  const { t } = useTranslation();
  const now = useNow(1_000);
  const readings = useQuery({ ...readingsQuery(session.uid), refetchInterval: 20_000 }).data;
  const powers = readings?.map((reading) => reading.power_w).filter((value): value is number => value !== null) ?? [];
  return (
    <dl className={classes.facts}>
      <Fact name={t("unit.power")}><Figure of={session.power_w === null ? null : power(session.power_w)} size={20} /></Fact>
      <Fact name={t("unit.energy")}><Figure of={energy(session.energy_wh)} size={20} /></Fact>
      <Fact name={t("unit.duration")}><Figure of={{ value: clock(now - Date.parse(session.started_at)), unit: "" }} size={20} /></Fact>
      {session.soc_percent !== null && <Fact name={t("unit.soc")}><Figure of={{ value: number(session.soc_percent), unit: "%" }} size={20} /></Fact>}
      <Fact name={t("session.token")}>
        <Link to="/access" search={{ search: session.id_token }}>{session.id_token}</Link>
      </Fact>
      <Fact name={t("session.one")}><Link to="/sessions/$uid" params={{ uid: session.uid }}>{t("session.number", { number: session.transaction_id })}</Link></Fact>
      {powers.length > 2 && <div className={classes.spark}><Sparkline values={powers} label={t("session.power_so_far")} /></div>}
    </dl>
  );
}

export function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
