import { Skeleton } from "@mantine/core";
import { IconMapPinOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Location, Station } from "~/lib/api/client";
import { countryName, number } from "~/lib/format";
import { useStations } from "~/lib/useStations";
import { usePlaces } from "~/lib/within";
import { locationsQuery } from "~/lib/queries";
import { Empty, Page, ProblemBox } from "~/parts/Page";
import { StatusPill } from "~/parts/Status";
import { stationState, worst } from "~/lib/status";
import classes from "./Map.module.css";

const WorldMap = lazy(() => import("./WorldMap").then((module) => ({ default: module.WorldMap })));
export type Place = { location: Location; stations: Station[] };

export function MapPage() {
  const { t } = useTranslation();
  const asked = useQuery(locationsQuery);
  const live = useStations();
  const within = usePlaces();
  const key = within?.map((place) => place.id).join();
  const places = useMemo((): Place[] => {
    const at = new Map<string, Station[]>();
    for (const station of live) {
      if (!station.location) continue;
      const here = at.get(station.location.id);
      if (here) here.push(station);
      else at.set(station.location.id, [station]);
    }
    return (within ?? asked.data?.items ?? []).map((location) => ({ location, stations: at.get(location.id) ?? [] }));
  }, [asked.data, live, key]);
  const placed = places.filter((place) => place.location.latitude !== null && place.location.longitude !== null);
  if (asked.error && !asked.data) return <ProblemBox whole error={asked.error} retry={() => void asked.refetch()} />;
  return (
    <Page name={t("map.title")} title={t("map.title")} said={asked.data ? t("map.said", { n: number(places.length), placed: number(placed.length) }) : "\u00a0"}>
      <div className={classes.page}>
        {!asked.data ? <Skeleton height={480} radius={8} /> : placed.length === 0 ? (
          <div className={classes.box}><Empty icon={IconMapPinOff} title={t("map.empty")} help={t("map.empty_help")} action={<Link to="/settings/$part" params={{ part: "locations" }}>{t("settings.locations")}</Link>} /></div>
        ) : (
          <div className={classes.box}><Suspense fallback={<div className={classes.map} />}><WorldMap places={placed} /></Suspense></div>
        )}
        <ul className={classes.list} aria-label={t("settings.locations")}>
          {places.map(({ location, stations }) => (
            <li key={location.id}>
              <Link to="/stations" search={{ location: location.id } as never} style={{ fontWeight: 600 }}>{location.name}</Link>
              <div className={classes.dim}>{[location.city, location.country && countryName(location.country), location.time_zone].filter(Boolean).join(" · ")}</div>
              {location.latitude === null && <div className={classes.dim}>{t("map.nowhere")}</div>}
              <div className={classes.row}>
                <span className="num">{number(stations.filter((station) => station.presence.online).length)} / {number(stations.length)} {t("settings.online")}</span>
                {stations.length > 0 && <StatusPill state={worst(stations.map(stationState))} />}
              </div>
            </li>
          ))}
        </ul>
      </div>
    </Page>
  );
}
