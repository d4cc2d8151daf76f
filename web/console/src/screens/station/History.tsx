import { Grid } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Command, Fact } from "~/lib/api/client";
import { energy, nameOf, time } from "~/lib/format";
import { commandsQuery, EVERYWHERE, factsQuery } from "~/lib/queries";
import { useLiveStation } from "~/lib/live";
import { DataTable } from "~/parts/DataTable";
import { Figure } from "~/parts/Figure";
import { Card, Empty } from "~/parts/Page";
import classes from "./History.module.css";

/** What was asked of the station, and what happened there. */
export function History({ identity }: { identity: string }) {
  const { t, i18n } = useTranslation();
  const commands = useQuery({ ...commandsQuery({ station: identity, limit: 50 }), refetchInterval: 5_000 });
  const facts = useQuery(factsQuery({ station: identity, limit: 50 }, EVERYWHERE));
  const zone = useLiveStation(identity)?.location?.time_zone;
  const verb = (command: Command) => (i18n.exists(`verb.${command.verb}`) ? t(`verb.${command.verb}` as "verb.reset") : command.action);
  const state = (command: Command) => <State command={command} />;
  return (
    <Grid gap={16}>
      <Grid.Col span={{ base: 12, lg: 6 }}>
        <h2 className={classes.head}>{t("history.commands")}</h2>
        <DataTable<Command>
          label={t("history.commands")} rows={commands.data?.items} error={commands.error} retry={() => void commands.refetch()} keyOf={(command) => command.id} dense
          columns={[
            { id: "when", head: t("history.when"), cell: (command) => <span className="num">{time(command.created_at, "datetime", zone)}</span> },
            { id: "verb", head: t("history.verb"), cell: verb },
            { id: "state", head: t("history.state"), cell: state },
            { id: "by", head: t("history.by"), cell: (command) => <span className={classes.by} title={command.requested_by}>{nameOf(command.requested_by)}</span> },
          ]}
          card={(command) => <><strong>{verb(command)}</strong><div>{time(command.created_at, "datetime", zone)} · {state(command)}</div></>}
          empty={<Empty icon={IconHistory} title={t("history.no_commands")} help={t("history.no_commands_help")} />}
        />
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 6 }}>
        <h2 className={classes.head}>{t("history.facts")}</h2>
        <Card pad={0}>
          {facts.data?.items.length === 0 && <Empty icon={IconHistory} title={t("history.no_facts")} />}
          <ol className={classes.facts}>
            {facts.data?.items.map((fact) => <One key={fact.id} fact={fact} zone={zone} />)}
          </ol>
        </Card>
      </Grid.Col>
    </Grid>
  );
}

function State({ command }: { command: Command }) {
  const { t } = useTranslation();
  const bad = ["rejected", "failed", "expired"].includes(command.state);
  const words = { pending: "waiting", sent: "sent", accepted: "accepted", rejected: "refused", failed: "failed", expired: "expired" } as const;
  const said = command.answer?.status ?? command.error_code;
  return (
    <span data-state={bad ? "faulted" : command.state === "accepted" ? "available" : "preparing"} className={classes.state}>
      {t(`command.${words[command.state as keyof typeof words]}`)}
      {typeof said === "string" && bad && `: ${said}`}
    </span>
  );
}

type Detail = { evse?: number; error_code?: string; status?: string; occurred_at?: string; energy_wh?: number; reason?: string };

function One({ fact, zone }: { fact: Fact; zone?: string }) {
  const { t, i18n } = useTranslation();
  const what = i18n.exists(`fact.${fact.kind}`) ? t(`fact.${fact.kind}` as "fact.StationBooted") : fact.kind;
  const { evse, error_code: code, status, occurred_at: occurred, energy_wh: wh, reason } = fact.detail as Detail;
  const word = (room: string, name: string | undefined) => (name && i18n.exists(`${room}.${name}`) ? t(`${room}.${name}` as "fault.OtherError") : name);
  const step = status?.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
  const detail = word("fault", code) ?? word("stop", reason) ?? (step && i18n.exists(`job.${step}`) ? word("job", step) : word("state", status));
  return (
    <li>
      <span className={`${classes.at} num`} title={occurred && t("history.told_at", { time: time(fact.at, "datetime", zone) })}>{time(occurred ?? fact.at, "datetime", zone)}</span>
      <span className={classes.what}>
        {fact.session_uid ? <Link to="/sessions/$uid" params={{ uid: fact.session_uid }}>{what}</Link> : what}
        {evse !== undefined && evse > 0 && ` · ${t("word.evse", { number: evse })}`}{detail && ` · ${detail}`}
      </span>
      {wh !== undefined && <Figure of={energy(wh)} />}
    </li>
  );
}
