import { Code, Group, JsonInput, Select, Stack, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "~/app/session";
import { asText, useAddress } from "~/lib/address";
import type { Station } from "~/lib/api/client";
import { can } from "~/lib/can";
import { placeRaw, type Tracked } from "~/lib/commands";
import { actionsQuery } from "~/lib/queries";
import { ActionButton } from "~/parts/ActionButton";
import { firstValue, SchemaForm, without, type Schema } from "~/parts/SchemaForm";

/** Any OCPP action, with a form made from its schema, or its JSON. */
export function RawCommand({ station }: { station: Station }) {
  const { t } = useTranslation();
  const me = useMe();
  const [address, go] = useAddress();
  const actions = useQuery(actionsQuery).data?.items ?? [];
  const name = asText(address.raw) ?? "TriggerMessage";
  const schema = actions.find((item) => item.action === name)?.request as Schema | undefined;
  return (
    <Stack>
      <Text c="dimmed">{t("maintenance.raw_help")}</Text>
      <Select label={t("maintenance.action")} value={name} searchable allowDeselect={false} onChange={(raw) => raw && go({ raw }, { replace: true })} data={actions.map((item) => item.action)} maw={320} />
      {schema && <Payload key={name} station={station} action={name} schema={schema} may={can.raw(me, station)} />}
    </Stack>
  );
}

function Payload({ station, action, schema, may }: { station: Station; action: string; schema: Schema; may: ReturnType<typeof can.raw> }) {
  const { t } = useTranslation();
  const [value, setValue] = useState<unknown>(() => firstValue(schema, schema));
  const [json, setJson] = useState<string | null>(null);
  const [bad, setBad] = useState(false);
  const [settled, setSettled] = useState<Tracked | null>(null);
  const turn = () => {
    if (json === null) return setJson(JSON.stringify(without(value), null, 2));
    const read = parsed(json);
    if (read === undefined) return setBad(true);
    setValue(read);
    setJson(null);
    setBad(false);
  };
  const send = async () => {
    const payload = json === null ? without(value) : parsed(json);
    setBad(payload === undefined);
    if (payload !== undefined) setSettled(await placeRaw(station.identity, action, payload ?? {}));
  };
  const answer = settled?.command?.answer ?? settled?.said;
  return (
    <>
      {json === null ? <SchemaForm root={schema} schema={schema} value={value} onChange={setValue} /> : (
        <JsonInput label={action} value={json} onChange={setJson} autosize minRows={6} formatOnBlur error={bad ? t("maintenance.bad_json") : undefined} validationError={t("maintenance.bad_json")} />
      )}
      <Group justify="space-between">
        <UnstyledButton onClick={turn} c="var(--accent-text)" fz="sm">{t(json === null ? "maintenance.as_json" : "maintenance.as_form")}</UnstyledButton>
        <ActionButton can={may} onClick={() => void send()}>{t("maintenance.send")}</ActionButton>
      </Group>
      {answer !== undefined && answer !== null && (
        <div aria-live="polite">
          <Text size="xs" c="dimmed" mb={4}>{t("maintenance.answer")}</Text>
          <Code block tabIndex={0}>{typeof answer === "string" ? answer : JSON.stringify(answer, null, 2)}</Code>
        </div>
      )}
    </>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
