import { Modal, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconBolt, IconChargingPile, IconId, IconMapPin, IconPointer, IconRefresh, IconSearch, type Icon } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { time } from "~/lib/format";
import { EVERYWHERE, locationsQuery, sessionsQuery, stationsQuery, tokensQuery } from "~/lib/queries";
import classes from "./Palette.module.css";

type Hit = { key: string; group: string; label: string; note?: string; icon: Icon; to: string; search?: Record<string, string> };
const PAGES = ["overview", "stations", "map", "sessions", "access", "inbox", "settings"] as const;

/** Ctrl-K: to any station, session, id token, location, page or action. */
export function Palette({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [place, setPlace] = useState(0);
  const hits = useHits(text);
  const at = Math.min(place, hits.length - 1);
  const open = (hit: Hit | undefined) => {
    if (!hit) return;
    close();
    void navigate({ to: hit.to, search: (hit.search ?? {}) as never });
  };
  const key = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setPlace(Math.min(at + 1, hits.length - 1));
    else if (event.key === "ArrowUp") setPlace(Math.max(at - 1, 0));
    else if (event.key === "Enter") open(hits[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Modal opened onClose={close} withCloseButton={false} padding={0} size="lg" centered={false} yOffset="12vh" attributes={{ content: { "aria-label": t("palette.title") } }} transitionProps={{ duration: 0 }}>
      <TextInput
        aria-label={t("palette.title")} placeholder={t("palette.placeholder")} variant="unstyled" size="md" leftSection={<IconSearch size={18} />} className={classes.input} data-autofocus
        value={text} onChange={(event) => { setText(event.currentTarget.value); setPlace(0); }} onKeyDown={key}
        role="combobox" aria-expanded aria-controls="palette-hits" aria-activedescendant={hits[at] ? `hit-${at}` : undefined} autoComplete="off"
      />
      <div id="palette-hits" role="listbox" aria-label={t("palette.title")} className={classes.hits}>
        {hits.length === 0 && <div className={classes.none} role="option" aria-selected="false">{t("palette.nothing", { text })}</div>}
        {hits.map((hit, index) => (
          <div key={hit.key} role="presentation">
            {hit.group !== hits[index - 1]?.group && <div className={classes.group} role="presentation">{hit.group}</div>}
            <div id={`hit-${index}`} role="option" aria-selected={index === at} className={classes.hit} onClick={() => open(hit)} onMouseMove={() => setPlace(index)} ref={(element) => { if (index === at) element?.scrollIntoView({ block: "nearest" }); }}>
              <hit.icon size={18} stroke={1.7} aria-hidden />
              <span>{hit.label}</span>
              {hit.note && <span className={classes.note}>{hit.note}</span>}
            </div>
          </div>
        ))}
      </div>
      <div className={classes.foot}>{t("palette.hint")}</div>
    </Modal>
  );
}

function useHits(text: string): Hit[] {
  const { t } = useTranslation();
  const [wanted] = useDebouncedValue(text.trim(), 120);
  const on = wanted.length > 0;
  const stations = useQuery({ ...stationsQuery({ search: wanted, limit: 6 }, EVERYWHERE), enabled: on }).data?.items ?? [];
  const tokens = useQuery({ ...tokensQuery({ search: wanted, limit: 4 }, EVERYWHERE), enabled: on }).data?.items ?? [];
  const sessions = useQuery({ ...sessionsQuery({ id_token: wanted.slice(0, 20), limit: 4 }, EVERYWHERE), enabled: on }).data?.items ?? [];
  const locations = useQuery(locationsQuery).data?.items ?? [];
  const like = (label: string) => label.toLowerCase().includes(wanted.toLowerCase());
  const hits: Hit[] = PAGES.filter((name) => !on || like(t(`nav.${name}`))).map((name) => ({ key: name, group: t("palette.pages"), label: t(`nav.${name}`), icon: IconPointer, to: name === "overview" ? "/" : `/${name}` }));
  const actions: Hit[] = [
    { key: "add-station", group: t("palette.actions"), label: t("stations.add"), icon: IconChargingPile, to: "/stations", search: { dialog: "add" } },
    { key: "add-token", group: t("palette.actions"), label: t("access.add"), icon: IconId, to: "/access", search: { dialog: "add" } },
  ];
  hits.push(...actions.filter((action) => !on || like(action.label)));
  if (!on) return hits;
  hits.unshift(...stations.map((station): Hit => ({ key: `station-${station.identity}`, group: t("palette.stations"), label: station.identity, note: station.name ?? station.location?.name, icon: IconChargingPile, to: `/stations/${encodeURIComponent(station.identity)}` })));
  hits.push(
    ...sessions.map((session): Hit => ({ key: session.uid, group: t("palette.sessions"), label: t("palette.session_of", { token: session.id_token, station: session.station }), note: time(session.started_at), icon: IconBolt, to: `/sessions/${session.uid}` })),
    ...tokens.map((token): Hit => ({ key: token.id, group: t("palette.tokens"), label: token.uid, note: token.label ?? undefined, icon: IconId, to: "/access", search: { search: token.uid } })),
    ...locations.filter((location) => like(location.name)).slice(0, 4).map((location): Hit => ({ key: location.id, group: t("palette.locations"), label: location.name, note: location.city ?? undefined, icon: IconMapPin, to: "/stations", search: { location: location.id } })),
    ...stations.slice(0, 3).map((station): Hit => ({ key: `reset-${station.identity}`, group: t("palette.actions") + " ", label: t("palette.reset", { name: station.identity }), icon: IconRefresh, to: `/stations/${encodeURIComponent(station.identity)}`, search: { ask: "reset" } })),
  );
  return hits;
}
