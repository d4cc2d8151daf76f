import { Button, Group, Stack, TextInput } from "@mantine/core";
import { IconCheck, IconCircleDashed } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { asText, useAddress } from "~/lib/address";
import { api, unwrap, type Schemas } from "~/lib/api/client";
import { useLiveStation } from "~/lib/live";
import { inboxQuery, locationsQuery } from "~/lib/queries";
import { fieldError, Form } from "~/parts/Form";
import { FrameList } from "~/parts/FrameList";
import { Card, Page } from "~/parts/Page";
import { PasteBox } from "~/parts/PasteBox";
import { LocationForm } from "../settings/LocationForm";
import classes from "./Connect.module.css";

type Made = Schemas["StationMade"];

/** First location, then the first station: what to enter at it, and its first handshake as it happens. */
export function ConnectFirst() {
  const { t } = useTranslation();
  const [address, go] = useAddress();
  const [made, setMade] = useState<Made | null>(null);
  const location = asText(address.step) === "location";
  const said = location ? t("setup.step", { step: 2, steps: 3 }) : made ? t("setup.waiting", { identity: made.identity }) : t("setup.connect_help");
  return (
    <Page name={t("setup.connect")} title={location ? t("setup.location") : t("setup.connect")} said={said}>
      <div className={classes.narrow}>
        {location ? (
          <Card>
            <p className={classes.help}>{t("setup.location_help")}</p>
            <LocationForm done={() => go({ step: undefined })} cancel={() => go({ step: undefined })} cancelWord={t("setup.skip")} />
          </Card>
        ) : made ? <Handshake made={made} /> : <Card><Identity done={setMade} /></Card>}
      </div>
    </Page>
  );
}

function Identity({ done }: { done: (made: Made) => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const locations = useQuery(locationsQuery).data?.items ?? [];
  const [identity, setIdentity] = useState("");
  const create = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/stations", { body: { identity, location_id: locations[0]?.id ?? null } as never })),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ["stations"] });
      done(made);
    },
  });
  return (
    <Form submit={() => create.mutate()} error={create.error}>
      <TextInput label={t("setup.identity")} description={t("setup.identity_help")} value={identity} maxLength={48} required withAsterisk={false} autoFocus onChange={(event) => setIdentity(event.currentTarget.value)} error={fieldError(create.error, "identity")} />
      <Group justify="flex-end"><Button type="submit" loading={create.isPending}>{t("setup.create_station")}</Button></Group>
    </Form>
  );
}

function Handshake({ made }: { made: Made }) {
  const { t } = useTranslation();
  const station = useLiveStation(made.identity) ?? made.station;
  const online = station.presence.online || station.presence.connected_at !== null;
  const booted = station.boot.booted_at !== null;
  const reported = station.evses.length > 0;
  const frames = useQuery({
    queryKey: ["frames", made.identity, "first"],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/stations/{identity}/frames", { params: { path: { identity: made.identity }, query: { limit: 20 } }, signal })),
    refetchInterval: 1_000,
  }).data?.items ?? [];
  const knocking = useQuery({ ...inboxQuery, refetchInterval: 3_000 }).data?.items[0];
  useEffect(() => {
    if (online) document.title = t("setup.connected", { identity: made.identity });
  }, [online, t, made.identity]);
  return (
    <Stack>
      <PasteBox identity={made.identity} url={made.ocpp_url} password={made.password} />
      <Card title={t("setup.handshake")}>
        <ol className={classes.steps} aria-live="polite">
          <Step done={online} words={t("setup.hs_connected", { address: station.presence.address ?? "…" })} />
          <Step done={booted} words={t("setup.hs_boot", { vendor: station.boot.vendor ?? "…", model: station.boot.model ?? "", firmware: station.boot.firmware_version ?? "–" })} />
          <Step done={reported} words={t("setup.hs_status")} />
        </ol>
        {frames.length > 0 && <FrameList frames={frames} label={t("messages.list")} />}
        {!online && knocking && <p className={classes.help}><strong>{t("setup.knocking", { identity: knocking.identity, address: knocking.address })}</strong><br />{t("setup.knocking_help")} <Link to="/inbox">{t("nav.inbox")}</Link></p>}
      </Card>
      <Group justify="flex-end"><Button component={Link} to={`/stations/${encodeURIComponent(made.identity)}`} variant={reported ? "filled" : "default"}>{t("setup.to_station")}</Button></Group>
    </Stack>
  );
}

function Step({ done, words }: { done: boolean; words: string }) {
  const { t } = useTranslation();
  const Mark = done ? IconCheck : IconCircleDashed;
  return (
    <li data-done={done}>
      <Mark size={18} aria-hidden />
      <span>{words}</span>
      {!done && <span className={classes.dim}>{t("setup.hs_waiting")}</span>}
    </li>
  );
}
