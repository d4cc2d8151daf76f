import { Tabs } from "@mantine/core";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMe } from "~/app/session";
import { may, type Right } from "~/lib/can";
import { Page } from "~/parts/Page";
import { TabStrip } from "~/parts/TabStrip";
import { Account } from "./Account";
import { Audit } from "./Audit";
import { Keys } from "./Keys";
import { Locations } from "./Locations";
import { Organisations } from "./Organisations";
import { Users } from "./Users";

const PARTS = { locations: Locations, organisations: Organisations, users: Users, keys: Keys, audit: Audit, account: Account } as const;
type Part = keyof typeof PARTS;
const NEEDS: Partial<Record<Part, Right>> = { organisations: "organisations.read", users: "users.read", keys: "api_keys.read", audit: "audit.read" };

export function Settings() {
  const { t } = useTranslation();
  const me = useMe();
  const navigate = useNavigate();
  const { part } = useParams({ strict: false }) as { part?: string };
  const shown = (Object.keys(PARTS) as Part[]).filter((name) => NEEDS[name] === undefined || may(me, NEEDS[name]));
  const now = shown.find((name) => name === part) ?? "locations";
  const Shown = PARTS[now];
  return (
    <Page name={`${t(`settings.${now}`)} · ${t("settings.title")}`} title={t("settings.title")}>
      <Tabs value={now} onChange={(next) => void navigate({ to: "/settings/$part", params: { part: next ?? "locations" } })}>
        <TabStrip value={now}>
          {shown.map((name) => <Tabs.Tab key={name} value={name}>{t(`settings.${name}`)}</Tabs.Tab>)}
        </TabStrip>
        {shown.map((name) => <Tabs.Panel key={name} value={name}>{name === now && <Shown />}</Tabs.Panel>)}
      </Tabs>
    </Page>
  );
}
