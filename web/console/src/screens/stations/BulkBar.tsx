import { Button, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { place, type Stage, type Tracked, type Verb } from "~/lib/commands";
import { number } from "~/lib/format";
import { useStations } from "~/lib/useStations";
import { Buttons, Popup } from "~/parts/Form";

type Bulk = { key: "reset" | "enable_all" | "disable_all" | "trigger_status" | "clear-cache"; verb: Verb; payload: Record<string, unknown>; danger?: boolean };
const BULK: Bulk[] = [
  { key: "reset", verb: "reset", payload: { kind: "soft" }, danger: true },
  { key: "disable_all", verb: "change-availability", payload: { evse: 0, available: false }, danger: true },
  { key: "enable_all", verb: "change-availability", payload: { evse: 0, available: true } },
  { key: "trigger_status", verb: "trigger", payload: { message: "status" } },
  { key: "clear-cache", verb: "clear-cache", payload: {} },
];
const AT_ONCE = 20;
const BAD: Stage[] = ["refused", "failed", "expired"];

/** Commands to every selected station, and what each of them answered. */
export function BulkBar({ selected, clear }: { selected: Set<string>; clear: () => void }) {
  const { t } = useTranslation();
  const stations = useStations().filter((station) => selected.has(station.identity));
  const [asking, ask] = useState<Bulk | null>(null);
  const charging = stations.reduce((sum, station) => sum + station.sessions.length, 0);
  const run = async (bulk: Bulk) => {
    ask(null);
    const results: Tracked[] = [];
    const waiting = [...stations];
    const worker = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) results.push(await place(next.identity, bulk.verb, bulk.payload));
    };
    await Promise.all([...Array(AT_ONCE).keys()].map(worker));
    const bad = results.filter((result) => BAD.includes(result.stage));
    notifications.show({
      color: bad.length > 0 ? "orange" : "teal",
      title: `${t(`verb.${bulk.key}`)}: ${t("stations.bulk_done", { done: number(results.length - bad.length), count: results.length })}`,
      message: bad.map((result) => `${result.station}: ${result.said ?? result.stage}`).join(" · "),
      autoClose: bad.length > 0 ? false : 6_000,
    });
  };
  return (
    <>
      <Text fw={600} mr={8} className="num">{t("word.selected", { count: stations.length })}</Text>
      {BULK.map((bulk) => <Button key={bulk.key} size="xs" variant="default" onClick={() => ask(bulk)}>{t(`verb.${bulk.key}`)}</Button>)}
      <Button size="xs" variant="subtle" onClick={clear}>{t("word.cancel")}</Button>
      {asking && (
        <Popup title={t("stations.bulk_title", { verb: t(`verb.${asking.key}`), count: stations.length })} close={() => ask(null)}>
          <Stack>
            <Text>{stations.slice(0, 12).map((station) => station.identity).join(", ")}{stations.length > 12 && " …"}</Text>
            {asking.danger && charging > 0 && <Text fw={600}>{t("stations.bulk_charging", { count: charging })}</Text>}
            <Buttons close={() => ask(null)} label={t(`verb.${asking.key}`)} onClick={() => void run(asking)} danger={asking.danger} />
          </Stack>
        </Popup>
      )}
    </>
  );
}
