import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { asText, useAddress } from "~/lib/address";
import { energy, number, text } from "~/lib/format";
import { reviewQuery, totalsQuery } from "~/lib/queries";
import { Page } from "~/parts/Page";
import { ReviewList } from "./ReviewList";
import { SessionTable, useAskedSessions } from "./SessionTable";

export function Sessions() {
  const { t } = useTranslation();
  const [address, go] = useAddress();
  const tab = asText(address.tab) === "review" ? "review" : "all";
  const totals = useQuery({ ...totalsQuery(useAskedSessions()), refetchInterval: 10_000 }).data;
  const open = useQuery(reviewQuery({ state: "open", limit: 1 })).data?.total ?? 0;
  const said = totals ? t("sessions.said", { count: totals.sessions, n: number(totals.sessions), active: number(totals.active), energy: text(energy(totals.energy_wh)) }) : "\u00a0";
  return (
    <Page name={t("sessions.title")} title={t("sessions.title")} said={said}>
      <Tabs value={tab} onChange={(next) => go({ tab: next === "review" ? "review" : undefined, sort: undefined, offset: undefined, state: undefined })} keepMounted={false}>
        <Tabs.List mb={16}>
          <Tabs.Tab value="all">{t("sessions.all")}</Tabs.Tab>
          <Tabs.Tab value="review">{t("sessions.review")}{open > 0 && ` (${number(open)})`}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="all"><SessionTable /></Tabs.Panel>
        <Tabs.Panel value="review"><ReviewList /></Tabs.Panel>
      </Tabs>
    </Page>
  );
}
