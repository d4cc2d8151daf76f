/** A zero-based area without axes: the shape of a few values, in the space of a word. */
export function Sparkline({ values, label, height = 40 }: { values: number[]; label: string; height?: number }) {
  const top = Math.max(...values, 1);
  const width = 200;
  const x = (index: number) => (values.length > 1 ? (index / (values.length - 1)) * width : 0);
  const y = (value: number) => height - 2 - (Math.max(0, value) / top) * (height - 4);
  const line = values.map((value, index) => `${index === 0 ? "M" : "L"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  return (
    <svg viewBox={`0 0 ${width} ${height}`} width="100%" height={height} preserveAspectRatio="none" role="img" aria-label={label}>
      <path d={`${line}L${width} ${height}L0 ${height}Z`} fill="var(--charging-tint)" />
      <path d={line} fill="none" stroke="var(--charging-solid)" strokeWidth={1.8} vectorEffect="non-scaling-stroke" strokeLinejoin="round" />
    </svg>
  );
}
