import { Button, NativeSelect } from "@mantine/core";
import { IconChargingPile, IconFileImport, IconPlus, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "~/app/session";
import { asFlag, asText, useAddress } from "~/lib/address";
import { api, unwrap, type Station } from "~/lib/api/client";
import { can, may } from "~/lib/can";
import { download, toCsv } from "~/lib/csv";
import { useLiveStation } from "~/lib/live";
import { locationsQuery, stationsQuery, type StationsAsked } from "~/lib/queries";
import { useReach } from "~/lib/reach";
import { STATES } from "~/lib/status";
import { useStations } from "~/lib/useStations";
import { ActionButton } from "~/parts/ActionButton";
import { DataTable } from "~/parts/DataTable";
import { Empty, Page } from "~/parts/Page";
import { SearchBox } from "~/parts/SearchBox";
import { StationsSaid } from "~/parts/StationsSaid";
import { Toolbar } from "~/parts/Toolbar";
import { useTableLook } from "~/parts/tableLook";
import { BulkBar } from "./BulkBar";
import { StationCard, useStationColumns } from "./columns";

const AddStation = lazy(() => import("./AddStation").then((module) => ({ default: module.AddStation })));
const ImportStations = lazy(() => import("./ImportStations").then((module) => ({ default: module.ImportStations })));
type Registration = StationsAsked["registration"];

export function Stations() {
  const { t } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const [address, go] = useAddress();
  const asked: StationsAsked = {
    search: asText(address.search), location_id: asText(address.location), status: asText(address.status) as StationsAsked["status"],
    online: asFlag(address.online), registration: asText(address.registration) as Registration,
    sort: (asText(address.sort) ?? "identity") as StationsAsked["sort"],
  };
  const list = useReach<Station>(JSON.stringify([asked, address.in]), (offset, limit) => stationsQuery({ ...asked, offset, limit }));
  const columns = useStationColumns();
  const look = useTableLook("stations", columns, ["firmware", "serial"]);
  const [selected, select] = useState(new Set<string>());
  const dialog = asText(address.dialog);
  const close = () => go({ dialog: undefined });
  return (
    <Page
      name={t("stations.title")} title={t("stations.title")} said={<Said />}
      actions={
        <>
          <ActionButton can={can.changeStations(me)} onClick={() => go({ dialog: "import" })} variant="default" leftSection={<IconFileImport size={16} />}>{t("stations.import")}</ActionButton>
          <ActionButton can={can.changeStations(me)} onClick={() => go({ dialog: "add" })} leftSection={<IconPlus size={16} />}>{t("stations.add")}</ActionButton>
        </>
      }
    >
      <Filters look={look.panel} total={list.total} asked={asked} />
      <DataTable<Station>
        label={t("stations.list")} rows={list.rows} total={list.total} reach={list.reach} error={list.error} retry={list.retry}
        columns={columns} hidden={look.hidden} dense={look.dense} keyOf={identityOf} useRow={useStationNow} card={cardOf}
        open={(station) => void navigate({ to: "/stations/$identity", params: { identity: station.identity } })}
        sort={asked.sort} onSort={(sort) => go({ sort })}
        selected={may(me, "commands.operate") ? selected : undefined} onSelect={select}
        everyKey={async () => (await everyStation(asked)).map(identityOf)}
        bulk={<BulkBar selected={selected} clear={() => select(new Set())} />}
        empty={filtered(asked)
          ? <Empty icon={IconSearch} title={t("stations.none")} help={t("stations.none_help")} action={<Button variant="default" onClick={() => go(NO_FILTERS)}>{t("word.clear")}</Button>} />
          : <Empty icon={IconChargingPile} title={t("stations.empty")} help={t("stations.empty_help")} action={<Button component={Link} to="/start">{t("setup.connect")}</Button>} />}
      />
      <Suspense>
        {dialog === "add" && <AddStation close={close} />}
        {dialog === "import" && <ImportStations close={close} />}
      </Suspense>
    </Page>
  );
}

const NO_FILTERS = { search: undefined, location: undefined, status: undefined, online: undefined };
const filtered = (asked: StationsAsked) => !!(asked.search || asked.location_id || asked.status || asked.online !== undefined);
const identityOf = (station: Station) => station.identity;
const cardOf = (station: Station) => <StationCard station={station} />;
const useStationNow = (station: Station) => useLiveStation(station.identity) ?? station;

function Said() {
  const live = useStations();
  return live.length > 0 ? <StationsSaid stations={live} /> : "\u00a0";
}

function Filters({ asked, look, total }: { asked: StationsAsked; look: React.ReactNode; total?: number }) {
  const { t } = useTranslation();
  const [, go] = useAddress();
  const locations = useQuery(locationsQuery).data?.items ?? [];
  const set = (name: string) => (event: { currentTarget: { value: string } }) => go({ [name]: event.currentTarget.value || undefined });
  return (
    <Toolbar look={look} download={total ? () => void exportStations(asked) : undefined}>
      <SearchBox aria-label={t("word.search")} placeholder={t("stations.search")} value={asked.search ?? undefined} search={(text) => go({ search: text }, { replace: true })} style={{ flex: "1 1 220px", maxWidth: 340 }} />
      <NativeSelect aria-label={t("word.status")} value={asked.status ?? ""} onChange={set("status")} data={[{ value: "", label: t("stations.any_status") }, ...STATES.map((state) => ({ value: state, label: t(`state.${state}`) }))]} />
      <NativeSelect aria-label={t("station.connection")} value={asked.online === undefined ? "" : String(asked.online)} onChange={set("online")} data={[{ value: "", label: t("stations.any_presence") }, { value: "true", label: t("presence.online") }, { value: "false", label: t("presence.offline") }]} />
      <NativeSelect maw={190} aria-label={t("station.location")} value={asked.location_id ?? ""} onChange={set("location")} data={[{ value: "", label: t("stations.any_location") }, ...locations.map((location) => ({ value: location.id, label: location.name }))]} />
      {filtered(asked) && <Button variant="subtle" size="sm" px={8} onClick={() => go(NO_FILTERS)}>{t("word.clear")}</Button>}
    </Toolbar>
  );
}

async function everyStation(asked: StationsAsked): Promise<Station[]> {
  const all: Station[] = [];
  for (let offset = 0; ; offset += 500) {
    const page = await unwrap(api.GET("/api/v1/stations", { params: { query: { ...asked, offset, limit: 500 } } }));
    all.push(...page.items);
    if (all.length >= page.total || page.items.length === 0) return all;
  }
}

async function exportStations(asked: StationsAsked): Promise<void> {
  const all = await everyStation(asked);
  const head = ["identity", "name", "location", "online", "status", "vendor", "model", "serial_number", "firmware_version", "seen_at"];
  const rows = all.map((station) => [
    station.identity, station.name, station.location?.name, station.presence.online,
    station.evses.flatMap((evse) => evse.connectors.map((part) => `${evse.number}:${part.status}`)).join(" "),
    station.boot.vendor, station.boot.model, station.boot.serial_number, station.boot.firmware_version, station.presence.seen_at,
  ]);
  download("stations.csv", toCsv([head, ...rows]));
}
