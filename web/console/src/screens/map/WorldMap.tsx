import { ActionIcon } from "@mantine/core";
import { IconFocusCentered, IconMinus, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { memo, useEffect, useMemo, useRef, useState, type PointerEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Station } from "~/lib/api/client";
import { number } from "~/lib/format";
import { settingsQuery } from "~/lib/queries";
import { STATES, stationState, type State } from "~/lib/status";
import { BORDERS, clusters, LAND, projection, scaleOf, viewOf, type Size, type View } from "./geometry";
import type { Place } from "./MapPage";
import { Tiles } from "./Tiles";
import classes from "./Map.module.css";

const REACH = 34;
const CLOSEST = 20_000; // where one street fills the screen: neighbours must come apart

/** The offline map: land, borders, and rings that show the share of each state. Drag, wheel, buttons. */
export function WorldMap({ places }: { places: Place[] }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const tiles = useQuery(settingsQuery).data?.map_tile_url;
  const box = useRef<SVGSVGElement>(null);
  const fingers = useRef(new Map<number, { x: number; y: number }>());
  const spots = useMemo(() => places.map((of) => {
    const [x = 0, y = 0] = projection([of.location.longitude!, of.location.latitude!]) ?? [];
    return { x, y, of };
  }), [places]);
  const [size, setSize] = useState<Size>({ width: 1000, height: 640 });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const resized = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }));
    resized.observe(element);
    return () => resized.disconnect();
  }, []);
  const whole = useMemo(() => viewOf(spots.map((spot): [number, number] => [spot.x, spot.y]), size), [spots, size]);
  const [moved, setView] = useState<View | null>(null);
  const view = moved ?? whole;
  const zoom = (factor: number, cx = size.width / 2, cy = size.height / 2) => {
    const k = Math.min(CLOSEST, Math.max(0.3, view.k * factor));
    const f = k / view.k;
    setView({ k, x: cx - (cx - view.x) * f, y: cy - (cy - view.y) * f });
  };
  const at = (event: { clientX: number; clientY: number }) => {
    const matrix = box.current?.getScreenCTM()?.inverse();
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
    return { x: point.x, y: point.y };
  };
  const down = (event: PointerEvent) => void fingers.current.set(event.pointerId, at(event));
  const up = (event: PointerEvent) => void fingers.current.delete(event.pointerId);
  /** One finger drags; two zoom by how far apart they are. */
  const move = (event: PointerEvent) => {
    const before = fingers.current.get(event.pointerId);
    if (!before) return;
    const now = at(event);
    const other = [...fingers.current].find(([id]) => id !== event.pointerId)?.[1];
    fingers.current.set(event.pointerId, now);
    if (other) zoom(Math.hypot(now.x - other.x, now.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y)), other.x, other.y);
    else setView({ k: view.k, x: view.x + now.x - before.x, y: view.y + now.y - before.y });
  };
  const wheel = useRef<(event: globalThis.WheelEvent) => void>(undefined);
  wheel.current = (event) => {
    event.preventDefault(); // else the page moves too
    const now = at(event);
    zoom(event.deltaY < 0 ? 1.25 : 0.8, now.x, now.y);
  };
  useEffect(() => {
    const element = box.current;
    const turn = (event: globalThis.WheelEvent) => wheel.current?.(event);
    element?.addEventListener("wheel", turn, { passive: false });
    return () => element?.removeEventListener("wheel", turn);
  }, []);
  const scale = scaleOf(view, size);
  const open = (of: Place[]) => {
    if (of.length === 1) return void navigate({ to: "/stations", search: { location: of[0]!.location.id } as never });
    setView(viewOf(spots.filter((spot) => of.includes(spot.of)).map((spot): [number, number] => [spot.x, spot.y]), size, CLOSEST));
  };
  return (
    <>
      <svg ref={box} className={classes.map} viewBox={`0 0 ${size.width} ${size.height}`} role="group" aria-label={t("map.label")} onPointerDown={down} onPointerMove={move} onPointerUp={up} onPointerCancel={up} onPointerLeave={up}>
        <g transform={`translate(${view.x} ${view.y}) scale(${view.k})`}><World k={view.k} /></g>
        {tiles && <Tiles url={tiles} view={view} size={size} />}
        {clusters(spots, view, REACH).map((cluster) => <Mark key={cluster.of.map((place) => place.location.id).join()} {...cluster} room={size.width} open={() => open(cluster.of)} />)}
      </svg>
      <Legend stations={places.flatMap((place) => place.stations)} />
      <div className={classes.scale} style={{ width: scale.px }} aria-hidden>{scale.km < 1 ? t("map.scale_m", { n: number(scale.km * 1000) }) : t("map.scale", { n: number(scale.km) })}</div>
      <div className={classes.tools}>
        <ActionIcon variant="default" size="lg" aria-label={t("map.zoom_in")} onClick={() => zoom(1.6)}><IconPlus size={18} /></ActionIcon>
        <ActionIcon variant="default" size="lg" aria-label={t("map.zoom_out")} onClick={() => zoom(1 / 1.6)}><IconMinus size={18} /></ActionIcon>
        <ActionIcon variant="default" size="lg" aria-label={t("map.whole")} onClick={() => setView(null)}><IconFocusCentered size={18} /></ActionIcon>
      </div>
    </>
  );
}

const World = memo(({ k }: { k: number }) => (
  <>
    <path className={classes.land} d={LAND} strokeWidth={1 / k} />
    <path className={classes.borders} d={BORDERS} strokeWidth={1 / k} />
  </>
));
World.displayName = "World";

type Shown = State | "offline";

/** How many stations are in which state, the worst first; offline ones last. */
function countsOf(stations: Station[]): [Shown, number][] {
  const counts = new Map<Shown, number>();
  for (const station of stations) {
    const state = station.presence.online ? stationState(station) : "offline";
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return [...STATES, "offline" as const].filter((state) => counts.has(state)).map((state) => [state, counts.get(state)!]);
}

function Legend({ stations }: { stations: Station[] }) {
  const { t } = useTranslation();
  const counts = countsOf(stations);
  if (counts.length === 0) return null;
  return (
    <ul className={classes.legend} aria-label={t("map.legend")}>
      {counts.map(([state, count]) => (
        <li key={state}>
          <i data-state={state === "offline" ? "unknown" : state} data-away={state === "offline" || undefined} aria-hidden />
          {t(state === "offline" ? "presence.offline" : `state.${state}`)} <b>{number(count)}</b>
        </li>
      ))}
    </ul>
  );
}

const LABEL = 36;
const short = (name: string) => (name.length > LABEL ? `${name.slice(0, LABEL - 1).trimEnd()}…` : name);

/** About as wide as the label is drawn; Chinese is as wide as it is high. */
const widthOf = (label: string) => [...label].reduce((sum, letter) => sum + (letter > "\u2e80" ? 12 : 8), 0);

function Mark({ x, y, of, room, open }: { x: number; y: number; of: Place[]; room: number; open: () => void }) {
  const { t } = useTranslation();
  const stations = of.flatMap((place) => place.stations);
  const counts = countsOf(stations);
  const r = 15 + Math.min(9, Math.sqrt(stations.length));
  const around = 2 * Math.PI * r;
  const total = Math.max(1, stations.length);
  let turned = 0;
  const name = of.map((place) => place.location.name).join(", ");
  const label = short(name);
  const half = widthOf(label) / 2;
  const aside = x < 0 || x > room ? 0 : Math.max(half, Math.min(room - half, x)) - x; // a name beside the edge stays on the map
  const said = counts.map(([state, count]) => `${count} ${t(state === "offline" ? "presence.offline" : `state.${state}`)}`).join(", ");
  return (
    <g transform={`translate(${x} ${y})`}>
      <g className={classes.mark} role="button" tabIndex={0} aria-label={`${t("map.stations_at", { count: stations.length, name })}. ${said}`} onClick={open} onKeyDown={(event) => event.key === "Enter" && open()}>
      <title>{`${name}\n${said}`}</title>
      <circle className={classes.disc} r={r} />
      {counts.map(([state, count]) => {
        const share = (count / total) * around;
        const dash = <circle key={state} data-state={state === "offline" ? "unknown" : state} className={`${classes.slice} ${state === "offline" ? classes.away : ""}`} r={r} strokeWidth={6} strokeDasharray={`${share} ${around - share}`} strokeDashoffset={-turned} transform="rotate(-90)" />;
        turned += share;
        return dash;
      })}
      </g>
      <text aria-hidden className={classes.count} fontSize={13}>{stations.length}</text>
      {of.length === 1 && <text aria-hidden className={classes.name} fontSize={12} x={aside} y={r + 18}>{label}</text>}
    </g>
  );
}
