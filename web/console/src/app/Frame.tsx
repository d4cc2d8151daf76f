import { Menu } from "@mantine/core";
import { useDisclosure, useHotkeys, useLocalStorage, useMediaQuery } from "@mantine/hooks";
import { IconDots, IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useBlocker, useLocation } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { CommandTray } from "~/parts/CommandTray";
import { Leave } from "~/parts/Form";
import { inboxQuery } from "~/lib/queries";
import { may } from "~/lib/can";
import { unsaved } from "~/lib/unsaved";
import { useEntries, type Entry } from "./entries";
import { useMe } from "./session";
import { useLiveRefresh } from "~/lib/refresh";
import { TopBar } from "./TopBar";
import classes from "./Frame.module.css";

const Keyboard = lazy(() => import("./Keyboard").then((module) => ({ default: module.Keyboard })));
const Palette = lazy(() => import("./Palette").then((module) => ({ default: module.Palette })));

type Words = Record<string, unknown>;
const LEAVES = ["dialog", "adopt", "tab", "form", "step"];
const ON_PHONE = ["overview", "stations", "sessions", "access"];

export function Frame() {
  const { t } = useTranslation();
  const phone = useMediaQuery("(max-width: 47.98em)") ?? false;
  const [searching, search] = useDisclosure(false);
  const [helping, help] = useDisclosure(false);
  useHotkeys([["mod+K", () => search.toggle()], ["/", () => search.open()], ["shift+?", () => help.open()]]);
  useLiveRefresh();
  const entries = useEntries();
  return (
    <div className={classes.frame}>
      <a className="skip" href="#main">{t("nav.skip")}</a>
      {!phone && <Rail />}
      <TopBar search={search.open} phone={phone} />
      <main className={classes.main} id="main" tabIndex={-1}>
        <Outlet />
      </main>
      {phone && (
        <nav className={classes.bottom} aria-label={t("nav.main")}>
          <Items entries={entries.filter((entry) => ON_PHONE.includes(entry.key))} />
          <More entries={entries.filter((entry) => !ON_PHONE.includes(entry.key))} />
        </nav>
      )}
      <CommandTray />
      <Unsaved />
      <Suspense>{searching && <Palette close={search.close} help={help.open} />}{helping && <Keyboard close={help.close} />}</Suspense>
    </div>
  );
}

function useWaiting(): number {
  const me = useMe();
  return useQuery({ ...inboxQuery, enabled: may(me, "inbox.read") }).data?.total ?? 0;
}

function Items({ entries, narrow = false }: { entries: Entry[]; narrow?: boolean }) {
  const { t } = useTranslation();
  const waiting = useWaiting();
  return entries.map(({ to, key, icon: Mark }) => (
    <Link key={key} to={to} className={classes.item} activeOptions={{ exact: to === "/", includeSearch: false }} aria-label={narrow ? t(`nav.${key}`) : undefined} title={narrow ? t(`nav.${key}`) : undefined}>
      <Mark size={20} stroke={1.7} aria-hidden />
      {!narrow && <span>{t(`nav.${key}`)}</span>}
      {key === "inbox" && waiting > 0 && narrow && <span className={classes.mark} aria-hidden />}
      {key === "inbox" && waiting > 0 && !narrow && <span className={classes.count}>{waiting}</span>}
    </Link>
  ));
}

/** What has no place in the bar of a phone, one tap further. */
function More({ entries }: { entries: Entry[] }) {
  const { t } = useTranslation();
  const waiting = useWaiting();
  const here = useLocation({ select: (location) => location.pathname });
  return (
    <Menu position="top-end" width={220} offset={4}>
      <Menu.Target>
        <button type="button" className={classes.item} data-status={entries.some((entry) => here.startsWith(entry.to)) ? "active" : undefined}>
          <IconDots size={20} stroke={1.7} aria-hidden />
          <span>{t("nav.more")}</span>
          {waiting > 0 && <span className={classes.count}>{waiting}</span>}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {entries.map(({ to, key, icon: Mark }) => (
          <Menu.Item key={key} component={Link} to={to} leftSection={<Mark size={18} stroke={1.7} />} rightSection={key === "inbox" && waiting > 0 && <span className={classes.count}>{waiting}</span>} h={44}>
            {t(`nav.${key}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Leaving a page with a changed form on it is asked about; filters in the address are no leaving. */
function Unsaved() {
  const held = useBlocker({
    shouldBlockFn: ({ current, next }) => unsaved.any() && (current.pathname !== next.pathname || LEAVES.some((name) => (current.search as Words)[name] !== (next.search as Words)[name])),
    enableBeforeUnload: unsaved.any,
    withResolver: true,
  });
  if (held.status !== "blocked") return null;
  const leave = () => {
    unsaved.forget();
    held.proceed();
  };
  return <Leave stay={held.reset} leave={leave} />;
}

function Rail() {
  const { t } = useTranslation();
  const tight = useMediaQuery("(max-width: 64em)") ?? false;
  const [folded, setFolded] = useLocalStorage({ key: "bluesky-rail-folded", defaultValue: false });
  const narrow = folded || tight;
  const Fold = folded ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse;
  const word = t(folded ? "nav.expand" : "nav.collapse");
  return (
    <nav className={classes.rail} data-narrow={narrow} aria-label={t("nav.main")}>
      <Link to="/" className={classes.brand} aria-label={t("nav.home")}>
        <img src="/mark.svg" width={28} height={28} alt="" />
        {!narrow && "Bluesky"}
      </Link>
      <Items entries={useEntries()} narrow={narrow} />
      <div className={classes.fill} />
      {!tight && (
        <button type="button" className={classes.fold} onClick={() => setFolded(!folded)} aria-label={word} title={word}>
          <Fold size={20} stroke={1.7} aria-hidden />
        </button>
      )}
    </nav>
  );
}
