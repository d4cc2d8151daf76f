/** Who is signed in, and leaving. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, unwrap, type Me } from "~/lib/api/client";
import { live } from "~/lib/live";
import { meQuery } from "~/lib/queries";

export function useMe(): Me | null {
  return useQuery(meQuery).data ?? null;
}

export function useSignOut(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await unwrap(api.POST("/api/v1/sign-out"));
    live.stop();
    client.clear();
    client.setQueryData(meQuery.queryKey, null);
    window.location.assign("/sign-in");
  };
}
