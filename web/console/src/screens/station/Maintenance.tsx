import { Accordion, Button, Group, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "~/app/session";
import { asText, useAddress } from "~/lib/address";
import { api, unwrap, type Station } from "~/lib/api/client";
import { can } from "~/lib/can";
import { placeRaw } from "~/lib/commands";
import { ActionButton } from "~/parts/ActionButton";
import { FormProblem } from "~/parts/Form";
import { PasteBox } from "~/parts/PasteBox";
import { RawCommand } from "./RawCommand";

/** Work on the station itself: one form open at a time, each in the words of what it does. */
export function Maintenance({ station }: { station: Station }) {
  const { t } = useTranslation();
  const [address, go] = useAddress();
  const parts: [string, string, ReactNode][] = [
    ["limit", t("maintenance.limit"), <Limit key="limit" station={station} />],
    ["reserve", t("maintenance.reserve"), <Reserve key="reserve" station={station} />],
    ["firmware", t("maintenance.firmware"), <Fetch key="firmware" station={station} kind="firmware" />],
    ["diagnostics", t("maintenance.diagnostics"), <Fetch key="diagnostics" station={station} kind="diagnostics" />],
    ["raw", t("maintenance.raw"), <RawCommand key="raw" station={station} />],
    ["password", t("maintenance.password"), <Password key="password" station={station} />],
    ["remove", t("station.remove"), <Remove key="remove" station={station} />],
  ];
  return (
    <Accordion variant="contained" value={asText(address.form) ?? null} onChange={(form) => go({ form: form ?? undefined }, { replace: true })} maw={760} styles={{ item: { backgroundColor: "var(--mantine-color-body)", borderColor: "var(--line)" } }}>
      {parts.map(([name, label, form]) => (
        <Accordion.Item key={name} value={name}>
          <Accordion.Control>{label}</Accordion.Control>
          <Accordion.Panel>{form}</Accordion.Panel>
        </Accordion.Item>
      ))}
    </Accordion>
  );
}

function Limit({ station }: { station: Station }) {
  const { t } = useTranslation();
  const may = can.raw(useMe(), station);
  const [kw, setKw] = useState<number | string>(11);
  const set = () => placeRaw(station.identity, "SetChargingProfile", {
    connectorId: 0,
    csChargingProfiles: {
      chargingProfileId: 1, stackLevel: 0, chargingProfilePurpose: "ChargePointMaxProfile", chargingProfileKind: "Absolute",
      chargingSchedule: { chargingRateUnit: "W", startSchedule: new Date().toISOString(), chargingSchedulePeriod: [{ startPeriod: 0, limit: Math.round(Number(kw) * 10_000) / 10 }] },
    },
  });
  const clear = () => placeRaw(station.identity, "ClearChargingProfile", { connectorId: 0, chargingProfilePurpose: "ChargePointMaxProfile" });
  return (
    <Stack>
      <Text c="dimmed">{t("maintenance.limit_help")}</Text>
      <NumberInput label={t("maintenance.limit_kw")} value={kw} onChange={setKw} min={0} max={1000} decimalScale={1} maw={200} />
      <Group>
        <ActionButton can={may} onClick={() => void set()}>{t("maintenance.limit_set")}</ActionButton>
        <ActionButton can={may} onClick={() => void clear()} variant="default">{t("maintenance.limit_clear")}</ActionButton>
      </Group>
    </Stack>
  );
}

function Reserve({ station }: { station: Station }) {
  const { t } = useTranslation();
  const may = can.raw(useMe(), station);
  const [token, setToken] = useState("");
  const [minutes, setMinutes] = useState<number | string>(30);
  const [evse, setEvse] = useState<number | string>(1);
  const reserve = () => placeRaw(station.identity, "ReserveNow", {
    connectorId: Number(evse), idTag: token, reservationId: Math.floor(Date.now() / 1000) % 2_000_000_000,
    expiryDate: new Date(Date.now() + Number(minutes) * 60_000).toISOString(),
  });
  return (
    <Stack>
      <Text c="dimmed">{t("maintenance.reserve_help")}</Text>
      <Group align="flex-end">
        <NumberInput label="EVSE" value={evse} onChange={setEvse} min={1} max={Math.max(1, station.evses.length)} w={100} />
        <TextInput label={t("ask.token")} value={token} maxLength={20} onChange={(event) => setToken(event.currentTarget.value)} />
        <NumberInput label={t("maintenance.until")} value={minutes} onChange={setMinutes} min={1} max={1440} w={140} />
      </Group>
      <Group><ActionButton can={may} onClick={() => { if (token) void reserve(); }}>{t("maintenance.reserve_do")}</ActionButton></Group>
    </Stack>
  );
}

function Fetch({ station, kind }: { station: Station; kind: "firmware" | "diagnostics" }) {
  const { t } = useTranslation();
  const may = can.raw(useMe(), station);
  const [url, setUrl] = useState("");
  const state = kind === "firmware" ? station.firmware_status : station.diagnostics_status;
  const ask = () => kind === "firmware"
    ? placeRaw(station.identity, "UpdateFirmware", { location: url, retrieveDate: new Date().toISOString() })
    : placeRaw(station.identity, "GetDiagnostics", { location: url });
  return (
    <form onSubmit={(event) => { event.preventDefault(); if (url && may.ok) void ask(); }}>
      <Stack>
        <Text c="dimmed">{t(`maintenance.${kind}_help`)}</Text>
        <TextInput label={t(`maintenance.${kind}_url`)} type="url" value={url} required withAsterisk={false} onChange={(event) => setUrl(event.currentTarget.value)} placeholder="https://" />
        {state && <Text>{t("maintenance.firmware_state", { state })}</Text>}
        <Group><Button type="submit" disabled={!may.ok || !url}>{t(`maintenance.${kind}_do`)}</Button></Group>
      </Stack>
    </form>
  );
}

function Password({ station }: { station: Station }) {
  const { t } = useTranslation();
  const me = useMe();
  const make = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/stations/{identity}/password", { params: { path: { identity: station.identity } }, body: {} as never })),
  });
  return (
    <Stack>
      <Text c="dimmed">{t("station.password_help")}</Text>
      <FormProblem error={make.error} />
      {make.data ? <PasteBox identity={make.data.identity} url={make.data.ocpp_url} password={make.data.password} /> : <Group><ActionButton can={can.change(me)} loading={make.isPending} onClick={() => make.mutate()}>{t("maintenance.password_do")}</ActionButton></Group>}
    </Stack>
  );
}

function Remove({ station }: { station: Station }) {
  const { t } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/v1/stations/{identity}", { params: { path: { identity: station.identity } } })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["stations"] });
      void navigate({ to: "/stations" });
    },
  });
  return (
    <Stack>
      <Text c="dimmed">{t("station.remove_help")}</Text>
      <FormProblem error={remove.error} />
      <Group><ActionButton can={can.change(me)} color="red.8" loading={remove.isPending} onClick={() => remove.mutate()}>{t("station.remove")}</ActionButton></Group>
    </Stack>
  );
}
