import { NumberInput, Select, SimpleGrid, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap, type Location } from "~/lib/api/client";
import { organisationsQuery } from "~/lib/queries";
import { Buttons, fieldError, Form } from "~/parts/Form";

type Values = { name: string; time_zone: string; address: string; city: string; country: string; latitude: number | string; longitude: number | string; organisation_id: string | null };

/** Times of a location are shown in its zone; coordinates put it on the map. */
export function LocationForm({ location, done, cancel, cancelWord }: { location?: Location; done: () => void; cancel: () => void; cancelWord?: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const organisations = useQuery(organisationsQuery).data?.items ?? [];
  const zones = useMemo(() => Intl.supportedValuesOf("timeZone"), []);
  const [values, set] = useState<Values>({
    name: location?.name ?? "", time_zone: location?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone, address: location?.address ?? "", city: location?.city ?? "",
    country: location?.country ?? "", latitude: location?.latitude ?? "", longitude: location?.longitude ?? "", organisation_id: location?.organisation_id ?? null,
  });
  const save = useMutation({
    mutationFn: () => {
      const number = (value: number | string) => (value === "" ? null : Number(value));
      const body = {
        name: values.name, time_zone: values.time_zone, address: values.address || null, city: values.city || null, country: values.country.toUpperCase() || null,
        latitude: number(values.latitude), longitude: number(values.longitude), ...(values.organisation_id && { organisation_id: values.organisation_id }),
      } as never;
      return location ? unwrap(api.PATCH("/api/v1/locations/{location_id}", { params: { path: { location_id: location.id } }, body })) : unwrap(api.POST("/api/v1/locations", { body }));
    },
    onSuccess: () => {
      for (const key of ["locations", "stations"]) void client.invalidateQueries({ queryKey: [key] });
      done();
    },
  });
  const field = (name: "name" | "address" | "city" | "country") => ({
    value: values[name], error: fieldError(save.error, name),
    onChange: (event: { currentTarget: { value: string } }) => { const { value } = event.currentTarget; set((before) => ({ ...before, [name]: value })); },
  });
  return (
    <Form submit={() => save.mutate()} error={save.error}>
      <TextInput label={t("setup.location_name")} required withAsterisk={false} data-autofocus {...field("name")} />
      <Select label={t("setup.time_zone")} searchable value={values.time_zone} onChange={(zone) => zone && set({ ...values, time_zone: zone })} data={zones.includes(values.time_zone) ? zones : [values.time_zone, ...zones]} limit={60} allowDeselect={false} error={fieldError(save.error, "time_zone")} />
      <TextInput label={`${t("setup.address")} (${t("word.optional")})`} {...field("address")} />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <TextInput label={`${t("setup.city")} (${t("word.optional")})`} {...field("city")} />
        <TextInput label={`${t("setup.country")} (${t("word.optional")})`} placeholder={t("setup.country_help")} maxLength={2} {...field("country")} />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <NumberInput label={`${t("setup.latitude")} (${t("word.optional")})`} value={values.latitude} onChange={(latitude) => set({ ...values, latitude })} min={-90} max={90} hideControls error={fieldError(save.error, "latitude")} />
        <NumberInput label={`${t("setup.longitude")} (${t("word.optional")})`} value={values.longitude} onChange={(longitude) => set({ ...values, longitude })} min={-180} max={180} hideControls error={fieldError(save.error, "longitude")} />
      </SimpleGrid>
      {organisations.length > 1 && <Select label={t("settings.organisation")} value={values.organisation_id} onChange={(organisation_id) => set({ ...values, organisation_id })} data={organisations.map((item) => ({ value: item.id, label: item.name }))} />}
      <Buttons close={cancel} cancelWord={cancelWord} label={t("word.save")} submit loading={save.isPending} />
    </Form>
  );
}
