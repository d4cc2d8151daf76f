import { useTranslation } from "react-i18next";
import type { Station } from "~/lib/api/client";
import { power } from "~/lib/format";
import { asState, powerOf, stationState, worst } from "~/lib/status";
import { PlugMark } from "./Plug";
import classes from "./StationDrawing.module.css";

const PLUGGED = new Set(["preparing", "charging", "suspended_ev", "suspended_evse", "finishing"]);
const MOST = 4;

/** The station with its plugs, each in the colour of its state; what it gives now on its screen. */
export function StationDrawing({ station }: { station: Station }) {
  const { t } = useTranslation();
  const online = station.presence.online;
  const evses = station.evses.slice(0, MOST);
  const state = stationState(station);
  const now = power(powerOf(station));
  const words = station.evses.map((evse) => {
    const of = worst(evse.connectors.map((part) => asState(part.status)));
    return `${t("word.evse", { number: evse.number })}: ${t(`state.${of}`)}`;
  });
  return (
    <svg className={`${classes.drawing} ${online ? "" : classes.away}`} viewBox="0 0 260 250" role="img" aria-label={words.join(", ")}>
      <rect className={classes.foot} x="62" y="226" width="136" height="8" rx="4" />
      <rect className={classes.body} x="76" y="12" width="108" height="216" rx="14" />
      <g data-state={online ? state : "unknown"}>
        <rect className={classes.bar} x="92" y="24" width="76" height="5" rx="2.5" />
      </g>
      <rect className={classes.screen} x="92" y="40" width="76" height="52" rx="6" />
      <text className={classes.figure} x="130" y="66">{online ? now.value : "–"}</text>
      <text className={classes.word} x="130" y="82">{online ? now.unit : t("presence.offline")}</text>
      {evses.map((evse, index) => {
        const connector = evse.connectors[0];
        const of = worst(evse.connectors.map((part) => asState(part.status)));
        const left = index % 2 === 0;
        const row = Math.floor(index / 2);
        const y = 130 + row * 56;
        const x = left ? 30 : 230;
        const inner = left ? 76 : 184;
        return (
          <g key={evse.number} data-state={of} data-plugged={PLUGGED.has(of)} className={classes.part}>
            <path className={classes.cable} d={`M${inner} ${y - 14} C ${inner + (left ? -26 : 26)} ${y - 14}, ${x} ${y - 44}, ${x} ${y - 20}`} />
            <circle className={classes.socket} cx={x} cy={y} r="20" />
            <g transform={`translate(${x - 12} ${y - 12})`}><PlugMark standard={connector?.standard ?? null} /></g>
            <text className={classes.number} x={left ? 100 : 160} y={y - 10}>{evse.number}</text>
          </g>
        );
      })}
    </svg>
  );
}
