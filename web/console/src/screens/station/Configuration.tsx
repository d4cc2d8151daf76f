import { Badge, Text, TextInput } from "@mantine/core";
import { IconAdjustments, IconRefresh, IconSearch } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Fragment, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "~/app/session";
import type { Schemas, Station } from "~/lib/api/client";
import { can } from "~/lib/can";
import { place } from "~/lib/commands";
import { time } from "~/lib/format";
import { configurationQuery } from "~/lib/queries";
import { ActionButton } from "~/parts/ActionButton";
import { DataTable } from "~/parts/DataTable";
import { Empty } from "~/parts/Page";
import { Toolbar } from "~/parts/Toolbar";
import { Buttons, Form, Popup } from "~/parts/Form";

type Key = Schemas["ConfigurationKeyOut"];

export function Configuration({ station }: { station: Station }) {
  const { t } = useTranslation();
  const me = useMe();
  const client = useQueryClient();
  const asked = useQuery(configurationQuery(station.identity));
  const [search, setSearch] = useState("");
  const [changing, change] = useState<Key | null>(null);
  const fresh = () => client.invalidateQueries({ queryKey: ["configuration", station.identity] });
  const read = async () => {
    await place(station.identity, "get-configuration", {});
    await fresh();
  };
  const wanted = search.toLowerCase();
  const items = asked.data?.items.filter((item) => `${item.key} ${item.value ?? ""}`.toLowerCase().includes(wanted));
  const reported = asked.data?.reported_at;
  const readButton = <ActionButton can={can.configure(me, station)} onClick={() => void read()} variant={reported ? "default" : "filled"} leftSection={<IconRefresh size={16} />}>{t("config.read")}</ActionButton>;
  return (
    <>
      <Toolbar side={<>{reported && <Text c="dimmed" size="xs">{t("config.reported", { time: time(reported, "datetime", station.location?.time_zone) })}</Text>}{readButton}</>}>
        <TextInput aria-label={t("config.search")} placeholder={t("config.search")} leftSection={<IconSearch size={16} />} value={search} onChange={(event) => setSearch(event.currentTarget.value)} />
      </Toolbar>
      <DataTable<Key>
        label={t("config.list")} rows={items} error={asked.error} retry={() => void asked.refetch()} keyOf={(item) => item.key} dense
        columns={[
          { id: "key", head: t("config.key"), width: 390, cell: (item) => <strong style={{ fontWeight: 600 }}>{item.key}</strong> },
          { id: "value", head: t("config.value"), cell: (item) => <Value item={item} /> },
          { id: "do", head: "", right: true, width: 130, cell: (item) => <Change item={item} station={station} change={change} /> },
        ]}
        card={(item) => <><strong style={{ fontWeight: 600 }}>{item.key}</strong><div style={{ display: "flex", justifyContent: "space-between", gap: 8, alignItems: "center" }}><Value item={item} /><Change item={item} station={station} change={change} /></div></>}
        empty={<Empty icon={IconAdjustments} title={t("config.never")} help={t("config.never_help")} action={!reported && readButton} />}
      />
      {changing && <ChangeDialog station={station.identity} item={changing} close={() => change(null)} done={() => void fresh()} />}
    </>
  );
}

function Value({ item }: { item: Key }) {
  const { t } = useTranslation();
  if (!item.known) return <Text span c="dimmed">{t("config.unknown")}</Text>;
  return <span className="num" style={{ whiteSpace: "normal", overflowWrap: "anywhere" }}>{item.value ? item.value.split(/(?<=,)/).map((part, at) => <Fragment key={at}>{part}<wbr /></Fragment>) : "–"}</span>;
}

function Change({ item, station, change }: { item: Key; station: Station; change: (item: Key) => void }) {
  const { t } = useTranslation();
  const me = useMe();
  if (item.readonly) return <Badge variant="light" color="gray" tt="none" fw={400} c="dimmed" style={{ flex: "none" }}>{t("config.readonly")}</Badge>;
  if (!item.known) return null;
  return <ActionButton can={can.configure(me, station)} size="compact-sm" variant="subtle" onClick={() => change(item)} label={`${t("config.change")}: ${item.key}`}>{t("config.change")}</ActionButton>;
}

function ChangeDialog({ station, item, close, done }: { station: string; item: Key; close: () => void; done: () => void }) {
  const { t } = useTranslation();
  const [value, setValue] = useState(item.value ?? "");
  const save = async () => {
    close();
    await place(station, "change-configuration", { key: item.key, value });
    await place(station, "get-configuration", { keys: [item.key] });
    done();
  };
  return (
    <Popup title={t("config.change_title", { key: item.key })} close={close}>
      <Form submit={() => { void save(); }}>
        <TextInput label={t("config.value")} description={t("config.takes")} value={value} maxLength={500} onChange={(event) => setValue(event.currentTarget.value)} data-autofocus />
        <Buttons close={close} label={t("config.change")} submit />
      </Form>
    </Popup>
  );
}
