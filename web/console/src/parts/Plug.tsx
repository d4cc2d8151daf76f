/** Connector pictograms, drawn in one style: the face of the inlet, pins as dots, 24 × 24. */
import type { ReactNode } from "react";
import type { Schemas } from "~/lib/api/client";

const dot = (x: number, y: number, r = 1.5) => <circle key={`${x}-${y}`} cx={x} cy={y} r={r} fill="currentColor" stroke="none" />;
const D_FACE = "M5 8.5C5 5.5 8 3.5 12 3.5s7 2 7 5-2.5 7-7 7-7-4-7-7Z";

const type1 = <><circle cx="12" cy="12" r="8.5" />{dot(9, 9.5)}{dot(15, 9.5)}{dot(8, 13.6, 1.1)}{dot(16, 13.6, 1.1)}{dot(12, 16, 1.7)}</>;
const type2 = <><path d="M4.5 7.2h15c1 1.7 1.5 3.4 1.5 5.2A9 9 0 0 1 12 21a9 9 0 0 1-9-8.6c0-1.8.5-3.5 1.5-5.2Z" />{dot(9.3, 10, 1.1)}{dot(14.7, 10, 1.1)}{dot(7, 13.5)}{dot(12, 13.5)}{dot(17, 13.5)}{dot(9.5, 17.2)}{dot(14.5, 17.2)}</>;
const dcPins = <><rect x="4.5" y="16" width="15" height="6.5" rx="3.25" />{dot(8.5, 19.25, 1.7)}{dot(15.5, 19.25, 1.7)}</>;
const ccs1 = <><circle cx="12" cy="8" r="6.5" />{dot(9.8, 6.2, 1.2)}{dot(14.2, 6.2, 1.2)}{dot(12, 10.8, 1.3)}{dcPins}</>;
const ccs2 = <><path d={D_FACE} transform="translate(0 -2)" />{dot(9, 6, 1.1)}{dot(15, 6, 1.1)}{dot(12, 6.5, 1.1)}{dot(10.2, 10, 1.1)}{dot(13.8, 10, 1.1)}{dcPins}</>;
const chademo = <><circle cx="12" cy="12" r="9" /><circle cx="7.5" cy="12" r="2.2" /><circle cx="16.5" cy="12" r="2.2" />{dot(12, 7.2, 1.2)}{dot(12, 16.8, 1.2)}{dot(12, 12, 1)}</>;
const gbtAc = <><path d="M5 6h14c1.3 1.8 2 3.8 2 6a9 9 0 0 1-18 0c0-2.2.7-4.2 2-6Z" />{dot(8.5, 9.2, 1.2)}{dot(15.5, 9.2, 1.2)}{dot(7, 13.2)}{dot(12, 13.2)}{dot(17, 13.2)}{dot(9.5, 17)}{dot(14.5, 17)}</>;
const gbtDc = <><circle cx="12" cy="12" r="9" />{dot(7.5, 11, 2)}{dot(16.5, 11, 2)}{dot(12, 7, 1.3)}{dot(9, 16.5, 1.1)}{dot(12, 17.3, 1.1)}{dot(15, 16.5, 1.1)}{dot(12, 12.5, 1.1)}</>;
const schuko = <><circle cx="12" cy="12" r="9" />{dot(8, 12, 1.6)}{dot(16, 12, 1.6)}<path d="M12 3v3.2M12 17.8V21" /></>;
const nacs = <><path d="M12 3c3.3 0 6.5 2 6.5 5.5V14c0 4-3 7-6.5 7s-6.5-3-6.5-7V8.5C5.5 5 8.7 3 12 3Z" />{dot(9.2, 9, 1.9)}{dot(14.8, 9, 1.9)}{dot(8.8, 14.3, 1.1)}{dot(15.2, 14.3, 1.1)}{dot(12, 16.5, 1.4)}</>;
const unknown = <><path d="M9 3v4M15 3v4M7 7h10v4a5 5 0 0 1-10 0V7ZM12 16v5" /></>;

const DRAWINGS: Record<string, ReactNode> = {
  type1, type2, ccs1, ccs2, chademo, gbt_ac: gbtAc, gbt_dc: gbtDc, schuko, nacs,
};
const DRAWN: Record<string, string> = {
  IEC_62196_T1: "type1", IEC_62196_T2: "type2", IEC_62196_T1_COMBO: "ccs1", IEC_62196_T2_COMBO: "ccs2", CHADEMO: "chademo",
  GBT_AC: "gbt_ac", GBT_DC: "gbt_dc", DOMESTIC_F: "schuko", NACS: "nacs", TESLA_S: "nacs",
};
type Standard = NonNullable<Schemas["ConnectorChange"]["standard"]>;

/** OCPI's connector types by the names people know them by; the common ones first. */
const NAMES: Record<Standard, string> = {
  IEC_62196_T2: "Type 2", IEC_62196_T2_COMBO: "CCS2", GBT_AC: "GB/T AC", GBT_DC: "GB/T DC", IEC_62196_T1: "Type 1", IEC_62196_T1_COMBO: "CCS1",
  NACS: "NACS", CHADEMO: "CHAdeMO", CHAOJI: "ChaoJi", MCS: "MCS", TESLA_S: "Tesla S", DOMESTIC_F: "Schuko", IEC_62196_T3A: "Type 3A", IEC_62196_T3C: "Type 3C",
  IEC_60309_2_single_16: "IEC 60309 1 × 16 A", IEC_60309_2_three_16: "IEC 60309 3 × 16 A", IEC_60309_2_three_32: "IEC 60309 3 × 32 A", IEC_60309_2_three_64: "IEC 60309 3 × 64 A",
  DOMESTIC_A: "Domestic A", DOMESTIC_B: "Domestic B", DOMESTIC_C: "Domestic C", DOMESTIC_D: "Domestic D", DOMESTIC_E: "Domestic E", DOMESTIC_G: "Domestic G",
  DOMESTIC_I: "Domestic I", DOMESTIC_J: "Domestic J", DOMESTIC_L: "Domestic L",
};
export const STANDARDS = Object.keys(NAMES) as Standard[];

export function plugName(standard: string | null): string | null {
  return NAMES[standard as Standard] ?? standard;
}

export function PlugMark({ standard, size = 24 }: { standard: string | null; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth={1.6} strokeLinecap="round" strokeLinejoin="round" aria-hidden>
      {DRAWINGS[DRAWN[standard ?? ""] ?? ""] ?? unknown}
    </svg>
  );
}
