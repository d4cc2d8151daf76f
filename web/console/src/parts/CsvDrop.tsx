import { Button, FileButton, Group, Table, Text } from "@mantine/core";
import { IconDownload, IconFileSpreadsheet } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { download, parseCsv, toCsv } from "~/lib/csv";

export type CellError = { line: number; column: string; message: string };
export type Sheet = { line: number; values: Record<string, string> }[];

/** A CSV file as rows by the names of its head; unknown columns are left out. */
export async function readSheet(file: File): Promise<Sheet> {
  const [head, ...rows] = parseCsv(await file.text());
  const names = head?.cells.map((name) => name.trim().toLowerCase()) ?? [];
  return rows.map(({ line, cells }) => ({ line, values: Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ""])) }));
}

export function CsvPick({ columns, example, help, onFile }: { columns: string[]; example: string[]; help: string; onFile: (file: File) => void }) {
  const { t } = useTranslation();
  return (
    <>
      <Text>{help}</Text>
      <Group>
        <FileButton accept=".csv,text/csv" onChange={(file) => file && onFile(file)} inputProps={{ "aria-label": t("stations.csv_choose") }}>
          {(props) => <Button {...props} leftSection={<IconFileSpreadsheet size={16} />}>{t("stations.csv_choose")}</Button>}
        </FileButton>
        <Button variant="subtle" leftSection={<IconDownload size={16} />} onClick={() => download("template.csv", toCsv([columns, example]))}>{t("stations.template")}</Button>
      </Group>
    </>
  );
}

export function CsvErrors({ errors }: { errors: CellError[] }) {
  const { t } = useTranslation();
  return (
    <div style={{ maxHeight: 260, overflow: "auto" }} tabIndex={0} role="region" aria-label={t("stations.csv_problem")}>
      <Table stickyHeader>
        <Table.Thead><Table.Tr><Table.Th>{t("stations.csv_row")}</Table.Th><Table.Th>{t("stations.csv_column")}</Table.Th><Table.Th>{t("stations.csv_problem")}</Table.Th></Table.Tr></Table.Thead>
        <Table.Tbody>
          {errors.slice(0, 200).map((error) => (
            <Table.Tr key={`${error.line}-${error.column}-${error.message}`}><Table.Td className="num">{error.line}</Table.Td><Table.Td>{error.column}</Table.Td><Table.Td>{error.message}</Table.Td></Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
