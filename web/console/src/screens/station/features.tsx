import { Anchor, Autocomplete, Group, NativeSelect, NumberInput, Select, Text, TextInput } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "~/app/session";
import { api, unwrap, type Schemas, type Station } from "~/lib/api/client";
import { can } from "~/lib/can";
import { placeCommand, placeFor } from "~/lib/commands";
import { number, time } from "~/lib/format";
import { EVERYWHERE, imagesQuery, jobsQuery, profilesQuery, reservationsQuery, tokensQuery } from "~/lib/queries";
import { ActionButton } from "~/parts/ActionButton";
import { Form } from "~/parts/Form";
import classes from "./Station.module.css";

type Job = Schemas["JobOut"];

function useFresh(...keys: string[]): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] })));
  };
}

/** A ceiling for the whole station, and those in force. */
export function Limit({ station }: { station: Station }) {
  const { t } = useTranslation();
  const may = can.limit(useMe(), station);
  const fresh = useFresh("profiles");
  const [kw, setKw] = useState<number | string>(11);
  const installed = (useQuery(profilesQuery(station.identity)).data ?? []).filter((one) => one.profile.purpose === "station_max");
  const path = { params: { path: { identity: station.identity } } };
  const set = async () => {
    const limit = Math.round(Number(kw) * 10_000) / 10;
    const profile = { purpose: "station_max", kind: "absolute", stack_level: 0, unit: "W", start_at: new Date().toISOString(), periods: [{ start_s: 0, limit }] };
    await placeCommand(station.identity, "limit", () => unwrap(api.POST("/api/v1/stations/{identity}/charging-profiles", { ...path, body: { evse: 0, profile } as never })));
    await fresh();
  };
  const clear = async () => {
    await placeCommand(station.identity, "limit_clear", () => unwrap(api.POST("/api/v1/stations/{identity}/charging-profiles/clear", { ...path, body: { purpose: "station_max" } as never })));
    await fresh();
  };
  return (
    <Form submit={() => { if (may.ok && kw !== "") void set(); }}>
      <Text c="dimmed">{t("maintenance.limit_help")}</Text>
      {installed.map((one) => (
        <Text key={one.number} fw={600}>
          {t("maintenance.limit_now", { limit: one.profile.unit === "W" ? `${number(Number(one.profile.periods[0]?.limit ?? 0) / 1000, 1)} kW` : `${number(Number(one.profile.periods[0]?.limit ?? 0), 1)} A`, time: time(one.installed_at, "datetime", station.location?.time_zone) })}
        </Text>
      ))}
      <NumberInput label={t("maintenance.limit_kw")} value={kw} onChange={setKw} min={0} max={1000} decimalScale={1} maw={200} />
      <Group>
        <ActionButton can={may} submit>{t("maintenance.limit_set")}</ActionButton>
        <ActionButton can={may} onClick={() => void clear()} variant="default">{t("maintenance.limit_clear")}</ActionButton>
      </Group>
    </Form>
  );
}

/** Keeps a place for one id token, and shows who has one. */
export function Reserve({ station }: { station: Station }) {
  const { t } = useTranslation();
  const may = can.reserve(useMe(), station);
  const fresh = useFresh("reservations");
  const [token, setToken] = useState("");
  const [minutes, setMinutes] = useState<number | string>(30);
  const [evse, setEvse] = useState("0");
  const known = useQuery(tokensQuery({ limit: 50, status: "active", search: token || undefined }, EVERYWHERE)).data?.items ?? [];
  const open = (useQuery(reservationsQuery(station.identity)).data?.items ?? []).filter((one) => one.state === "accepted" || one.state === "requested");
  const zone = station.location?.time_zone;
  const reserve = async () => {
    const body = { station: station.identity, evse: Number(evse), id_token: token, expires_at: new Date(Date.now() + Number(minutes) * 60_000).toISOString() };
    await placeFor(station.identity, "reserve", () => unwrap(api.POST("/api/v1/reservations", { body })));
    await fresh();
  };
  const cancel = async (id: string) => {
    await placeFor(station.identity, "reserve_cancel", async () => {
      const said = await unwrap(api.POST("/api/v1/reservations/{reservation_id}/cancel", { params: { path: { reservation_id: id } } }));
      return { command_id: said.cancel_command_id };
    });
    await fresh();
  };
  const places = [{ value: "0", label: t("maintenance.any_evse") }, ...station.evses.map((part) => ({ value: String(part.number), label: t("word.evse", { number: part.number }) }))];
  return (
    <Form submit={() => { if (may.ok && token) void reserve(); }}>
      <Text c="dimmed">{t("maintenance.reserve_help")}</Text>
      {open.length > 0 && (
        <ul className={classes.plain}>
          {open.map((one) => (
            <li key={one.id}>
              <span>{t("maintenance.reserved", { token: one.id_token, where: one.evse ? t("word.evse", { number: one.evse }) : t("maintenance.any_evse"), time: time(one.expires_at, "time", zone) })}</span>
              <ActionButton can={may} size="compact-sm" variant="default" onClick={() => void cancel(one.id)}>{t("maintenance.reserve_cancel")}</ActionButton>
            </li>
          ))}
        </ul>
      )}
      <Group align="flex-start" wrap="wrap">
        <NativeSelect label={t("ask.where")} value={evse} onChange={(event) => setEvse(event.currentTarget.value)} data={places} w={180} />
        <Autocomplete label={t("ask.token")} value={token} maxLength={20} onChange={setToken} data={known.some((item) => item.uid === token) ? [] : known.map((item) => item.uid)} w={200} />
        <NumberInput label={t("maintenance.until")} value={minutes} onChange={setMinutes} min={1} max={1440} w={140} />
      </Group>
      <Group><ActionButton can={may} submit>{t("maintenance.reserve_do")}</ActionButton></Group>
    </Form>
  );
}

/** New firmware: an image of ours or an address; what became of the last updates. */
export function Firmware({ station }: { station: Station }) {
  const { t } = useTranslation();
  const may = can.maintain(useMe(), station);
  const fresh = useFresh("jobs");
  const images = useQuery(imagesQuery).data?.items ?? [];
  const [image, setImage] = useState<string | null>(null);
  const [url, setUrl] = useState("");
  const ask = async () => {
    const body = image ? { image_id: image } : { location: url };
    await placeFor(station.identity, "firmware", () => unwrap(api.POST("/api/v1/stations/{identity}/firmware", { params: { path: { identity: station.identity } }, body: body as never })));
    await fresh();
  };
  return (
    <Form submit={() => { if (may.ok && (image || url)) void ask(); }}>
      <Text c="dimmed">{t("maintenance.firmware_help")}</Text>
      <Text>{t("maintenance.firmware_now", { version: station.boot.firmware_version ?? "–" })}</Text>
      {images.length > 0 && <Select label={t("maintenance.firmware_image")} value={image} onChange={setImage} clearable data={images.map((one) => ({ value: one.id, label: `${one.version} · ${one.name}` }))} maw={420} />}
      {!image && <TextInput label={t("maintenance.firmware_url")} type="url" value={url} onChange={(event) => setUrl(event.currentTarget.value)} placeholder="https://" />}
      <Group><ActionButton can={may} submit>{t("maintenance.firmware_do")}</ActionButton></Group>
      <Jobs station={station} family="firmware" />
    </Form>
  );
}

/** The station's log, into our own file store unless an address is given. */
export function Diagnostics({ station }: { station: Station }) {
  const { t } = useTranslation();
  const may = can.maintain(useMe(), station);
  const fresh = useFresh("jobs");
  const [url, setUrl] = useState("");
  const ask = async () => {
    await placeFor(station.identity, "diagnostics", () => unwrap(api.POST("/api/v1/stations/{identity}/diagnostics", { params: { path: { identity: station.identity } }, body: { location: url || null } as never })));
    await fresh();
  };
  return (
    <Form submit={() => { if (may.ok) void ask(); }}>
      <Text c="dimmed">{t("maintenance.diagnostics_help")}</Text>
      <TextInput label={`${t("maintenance.diagnostics_url")} (${t("word.optional")})`} type="url" value={url} onChange={(event) => setUrl(event.currentTarget.value)} placeholder="https://" />
      <Group><ActionButton can={may} submit>{t("maintenance.diagnostics_do")}</ActionButton></Group>
      <Jobs station={station} family="diagnostics" />
    </Form>
  );
}

function Jobs({ station, family }: { station: Station; family: Job["family"] }) {
  const { t, i18n } = useTranslation();
  const jobs = useQuery({ ...jobsQuery(station.identity, family), refetchInterval: 3_000 }).data?.items ?? [];
  if (jobs.length === 0) return null;
  const state = (job: Job) => (i18n.exists(`job.${job.state}`) ? t(`job.${job.state}` as "job.requested") : job.state);
  return (
    <ul className={classes.plain}>
      {jobs.map((job) => (
        <li key={job.id}>
          <span><span className="num">{time(job.created_at, "datetime", station.location?.time_zone)}</span> · {job.wanted_version ?? job.file_name ?? job.location ?? ""} · <strong style={{ fontWeight: 600 }}>{state(job)}</strong></span>
          {job.file_id && <Anchor href={`/api/v1/files/${job.file_id}/content`} download><IconDownload size={14} aria-hidden /> {t("maintenance.download")}</Anchor>}
        </li>
      ))}
    </ul>
  );
}
