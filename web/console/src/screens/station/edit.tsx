import { Fieldset, Group, NumberInput, Select, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap, type Connector, type Evse, type Schemas, type Station } from "~/lib/api/client";
import { locationsQuery } from "~/lib/queries";
import { Buttons, fieldError, Form, Popup } from "~/parts/Form";
import { STANDARDS, plugName } from "~/parts/Plug";

const REGISTRATIONS = ["accepted", "pending", "rejected"] as const;
type Change = Schemas["ConnectorChange"];
type Plug = { number: number; standard: Change["standard"]; format: Change["format"]; kw: number | string; current: number | string; voltage: number | string };

/** What people say of a station: its name, where it is, and how it is answered when it boots. */
export function EditStation({ station, close }: { station: Station; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const locations = useQuery(locationsQuery).data?.items ?? [];
  const [name, setName] = useState(station.name ?? "");
  const [location, setLocation] = useState<string | null>(station.location?.id ?? null);
  const [registration, setRegistration] = useState(station.registration as (typeof REGISTRATIONS)[number]);
  const save = useMutation({
    mutationFn: () => unwrap(api.PATCH("/api/v1/stations/{identity}", { params: { path: { identity: station.identity } }, body: { name: name || null, location_id: location, registration } })),
    onSuccess: () => {
      for (const key of ["stations", "locations", "overview"]) void client.invalidateQueries({ queryKey: [key] });
      close();
    },
  });
  return (
    <Popup title={t("settings.edit", { name: station.identity })} close={close}>
      <Form submit={() => save.mutate()} error={save.error}>
        <TextInput label={`${t("word.name")} (${t("word.optional")})`} description={t("station.name_help")} value={name} maxLength={200} onChange={(event) => setName(event.currentTarget.value)} error={fieldError(save.error, "name")} data-autofocus />
        <Select label={t("station.location")} placeholder={t("station.no_location")} value={location} onChange={setLocation} clearable data={locations.map((item) => ({ value: item.id, label: item.name }))} clearButtonProps={{ "aria-label": t("station.no_location") }} error={fieldError(save.error, "location_id")} />
        <Select label={t("station.registration")} description={t("station.registration_help")} value={registration} onChange={(next) => next && setRegistration(next)} allowDeselect={false} data={REGISTRATIONS.map((value) => ({ value, label: t(`station.${value}`) }))} />
        <Buttons close={close} label={t("word.save")} submit loading={save.isPending} />
      </Form>
    </Popup>
  );
}

/** What OCPP 1.6 does not tell of an evse: its label, and each connector's type and limits. Only what was changed is sent. */
export function EditEvse({ station, evse, close }: { station: Station; evse: Evse; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [name, setName] = useState(evse.name ?? "");
  const [plugs, setPlugs] = useState(() => evse.connectors.map(plugOf));
  const path = { identity: station.identity, evse: evse.number };
  const save = useMutation({
    mutationFn: async () => {
      if (name !== (evse.name ?? "")) await unwrap(api.PATCH("/api/v1/stations/{identity}/evses/{evse}", { params: { path }, body: { name: name || null } }));
      for (const plug of plugs) {
        const change = changeOf(plug, evse.connectors.find((one) => one.number === plug.number));
        if (Object.keys(change).length > 0) await unwrap(api.PATCH("/api/v1/stations/{identity}/evses/{evse}/connectors/{connector}", { params: { path: { ...path, connector: plug.number } }, body: change }));
      }
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["stations"] });
      close();
    },
  });
  const set = (number: number) => (change: Partial<Plug>) => setPlugs((before) => before.map((plug) => (plug.number === number ? { ...plug, ...change } : plug)));
  return (
    <Popup title={t("settings.edit", { name: `${station.identity} · ${t("word.evse", { number: evse.number })}` })} close={close} size="lg">
      <Form submit={() => save.mutate()} error={save.error}>
        <TextInput label={`${t("evse.label")} (${t("word.optional")})`} description={t("evse.label_help")} value={name} maxLength={200} onChange={(event) => setName(event.currentTarget.value)} error={fieldError(save.error, "name")} data-autofocus />
        {plugs.map((plug) => (plugs.length === 1
          ? <PlugFields key={plug.number} plug={plug} set={set(plug.number)} error={save.error} />
          : <Fieldset key={plug.number} legend={t("evse.connector", { number: plug.number })}><PlugFields plug={plug} set={set(plug.number)} error={save.error} /></Fieldset>))}
        <Buttons close={close} label={t("word.save")} submit loading={save.isPending} />
      </Form>
    </Popup>
  );
}

function PlugFields({ plug, set, error }: { plug: Plug; set: (change: Partial<Plug>) => void; error: unknown }) {
  const { t } = useTranslation();
  const limit = { min: 0, hideControls: true, allowNegative: false, inputMode: "decimal" } as const;
  return (
    <>
      <Group grow align="flex-start">
        <Select label={t("evse.type")} placeholder={t("evse.not_said")} searchable clearable value={plug.standard ?? null} onChange={(standard) => set({ standard })} data={STANDARDS.map((value) => ({ value, label: plugName(value) ?? value }))} clearButtonProps={{ "aria-label": t("evse.not_said") }} error={fieldError(error, "standard")} />
        <Select label={t("evse.format")} placeholder={t("evse.not_said")} clearable value={plug.format ?? null} onChange={(format) => set({ format })} data={(["socket", "cable"] as const).map((value) => ({ value, label: t(`evse.${value}`) }))} clearButtonProps={{ "aria-label": t("evse.not_said") }} error={fieldError(error, "format")} />
      </Group>
      <Group grow align="flex-start">
        <NumberInput {...limit} label={t("evse.power")} value={plug.kw} onChange={(kw) => set({ kw })} decimalScale={3} max={10_000} error={fieldError(error, "max_power_w")} />
        <NumberInput {...limit} label={t("evse.current")} value={plug.current} onChange={(current) => set({ current })} allowDecimal={false} max={10_000} error={fieldError(error, "max_current_a")} />
        <NumberInput {...limit} label={t("evse.voltage")} value={plug.voltage} onChange={(voltage) => set({ voltage })} allowDecimal={false} max={10_000} error={fieldError(error, "max_voltage_v")} />
      </Group>
    </>
  );
}

function plugOf(connector: Connector): Plug {
  return {
    number: connector.number, standard: connector.standard as Plug["standard"], format: connector.format as Plug["format"],
    kw: connector.max_power_w === null ? "" : connector.max_power_w / 1000, current: connector.max_current_a ?? "", voltage: connector.max_voltage_v ?? "",
  };
}

function changeOf(plug: Plug, before: Connector | undefined): Change {
  const number = (value: number | string) => (value === "" ? null : Number(value));
  const kw = number(plug.kw);
  const wanted = {
    standard: plug.standard ?? null, format: plug.format ?? null, max_power_w: kw === null ? null : Math.round(kw * 1000),
    max_current_a: number(plug.current), max_voltage_v: number(plug.voltage),
  };
  return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => before?.[name as keyof Connector] !== value));
}
