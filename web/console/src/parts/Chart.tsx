import { useComputedColorScheme, useMantineTheme } from "@mantine/core";
import { LineChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsCoreOption, type EChartsType } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { number, time } from "~/lib/format";

use([LineChart, GridComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

export type Line = { name: string; unit: string; digits: number; points: [number, number | null][]; color: "charging" | "finishing" | "reserved" | "paused" | "faulted"; area?: boolean; right?: boolean; step?: boolean };
export type Mark = { at: number; name: string };
const BRIEF_MS = 12 * 60_000; // below this, minutes would repeat on the axis
type Props = { lines: Line[]; marks?: Mark[]; zone?: string; height?: number; label: string; from?: number; to?: number };

/** Time on x in the location's zone, zero-based, direct labels, exact values on hover. */
export default function Chart({ lines, marks = [], zone, height = 240, label, from, to }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const dark = useComputedColorScheme() === "dark";
  const theme = useMantineTheme();
  const drawn = useRef<EChartsType>(undefined);
  const said = JSON.stringify([lines, marks, from, to]); // the page around it may be drawn anew many times a second
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const chart = (drawn.current = init(element, undefined, { renderer: "svg" }));
    const resized = new ResizeObserver(() => chart.resize());
    resized.observe(element);
    return () => {
      resized.disconnect();
      chart.dispose();
    };
  }, []);
  useEffect(() => {
    if (box.current) drawn.current?.setOption(optionOf(box.current, lines, marks, zone, theme.fontFamily, from, to), { notMerge: true });
  }, [said, zone, dark, theme.fontFamily]);
  return <div ref={box} role="img" aria-label={label} style={{ width: "100%", height }} />;
}

function optionOf(element: HTMLElement, lines: Line[], marks: Mark[], zone: string | undefined, font: string | undefined, from?: number, to?: number): EChartsCoreOption {
  const css = getComputedStyle(element);
  const color = (name: string) => css.getPropertyValue(name).trim();
  const dim = color("--mantine-color-dimmed");
  const text = { color: dim, fontFamily: font, fontSize: 12 };
  const right = lines.some((line) => line.right);
  const times = lines.flatMap((line) => line.points.map(([at]) => at));
  const brief = (to ?? Math.max(...times)) - (from ?? Math.min(...times)) < BRIEF_MS;
  const axis = (line: Line | undefined, position: "left" | "right") => ({
    type: "value", min: 0, position, max: line?.unit === "%" ? 100 : undefined,
    axisLabel: { ...text, formatter: (value: number) => number(value, value % 1 ? 1 : 0) },
    name: line ? `${line.name} ${line.unit}` : "", nameTextStyle: { ...text, align: position, color: line ? color(`--${line.color}-ink`) : dim }, nameGap: 12,
    splitLine: { show: position === "left", lineStyle: { color: color("--line") } }, splitNumber: 4, interval: line?.unit === "%" ? 25 : undefined,
  });
  return {
    animation: false,
    grid: { left: 44, right: right ? 44 : 16, top: 30, bottom: 26 },
    tooltip: {
      trigger: "axis", confine: true, transitionDuration: 0, renderMode: "richText",
      backgroundColor: color("--mantine-color-body"), borderColor: color("--line"), textStyle: { color: color("--mantine-color-text"), fontFamily: font, fontSize: 12 },
      formatter: (items: { axisValue: number; seriesIndex: number; value: [number, number | null] }[]) =>
        [time(items[0]?.axisValue ?? 0, "seconds", zone), ...items.map((item) => {
          const line = lines[item.seriesIndex];
          return line && item.value[1] !== null ? `${line.name}  ${number(item.value[1], line.digits)} ${line.unit}` : "";
        })].filter(Boolean).join("\n"),
    },
    xAxis: { type: "time", min: from, max: to, axisLabel: { ...text, hideOverlap: true, formatter: (value: number) => time(value, brief ? "seconds" : "time", zone) }, axisLine: { lineStyle: { color: color("--line") } }, axisTick: { show: false }, splitNumber: brief ? 4 : 6 },
    yAxis: [axis(lines.find((line) => !line.right), "left"), ...(right ? [axis(lines.find((line) => line.right), "right")] : [])],
    series: lines.map((line, index) => ({
      type: "line", name: line.name, data: line.points, yAxisIndex: line.right ? 1 : 0, showSymbol: line.points.length < 2, step: line.step ? "end" : false,
      lineStyle: { width: 2, color: color(`--${line.color}-solid`) }, itemStyle: { color: color(`--${line.color}-solid`) },
      areaStyle: line.area ? { color: color(`--${line.color}-solid`), opacity: 0.16 } : undefined,
      markLine: index === 0 && marks.length > 0 ? {
        silent: true, symbol: "none", lineStyle: { color: dim, type: "dashed", width: 1 }, label: { show: false },
        data: marks.map((mark) => ({ xAxis: mark.at, name: mark.name })),
      } : undefined,
    })),
  };
}
