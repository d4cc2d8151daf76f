import {
  IconAlertTriangle, IconBolt, IconBookmark, IconCheck, IconCircle, IconCircleMinus, IconHelpCircle, IconHourglass,
  IconPlayerPause, IconPlug, IconUnlink, type Icon,
} from "@tabler/icons-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Connector, Station } from "~/lib/api/client";
import { duration } from "~/lib/format";
import { asState, presenceOf, STATES, type State } from "~/lib/status";
import { useNow } from "~/lib/now";
import classes from "./Status.module.css";

export const STATE_ICON: Record<State, Icon> = {
  available: IconCircle,
  preparing: IconPlug,
  charging: IconBolt,
  suspended_ev: IconPlayerPause,
  suspended_evse: IconPlayerPause,
  finishing: IconCheck,
  reserved: IconBookmark,
  unavailable: IconCircleMinus,
  faulted: IconAlertTriangle,
  unknown: IconHelpCircle,
};

type PillProps = { state: State; online?: boolean; number?: number; detail?: string | null };

/** Colour, icon and word, always all three; hatched when it is only what was last known. */
export function StatusPill({ state, online = true, number, detail }: PillProps) {
  const { t } = useTranslation();
  const Mark = STATE_ICON[state];
  const word = t(`state.${state}`) + (detail ? `: ${detail}` : "");
  const title = online ? word : t("presence.last_known", { state: word });
  const seen = useRef({ state, changes: 0 });
  if (seen.current.state !== state) seen.current = { state, changes: seen.current.changes + 1 };
  return (
    <span key={seen.current.changes} data-changed={seen.current.changes > 0} className={classes.pill} data-state={state} data-live={state === "charging" && online} data-last-known={!online} title={title}>
      {number !== undefined && <span className={classes.number}>{number}</span>}
      <Mark size={14} stroke={2.2} aria-hidden />
      <span>{word}</span>
    </span>
  );
}

/** What a faulted connector says of itself, in words where we know them. */
export function useFaultWords(): (connector: Connector | null | undefined) => string | null {
  const { t, i18n } = useTranslation();
  return (connector) => {
    if (!connector || asState(connector.status) !== "faulted") return null;
    const code = connector.error_code;
    if (code && i18n.exists(`fault.${code}`)) return t(`fault.${code}` as "fault.OtherError");
    return connector.info ?? code ?? null;
  };
}

const MOST_IN_LINE = 2;

/** The connectors of a station as pills, numbered when there is more than one; in a line the worst come first and the rest are counted. */
export function StationPills({ station, line = false }: { station: Station; line?: boolean }) {
  const { t } = useTranslation();
  const words = useFaultWords();
  const parts = station.evses.flatMap((evse) => evse.connectors.map((connector) => ({ evse: evse.number, connector })));
  if (parts.length === 0) return <StatusPill state="unknown" online={station.presence.online} />;
  const badness = (part: (typeof parts)[number]) => STATES.indexOf(asState(part.connector.status));
  const shown = line && parts.length > MOST_IN_LINE ? [...parts].sort((a, b) => badness(a) - badness(b)).slice(0, MOST_IN_LINE) : parts;
  const rest = parts.filter((part) => !shown.includes(part));
  return (
    <span className={line ? classes.line : classes.pills}>
      {shown.map(({ evse, connector }) => (
        <StatusPill
          key={`${evse}-${connector.number}`}
          state={asState(connector.status)}
          online={station.presence.online}
          number={parts.length > 1 ? evse : undefined}
          detail={words(connector)}
        />
      ))}
      {rest.length > 0 && <span className={classes.more} title={rest.map((part) => `${part.evse}: ${t(`state.${asState(part.connector.status)}`)}`).join("\n")}>+{rest.length}</span>}
    </span>
  );
}

export function PresenceMark({ station }: { station: Station }) {
  const { t } = useTranslation();
  const presence = presenceOf(station);
  const now = useNow(presence === "offline" ? 10_000 : 0);
  const since = station.presence.disconnected_at ?? station.presence.seen_at;
  return (
    <span className={classes.presence} data-presence={presence}>
      {presence === "online" && <span className={classes.dot} aria-hidden />}
      {presence === "offline" && <IconUnlink size={16} aria-hidden />}
      {presence === "new" && <IconHourglass size={16} aria-hidden />}
      {presence === "offline" && since
        ? t("presence.offline_for", { time: duration(now - Date.parse(since)) })
        : t(`presence.${presence}`)}
    </span>
  );
}
