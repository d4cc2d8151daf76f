import { Button, Checkbox, Select, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "~/lib/api/client";
import { Buttons, fieldError, Form, Popup } from "~/parts/Form";
import { locationsQuery } from "~/lib/queries";
import { usePlaces } from "~/lib/within";
import { PasteBox } from "~/parts/PasteBox";

/** A station of ours: identity and place, then what to enter at it. `adopt` makes one from the inbox. */
export function AddStation({ close, adopt }: { close: () => void; adopt?: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const locations = useQuery(locationsQuery).data?.items ?? [];
  const [identity, setIdentity] = useState(adopt ?? "");
  const [name, setName] = useState("");
  const places = usePlaces() ?? locations;
  const only = places.length === 1 ? places[0]!.id : null;
  const [chosen, setLocation] = useState<string | null>();
  const location = chosen === undefined ? only : chosen;
  const [open, setOpen] = useState(false);
  const add = useMutation({
    mutationFn: () => {
      const body = { name: name || null, location_id: location, open };
      return adopt
        ? unwrap(api.POST("/api/v1/inbox/{identity}/adopt", { params: { path: { identity: adopt } }, body: body as never }))
        : unwrap(api.POST("/api/v1/stations", { body: { identity, ...body } as never }));
    },
    onSuccess: () => {
      for (const key of ["stations", "inbox", "overview", "locations"]) void client.invalidateQueries({ queryKey: [key] });
    },
  });
  const made = add.data;
  return (
    <Popup title={adopt ? t("inbox.adopt_title", { identity: adopt }) : t("stations.add")} close={close} size="lg">
      {made ? (
        <Stack>
          <PasteBox identity={made.identity} url={made.ocpp_url} password={made.password} />
          <Button component={Link} to={`/stations/${encodeURIComponent(made.identity)}`}>{t("setup.to_station")}</Button>
        </Stack>
      ) : (
        <Form submit={() => add.mutate()} error={add.error}>
          {adopt ? <p style={{ margin: 0 }}>{t("inbox.adopt_help")}</p> : (
            <TextInput label={t("setup.identity")} description={t("setup.identity_help")} value={identity} onChange={(event) => setIdentity(event.currentTarget.value)} required withAsterisk={false} maxLength={48} data-autofocus error={fieldError(add.error, "identity")} />
          )}
          <TextInput label={`${t("word.name")} (${t("word.optional")})`} value={name} onChange={(event) => setName(event.currentTarget.value)} error={fieldError(add.error, "name")} />
          <Select label={t("station.location")} placeholder={t("station.no_location")} value={location} onChange={setLocation} clearable data={locations.map((item) => ({ value: item.id, label: item.name }))} clearButtonProps={{ "aria-label": t("word.clear") }} />
          <Checkbox label={t("inbox.own_password")} description={t("inbox.open_help")} checked={open} onChange={(event) => setOpen(event.currentTarget.checked)} />
          <Buttons close={close} label={adopt ? t("inbox.adopt") : t("setup.create_station")} submit loading={add.isPending} />
        </Form>
      )}
    </Popup>
  );
}
