import { HEIGHT, WIDTH, type Size, type View } from "./geometry";

const TILE = 256;
const DEEPEST = 19;

/** Pictures of the map from a server of the operator's choice, in web mercator, over our own outlines. */
export function Tiles({ url, view, size }: { url: string; view: View; size: Size }) {
  const z = Math.max(0, Math.min(DEEPEST, Math.round(Math.log2((view.k * WIDTH) / TILE))));
  const count = 2 ** z;
  const side = (WIDTH / count) * view.k;
  const top = view.y + (HEIGHT * 0.6 - WIDTH / 2) * view.k;
  const range = (offset: number, length: number): number[] => {
    const from = Math.max(0, Math.floor(-offset / side));
    const to = Math.min(count - 1, Math.floor((length - offset) / side));
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
  };
  return range(view.x, size.width).flatMap((x) =>
    range(top, size.height).map((y) => (
      <image
        key={`${z}/${x}/${y}`} x={view.x + x * side} y={top + y * side} width={side} height={side} aria-hidden
        href={url.replace("{z}", String(z)).replace("{x}", String(x)).replace("{y}", String(y))}
      />
    )),
  );
}
