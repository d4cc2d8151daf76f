import { Button, Group, NativeSelect, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ProblemError, unwrap } from "~/lib/api/client";
import { CsvErrors, CsvPick, readSheet, type CellError, type Sheet } from "~/parts/CsvDrop";
import { FormProblem, Popup } from "~/parts/Form";
import { useWhose } from "./whose";

type Row = { uid: string; label?: string; group_id?: string; status?: string; expires_at?: string };
type Checked = { lines: number[]; rows: Row[]; errors: CellError[] };
type Sent = { rows: Row[]; lines: number[] };
type Words = ReturnType<typeof useTranslation>["t"];

function check(sheet: Sheet, t: Words): Checked {
  const good: Checked = { lines: [], rows: [], errors: [] };
  const seen = new Map<string, number>();
  for (const { line, values } of sheet) {
    const before = good.errors.length;
    const wrong = (column: string, message: string) => good.errors.push({ line, column, message });
    const { uid = "", label = "", group = "", status = "", expires = "" } = values;
    if (uid.length < 1 || uid.length > 20) wrong("uid", t("access.bad_uid"));
    const first = seen.get(uid.toLowerCase());
    if (first !== undefined) wrong("uid", t("stations.twice", { row: first }));
    seen.set(uid.toLowerCase(), line);
    if (group.length > 20) wrong("group", t("access.bad_uid"));
    if (!["", "active", "blocked"].includes(status)) wrong("status", t("access.bad_status"));
    const at = expires ? new Date(expires.length === 10 ? `${expires}T00:00:00` : expires) : null;
    if (at && Number.isNaN(at.getTime())) wrong("expires", t("access.bad_time"));
    if (good.errors.length > before) continue;
    good.lines.push(line);
    good.rows.push({ uid, ...(label && { label }), ...(group && { group_id: group }), ...(status && { status }), ...(at && { expires_at: at.toISOString() }) });
  }
  return good;
}

export function ImportTokens({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [checked, setChecked] = useState<Checked | null>(null);
  const [existing, setExisting] = useState("skip");
  const whose = useWhose();
  const [chosen, setOwner] = useState<string>();
  const owner = chosen ?? whose.mine;
  const send = useMutation({
    mutationFn: ({ rows }: Sent) => unwrap(api.POST("/api/v1/id-tokens/import", { body: { items: rows.map((row) => ({ ...row, organisation_id: owner || null })), on_existing: existing } as never })),
    onSuccess: () => void client.invalidateQueries({ queryKey: ["id-tokens"] }),
  });
  const refused = send.error instanceof ProblemError ? send.error.errors.flatMap((one) => {
    const match = /^items\[(\d+)\]\.?(.*)$/.exec(one.field);
    return match ? [{ line: send.variables?.lines[Number(match[1])] ?? 0, column: match[2] || "uid", message: one.message }] : [];
  }) : [];
  const refusedLines = new Set(refused.map((one) => one.line));
  const rows = checked?.rows.filter((_, index) => !refusedLines.has(checked.lines[index]!)) ?? [];
  const errors = [...(checked?.errors ?? []), ...refused];
  const done = send.data;
  if (!whose.known) return null; // what is imported before would be nobody's
  return (
    <Popup title={t("access.import")} close={close} size="lg">
      <Stack>
        {done ? (
          <>
            <Text>{t("access.imported", done)}</Text>
            <Group justify="flex-end"><Button onClick={close}>{t("word.done")}</Button></Group>
          </>
        ) : (
          <>
            <CsvPick columns={["uid", "label", "group", "status", "expires"]} example={["04A2B3C4D5", "Ada", "", "active", "2030-12-31"]} help={t("access.csv_help")} onFile={(file) => { send.reset(); void readSheet(file).then((sheet) => setChecked(check(sheet, t))); }} />
            {errors.length === 0 && <FormProblem error={send.error} />}
            {errors.length > 0 && <Text fw={600} role="alert">{t("stations.csv_errors", { count: errors.length })}</Text>}
            {errors.length > 0 && <CsvErrors errors={errors} />}
            {checked && (
              <>
                <NativeSelect label={t("access.existing")} value={existing} onChange={(event) => setExisting(event.currentTarget.value)} data={(["skip", "update", "refuse"] as const).map((name) => ({ value: name, label: t(`access.${name}`) }))} />
                {whose.many && <NativeSelect label={t("settings.organisation")} value={owner} onChange={(event) => setOwner(event.currentTarget.value)} data={whose.choices} />}
                <Group justify="space-between">
                  <Text>{t("access.ready", { count: rows.length })}</Text>
                  <Button variant={errors.length > 0 ? "default" : "filled"} disabled={rows.length === 0} loading={send.isPending} onClick={() => send.mutate({ rows, lines: checked.lines.filter((line) => !refusedLines.has(line)) })}>{t(errors.length > 0 ? "stations.csv_only_good" : "word.import")}</Button>
                </Group>
              </>
            )}
          </>
        )}
      </Stack>
    </Popup>
  );
}
