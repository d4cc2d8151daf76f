import { IconMapPin, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "~/app/session";
import { api, unwrap, type Location } from "~/lib/api/client";
import { can } from "~/lib/can";
import { countryName, number } from "~/lib/format";
import { locationsQuery } from "~/lib/queries";
import { usePlaces } from "~/lib/within";
import { ActionButton } from "~/parts/ActionButton";
import { Confirm } from "~/parts/Confirm";
import { DataTable } from "~/parts/DataTable";
import { Empty } from "~/parts/Page";
import { RowActions } from "~/parts/RowActions";
import { Toolbar } from "~/parts/Toolbar";
import { LocationForm } from "./LocationForm";
import { Popup } from "~/parts/Form";

type Doing = { what: "add" } | { what: "edit" | "delete"; location: Location };

export function Locations() {
  const { t } = useTranslation();
  const may = can.changeLocations(useMe());
  const client = useQueryClient();
  const list = useQuery(locationsQuery);
  const places = usePlaces();
  const [doing, set] = useState<Doing | null>(null);
  const close = () => set(null);
  const add = <ActionButton can={may} onClick={() => set({ what: "add" })} leftSection={<IconPlus size={16} />}>{t("settings.add_location")}</ActionButton>;
  const actions = (location: Location) => (
    <RowActions name={location.name} actions={[
      { label: t("word.edit"), icon: IconPencil, run: () => set({ what: "edit", location }), disabled: !may.ok },
      { label: t("word.delete"), icon: IconTrash, run: () => set({ what: "delete", location }), danger: true, disabled: !may.ok },
    ]} />
  );
  const place = (location: Location) => [location.city, location.country && countryName(location.country)].filter(Boolean).join(", ") || "–";
  const name = (location: Location) => <Link to="/stations" search={{ location: location.id } as never} style={{ fontWeight: 600 }}>{location.name}</Link>;
  const remove = async (location: Location) => {
    await unwrap(api.DELETE("/api/v1/locations/{location_id}", { params: { path: { location_id: location.id } } }));
    await client.invalidateQueries({ queryKey: ["locations"] });
  };
  return (
    <>
      <Toolbar side={add}>{null}</Toolbar>
      <DataTable<Location>
        label={t("settings.locations")} rows={list.data && (places ?? list.data.items)} error={list.error} retry={() => void list.refetch()} keyOf={(location) => location.id}
        columns={[
          { id: "name", head: t("word.name"), cell: name },
          { id: "place", head: t("settings.place"), cell: place },
          { id: "zone", rank: 1, head: t("settings.zone"), cell: (location) => location.time_zone },
          { id: "stations", head: t("settings.stations"), right: true, cell: (location) => <span className="num">{number(location.online)} / {number(location.stations)} {t("settings.online")}</span> },
          { id: "do", head: "", right: true, cell: actions },
        ]}
        card={(location) => <div style={{ display: "flex", justifyContent: "space-between", alignItems: "center" }}><span>{name(location)}<br />{place(location)}</span>{actions(location)}</div>}
        empty={<Empty icon={IconMapPin} title={t("settings.empty_locations")} help={t("settings.empty_locations_help")} />}
      />
      {(doing?.what === "add" || doing?.what === "edit") && (
        <Popup title={doing.what === "add" ? t("settings.add_location") : t("settings.edit", { name: doing.location.name })} close={close} size="lg">
          <LocationForm location={doing.what === "edit" ? doing.location : undefined} done={close} cancel={close} />
        </Popup>
      )}
      {doing?.what === "delete" && <Confirm title={t("settings.delete_title", { name: doing.location.name })} help={t("settings.delete_help")} label={t("word.delete")} run={() => remove(doing.location)} close={close} />}
    </>
  );
}
