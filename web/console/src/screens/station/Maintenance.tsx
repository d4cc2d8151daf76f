import { Accordion, Group, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconBookmark, IconCode, IconCpu, IconGauge, IconKey, IconStethoscope, IconTrash, type Icon } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "~/app/session";
import { asText, useAddress } from "~/lib/address";
import { api, unwrap, type Station } from "~/lib/api/client";
import { can } from "~/lib/can";
import { ActionButton } from "~/parts/ActionButton";
import { Confirm } from "~/parts/Confirm";
import { FormProblem } from "~/parts/Form";
import { PasteBox } from "~/parts/PasteBox";
import { Diagnostics, Firmware, Limit, Reserve } from "./features";
import { RawCommand } from "./RawCommand";

/** Work on the station itself: one form open at a time, each in the words of what it does. */
export function Maintenance({ station }: { station: Station }) {
  const { t } = useTranslation();
  const [address, go] = useAddress();
  const parts: [string, string, ReactNode, Icon][] = [
    ["limit", t("maintenance.limit"), <Limit key="limit" station={station} />, IconGauge],
    ["reserve", t("maintenance.reserve"), <Reserve key="reserve" station={station} />, IconBookmark],
    ["firmware", t("maintenance.firmware"), <Firmware key="firmware" station={station} />, IconCpu],
    ["diagnostics", t("maintenance.diagnostics"), <Diagnostics key="diagnostics" station={station} />, IconStethoscope],
    ["raw", t("maintenance.raw"), <RawCommand key="raw" station={station} />, IconCode],
    ["password", t("maintenance.password"), <Password key="password" station={station} />, IconKey],
    ["remove", t("station.remove"), <Remove key="remove" station={station} />, IconTrash],
  ];
  return (
    <Accordion variant="contained" value={asText(address.form) ?? null} onChange={(form) => go({ form: form ?? undefined }, { replace: true })} maw={760} styles={{ item: { backgroundColor: "var(--mantine-color-body)", borderColor: "var(--line)" } }}>
      {parts.map(([name, label, form, Mark]) => (
        <Accordion.Item key={name} value={name}>
          <Accordion.Control icon={<Mark size={18} stroke={1.7} color="var(--mantine-color-dimmed)" aria-hidden />}>{label}</Accordion.Control>
          <Accordion.Panel>{form}</Accordion.Panel>
        </Accordion.Item>
      ))}
    </Accordion>
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
      {make.data ? <PasteBox identity={make.data.identity} url={make.data.ocpp_url} password={make.data.password} /> : <Group><ActionButton can={can.rename(me, station)} loading={make.isPending} onClick={() => make.mutate()}>{t("maintenance.password_do")}</ActionButton></Group>}
    </Stack>
  );
}

function Remove({ station }: { station: Station }) {
  const { t } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [sure, ask] = useState(false);
  const remove = async () => {
    await unwrap(api.DELETE("/api/v1/stations/{identity}", { params: { path: { identity: station.identity } } }));
    void client.invalidateQueries({ queryKey: ["stations"] });
    void navigate({ to: "/stations" });
    notifications.show({ message: t("station.removed", { name: station.identity }) });
  };
  return (
    <Stack>
      <Text c="dimmed">{t("station.remove_help")}</Text>
      <Group><ActionButton can={can.rename(me, station)} color="red.8" onClick={() => ask(true)}>{t("station.remove")}</ActionButton></Group>
      {sure && <Confirm title={t("station.remove_title", { name: station.identity })} help={t("station.remove_help")} label={t("station.remove")} run={remove} close={() => ask(false)} />}
    </Stack>
  );
}
