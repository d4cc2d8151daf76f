/** The part of the network that is looked at: an organisation and all below it, or a location. It stays in the address (`in`). */
import { useQuery } from "@tanstack/react-query";
import type { Location, Organisation, Station } from "./api/client";
import { api } from "./api/client";
import { useAddress, asText } from "./address";
import { locationsQuery, organisationsQuery, queryClient } from "./queries";

const LISTS = new Set(["/api/v1/stations", "/api/v1/sessions", "/api/v1/sessions/summary", "/api/v1/overview", "/api/v1/review", "/api/v1/facts", "/api/v1/daily-totals"]);
const NOUNS = new Set(["stations", "sessions", "overview", "review", "facts", "daily-totals"]);
const SHAPE = /^(organisation|location)=[0-9a-f-]{36}$/;
let within: string | undefined;

api.use({
  onRequest({ request }) {
    if (within && request.method === "GET" && LISTS.has(new URL(request.url).pathname)) request.headers.set("Bluesky-Within", within);
  },
});

/** Called before a page is loaded, with what its address says. */
export function lookWithin(wanted: unknown): void {
  const next = typeof wanted === "string" && SHAPE.test(wanted) ? wanted : undefined;
  if (next === within) return;
  within = next;
  void queryClient.resetQueries({ predicate: (query) => NOUNS.has(String(query.queryKey[0])) && query.queryKey[1] !== "one" });
}

/** The organisation and all below it. */
function below(organisations: Organisation[], top: string): Set<string> {
  const found = new Set([top]);
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const one of organisations) if (one.parent_id && found.has(one.parent_id)) found.add(one.id);
  }
  return found;
}

/** The locations that are looked at; null is all of them. */
export function usePlaces(): Location[] | null {
  const [address] = useAddress();
  const locations = useQuery(locationsQuery).data?.items ?? [];
  const organisations = useQuery(organisationsQuery).data?.items ?? [];
  const [kind, id] = (asText(address.in) ?? "").split("=");
  if (!id) return null;
  if (kind === "location") return locations.filter((location) => location.id === id);
  const owners = below(organisations, id);
  return locations.filter((location) => location.organisation_id !== null && owners.has(location.organisation_id));
}

export function inPlaces(stations: Station[], places: Location[] | null): Station[] {
  if (places === null) return stations;
  const ids = new Set(places.map((place) => place.id));
  return stations.filter((station) => station.location !== null && ids.has(station.location.id));
}
