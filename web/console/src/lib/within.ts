/** The part of the network that is looked at: an organisation and all below it, or a location. It stays in the address (`in`). */
import { useQuery } from "@tanstack/react-query";
import type { Location, Organisation, Station } from "./api/client";
import { api } from "./api/client";
import { useAddress, asText } from "./address";
import { EVERYWHERE, locationsQuery, organisationsQuery, queryClient } from "./queries";

const [HEADER] = Object.keys(EVERYWHERE) as [string];

const LISTS = new Set(["/stations", "/sessions", "/sessions/summary", "/overview", "/review", "/facts", "/daily-totals", "/id-tokens", "/users", "/api-keys", "/audit"].map((path) => `/api/v1${path}`));
const NOUNS = new Set(["stations", "sessions", "overview", "review", "facts", "daily-totals", "id-tokens", "users", "api-keys", "audit"]);
const SHAPE = /^(organisation|location)=[0-9a-f-]{36}$/;
let within: string | undefined;

api.use({
  onRequest({ request }) {
    if (request.headers.has(HEADER)) {
      request.headers.delete(HEADER); // EVERYWHERE
      return;
    }
    if (within && request.method === "GET" && LISTS.has(new URL(request.url).pathname)) request.headers.set(HEADER, within);
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

function useWithin(): [kind?: string, id?: string] {
  const [address] = useAddress();
  const [kind, id] = (asText(address.in) ?? "").split("=");
  return [kind, id];
}

/** The organisations that are looked at: the chosen one and those below it, or whose location it is; null is all of them. */
export function useOwners(): Organisation[] | null {
  const locations = useQuery(locationsQuery).data?.items ?? [];
  const organisations = useQuery(organisationsQuery).data?.items ?? [];
  const [kind, id] = useWithin();
  if (!id) return null;
  const owner = locations.find((location) => location.id === id)?.organisation_id;
  const owners = kind === "location" ? new Set([owner]) : below(organisations, id);
  return organisations.filter((one) => owners.has(one.id));
}

/** The locations that are looked at; null is all of them. */
export function usePlaces(): Location[] | null {
  const locations = useQuery(locationsQuery).data?.items ?? [];
  const organisations = useQuery(organisationsQuery).data?.items ?? [];
  const [kind, id] = useWithin();
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
