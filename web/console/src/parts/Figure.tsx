import type { Quantity } from "~/lib/format";

/** A number with its unit in smaller, lighter type. */
export function Figure({ of, size = 14, weight = 600 }: { of: Quantity | null; size?: number; weight?: number }) {
  if (of === null) return <span className="num" style={{ color: "var(--mantine-color-dimmed)" }}>–</span>;
  return (
    <span className="num" style={{ fontSize: size, fontWeight: weight }}>
      {of.value}
      {of.unit && (
        <span style={{ fontSize: Math.max(12, size * 0.6), fontWeight: 400, color: "var(--mantine-color-dimmed)", marginLeft: 3 }}>
          {of.unit}
        </span>
      )}
    </span>
  );
}
