/** Lists follow the live stream: what changed at stations makes their pages look again, not more than every 2 s. */
import { useEffect } from "react";
import { live } from "./live";
import { queryClient } from "./queries";

const EVERY_MS = 2_000;

function pulse(): string {
  return live.all().map((station) => station.sessions.map((session) => session.uid).join() + station.presence.online).join("|");
}

export function useLiveRefresh(): void {
  useEffect(() => {
    let before = pulse();
    let timer: number | undefined;
    const look = () => {
      timer ??= window.setTimeout(() => {
        timer = undefined;
        const now = pulse();
        if (now === before) return;
        before = now;
        for (const key of ["sessions", "overview", "facts", "review"]) void queryClient.invalidateQueries({ queryKey: [key] });
      }, EVERY_MS);
    };
    const leave = live.subscribe(look);
    return () => {
      leave();
      window.clearTimeout(timer);
    };
  }, []);
}
