import { Button, Group, Stack, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, ProblemError, unwrap, type Location } from "~/lib/api/client";
import { download, toCsv } from "~/lib/csv";
import { locationsQuery } from "~/lib/queries";
import { CsvErrors, CsvPick, readSheet, type CellError, type Sheet } from "~/parts/CsvDrop";
import { FormProblem, Popup } from "~/parts/Form";

type Row = { identity: string; name?: string; location_id?: string; password?: string };
type Checked = { lines: number[]; rows: Row[]; errors: CellError[] };
type Sent = { rows: Row[]; lines: number[] };
type Words = ReturnType<typeof useTranslation>["t"];

function check(sheet: Sheet, locations: Location[], t: Words): Checked {
  const errors: CellError[] = [];
  const seen = new Map<string, number>();
  const places = new Map(locations.map((location) => [location.name.toLowerCase(), location.id]));
  const good: Checked = { lines: [], rows: [], errors };
  for (const { line, values } of sheet) {
    const before = errors.length;
    const { identity = "", name = "", location = "", password = "" } = values;
    if (!/^[\w.~-]{1,48}$/.test(identity)) errors.push({ line, column: "identity", message: t("stations.bad_identity") });
    const first = seen.get(identity);
    if (first !== undefined) errors.push({ line, column: "identity", message: t("stations.twice", { row: first }) });
    else seen.set(identity, line);
    const place = places.get(location.toLowerCase());
    if (location && !place) errors.push({ line, column: "location", message: t("stations.no_such_location", { name: location }) });
    if (password.length > 40) errors.push({ line, column: "password", message: t("stations.bad_password") });
    if (errors.length > before) continue;
    good.lines.push(line);
    good.rows.push({ identity, ...(name && { name }), ...(place && { location_id: place }), ...(password && { password }) });
  }
  return good;
}

/** The server's errors by row and column: `items[3].identity` is the line of the fourth row that was sent. */
function serverErrors(error: unknown, lines: number[]): CellError[] {
  if (!(error instanceof ProblemError)) return [];
  return error.errors.flatMap((one) => {
    const match = /^items\[(\d+)\]\.?(.*)$/.exec(one.field);
    return match ? [{ line: lines[Number(match[1])] ?? 0, column: match[2] || "identity", message: one.message }] : [];
  });
}

/** Nothing is imported when anything is wrong, unless the good rows are asked for. */
export function ImportStations({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const locations = useQuery(locationsQuery).data?.items ?? [];
  const [checked, setChecked] = useState<Checked | null>(null);
  const send = useMutation({
    mutationFn: ({ rows }: Sent) => unwrap(api.POST("/api/v1/stations/import", { body: { items: rows } as never })),
    onSuccess: () => void client.invalidateQueries({ queryKey: ["stations"] }),
  });
  const refused = serverErrors(send.error, send.variables?.lines ?? []);
  const refusedLines = new Set(refused.map((one) => one.line));
  const rows = checked?.rows.filter((_, index) => !refusedLines.has(checked.lines[index]!)) ?? [];
  const errors = [...(checked?.errors ?? []), ...refused];
  const made = send.data?.items;
  const save = () => made && download("station-passwords.csv", toCsv([["identity", "url", "password"], ...made.map((one) => [one.identity, one.ocpp_url, one.password])]));
  return (
    <Popup title={t("stations.import")} close={close} size="lg">
      <Stack>
        {made ? (
          <>
            <Text>{t("stations.csv_made")}</Text>
            <Button leftSection={<IconDownload size={16} />} onClick={save}>{t("stations.csv_save")}</Button>
          </>
        ) : (
          <>
            <CsvPick columns={["identity", "name", "location", "password"]} example={["CS-014", "Entrance left", locations[0]?.name ?? "", ""]} help={t("stations.csv_help")}
              onFile={(file) => { send.reset(); void readSheet(file).then((sheet) => setChecked(check(sheet, locations, t))); }} />
            {errors.length === 0 && <FormProblem error={send.error} />}
            {checked && errors.length > 0 && <Text fw={600} role="alert">{t("stations.csv_errors", { count: errors.length })}</Text>}
            {errors.length > 0 && <CsvErrors errors={errors} />}
            {checked && (
              <Group justify="space-between">
                <Text>{t("stations.csv_ready", { count: rows.length })}</Text>
                <Button variant={errors.length > 0 ? "default" : "filled"} disabled={rows.length === 0} loading={send.isPending} onClick={() => send.mutate({ rows, lines: checked.lines.filter((line) => !refusedLines.has(line)) })}>
                  {t(errors.length > 0 ? "stations.csv_only_good" : "word.import")}
                </Button>
              </Group>
            )}
          </>
        )}
      </Stack>
    </Popup>
  );
}
