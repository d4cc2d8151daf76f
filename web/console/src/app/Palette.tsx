import { Modal, TextInput, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import {
  IconBolt, IconChargingPile, IconClipboardCheck, IconFileImport, IconId, IconKeyboard, IconLanguage, IconLogout, IconMapPin, IconMessages,
  IconMoon, IconPlugConnected, IconRefresh, IconSearch, IconSettings, IconSun, type Icon,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { speak } from "~/i18n";
import { may, type Right } from "~/lib/can";
import { time } from "~/lib/format";
import { EVERYWHERE, locationsQuery, sessionsQuery, stationsQuery, tokensQuery } from "~/lib/queries";
import { useEntries } from "./entries";
import { useMe, useSignOut } from "./session";
import classes from "./Palette.module.css";

type Hit = { key: string; group: string; label: string; note?: string; icon: Icon; to?: string; search?: Record<string, string>; run?: () => void };

/** Ctrl-K: to any station, session, id token, location, page or action. */
export function Palette({ close, help }: { close: () => void; help: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [place, setPlace] = useState(0);
  const { hits, searching } = useHits(text, help);
  const [eager, hurry] = useState(false);
  const at = Math.min(place, hits.length - 1);
  const open = (hit: Hit | undefined) => {
    if (!hit) return;
    close();
    if (hit.run) hit.run();
    else void navigate({ to: hit.to!, search: (hit.search ?? {}) as never });
  };
  // Enter may come before what is found does: it means the first of what was typed, not of what stood there before
  useEffect(() => {
    if (!eager || searching) return;
    hurry(false);
    open(hits[at]);
  }, [eager, searching]);
  const key = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setPlace(Math.min(at + 1, hits.length - 1));
    else if (event.key === "ArrowUp") setPlace(Math.max(at - 1, 0));
    else if (event.key === "Enter") hurry(true);
    else return;
    event.preventDefault();
  };
  return (
    <Modal opened onClose={close} withCloseButton={false} padding={0} size="lg" centered={false} yOffset="12vh" attributes={{ content: { "aria-label": t("palette.title") } }} transitionProps={{ duration: 0 }}>
      <TextInput
        aria-label={t("palette.title")} placeholder={t("palette.placeholder")} variant="unstyled" size="md" leftSection={<IconSearch size={18} />} className={classes.input} data-autofocus
        value={text} onChange={(event) => { setText(event.currentTarget.value); setPlace(0); hurry(false); }} onKeyDown={key}
        role="combobox" aria-expanded aria-controls="palette-hits" aria-activedescendant={hits[at] ? `hit-${at}` : undefined} autoComplete="off"
      />
      <div id="palette-hits" role="listbox" aria-label={t("palette.title")} className={classes.hits}>
        {hits.length === 0 && <div className={classes.none} role="option" aria-selected="false">{searching ? t("word.loading") : t("palette.nothing", { text })}</div>}
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

function useHits(text: string, help: () => void): { hits: Hit[]; searching: boolean } {
  const { t } = useTranslation();
  const me = useMe();
  const [wanted] = useDebouncedValue(text.trim(), 120);
  const on = wanted.length > 0;
  const asked = [
    useQuery({ ...stationsQuery({ search: wanted, limit: 6 }, EVERYWHERE), enabled: on }),
    useQuery({ ...tokensQuery({ search: wanted, limit: 4 }, EVERYWHERE), enabled: on && may(me, "id_tokens.read") }),
    useQuery({ ...sessionsQuery({ id_token: wanted.slice(0, 20), limit: 4 }, EVERYWHERE), enabled: on && may(me, "identities.read") }),
  ] as const;
  const searching = text.trim() !== wanted || asked.some((one) => one.isFetching && (one.isPending || one.isPlaceholderData));
  const [stations, tokens, sessions] = [asked[0].data?.items ?? [], asked[1].data?.items ?? [], asked[2].data?.items ?? []];
  const locations = useQuery(locationsQuery).data?.items ?? [];
  const like = (hit: { label: string }) => hit.label.toLowerCase().includes(wanted.toLowerCase());
  const pages = usePages();
  const actions = useActions(help);
  if (!on) return { searching, hits: [...pages.filter((page) => !page.deep), ...actions.filter((action) => !action.deep)] };
  const station = (identity: string) => `/stations/${encodeURIComponent(identity)}`;
  const [reset, frames] = [may(me, "commands.operate"), may(me, "messages.read")];
  const hits = [
    ...stations.map((one): Hit => ({ key: `station-${one.identity}`, group: t("palette.stations"), label: one.identity, note: one.name ?? one.location?.name, icon: IconChargingPile, to: station(one.identity) })),
    ...pages.filter(like), ...actions.filter(like),
    ...sessions.map((session): Hit => ({ key: session.uid, group: t("palette.sessions"), label: t("palette.session_of", { token: session.id_token, station: session.station }), note: time(session.started_at), icon: IconBolt, to: `/sessions/${session.uid}` })),
    ...tokens.map((token): Hit => ({ key: token.id, group: t("palette.tokens"), label: token.uid, note: token.label ?? undefined, icon: IconId, to: "/access", search: { search: token.uid } })),
    ...locations.filter((location) => like({ label: location.name })).slice(0, 4).map((location): Hit => ({ key: location.id, group: t("palette.locations"), label: location.name, note: location.city ?? undefined, icon: IconMapPin, to: "/stations", search: { location: location.id } })),
    ...stations.slice(0, 2).flatMap((one): Hit[] => [
      ...(reset ? [{ key: `reset-${one.identity}`, group: t("palette.there"), label: t("palette.reset", { name: one.identity }), icon: IconRefresh, to: station(one.identity), search: { ask: "reset" } }] : []),
      ...(frames ? [{ key: `frames-${one.identity}`, group: t("palette.there"), label: t("palette.frames", { name: one.identity }), icon: IconMessages, to: station(one.identity), search: { tab: "messages" } }] : []),
    ]),
  ];
  return { hits, searching };
}

const SETTINGS = ["locations", "organisations", "users", "keys", "audit", "account"] as const;
const SETTINGS_NEED: Partial<Record<(typeof SETTINGS)[number], Right>> = { organisations: "organisations.read", users: "users.read", keys: "api_keys.read", audit: "audit.read" };

/** Pages by their names; those that lie deeper show when one types. */
function usePages(): (Hit & { deep?: boolean })[] {
  const { t } = useTranslation();
  const me = useMe();
  const group = t("palette.pages");
  const settings = SETTINGS.filter((name) => SETTINGS_NEED[name] === undefined || may(me, SETTINGS_NEED[name]!));
  return [
    ...useEntries().map(({ key, to, icon }) => ({ key, group, label: t(`nav.${key}`), icon, to })),
    { key: "review", group, label: t("sessions.review"), icon: IconClipboardCheck, to: "/sessions", search: { tab: "review" }, deep: true },
    ...settings.map((name) => ({ key: `settings-${name}`, group, label: t(`settings.${name}`), note: t("nav.settings"), icon: IconSettings, to: `/settings/${name}`, deep: true })),
  ];
}

function useActions(help: () => void): (Hit & { deep?: boolean })[] {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const { setColorScheme } = useMantineColorScheme();
  const signOut = useSignOut();
  const dark = useComputedColorScheme() === "dark";
  const other = i18n.language === "zh" ? "en" : "zh";
  const group = t("palette.actions");
  return [
    ...(may(me, "stations.write") ? [
      { key: "add-station", group, label: t("stations.add"), icon: IconChargingPile, to: "/stations", search: { dialog: "add" } },
      { key: "connect", group, label: t("setup.connect"), icon: IconPlugConnected, to: "/start", deep: true },
      { key: "import-stations", group, label: `${t("stations.import")} (${t("nav.stations")})`, icon: IconFileImport, to: "/stations", search: { dialog: "import" }, deep: true },
    ] : []),
    ...(may(me, "id_tokens.write") ? [{ key: "add-token", group, label: t("access.add"), icon: IconId, to: "/access", search: { dialog: "add" } }] : []),
    { key: "theme", group, label: `${t("bar.theme")}: ${t(dark ? "bar.light" : "bar.dark")}`, icon: dark ? IconSun : IconMoon, run: () => setColorScheme(dark ? "light" : "dark") },
    { key: "language", group, label: other === "zh" ? "Language: 简体中文" : "语言：English", icon: IconLanguage, run: () => void speak(other) },
    { key: "keys", group, label: t("keys.title"), icon: IconKeyboard, run: help },
    { key: "sign-out", group, label: t("bar.sign_out"), icon: IconLogout, run: () => void signOut(), deep: true },
  ];
}
