/** The world, bundled: outlines of land and borders, projected once. */
import { geoMercator, geoPath, type GeoProjection } from "d3-geo";
import { feature, mesh } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import world from "world-atlas/countries-50m.json";

export const WIDTH = 1000;
export const HEIGHT = 640;

const topology = world as unknown as Topology<{ countries: GeometryCollection; land: GeometryCollection }>;
export const projection: GeoProjection = geoMercator().scale(WIDTH / (2 * Math.PI)).translate([WIDTH / 2, HEIGHT * 0.6]);
const path = geoPath(projection);
export const LAND = path(feature(topology, topology.objects.land)) ?? "";
export const BORDERS = path(mesh(topology, topology.objects.countries, (a, b) => a !== b)) ?? "";

export type View = { k: number; x: number; y: number };
export type Size = { width: number; height: number };
export type Spot<T> = { x: number; y: number; of: T };

const DISTRICT = 40;
const NO_DISTANCE = 1e-9;

/** Show all of these points (in map units), with some air around them. */
export function viewOf(points: [number, number][], size: Size, closest = DISTRICT): View {
  if (points.length === 0) return { k: 1, x: 0, y: 0 };
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const air = Math.min(0.7, Math.max(0.4, 1 - 190 / size.width)); // names need room beside their rings
  const k = Math.min(closest, air * Math.min(size.width / Math.max(right - left, NO_DISTANCE), size.height / Math.max(bottom - top, NO_DISTANCE)));
  return { k, x: size.width / 2 - (k * (left + right)) / 2, y: size.height / 2 - (k * (top + bottom)) / 2 };
}

const EQUATOR_KM = 40_075;
const SCALE_PX = 110;

/** A round distance and how long it is on the screen, in the middle of the view. */
export function scaleOf(view: View, size: Size): { km: number; px: number } {
  const [, latitude = 0] = projection.invert?.([(size.width / 2 - view.x) / view.k, (size.height / 2 - view.y) / view.k]) ?? [];
  const pxPerKm = (view.k * WIDTH) / (EQUATOR_KM * Math.cos((Math.max(-80, Math.min(80, latitude)) * Math.PI) / 180));
  const most = SCALE_PX / pxPerKm;
  const ten = 10 ** Math.floor(Math.log10(most));
  const km = ([5, 2, 1].find((step) => step * ten <= most) ?? 1) * ten;
  return { km, px: km * pxPerKm };
}

/** Neighbours within `reach` (screen units) become one. */
export function clusters<T>(spots: Spot<T>[], view: View, reach: number): { x: number; y: number; of: T[] }[] {
  const found: { x: number; y: number; of: T[] }[] = [];
  for (const spot of spots) {
    const x = spot.x * view.k + view.x;
    const y = spot.y * view.k + view.y;
    const near = found.find((one) => Math.hypot(one.x - x, one.y - y) < reach);
    if (near) near.of.push(spot.of);
    else found.push({ x, y, of: [spot.of] });
  }
  return found;
}
