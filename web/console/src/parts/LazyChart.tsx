import { ActionIcon, Skeleton, Table, Tooltip } from "@mantine/core";
import { IconChartLine, IconTable } from "@tabler/icons-react";
import { lazy, Suspense, useState, type ComponentProps } from "react";
import { useTranslation } from "react-i18next";
import { number, time } from "~/lib/format";
import type ChartType from "./Chart";

const Chart = lazy(() => import("./Chart"));
const MOST_ROWS = 200;

/** A chart that is loaded when it is needed, and the same data as a table. */
export function LazyChart(props: ComponentProps<typeof ChartType>) {
  const { t } = useTranslation();
  const [table, setTable] = useState(false);
  const word = t(table ? "word.view_chart" : "word.view_table");
  return (
    <div style={{ position: "relative", minHeight: props.height ?? 240 }}>
      <Tooltip label={word}>
        <ActionIcon variant="subtle" color="gray" aria-label={word} onClick={() => setTable(!table)} style={{ position: "absolute", right: 0, top: -41, zIndex: 1 }}>
          {table ? <IconChartLine size={16} /> : <IconTable size={16} />}
        </ActionIcon>
      </Tooltip>
      {table ? <Values {...props} /> : (
        <Suspense fallback={<Skeleton height={props.height ?? 240} radius={8} />}><Chart {...props} /></Suspense>
      )}
    </div>
  );
}

function Values({ lines, zone, height = 240, label }: ComponentProps<typeof ChartType>) {
  const { t } = useTranslation();
  const times = [...new Set(lines.flatMap((line) => line.points.map(([at]) => at)))].sort((a, b) => a - b);
  const by = lines.map((line) => new Map(line.points));
  return (
    <div style={{ height, overflow: "auto" }} tabIndex={0} role="region" aria-label={label}>
      <Table aria-label={label} stickyHeader>
        <Table.Thead><Table.Tr><Table.Th>{t("overview.time")}</Table.Th>{lines.map((line) => <Table.Th key={line.name} ta="right">{line.name} ({line.unit})</Table.Th>)}</Table.Tr></Table.Thead>
        <Table.Tbody>
          {times.slice(-MOST_ROWS).map((at) => (
            <Table.Tr key={at}>
              <Table.Td className="num">{time(at, "seconds", zone)}</Table.Td>
              {by.map((values, index) => {
                const value = values.get(at);
                return <Table.Td key={index} ta="right" className="num">{value === undefined || value === null ? "–" : number(value, lines[index]!.digits)}</Table.Td>;
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
