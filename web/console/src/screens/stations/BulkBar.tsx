import { Button, Group, ScrollArea, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Station } from "~/lib/api/client";
import { place, type Stage, type Tracked, type Verb } from "~/lib/commands";
import { energy, number, text } from "~/lib/format";
import { useStations } from "~/lib/useStations";
import { Buttons, Popup } from "~/parts/Form";
import { Stages } from "~/parts/Stages";

type Bulk = { key: "reset" | "enable_all" | "disable_all" | "trigger_status" | "clear-cache"; verb: Verb; payload: Record<string, unknown>; danger?: boolean };
type Running = { bulk: Bulk; stations: string[]; results: Map<string, Tracked> };
const BULK: Bulk[] = [
  { key: "reset", verb: "reset", payload: { kind: "soft" }, danger: true },
  { key: "disable_all", verb: "change-availability", payload: { evse: 0, available: false }, danger: true },
  { key: "enable_all", verb: "change-availability", payload: { evse: 0, available: true } },
  { key: "trigger_status", verb: "trigger", payload: { message: "status" } },
  { key: "clear-cache", verb: "clear-cache", payload: {} },
];
const AT_ONCE = 20;
const NAMED = 12;
const BAD: Stage[] = ["refused", "failed", "expired"];

/** Commands to every selected station, and what each of them answered. */
export function BulkBar({ selected, clear }: { selected: Set<string>; clear: () => void }) {
  const { t } = useTranslation();
  const stations = useStations().filter((station) => selected.has(station.identity));
  const [asking, ask] = useState<Bulk | null>(null);
  const [running, show] = useState<Running | null>(null);
  const watched = useRef(true);
  const run = async (bulk: Bulk) => {
    const results = new Map<string, Tracked>();
    const names = stations.map((station) => station.identity);
    const waiting = [...names];
    ask(null);
    watched.current = true;
    show({ bulk, stations: names, results });
    const worker = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        results.set(next, await place(next, bulk.verb, bulk.payload));
        if (watched.current) show({ bulk, stations: names, results: new Map(results) });
      }
    };
    await Promise.all([...Array(AT_ONCE).keys()].map(worker));
    if (!watched.current) notifications.show({ title: t(`verb.${bulk.key}`), message: t("stations.bulk_done", { done: number(accepted(results)), count: names.length }) });
  };
  const close = () => {
    watched.current = false;
    show(null);
  };
  return (
    <>
      <Text fw={600} mr={8} className="num">{t("word.selected", { count: stations.length })}</Text>
      {BULK.map((bulk) => <Button key={bulk.key} size="xs" variant="default" onClick={() => ask(bulk)}>{t(`verb.${bulk.key}`)}</Button>)}
      <Button size="xs" variant="subtle" onClick={clear}>{t("word.cancel")}</Button>
      {asking && (
        <Popup title={t("stations.bulk_title", { verb: t(`verb.${asking.key}`), count: stations.length })} close={() => ask(null)}>
          <Stack>
            <Text>{stations.slice(0, NAMED).map((station) => station.identity).join(", ")}{stations.length > NAMED && " …"}</Text>
            {asking.danger && <Charging stations={stations} />}
            <Buttons close={() => ask(null)} label={t(`verb.${asking.key}`)} onClick={() => void run(asking)} danger={asking.danger} />
          </Stack>
        </Popup>
      )}
      {running && <Results running={running} close={close} />}
    </>
  );
}

function accepted(results: Map<string, Tracked>): number {
  return [...results.values()].filter((result) => !BAD.includes(result.stage)).length;
}

/** Whose sessions it would end or put off. */
function Charging({ stations }: { stations: Station[] }) {
  const { t } = useTranslation();
  const all = stations.flatMap((station) => station.sessions.map((session) => ({ station: station.identity, ...session })));
  if (all.length === 0) return null;
  return (
    <div>
      <Text fw={600}>{t("stations.bulk_charging", { count: all.length })}</Text>
      <ScrollArea.Autosize mah={180}>
        {all.map((one) => <Text key={one.uid} c="dimmed" size="xs">{t("stations.bulk_who", { station: one.station, evse: one.evse, token: one.id_token, energy: text(energy(one.energy_wh)) })}</Text>)}
      </ScrollArea.Autosize>
    </div>
  );
}

function Results({ running, close }: { running: Running; close: () => void }) {
  const { t } = useTranslation();
  const { bulk, stations, results } = running;
  return (
    <Popup title={`${t(`verb.${bulk.key}`)}: ${t("stations.bulk_done", { done: number(accepted(results)), count: stations.length })}`} close={close}>
      <Stack>
        <ScrollArea.Autosize mah="50vh" viewportProps={{ tabIndex: 0, role: "region", "aria-label": t("stations.bulk_results") }}>
          {stations.map((station) => (
            <Group key={station} justify="space-between" wrap="nowrap" py={4}>
              <Text fw={600}>{station}</Text>
              <Stages result={results.get(station)} />
            </Group>
          ))}
        </ScrollArea.Autosize>
        <Group justify="flex-end"><Button onClick={close} data-autofocus>{t("word.close")}</Button></Group>
      </Stack>
    </Popup>
  );
}
