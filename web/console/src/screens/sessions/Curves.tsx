import { Skeleton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconChartLine } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Reading, Session } from "~/lib/api/client";
import { LazyChart } from "~/parts/LazyChart";
import { Empty, WIDE } from "~/parts/Page";
import type { Line } from "~/parts/Chart";
import type { Event } from "./events";

type Sample = { quantity: string; value: number; phase?: string };

/** Power (area) and battery (line), events as marks on the axis; current and voltage below when they were measured. */
export function Curves({ session, readings, events, zone }: { session: Session; readings: Reading[] | undefined; events: Event[]; zone?: string }) {
  const { t } = useTranslation();
  const wide = useMediaQuery(WIDE) ?? false;
  const lines = useMemo(() => headline(readings ?? [], t("unit.power"), t("unit.soc")), [readings, t]);
  const electric = useMemo(() => phases(readings ?? [], t("unit.current"), t("unit.voltage")), [readings, t]);
  const marks = useMemo(() => events.filter((event) => !["event.authorised", "event.charging"].includes(event.key)).map((event) => ({ at: event.at, name: event.key })), [events]);
  const from = Date.parse(session.started_at);
  const to = session.ended_at ? Date.parse(session.ended_at) : undefined;
  if (!readings) return <Skeleton height={260} />;
  if (readings.length === 0) return <Empty icon={IconChartLine} title={t("session.no_readings")} help={t("session.no_readings_help")} />;
  return (
    <>
      <LazyChart height={wide ? 420 : 280} label={t("session.curve")} zone={zone} lines={lines} marks={marks} from={from} to={to} />
      {electric.length > 0 && <div style={{ marginTop: 48 }}><LazyChart height={wide ? 260 : 180} label={t("session.phases")} zone={zone} lines={electric} from={from} to={to} /></div>}
    </>
  );
}

function headline(readings: Reading[], power: string, soc: string): Line[] {
  const points = (pick: (reading: Reading) => number | null): [number, number | null][] => readings.filter((reading) => pick(reading) !== null).map((reading) => [Date.parse(reading.at), pick(reading)]);
  const watts = points((reading) => (reading.power_w === null ? null : reading.power_w / 1000));
  const percent = points((reading) => reading.soc_percent);
  const lines: Line[] = [{ name: power, unit: "kW", digits: 1, color: "charging", area: true, points: watts }];
  if (percent.length > 0) lines.push({ name: soc, unit: "%", digits: 0, color: "finishing", right: true, points: percent });
  return lines;
}

/** The first phase stands for all of them: they hardly differ, and three lines would say less than one. */
function phases(readings: Reading[], current: string, voltage: string): Line[] {
  const find = (reading: Reading, name: string): number | null => {
    const samples = (Array.isArray(reading.samples) ? reading.samples : []) as Sample[];
    const sample = samples.find((one) => one.quantity === name && (!one.phase || one.phase.startsWith("L1")));
    return sample?.value ?? null;
  };
  const line = (name: string): [number, number | null][] => readings.map((reading): [number, number | null] => [Date.parse(reading.at), find(reading, name)]).filter(([, value]) => value !== null);
  const amperes = line("current_a");
  const volts = line("voltage_v");
  if (amperes.length === 0) return [];
  const lines: Line[] = [{ name: current, unit: "A", digits: 1, color: "reserved", points: amperes }];
  if (volts.length > 0) lines.push({ name: voltage, unit: "V", digits: 0, color: "paused", right: true, points: volts });
  return lines;
}
