import { ActionIcon, Breadcrumbs, Menu, Skeleton, Tabs } from "@mantine/core";
import { IconDots, IconPlayerPlay, IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "~/app/session";
import { asText, useAddress } from "~/lib/address";
import { can, may, type Right } from "~/lib/can";
import type { Station } from "~/lib/api/client";
import { duration } from "~/lib/format";
import { useLiveStation } from "~/lib/live";
import { useNow } from "~/lib/now";
import { stationQuery } from "~/lib/queries";
import { ActionButton } from "~/parts/ActionButton";
import { Page, ProblemBox } from "~/parts/Page";
import { TabStrip } from "~/parts/TabStrip";
import { PresenceMark } from "~/parts/Status";
import { Dialog, type Asking } from "./dialogs";
import { NowTab } from "./NowTab";
import { StationMenu } from "./StationMenu";
import classes from "./Station.module.css";

const Messages = lazy(() => import("./Messages").then((module) => ({ default: module.Messages })));
const Configuration = lazy(() => import("./Configuration").then((module) => ({ default: module.Configuration })));
const Maintenance = lazy(() => import("./Maintenance").then((module) => ({ default: module.Maintenance })));
const History = lazy(() => import("./History").then((module) => ({ default: module.History })));
const SessionTable = lazy(() => import("../sessions/SessionTable").then((module) => ({ default: module.SessionTable })));

const NEEDS: Partial<Record<Tab, Right>> = { messages: "messages.read", configuration: "configuration.read", maintenance: "maintenance.read" };
type Tab = (typeof TABS)[number];
const TABS = ["now", "sessions", "messages", "configuration", "maintenance", "history"] as const;

export function StationPage() {
  const { t } = useTranslation();
  const { identity } = useParams({ strict: false }) as { identity: string };
  const [address, go] = useAddress();
  const asked = useQuery(stationQuery(identity));
  const station = useLiveStation(identity) ?? asked.data;
  const [chosen, ask] = useState<Asking | null>(null);
  const asking = chosen ?? askedIn(asText(address.ask), station);
  const close = () => {
    ask(null);
    if (address.ask !== undefined) go({ ask: undefined }, { replace: true });
  };
  const me = useMe();
  const tabs = TABS.filter((name) => NEEDS[name] === undefined || may(me, NEEDS[name], station?.location));
  const tab = tabs.find((name) => name === asText(address.tab)) ?? "now";
  if (!station && asked.error) return <ProblemBox whole error={asked.error} retry={() => void asked.refetch()} />;
  return (
    <Page
      name={identity}
      title={station?.name ? `${identity} · ${station.name}` : identity}
      above={<Above identity={identity} />}
      said={station && <Said station={station} />}
      actions={station && <Actions station={station} ask={ask} />}
    >
      <Tabs value={tab} onChange={(next) => go({ tab: next === "now" ? undefined : (next ?? undefined), ...CLEARED })} keepMounted={false} className={classes.tabs}>
        <TabStrip value={tab}>
          {tabs.map((name) => <Tabs.Tab key={name} value={name}>{t(`tab.${name}`)}</Tabs.Tab>)}
        </TabStrip>
        <Suspense fallback={<Skeleton height={240} radius={8} />}>
          <Tabs.Panel value="now">{station ? <NowTab station={station} ask={ask} /> : <Skeleton height={320} radius={8} />}</Tabs.Panel>
          <Tabs.Panel value="sessions"><SessionTable fixed={{ station: identity }} /></Tabs.Panel>
          <Tabs.Panel value="messages"><Messages station={identity} /></Tabs.Panel>
          <Tabs.Panel value="configuration">{station && <Configuration station={station} />}</Tabs.Panel>
          <Tabs.Panel value="maintenance">{station && <Maintenance station={station} />}</Tabs.Panel>
          <Tabs.Panel value="history"><History identity={identity} /></Tabs.Panel>
        </Suspense>
      </Tabs>
      {station && <Dialog asking={asking} station={station} close={close} />}
    </Page>
  );
}

/** A dialog that the address names: `reset`, `edit`, `edit-2` (an evse). */
function askedIn(ask: string | undefined, station: Station | undefined): Asking | null {
  if (ask === "reset") return { kind: "reset" };
  const [what, number] = ask?.split("-") ?? [];
  return what === "edit" ? { kind: "edit", evse: station?.evses.find((evse) => evse.number === Number(number)) } : null;
}

const CLEARED = { offset: undefined, sort: undefined, action: undefined, text: undefined, direction: undefined, outcome: undefined };

function Above({ identity }: { identity: string }) {
  const { t } = useTranslation();
  return (
    <Breadcrumbs mb={4} fz="xs" aria-label={t("nav.stations")}>
      <Link to="/stations">{t("nav.stations")}</Link>
      <span style={{ overflowWrap: "anywhere", whiteSpace: "normal", maxWidth: "100%" }}>{identity}</span>
    </Breadcrumbs>
  );
}

function Said({ station }: { station: Station }) {
  const { t } = useTranslation();
  const now = useNow(1_000);
  const seen = station.presence.seen_at;
  return (
    <>
      <PresenceMark station={station} />
      {seen && <> · <span className="num">{t("presence.seen", { time: duration(now - Date.parse(seen)) })}</span></>}
      {station.location && <> · {station.location.name}</>}
    </>
  );
}

function Actions({ station, ask }: { station: Station; ask: (asking: Asking) => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const free = station.evses.find((evse) => !station.sessions.some((session) => session.evse === evse.number));
  const full = station.evses.length > 0 && !free ? station.sessions[0] : undefined;
  return (
    <>
      <ActionButton can={can.start(me, station, full)} onClick={() => ask({ kind: "start", evse: free?.number })} leftSection={<IconPlayerPlay size={16} />} label={t("station.start_here")}>
        {t("verb.start")}
      </ActionButton>
      <ActionButton can={can.reset(me, station)} onClick={() => ask({ kind: "reset" })} variant="default" leftSection={<IconRefresh size={16} />}>
        {t("verb.reset")}
      </ActionButton>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={t("word.more")}><IconDots size={18} /></ActionIcon>
        </Menu.Target>
        <Menu.Dropdown><StationMenu station={station} ask={ask} /></Menu.Dropdown>
      </Menu>
    </>
  );
}
