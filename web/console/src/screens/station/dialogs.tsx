import { Autocomplete, Select, SegmentedControl, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ActiveSession, Evse, Station } from "~/lib/api/client";
import { place } from "~/lib/commands";
import { energy, text } from "~/lib/format";
import { EVERYWHERE, tokensQuery } from "~/lib/queries";
import { presenceOf } from "~/lib/status";
import { Buttons, Form, Popup } from "~/parts/Form";
import { EditEvse, EditStation } from "./edit";

export type Asking =
  | { kind: "start"; evse?: number }
  | { kind: "stop"; session: ActiveSession }
  | { kind: "reset" }
  | { kind: "edit"; evse?: Evse }
  | { kind: "availability"; evse: number; available: boolean };

type Props = { station: Station; close: () => void };

/** Asks for what a command needs, and says its consequences before it is done. */
export function Dialog({ asking, ...props }: Props & { asking: Asking | null }) {
  if (asking === null) return null;
  if (asking.kind === "start") return <StartDialog {...props} evse={asking.evse} />;
  if (asking.kind === "stop") return <StopDialog {...props} session={asking.session} />;
  if (asking.kind === "availability") return <AvailabilityDialog {...props} {...asking} />;
  if (asking.kind === "edit") return asking.evse ? <EditEvse {...props} evse={asking.evse} /> : <EditStation {...props} />;
  return <ResetDialog {...props} />;
}

function Waits({ station }: { station: Station }) {
  const { t } = useTranslation();
  if (presenceOf(station) !== "offline") return null;
  return <Text c="dimmed">{t("ask.offline", { name: station.identity })}</Text>;
}

function StartDialog({ station, evse, close }: Props & { evse?: number }) {
  const { t } = useTranslation();
  const [token, setToken] = useState("");
  const [at, setAt] = useState(String(evse ?? station.evses[0]?.number ?? 1));
  const known = useQuery(tokensQuery({ limit: 100, status: "active", search: token || undefined }, EVERYWHERE)).data?.items ?? [];
  const labels = new Map(known.map((item) => [item.uid, item.label]));
  const start = () => {
    void place(station.identity, "start", { id_token: token, evse: Number(at) });
    close();
  };
  return (
    <Popup title={t("ask.start", { name: station.identity })} close={close}>
      <Form submit={() => { if (token) start(); }}>
        <Select
          label={t("ask.where")} value={at} onChange={(value) => value && setAt(value)} allowDeselect={false}
          data={station.evses.map((part) => ({ value: String(part.number), label: t("word.evse", { number: part.number }) }))}
        />
        <Autocomplete
          label={t("ask.token")} description={t("ask.token_help")} value={token} onChange={setToken} maxLength={20} data-autofocus required withAsterisk={false}
          data={known.some((item) => item.uid === token) ? [] : known.map((item) => item.uid)}
          renderOption={({ option }) => <span>{option.value} <Text span c="dimmed" size="xs">{labels.get(option.value)}</Text></span>}
        />
        <Waits station={station} />
        <Buttons close={close} label={t("verb.start")} disabled={!token} submit />
      </Form>
    </Popup>
  );
}

function StopDialog({ station, session, close }: Props & { session: ActiveSession }) {
  const { t } = useTranslation();
  const stop = () => {
    void place(station.identity, "stop", { session: session.uid });
    close();
  };
  return (
    <Popup title={t("ask.stop", { name: station.identity })} close={close}>
      <Stack>
        <Text>{t("ask.stop_who", { token: session.id_token, evse: session.evse, energy: text(energy(session.energy_wh)) })}</Text>
        <Waits station={station} />
        <Buttons close={close} label={t("verb.stop")} onClick={stop} danger />
      </Stack>
    </Popup>
  );
}

function ResetDialog({ station, close }: Props) {
  const { t } = useTranslation();
  const [kind, setKind] = useState("soft");
  const reset = () => {
    void place(station.identity, "reset", { kind });
    close();
  };
  return (
    <Popup title={t("ask.reset", { name: station.identity })} close={close}>
      <Stack>
        <SegmentedControl
          value={kind} onChange={setKind} fullWidth aria-label={t("ask.reset_kind")}
          data={[{ value: "soft", label: t("ask.soft") }, { value: "hard", label: t("ask.hard") }]}
        />
        <Text>{t(kind === "soft" ? "ask.soft_help" : "ask.hard_help")}</Text>
        {station.sessions.map((session) => (
          <Text key={session.uid} fw={600}>
            {t(kind === "soft" ? "ask.reset_charging" : "ask.reset_charging_hard", { evse: session.evse, token: session.id_token, energy: text(energy(session.energy_wh)) })}
          </Text>
        ))}
        <Waits station={station} />
        <Buttons close={close} label={t("verb.reset")} onClick={reset} danger={station.sessions.length > 0 || kind === "hard"} />
      </Stack>
    </Popup>
  );
}

function AvailabilityDialog({ station, evse, available, close }: Props & { evse: number; available: boolean }) {
  const { t } = useTranslation();
  const where = evse === 0 ? station.identity : `${station.identity} · ${t("word.evse", { number: evse })}`;
  const charging = station.sessions.filter((session) => evse === 0 || session.evse === evse);
  const change = () => {
    void place(station.identity, "change-availability", { evse, available });
    close();
  };
  return (
    <Popup title={t(available ? "ask.enable" : "ask.disable", { name: where })} close={close}>
      <Stack>
        <Text>{t(available ? "ask.enable_help" : "ask.disable_help")}</Text>
        {!available && charging.length > 0 && <Text fw={600}>{t("ask.disable_charging", { count: charging.length })}</Text>}
        <Waits station={station} />
        <Buttons close={close} label={t(available ? "verb.enable" : "verb.disable")} onClick={change} danger={!available} />
      </Stack>
    </Popup>
  );
}
