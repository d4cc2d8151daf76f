/** What is asked of the server, by noun; keys begin with the noun so that a change can invalidate all of it. */
import { keepPreviousData, QueryClient, queryOptions } from "@tanstack/react-query";
import { api, ProblemError, unwrap } from "./api/client";
import type { paths } from "./api/schema";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      retry: (count, error) => count < 2 && error instanceof ProblemError && (error.status === 0 || error.status >= 500),
    },
  },
});

/** Asks without regard to the place that is looked at (lib/within): to find something, or for what has a place of its own. */
export const EVERYWHERE = { "Bluesky-Within": "" };

type QueryOf<P extends keyof paths> = paths[P] extends { get: { parameters: { query?: infer Q } } } ? NonNullable<Q> : never;

export type StationsAsked = QueryOf<"/api/v1/stations">;
export type SessionsAsked = QueryOf<"/api/v1/sessions">;
export type TokensAsked = QueryOf<"/api/v1/id-tokens">;
export type ReviewAsked = QueryOf<"/api/v1/review">;
export type AuditAsked = QueryOf<"/api/v1/audit">;
export type FramesAsked = QueryOf<"/api/v1/frames">;
export type CommandsAsked = QueryOf<"/api/v1/commands">;
export type FactsAsked = QueryOf<"/api/v1/facts">;

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async () => {
    try {
      return await unwrap(api.GET("/api/v1/me"));
    } catch (error) {
      if (error instanceof ProblemError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: Infinity,
});

export const setupQuery = queryOptions({ queryKey: ["setup"], queryFn: () => unwrap(api.GET("/api/v1/setup")) });

export const stationsQuery = (query: StationsAsked, headers = {}) =>
  queryOptions({
    queryKey: ["stations", "list", query, headers],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/stations", { params: { query }, headers, signal })),
    placeholderData: keepPreviousData,
  });

export const stationQuery = (identity: string) =>
  queryOptions({
    queryKey: ["stations", "one", identity],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/stations/{identity}", { params: { path: { identity } }, signal })),
  });

export const configurationQuery = (identity: string) =>
  queryOptions({
    queryKey: ["configuration", identity],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/v1/stations/{identity}/configuration", { params: { path: { identity } }, signal })),
  });

export const locationsQuery = queryOptions({
  queryKey: ["locations"],
  queryFn: ({ signal }) => unwrap(api.GET("/api/v1/locations", { params: { query: { limit: 500 } }, signal })),
  staleTime: 30_000,
});

export const sessionsQuery = (query: SessionsAsked, headers = {}) =>
  queryOptions({
    queryKey: ["sessions", "list", query, headers],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/sessions", { params: { query }, headers, signal })),
    placeholderData: keepPreviousData,
  });

export const totalsQuery = (query: Omit<SessionsAsked, "offset" | "limit" | "sort">) =>
  queryOptions({
    queryKey: ["sessions", "totals", query],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/sessions/summary", { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });

export const sessionQuery = (uid: string) =>
  queryOptions({
    queryKey: ["sessions", "one", uid],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/sessions/{uid}", { params: { path: { uid } }, signal })),
  });

export const readingsQuery = (uid: string) =>
  queryOptions({
    queryKey: ["sessions", "readings", uid],
    queryFn: async ({ signal }) => {
      const items = [];
      for (let offset = 0; offset < 5_000; offset += 500) {
        const page = await unwrap(
          api.GET("/api/v1/sessions/{uid}/readings", { params: { path: { uid }, query: { offset, limit: 500 } }, signal }),
        );
        items.push(...page.items);
        if (items.length >= page.total) break;
      }
      return items;
    },
  });

export const tokensQuery = (query: TokensAsked, headers = {}) =>
  queryOptions({
    queryKey: ["id-tokens", query, headers],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/id-tokens", { params: { query }, headers, signal })),
    placeholderData: keepPreviousData,
  });

export const reviewQuery = (query: ReviewAsked) =>
  queryOptions({
    queryKey: ["review", query],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/review", { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });

export const inboxQuery = queryOptions({
  queryKey: ["inbox"],
  queryFn: ({ signal }) => unwrap(api.GET("/api/v1/inbox", { params: { query: { limit: 100 } }, signal })),
  refetchInterval: 10_000,
});

export const overviewQuery = (time_zone: string) =>
  queryOptions({
    queryKey: ["overview", time_zone],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/overview", { params: { query: { time_zone } }, signal })),
    refetchInterval: 15_000,
  });

export const dailyTotalsQuery = (from: string, to: string) =>
  queryOptions({
    queryKey: ["daily-totals", from, to],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/daily-totals", { params: { query: { from, to } }, signal })),
    refetchInterval: 60_000,
  });

export const actionsQuery = queryOptions({
  queryKey: ["ocpp-actions"],
  queryFn: ({ signal }) => unwrap(api.GET("/api/v1/ocpp/actions", { signal })),
  staleTime: Infinity,
});

export const factsQuery = (query: FactsAsked, headers = {}) =>
  queryOptions({
    queryKey: ["facts", query, headers],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/facts", { params: { query }, headers, signal })),
    placeholderData: keepPreviousData,
  });

export const commandsQuery = (query: CommandsAsked) =>
  queryOptions({
    queryKey: ["commands", query],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/commands", { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });

export const auditQuery = (query: AuditAsked) =>
  queryOptions({
    queryKey: ["audit", query],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/audit", { params: { query }, signal })),
    placeholderData: keepPreviousData,
  });

export const organisationsQuery = queryOptions({
  queryKey: ["organisations"],
  queryFn: ({ signal }) => unwrap(api.GET("/api/v1/organisations", { params: { query: { limit: 500 } }, signal })),
});

export const usersQuery = (headers = {}) =>
  queryOptions({
    queryKey: ["users", headers],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/users", { params: { query: { limit: 500 } }, headers, signal })),
  });

export const keysQuery = queryOptions({
  queryKey: ["api-keys"],
  queryFn: ({ signal }) => unwrap(api.GET("/api/v1/api-keys", { params: { query: { limit: 500 } }, signal })),
});

export const webSessionsQuery = queryOptions({
  queryKey: ["web-sessions"],
  queryFn: ({ signal }) => unwrap(api.GET("/api/v1/me/web-sessions", { signal })),
});

export const profilesQuery = (identity: string) =>
  queryOptions({
    queryKey: ["profiles", identity],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/stations/{identity}/charging-profiles", { params: { path: { identity } }, signal })),
  });

export const reservationsQuery = (station: string) =>
  queryOptions({
    queryKey: ["reservations", station],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/reservations", { params: { query: { station, limit: 50 } }, signal })),
  });

export const jobsQuery = (station: string, family: "diagnostics" | "firmware" | "log") =>
  queryOptions({
    queryKey: ["jobs", station, family],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/station-jobs", { params: { query: { station, family, limit: 10 } }, signal })),
  });

export const imagesQuery = queryOptions({
  queryKey: ["firmware-images"],
  queryFn: ({ signal }) => unwrap(api.GET("/api/v1/firmware-images", { params: { query: { limit: 100 } }, signal })),
});

export const decisionsQuery = (uid: string) =>
  queryOptions({
    queryKey: ["decisions", uid],
    queryFn: ({ signal }) => unwrap(api.GET("/api/v1/id-tokens/decisions", { params: { query: { uid, limit: 50 } }, signal })),
  });

export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: ({ signal }) => unwrap(api.GET("/api/v1/settings", { signal })),
  staleTime: Infinity,
});
