import { Group, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { asText, useAddress } from "~/lib/address";
import { today } from "~/lib/format";

const DAY_MS = 86_400_000;
const SPANS = { today: [0, 0], yesterday: [1, 1], week: [6, 0], month: [29, 0] } as const;
type Span = keyof typeof SPANS;

function daysAgo(days: number): string {
  return new Date(Date.parse(today()) - days * DAY_MS).toISOString().slice(0, 10);
}

/** Which days, in the address as `from` and `to`: the usual spans by name, any other by its first and last day. */
export function DayRange() {
  const { t } = useTranslation();
  const [address, go] = useAddress();
  const [from, to] = [asText(address.from), asText(address.to)];
  const named = (Object.keys(SPANS) as Span[]).find((name) => from === daysAgo(SPANS[name][0]) && (to ?? today()) === daysAgo(SPANS[name][1]));
  const [open, setOpen] = useState(false);
  const chosen = open ? "own" : (named ?? (from || to ? "own" : ""));
  const choose = (name: string) => {
    setOpen(name === "own");
    if (name === "own") return;
    const span = SPANS[name as Span] as readonly [number, number] | undefined;
    go({ from: span && daysAgo(span[0]), to: span && span[1] > 0 ? daysAgo(span[1]) : undefined, offset: undefined });
  };
  const set = (name: "from" | "to") => (event: { currentTarget: { value: string } }) => go({ [name]: event.currentTarget.value || undefined, offset: undefined });
  return (
    <>
      <NativeSelect
        aria-label={t("days.label")} value={chosen} onChange={(event) => choose(event.currentTarget.value)} w={150}
        data={[{ value: "", label: t("days.any") }, ...(Object.keys(SPANS) as Span[]).map((name) => ({ value: name, label: t(`days.${name}`) })), { value: "own", label: t("days.own") }]}
      />
      {chosen === "own" && (
        <Group gap={6} wrap="nowrap">
          <TextInput type="date" aria-label={t("sessions.from")} value={from ?? ""} max={to} onChange={set("from")} w={142} />
          <span aria-hidden>–</span>
          <TextInput type="date" aria-label={t("sessions.to")} value={to ?? ""} min={from} onChange={set("to")} w={142} />
        </Group>
      )}
    </>
  );
}
