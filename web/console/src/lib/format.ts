/** Numbers, units and times in the reader's language; never more digits than meaning. */
export type Lang = "en" | "zh";

const LOCALE: Record<Lang, string> = { en: "en-GB", zh: "zh-CN" };
let lang: Lang = "en";
export function setFormatLanguage(next: Lang): void {
  lang = next;
}

const cache = new Map<string, Intl.NumberFormat>();
export function number(value: number, digits = 0): string {
  const key = `${lang}:${digits}`;
  let format = cache.get(key);
  if (!format) {
    format = new Intl.NumberFormat(LOCALE[lang], { minimumFractionDigits: digits, maximumFractionDigits: digits });
    cache.set(key, format);
  }
  return format.format(value);
}

export type Quantity = { value: string; unit: string };

export function energy(wh: number): Quantity {
  if (Math.abs(wh) >= 1e8) return { value: number(wh / 1e6, 0), unit: "MWh" };
  if (Math.abs(wh) >= 1e6) return { value: number(wh / 1e6, 2), unit: "MWh" };
  return { value: number(wh / 1000, Math.abs(wh) >= 1e5 ? 0 : Math.abs(wh) >= 1e4 ? 1 : 2), unit: "kWh" };
}

export function power(w: number): Quantity {
  if (Math.abs(w) >= 1e6) return { value: number(w / 1e6, 2), unit: "MW" };
  return { value: number(w / 1000, Math.abs(w) >= 1e5 ? 0 : 1), unit: "kW" };
}

/** What a plug can give, without the digits of a measurement. */
export function rated(w: number): Quantity {
  return { value: number(w / 1000, w % 1000 === 0 ? 0 : 1), unit: "kW" };
}

export function text(quantity: Quantity): string {
  return `${quantity.value}\u202f${quantity.unit}`;
}

/** `0:48`, `1:02:09` for what runs; seconds only below an hour when asked. */
export function clock(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const h = Math.floor(s / 3600);
  const m = Math.floor((s % 3600) / 60);
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

/** `12 min`, `3 h`, `2 d`: how long, coarsely. */
export function duration(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  const units: [number, string, string][] = [
    [86_400, "d", " 天"],
    [3_600, "h", " 小时"],
    [60, "min", " 分钟"],
    [1, "s", " 秒"],
  ];
  const [size, en, zh] = units.find(([unit]) => s >= unit * (unit === 86_400 ? 2 : 1)) ?? units[3]!;
  const count = Math.floor(s / size);
  return lang === "zh" ? `${count}${zh}` : `${count} ${en}`;
}

type Style = "time" | "seconds" | "date" | "datetime" | "full";
const STYLES: Record<Style, Intl.DateTimeFormatOptions> = {
  time: { hour: "2-digit", minute: "2-digit", hour12: false },
  seconds: { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false },
  date: { year: "numeric", month: "short", day: "numeric" },
  datetime: { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false },
  full: {
    year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit",
    hour12: false, timeZoneName: "short",
  },
};
const dates = new Map<string, Intl.DateTimeFormat>();

export function time(at: string | number | Date, style: Style = "datetime", zone?: string): string {
  const key = `${lang}:${style}:${zone ?? ""}`;
  let format = dates.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(LOCALE[lang], { ...STYLES[style], timeZone: zone });
    dates.set(key, format);
  }
  return format.format(new Date(at));
}

/** `2026-11-23`: the day it is where the reader is. */
export function today(): string {
  return new Date().toLocaleDateString("sv");
}

/** `33 min`, `2 h 05 min`: how long something took, once it is over. */
export function took(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 2) return duration(ms);
  const [h, m] = [Math.floor(minutes / 60), minutes % 60];
  const [hours, mins] = lang === "zh" ? ["小时", "分"] : ["h", "min"];
  return h > 0 ? `${h}\u00a0${hours} ${String(m).padStart(2, "0")}\u00a0${mins}` : `${m}\u00a0${lang === "zh" ? "分钟" : mins}`;
}

export function zoneName(zone?: string): string {
  const parts = new Intl.DateTimeFormat(LOCALE[lang], { timeZone: zone, timeZoneName: "short" }).formatToParts(new Date());
  return parts.find((part) => part.type === "timeZoneName")?.value ?? zone ?? "";
}

export function countryName(code: string): string {
  try {
    return new Intl.DisplayNames([LOCALE[lang]], { type: "region" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** Who it was, without the address behind the name. */
export function nameOf(actor: string): string {
  return actor.replace(/ <.*>$/, "");
}
