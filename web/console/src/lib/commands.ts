/** Commands on their way: waiting → sent → accepted → confirmed by what the station did next. */
import { useSyncExternalStore } from "react";
import { api, asProblem, ProblemError, unwrap, type Command, type Station } from "./api/client";
import { live } from "./live";
import { queryClient } from "./queries";

export type Verb =
  | "start" | "stop" | "reset" | "unlock" | "change-availability" | "trigger" | "get-configuration"
  | "change-configuration" | "clear-cache" | "data-transfer";
export type Stage = "placing" | "waiting" | "sent" | "accepted" | "confirmed" | "refused" | "failed" | "expired";
export type Tracked = {
  key: number;
  station: string;
  verb: string;
  stage: Stage;
  placedAt: number;
  settledAt?: number;
  command?: Command;
  /** The station's own word (`Rejected`), or why it could not even be placed. */
  said?: string;
};
type Confirmed = (before: Station | undefined, now: Station) => boolean;

const POLL_MS = 350;
const CONFIRM_WITHIN_MS = 60_000;
const FINAL: Stage[] = ["confirmed", "refused", "failed", "expired"];

let tracked: Tracked[] = [];
let nextKey = 1;
const listeners = new Set<() => void>();

function change(key: number, what: Partial<Tracked>): void {
  tracked = tracked.map((item) => (item.key === key ? { ...item, ...what } : item));
  for (const listener of listeners) listener();
}

export function useCommands(): Tracked[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => tracked,
  );
}

export function dismiss(key: number): void {
  tracked = tracked.filter((item) => item.key !== key);
  for (const listener of listeners) listener();
}

export function isFinal(stage: Stage): boolean {
  return FINAL.includes(stage);
}

/** Place one of our verbs; resolves when it is settled (and confirmed, where the station's doing shows that). */
export async function place(station: string, verb: Verb, payload: Record<string, unknown>): Promise<Tracked> {
  const path = `/api/v1/stations/{identity}/commands/${verb}` as "/api/v1/stations/{identity}/commands/reset";
  return follow(station, verb, confirmation(verb, payload), () =>
    unwrap(api.POST(path, { params: { path: { identity: station } }, body: payload as never })),
  );
}

/** Place a raw OCPP action, sent now or never. */
export async function placeRaw(station: string, action: string, payload: unknown): Promise<Tracked> {
  return follow(station, action, undefined, async () => {
    const answer = await unwrap(
      api.POST("/api/v1/stations/{identity}/ocpp/{action}", {
        params: { path: { identity: station, action } },
        body: payload as Record<string, never>,
      }),
    );
    return answer as unknown as Command;
  });
}

/** Ask for something that the server turns into a command: a reservation, a limit, a job; resolves like `place`. */
export async function placeFor(station: string, verb: string, ask: () => Promise<{ command_id: string | null }>): Promise<Tracked> {
  return follow(station, verb, undefined, async () => {
    const { command_id } = await ask();
    if (command_id === null) throw new ProblemError(0, "unexpected", "");
    return unwrap(api.GET("/api/v1/commands/{command_id}", { params: { path: { command_id } } }));
  });
}

/** Like `placeFor`, for what answers with the command itself. */
export async function placeCommand(station: string, verb: string, ask: () => Promise<Command>): Promise<Tracked> {
  return follow(station, verb, undefined, ask);
}

async function follow(station: string, verb: string, confirmed: Confirmed | undefined, ask: () => Promise<Command>): Promise<Tracked> {
  const key = nextKey++;
  const before = live.get(station);
  tracked = [...tracked, { key, station, verb, stage: "placing", placedAt: Date.now() }];
  change(key, {});
  try {
    let command = await ask();
    while (command.state === "pending" || command.state === "sent") {
      change(key, { command, stage: command.state === "sent" ? "sent" : "waiting" });
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      command = await unwrap(api.GET("/api/v1/commands/{command_id}", { params: { path: { command_id: command.id } } }));
    }
    settle(key, command);
    void queryClient.invalidateQueries({ queryKey: ["commands"] });
    if (command.state === "accepted" && confirmed) await confirm(key, station, before, confirmed);
  } catch (error) {
    const problem = asProblem(error);
    change(key, { stage: "failed", settledAt: Date.now(), said: problem.detail || problem.code });
  }
  return tracked.find((item) => item.key === key) ?? { key, station, verb, stage: "failed", placedAt: 0 };
}

function settle(key: number, command: Command): void {
  const stages = { accepted: "accepted", rejected: "refused", failed: "failed", expired: "expired" } as const;
  const status = command.answer?.status;
  change(key, {
    command,
    stage: stages[command.state as keyof typeof stages] ?? "failed",
    settledAt: Date.now(),
    said: typeof status === "string" ? status : (command.error_description || command.error_code || undefined),
  });
}

function confirm(key: number, station: string, before: Station | undefined, confirmed: Confirmed): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      const now = live.get(station);
      if (now && confirmed(before, now)) {
        change(key, { stage: "confirmed", settledAt: Date.now() });
        stop();
      }
    };
    const leave = live.subscribe(check);
    const timer = window.setTimeout(() => stop(), CONFIRM_WITHIN_MS);
    const stop = () => {
      leave();
      window.clearTimeout(timer);
      resolve();
    };
    check();
  });
}

function confirmation(verb: Verb, payload: Record<string, unknown>): Confirmed | undefined {
  const evse = payload.evse as number | undefined;
  switch (verb) {
    case "start":
      return (before, now) => now.sessions.some((session) => !before?.sessions.some((old) => old.uid === session.uid) && (!evse || session.evse === evse));
    case "stop":
      return (_, now) => !now.sessions.some((session) => session.uid === payload.session);
    case "reset":
      return (before, now) => now.boot.booted_at !== null && now.boot.booted_at !== before?.boot.booted_at;
    case "change-availability":
      return (_, now) => {
        const parts = now.evses.filter((part) => !evse || part.number === evse).flatMap((part) => part.connectors);
        return parts.length > 0 && parts.every((part) => (part.status === "unavailable") !== payload.available);
      };
    default:
      return undefined;
  }
}
