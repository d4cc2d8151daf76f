/** A frame in a few words: what of its payload matters at a glance. */
import type { Frame } from "./api/client";
import { number, power, text } from "./format";

type Json = Record<string, unknown>;

export function payloadOf(wire: unknown): unknown {
  return Array.isArray(wire) ? (wire[0] === 2 ? wire[3] : wire[0] === 3 ? wire[2] : wire.slice(2)) : wire;
}

/** A meter counts on for years: what changes from reading to reading must stay visible. */
const register = (wh: number) => `${number(wh / 1000, 2)}\u202fkWh`;

function meter(payload: Json): string[] {
  const values = payload.meterValue as { sampledValue?: { measurand?: string; phase?: string; value: string; unit?: string }[] }[] | undefined;
  const said: string[] = [];
  for (const sample of values?.[0]?.sampledValue ?? []) {
    if (sample.phase) continue;
    const scale = sample.unit?.startsWith("k") ? 1000 : 1;
    const value = Number(sample.value);
    if (sample.measurand === undefined || sample.measurand === "Energy.Active.Import.Register") said.push(register(value * scale));
    if (sample.measurand === "Power.Active.Import") said.push(text(power(value * scale)));
    if (sample.measurand === "SoC") said.push(`${Math.round(value)} %`);
  }
  return said;
}

export function gist(frame: Frame): string {
  const payload = payloadOf(frame.call);
  if (typeof payload !== "object" || payload === null) return "";
  const call = payload as Json;
  const answer = (payloadOf(frame.answer) ?? {}) as Json;
  const parts: unknown[] = [];
  if (call.connectorId !== undefined) parts.push(`#${String(call.connectorId)}`);
  if (frame.action === "MeterValues") parts.push(...meter(call));
  const info = answer.idTagInfo as Json | undefined;
  parts.push(call.idTag, call.status, call.errorCode === "NoError" ? undefined : call.errorCode, call.type, call.requestedMessage, call.key !== undefined && !Array.isArray(call.key) ? call.key : undefined);
  if (call.meterStart !== undefined) parts.push(register(Number(call.meterStart)));
  if (call.meterStop !== undefined) parts.push(register(Number(call.meterStop)));
  parts.push(call.reason, call.chargePointModel, call.vendorId);
  const said = parts.filter((part) => part !== undefined && part !== null && part !== "").join(" · ");
  const status = info?.status ?? answer.status;
  return status !== undefined ? `${said} → ${String(status)}`.trim() : said;
}
