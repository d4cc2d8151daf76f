/** The API: one typed client, one error. Whatever goes wrong becomes a `ProblemError`. */
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Station = Schemas["StationOut"];
export type Evse = Schemas["EvseOut"];
export type Connector = Schemas["ConnectorOut"];
export type ActiveSession = Schemas["ActiveSessionOut"];
export type Session = Schemas["SessionOut"];
export type Reading = Schemas["ReadingOut"];
export type Command = Schemas["CommandOut"];
export type Frame = Schemas["FrameOut"];
export type IdToken = Schemas["IdTokenOut"];
export type Location = Schemas["LocationOut"];
export type Organisation = Schemas["OrganisationOut"];
export type User = Schemas["UserOut"];
export type ApiKey = Schemas["ApiKeyOut"];
export type AuditEntry = Schemas["AuditEntryOut"];
export type ReviewItem = Schemas["ReviewItemOut"];
export type UnknownStation = Schemas["UnknownStationOut"];
export type Fact = Schemas["FactOut"];
export type Me = Schemas["Me"];

export type Page<T> = { items: T[]; total: number; offset: number; limit: number };

export type FieldError = { in: string; field: string; code: string; message: string };

/** An RFC 9457 problem, or `unreachable` when there was no answer at all. */
export class ProblemError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly errors: FieldError[] = [],
    readonly facts: Record<string, unknown> = {},
  ) {
    super(detail || code);
  }
}

export const api = createClient<paths>({ baseUrl: "/", headers: { Accept: "application/json" } });

type Answer<T> = { data?: T; error?: unknown; response: Response };

let onSignedOut: () => void = () => undefined;
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/** The data of an answer; throws ProblemError. */
export async function unwrap<T>(asked: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ProblemError(0, "unreachable", "");
  }
  if (answer.response.ok) return answer.data as T;
  if (answer.response.status === 401 && !answer.response.url.endsWith("/sign-in")) onSignedOut();
  throw problemOf(answer.response.status, answer.error);
}

function problemOf(status: number, body: unknown): ProblemError {
  const problem = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  return new ProblemError(
    status,
    String(problem.code ?? "unexpected"),
    String(problem.detail ?? problem.title ?? ""),
    Array.isArray(problem.errors) ? (problem.errors as FieldError[]) : [],
    problem,
  );
}

/** What went wrong, as a ProblemError whatever it was. */
export function asProblem(error: unknown): ProblemError {
  return error instanceof ProblemError ? error : new ProblemError(0, "unexpected", String(error));
}
