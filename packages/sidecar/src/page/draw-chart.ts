import { type CurvePoint, stretches } from './share-curve.ts';

/** Colours of the page as the canvas needs them. */
export interface Palette {
  readonly legacy: string;
  readonly target: string;
  readonly bridge: string;
  readonly bad: string;
  readonly ink: string;
  readonly dim: string;
  readonly line: string;
  readonly card: string;
}

/** Reads the palette that the style sheet has right now, light or dark. */
export function readPalette(): Palette {
  const probe = document.body.appendChild(document.createElement('span'));
  // Where the reader's colours are forced on the page, the picture keeps its own: two areas of one colour say nothing.
  probe.style.setProperty('forced-color-adjust', 'none');
  const colour = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const palette = {
    legacy: colour('legacy'),
    target: colour('target'),
    bridge: colour('bridge'),
    bad: colour('bad-fill'),
    ink: colour('ink'),
    dim: colour('dim'),
    line: colour('line'),
    card: colour('card'),
  };
  probe.remove();
  return palette;
}

/** Where a moment and a share lie on the canvas, in its own pixels. */
interface Place {
  readonly x: (atMs: number) => number;
  readonly y: (value: number) => number;
  readonly top: number;
  readonly bottom: number;
}

function placeOf(plot: uPlot): Place {
  return {
    x: (atMs) => plot.valToPos(atMs / 1000, 'x', true),
    y: (value) => plot.valToPos(value, 'y', true),
    top: plot.bbox.top,
    bottom: plot.bbox.top + plot.bbox.height,
  };
}

/** Target grows from below, legacy sinks in from above, and where they meet one glows into the other. */
export function paintShares(plot: uPlot, curve: readonly CurvePoint[], stepMs: number, palette: Palette): void {
  const { ctx, bbox } = plot;
  const place = placeOf(plot);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const stretch of stretches(curve, stepMs * 3)) paintStretch(ctx, stretch, stepMs, place, palette);
  ctx.restore();
}

function paintStretch(
  ctx: CanvasRenderingContext2D,
  stretch: readonly CurvePoint[],
  stepMs: number,
  place: Place,
  palette: Palette,
): void {
  const left = place.x((stretch[0]?.atMs ?? 0) - stepMs);
  const right = place.x(stretch.at(-1)?.atMs ?? 0);
  const upTo = (share: (point: CurvePoint) => number): [number, number][] => {
    const line = stretch.map((point): [number, number] => [place.x(point.atMs), place.y(share(point))]);
    return [[left, line[0]?.[1] ?? place.bottom], ...line];
  };
  const targetEdge = upTo(({ target }) => target ?? 0);
  const bridgeEdge = upTo(({ target, bridge }) => (target ?? 0) + (bridge ?? 0));

  ctx.save();
  ctx.beginPath();
  ctx.rect(left, place.top, right - left, place.bottom - place.top);
  ctx.clip();
  ctx.fillStyle = fade(ctx, place, palette.legacy, [1, 0.84]);
  ctx.fillRect(left, place.top, right - left, place.bottom - place.top);
  if (stretch.some(({ bridge }) => (bridge ?? 0) > 0)) fillBelow(ctx, bridgeEdge, place.bottom, palette.bridge);
  if (stretch.some(({ target }) => (target ?? 0) > 0)) {
    ctx.shadowColor = `color-mix(in oklch, ${palette.legacy}, ${palette.target})`;
    ctx.shadowBlur = Math.min(34 * devicePixelRatio, (place.bottom - place.top) / 7);
    fillBelow(ctx, targetEdge, place.bottom, palette.target);
    ctx.shadowBlur = 0;
    fillBelow(ctx, targetEdge, place.bottom, fade(ctx, place, '#0a1440', [0, 0.2]));
    ctx.strokeStyle = 'rgb(255 255 255 / 85%)';
    ctx.lineWidth = 1.75 * devicePixelRatio;
    ctx.lineJoin = 'round';
    trace(ctx, targetEdge);
    ctx.stroke();
  }
  ctx.restore();
}

function fillBelow(
  ctx: CanvasRenderingContext2D,
  edge: readonly [number, number][],
  bottom: number,
  fill: string | CanvasGradient,
): void {
  trace(ctx, edge);
  ctx.lineTo(edge.at(-1)?.[0] ?? 0, bottom);
  ctx.lineTo(edge[0]?.[0] ?? 0, bottom);
  ctx.closePath();
  ctx.fillStyle = fill;
  ctx.fill();
}

function trace(ctx: CanvasRenderingContext2D, edge: readonly [number, number][]): void {
  ctx.beginPath();
  for (const [x, y] of edge) ctx.lineTo(x, y);
}

/** One colour whose opacity goes from the top to the bottom. */
function fade(
  ctx: CanvasRenderingContext2D,
  { top, bottom }: Place,
  colour: string,
  [from, to]: readonly [number, number],
): CanvasGradient {
  const gradient = ctx.createLinearGradient(0, top, 0, bottom);
  gradient.addColorStop(0, `color-mix(in srgb, ${colour} ${from * 100}%, transparent)`);
  gradient.addColorStop(1, `color-mix(in srgb, ${colour} ${to * 100}%, transparent)`);
  return gradient;
}

/** Accepted requests a second, and rejected ones on top of them. */
export function paintVolume(plot: uPlot, curve: readonly CurvePoint[], stepMs: number, palette: Palette): void {
  const { ctx, bbox } = plot;
  const place = placeOf(plot);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  const columns = (from: (point: CurvePoint) => number, to: (point: CurvePoint) => number) => {
    ctx.beginPath();
    for (const [index, point] of curve.entries()) {
      const x = place.x(curve[index - 1]?.atMs ?? point.atMs - stepMs);
      const y = place.y(to(point));
      ctx.rect(x, y, place.x(point.atMs) - x, place.y(from(point)) - y);
    }
    ctx.fill();
  };
  ctx.fillStyle = `color-mix(in srgb, ${palette.dim} 45%, transparent)`;
  columns(
    () => 0,
    ({ acceptedPerSecond }) => acceptedPerSecond,
  );
  ctx.fillStyle = palette.bad;
  columns(
    ({ acceptedPerSecond }) => acceptedPerSecond,
    ({ acceptedPerSecond, rejectedPerSecond }) => acceptedPerSecond + rejectedPerSecond,
  );
  ctx.restore();
}
