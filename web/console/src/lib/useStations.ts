import { useMemo } from "react";
import type { Station } from "./api/client";
import { useLiveStations } from "./live";
import { inPlaces, usePlaces } from "./within";

/** The live stations of the places that are looked at. */
export function useStations(): Station[] {
  const live = useLiveStations();
  const places = usePlaces();
  const key = places?.map((place) => place.id).join();
  return useMemo(() => inPlaces(live, places), [live, key]);
}
