import { ActionIcon, Menu, Tooltip, useMantineColorScheme } from "@mantine/core";
import { IconBook, IconCheck, IconChevronDown, IconLanguage, IconLogout, IconMapPin, IconMoon, IconSearch, IconSun, IconSunMoon, IconUserCircle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { speak } from "~/i18n";
import { time } from "~/lib/format";
import { asText, useAddress } from "~/lib/address";
import { useLink } from "~/lib/live";
import { locationsQuery, organisationsQuery } from "~/lib/queries";
import { useMe, useSignOut } from "./session";
import classes from "./Frame.module.css";

export function TopBar({ search, phone }: { search: () => void; phone: boolean }) {
  const { t } = useTranslation();
  return (
    <header className={classes.bar}>
      {phone && (
        <Link to="/" aria-label={t("nav.home")} style={{ display: "flex" }}>
          <img src="/mark.svg" width={28} height={28} alt="" />
        </Link>
      )}
      <PlaceMenu />
      <button type="button" className={classes.search} onClick={search} aria-label={phone ? t("bar.palette") : undefined}>
        <IconSearch size={16} aria-hidden />
        <span>{t("bar.palette")}</span>
        <kbd>Ctrl K</kbd>
      </button>
      <div style={{ flex: 1 }} />
      <LinkLight />
      <LanguageMenu />
      <ThemeMenu />
      <AccountMenu />
    </header>
  );
}

/** Which part of the network is looked at; hidden where there is only one. */
function PlaceMenu() {
  const { t } = useTranslation();
  const [address, go] = useAddress();
  const locations = useQuery(locationsQuery).data?.items ?? [];
  const organisations = useQuery(organisationsQuery).data?.items ?? [];
  const now = asText(address.in) ?? "";
  const name = [...organisations, ...locations].find((one) => now.endsWith(`=${one.id}`))?.name;
  if (locations.length < 2 && !now) return null;
  const entry = (value: string, label: string) => (
    <Menu.Item key={value} onClick={() => go({ in: value || undefined, offset: undefined })} rightSection={now === value && <IconCheck size={14} />}>{label}</Menu.Item>
  );
  return (
    <Menu position="bottom-start" width={280}>
      <Menu.Target>
        <button type="button" className={classes.place} data-chosen={!!now} aria-label={`${t("bar.place")}: ${name ?? t("bar.everywhere")}`}>
          <IconMapPin size={16} aria-hidden />
          <span>{name ?? t("bar.everywhere")}</span>
          <IconChevronDown size={14} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown mah="70vh" style={{ overflowY: "auto" }}>
        {entry("", t("bar.everywhere"))}
        {organisations.length > 1 && <><Menu.Label>{t("settings.organisations")}</Menu.Label>{organisations.map((one) => entry(`organisation=${one.id}`, one.name))}</>}
        <Menu.Label>{t("settings.locations")}</Menu.Label>
        {locations.map((one) => entry(`location=${one.id}`, one.name))}
      </Menu.Dropdown>
    </Menu>
  );
}

function LinkLight() {
  const { t } = useTranslation();
  const link = useLink();
  const word = link.state === "lost" ? t("link.lost", { time: time(link.since, "seconds") }) : t(`link.${link.state}`);
  return (
    <Tooltip label={t(link.state === "lost" ? "link.lost_help" : "link.live_help")}>
      <span className={classes.link} data-link={link.state} role="status">
        <span className={classes.light} aria-hidden />
        <span className={classes.linkWord}>{word}</span>
      </span>
    </Tooltip>
  );
}

export function LanguageMenu() {
  const { t, i18n } = useTranslation();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("bar.language")}><IconLanguage size={20} stroke={1.7} /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {(["en", "zh"] as const).map((lang) => (
          <Menu.Item key={lang} lang={lang} onClick={() => void speak(lang)} rightSection={i18n.language === lang && <IconCheck size={14} />}>
            {lang === "en" ? "English" : "简体中文"}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export function ThemeMenu() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const schemes = { light: IconSun, dark: IconMoon, auto: IconSunMoon };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("bar.theme")}><IconSunMoon size={20} stroke={1.7} /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {(["light", "dark", "auto"] as const).map((scheme) => {
          const Mark = schemes[scheme];
          return (
            <Menu.Item key={scheme} leftSection={<Mark size={16} />} onClick={() => setColorScheme(scheme)} rightSection={colorScheme === scheme && <IconCheck size={14} />}>
              {t(`bar.${scheme}`)}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}

function AccountMenu() {
  const { t } = useTranslation();
  const me = useMe();
  const signOut = useSignOut();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t("bar.me")}><IconUserCircle size={22} stroke={1.6} /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{me?.name}<br />{me?.email} · {me?.role && t(`role.${me.role}`)}</Menu.Label>
        <Menu.Item component={Link} to="/settings/account" leftSection={<IconUserCircle size={16} />}>{t("bar.profile")}</Menu.Item>
        <Menu.Item component="a" href="/docs" leftSection={<IconBook size={16} />}>{t("bar.reference")}</Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>{t("bar.sign_out")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
